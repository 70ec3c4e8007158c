// The few things that only the browser can do: where the keyboard is, and what stands in a field.
let before = null; // what had the keyboard last, outside of modals
document.addEventListener("focusin", (event) => {
  if (!event.target.closest(".modal-holder")) before = event.target;
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
}

// What one has just written is what one wants to see: down to the newest message.
function toNewest(id) {
  const pane = getHtmlElement(id)?.closest(".pane, .side");
  pane?.querySelectorAll(".scroller").forEach((scroller) => { scroller.scrollTop = 0; });
}

// On a narrow screen the steps to try are folded away until one asks for them.
function foldHints() {
  if (innerWidth < 640) document.querySelector(".hints details")?.removeAttribute("open");
}
