// The few things that only the browser can do: where the keyboard is, and what stands in a field.
let before = null; // what had the keyboard last, outside of modals
let place = null; // and where that stands: what is drawn anew takes the keyboard over
document.addEventListener("focusin", (event) => {
  if (event.target.closest(".modal-holder")) return;
  before = event.target;
  const pane = before.closest(".pane")?.dataset.user;
  const message = before.closest("[data-ts]")?.dataset.ts;
  place = message ? `[data-user="${pane}"] [data-ts="${message}"]` : before.closest(".home-blocks") ? `[data-user="${pane}"] .home-blocks` : null;
});

function keepKeyboard() {
  if (!before || before.isConnected || document.activeElement !== document.body || !place) return;
  const drawn = document.querySelector(place);
  const next = drawn?.querySelector(".actions button, .actions select") || drawn?.querySelector("button") || drawn;
  if (next && !next.closest("[inert]")) next.focus({preventScroll: true});
}
document.addEventListener("DOMContentLoaded", () => {
  new MutationObserver(keepKeyboard).observe(document.body, {childList: true, subtree: true});
});

// Tab goes round within a modal.
document.addEventListener("keydown", (event) => {
  const modal = document.activeElement?.closest(".modal");
  if (event.key !== "Tab" || !modal) return;
  const all = [...modal.querySelectorAll("button, input, select, textarea, a[href]")].filter((one) => one.offsetParent);
  const radios = (one) => one.type !== "radio" || one.checked || !modal.querySelector(`input[name="${one.name}"]:checked`);
  const stops = all.filter(radios);
  const first = stops[0], last = stops[stops.length - 1];
  if (event.shiftKey && document.activeElement === first) { event.preventDefault(); last.focus(); }
  else if (!event.shiftKey && document.activeElement === last) { event.preventDefault(); first.focus(); }
});

function put(id, text) {
  const field = getHtmlElement(id);
  if (!field) return;
  field.value = text;
  field.focus();
  field.dispatchEvent(new Event("input"));
}

// A modal has opened or changed: the keyboard goes into it, to what needs a correction first.
function enter(id, wrong) {
  const holder = getHtmlElement(id);
  if (!holder) return;
  const inside = holder.contains(document.activeElement);
  const first = wrong
    ? holder.querySelector("[aria-invalid=true], .wrong input, .wrong textarea, .wrong select")
    : inside ? null : holder.querySelector("input, textarea, select") || holder.querySelector(".foot button");
  if (first) {
    first.focus({preventScroll: true});
    first.scrollIntoView({block: wrong ? "center" : "nearest"});
  }
}

function leave() {
  if (before && before.isConnected) before.focus();
  else keepKeyboard();
}

// What one has just written is what one wants to see: down to the newest message.
function toNewest(id) {
  const pane = getHtmlElement(id)?.closest(".pane, .side");
  pane?.querySelectorAll(".scroller").forEach((scroller) => { scroller.scrollTop = 0; });
}

// On a narrow screen the steps to try are folded away until one asks for them.
function foldHints() {
  if (innerWidth < 640 || innerHeight < 560) document.querySelector(".hints details")?.removeAttribute("open");
}
