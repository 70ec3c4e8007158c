"""The lead card, the team's lines, the reject form: from frozen views to Block Kit; the form's parser beside it."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.leads import texts
from bot.leads.overviews import InHand
from bot.leads.views import CardView, DataNeededView, DayLineView, LineView, Mine, Reader, place_beside
from bot.outbox.kit import actions, button, context, field, modal, option, section
from bot.outbox.templates import Json, Rendered
from bot.wording import day_and_time, escape, outside, when
from config.policy import RejectionReason

ACCEPT, REJECT, UNDO = "lead_accept", "lead_reject", "lead_undo"
REASON_CHOSEN, REJECT_FORM = "lead_reject_reason", "lead_reject_form"
SENTENCE, RETURN_ON = "lead_reject_sentence", "lead_reject_date"
LINKABLE_EMAIL = re.compile(r"^[\w.+-]+@[\w.-]+$", re.ASCII)
NOT_DIALLED = re.compile(r"[^\d+]")
FURTHEST_RETURN = timedelta(days=730)
MINE_AT_ONCE, SENTENCE_LENGTH, MOST_REASONS = 10, 1000, 3


def card(view: CardView, now: datetime) -> Rendered:
    """The card of an offer: what to do while it waits, what became of it after."""
    match view.answer:
        case "pending":
            return _pending(view, now)
        case "accepted":
            return _accepted(view, now)
        case "rejected":
            return _rejected(view, now)
    return _withdrawn(view)


def _pending(view: CardView, now: datetime) -> Rendered:
    by = day_and_time(view.answer_by, view.reader.zone, now)
    value = str(view.offer_id)
    about = view.account or "this lead"
    blocks = [
        section(_who(view, now)),
        section(_why(view)),
        section(texts.please_answer(by, hot=view.hot, late=view.answer_by < now)),
        actions(
            [
                button(texts.ACCEPT, ACCEPT, value, style="primary", says=f"Accept {about}"),
                button(texts.REJECT, REJECT, value, says=f"Reject {about}"),
            ],
            block_id=f"answer-{value}",
        ),
        context(_origin(view)),
    ]
    soon, late = when(view.answer_by, view.reader.zone, now), view.answer_by < now
    return Rendered(texts.lock_screen(*_on_the_lock_screen(view), soon, hot=view.hot, late=late), blocks)


def _on_the_lock_screen(view: CardView) -> tuple[str | None, str | None, str]:
    """Account, what they did, and campaign, each only if it does not give away who the lead is."""

    def safe(text: str | None) -> str | None:
        known = (view.contact_name, view.email, view.phone)
        return text if text and not texts.tells_on(text, *known) else None

    did = None
    if view.touch_kind:
        did = safe(texts.touch(view.touch_kind, view.touch_asset or "")) or texts.touch(view.touch_kind, "")
    return safe(view.account), did, safe(view.campaign) or "just in"


def _accepted(view: CardView, now: datetime) -> Rendered:
    zone = view.reader.zone
    since = day_and_time(view.answered_at or now, zone, now)
    by = day_and_time(view.contact_by or now, zone, now)
    if view.answered_by_me or view.answered_by is None:
        told = texts.yours_since(since, by)
    else:
        told = texts.accepted_for_you(view.answered_by, since, by)
    blocks = [section(_who(view, now)), section(_why(view)), section(told), *_undo(view, now), context(_origin(view))]
    return Rendered(f"Yours since {since}. First contact by {by}.", blocks, _fresh_until(view))


def _rejected(view: CardView, now: datetime) -> Rendered:
    returns_on = view.returns_at.astimezone(ZoneInfo(view.reader.zone)).date() if view.returns_at else None
    goes_on = texts.goes_on(view.now_with, returns_on, awaits_data=view.awaits_data)
    told = [
        f"*{outside(_title(view), 160)}*",
        texts.sent_back(view.reason_label or "", view.sentence),
        goes_on,
    ]
    text = f"Sent back: {escape(view.reason_label or '')}. {goes_on}"
    return Rendered(text, [section("\n".join(told)), *_undo(view, now)], _fresh_until(view))


def _withdrawn(view: CardView) -> Rendered:
    told = texts.withdrawn(view.withdrawn_for, view.now_with)
    return Rendered(told, [section(f"*{outside(view.account or 'This lead', 160)}*\n{told}")])


def _undo(view: CardView, now: datetime) -> list[Json]:
    if not view.undo_open or view.undo_until is None:
        return []
    until = when(view.undo_until, view.reader.zone, now)
    return [actions([button(texts.undo(until), UNDO, str(view.offer_id))], block_id=f"undo-{view.offer_id}")]


def _fresh_until(view: CardView) -> datetime | None:
    return view.undo_until if view.undo_open else None


def _title(view: CardView) -> str:
    return ", ".join(part for part in (view.contact_name, view.account) if part) or "This lead"


def _who(view: CardView, now: datetime) -> str:
    """Who they are, what they did, how to reach them, what they agreed to: one line each, none for what is unknown."""
    where = place_beside(view.account, view.city or view.country)
    place = [outside(part, 120) for part in (view.account, where) if part]
    name = f"*{outside(view.contact_name, 120)}*" if view.contact_name else None
    first = ", ".join([name or f"*{place[0]}*", *(place if name else place[1:])]) if name or place else "*A new lead*"
    did = None
    if view.touch_kind and view.touch_at:
        at = when(view.touch_at, view.reader.zone, now)
        did = f"{outside(texts.touch(view.touch_kind, view.touch_asset or ''), 160)}, {at}"
    lines = [
        first,
        outside(view.title, 160) if view.title else None,
        did,
        _phone(view.phone),
        _email(view.email),
        texts.agreed_to(view.may_call, view.may_email, do_not_contact=view.do_not_contact),
    ]
    return "\n".join(line for line in lines if line)


def _phone(phone: str | None) -> str | None:
    """A number that a phone dials with one tap."""
    if not phone:
        return None
    dialled = NOT_DIALLED.sub("", phone)
    shown = outside(phone, 120).replace("|", "/")
    return f"<tel:{dialled}|{shown}>" if len(dialled) > 4 else shown


def _email(email: str | None) -> str | None:
    if not email:
        return None
    return f"<mailto:{email}|{email}>" if LINKABLE_EMAIL.match(email) else outside(email, 254)


def _why(view: CardView) -> str:
    you = texts.why_you(view.route, view.names, view.reader.person_id, view.account)
    lines = [
        texts.fast_track(view.fast_track) if view.fast_track else None,
        texts.score("Fit", view.fit, view.fit_reasons[:MOST_REASONS]),
        texts.score("Engagement", view.engagement, view.engagement_reasons[:MOST_REASONS])
        if view.engagement or not view.fast_track
        else None,
        f"*Why you:* {you}" if you else None,
    ]
    return "\n".join(line for line in lines if line)


def _origin(view: CardView) -> str:
    more = texts.more_here(view.others_open, view.others_mine, view.others_with)
    origin = texts.campaign(view.campaign, view.marketing_owner)
    return f"{origin}\n{more}" if more else origin


# -- the team's lines ----------------------------------------


def line(view: LineView, zone: str) -> Rendered:
    returns_on = view.returns_at.astimezone(ZoneInfo(zone)).date() if view.returns_at else None
    state = texts.line_state(view.answer, view.reason_label, returns_on)
    told = texts.line(view.what, view.campaign, view.owner, state, hot=view.hot)
    return Rendered(told, [context(told)])


def day_line(view: DayLineView) -> Rendered:
    total = view.waiting + view.accepted + view.came_back
    told = texts.day_line(view.day, total, view.alone, view.waiting, view.accepted, view.came_back)
    return Rendered(told, [context(told)])


# -- my leads ----------------------------------------


def mine(leads: list[Mine], total: int, reader: Reader, now: datetime) -> Json:
    """The answer to `/lead mine`, seen by the one who asked."""
    if not leads:
        return {"text": texts.NO_LEADS}
    blocks = [section(texts.mine_title(total)), *mine_rows(leads, reader, now)]
    if total > len(leads):
        blocks.append(context(texts.and_more(total - len(leads))))
    return {"text": texts.mine_title(total), "blocks": blocks}


def mine_rows(leads: list[Mine], reader: Reader, now: datetime) -> list[Json]:
    """Each lead with what is due, and the buttons for it."""
    blocks: list[Json] = []
    for lead in leads:
        blocks.append(section(mine_line(lead, reader, now)))
        if taps := _taps(lead, reader, now):
            blocks.append(actions(taps, block_id=f"answer-{lead.offer_id}"))
    return blocks


def mine_line(lead: Mine | InHand, reader: Reader, now: datetime) -> str:
    """A lead of a list in one line: what is due, when, and who it is."""
    if lead.due is None:
        return texts.qualified_line(lead.title)
    due = day_and_time(lead.due, reader.zone, now)
    return texts.mine_line(lead.title, due, accepted=lead.accepted, late=lead.due < now)


def _taps(lead: Mine, reader: Reader, now: datetime) -> list[Json]:
    value = str(lead.offer_id)
    if not lead.accepted:
        return [
            button(texts.ACCEPT, ACCEPT, value, says=f"Accept {lead.title}"),
            button(texts.REJECT, REJECT, value, says=f"Reject {lead.title}"),
        ]
    if lead.undo_until and now < lead.undo_until:
        return [button(texts.undo(when(lead.undo_until, reader.zone, now)), UNDO, value, says=f"Undo {lead.title}")]
    return []


# -- the reject form ----------------------------------------


@dataclass(frozen=True)
class RejectForm:
    """What somebody filled in."""

    offer_id: int
    reason: str
    sentence: str | None
    return_on: date | None


class FormError(Exception):
    """A form that cannot be taken: messages by the block they belong to."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(str(errors))


def reject_form(
    offer_id: int,
    reasons: tuple[RejectionReason, ...],
    today: date,
    chosen: RejectionReason | None = None,
    *,
    title: str,
    from_home: bool = False,
) -> Json:
    """Asks for one plain reason; for a sentence or a date only where the chosen reason needs it.

    `title` names the lead. `from_home`: it was opened in the home tab, which is to show at once what became of it.
    """
    choices: Json = {"type": "radio_buttons", "action_id": REASON_CHOSEN, "options": _reason_options(reasons)}
    if chosen:
        choices["initial_option"] = option(chosen.label, chosen.code)
    blocks = [
        section(f"*{outside(title, 160)}*"),
        field(texts.REJECT_ASK, choices, block_id="reason", tells=True),
    ]
    if chosen and chosen.asks_date:
        default = date.fromordinal(today.toordinal() + chosen.default_days).isoformat()
        picker = {"type": "datepicker", "action_id": RETURN_ON, "initial_date": default}
        blocks.append(field(texts.DATE_LABEL, picker, block_id="return_on"))
    text_box = {"type": "plain_text_input", "action_id": SENTENCE, "multiline": True, "max_length": SENTENCE_LENGTH}
    needed = bool(chosen and chosen.asks_sentence)
    blocks.append(
        field(texts.SENTENCE_LABEL, text_box, block_id="sentence", optional=not needed, hint=texts.SENTENCE_HINT)
    )
    metadata = json.dumps({"offer": offer_id, "home": from_home})
    return modal(texts.REJECT_TITLE, texts.REJECT_SUBMIT, blocks, callback_id=REJECT_FORM, private_metadata=metadata)


def _reason_options(reasons: tuple[RejectionReason, ...]) -> list[Json]:
    return [option(reason.label, reason.code) for reason in reasons]


def parse_reject_form(view: Json, reasons: tuple[RejectionReason, ...], today: date) -> RejectForm:
    """Read a submitted form. Raises FormError with a message beside each field that needs a correction."""
    values = {action: held for block in view["state"]["values"].values() for action, held in block.items()}
    code = (values.get(REASON_CHOSEN, {}).get("selected_option") or {}).get("value")
    reason = next((r for r in reasons if r.code == code), None)
    if reason is None:
        raise FormError({"reason": texts.REASON_MISSING})
    sentence = (values.get(SENTENCE, {}).get("value") or "").replace("\x00", "").strip() or None
    if sentence and len(sentence) > SENTENCE_LENGTH:
        raise FormError({"sentence": texts.SENTENCE_TOO_LONG})
    if reason.asks_sentence and sentence is None:
        raise FormError({"sentence": texts.SENTENCE_MISSING})
    picked = values.get(RETURN_ON, {}).get("selected_date")
    return_on = date.fromisoformat(picked) if picked and reason.asks_date else None
    if return_on and return_on <= today:
        raise FormError({"return_on": texts.DATE_IN_THE_PAST})
    if return_on and return_on > today + FURTHEST_RETURN:
        raise FormError({"return_on": texts.DATE_TOO_FAR})
    return RejectForm(offer_of(view), reason.code, sentence, return_on)


def is_from_home(view: Json) -> bool:
    return bool(json.loads(view["private_metadata"]).get("home"))


def offer_of(view: Json) -> int:
    found: dict[str, Any] = json.loads(view["private_metadata"])
    return int(found["offer"])


# -- marketing is asked for data ----------------------------------------


def data_needed(view: DataNeededView) -> Rendered:
    told = texts.data_needed(view.lead_title, view.came_back_from, view.reason_label)
    lines = [told, f"> {outside(view.sentence, 300)}" if view.sentence else None]
    lines += [texts.data_known(view.phone, view.email), texts.data_how(view.identity, view.campaign)]
    if view.settled:
        lines = [told, texts.DATA_DONE]
    body = section("\n".join(line for line in lines if line))
    return Rendered(texts.data_lock_screen(view.campaign), [body, context(outside(view.campaign, 80))])
