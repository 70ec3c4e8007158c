"""Forms about leads: each builder with the parser of what is sent, side by side.

A form's private metadata holds the offer it is about, and whether it was opened in the home tab (which then shows at
once what came of it).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from bot.leads import form_texts as texts
from bot.leads.intake import LeadIn
from bot.leads.rules import Step
from bot.outbox.kit import FormError, context, divider, field, modal, option, plain, section, values_of
from bot.outbox.limits import most
from bot.outbox.templates import Json
from bot.wording import day_and_time, outside
from config.policy import Deals, RejectionReason, Source

REASON_CHOSEN, REJECT_FORM = "lead_reject_reason", "lead_reject_form"
SENTENCE, RETURN_ON = "lead_reject_sentence", "lead_reject_date"
NO_ANSWER_FORM, AGAIN, AGAIN_AT = "lead_no_answer_form", "lead_again", "lead_again_at"
WON_FORM, VALUE, CURRENCY = "lead_won_form", "lead_value", "lead_currency"
LOST_FORM, LOSS, LOSS_SENTENCE = "lead_lost_form", "lead_loss", "lead_loss_sentence"
HAND_OVER_FORM, RECEIVER, HANDED_WITH = "lead_hand_over_form", "lead_receiver", "lead_handed_with"
GIVE_BACK_FORM, GIVEN_WITH = "lead_give_back_form", "lead_given_with"
ASK_FORM, QUESTION = "lead_ask_form", "lead_question"
ANSWER_FORM, ANSWER_TEXT = "lead_answer_form", "lead_answer_text"
FURTHEST_RETURN, FURTHEST_TRY = timedelta(days=730), timedelta(days=92)
LEAD, LIST, OWED = "lead", "list", "owed"
LENGTH, MOST_VALUE = 1000, Decimal(10) ** 12


@dataclass(frozen=True)
class Place:
    """Where somebody acts, so that it can show what came of it: their home tab, a modal, a whisper, or a message.

    `shows` says what a modal or whisper holds: LEAD, LIST or OWED.
    """

    home: bool = False
    modal: str | None = None
    whisper: str | None = None
    shows: str = LEAD


@dataclass(frozen=True)
class About:
    """What a form is about: an offer (or a question), what its lead is called, and where it was opened."""

    id: int
    title: str
    place: Place = Place()

    @property
    def metadata(self) -> str:
        return json.dumps({"id": self.id, **asdict(self.place)})

    @property
    def heading(self) -> Json:
        return section(texts.about_lead(outside(self.title, 160)))


def about_id(view: Json) -> int:
    found: dict[str, Any] = json.loads(view["private_metadata"])
    return int(found["id"])


def place_of(view: Json) -> Place:
    found: dict[str, Any] = json.loads(view["private_metadata"])
    return Place(**{name: found[name] for name in ("home", "modal", "whisper", "shows") if name in found})


# -- send back, not a fit ----------------------------------------


@dataclass(frozen=True)
class RejectForm:
    """What somebody filled in; `step` says whether they had accepted the lead before."""

    offer_id: int
    step: Step
    reason: str
    sentence: str | None
    return_on: date | None


def reject_form(
    about: About,
    reasons: tuple[RejectionReason, ...],
    today: date,
    step: Step = Step.REJECTED,
    chosen: RejectionReason | None = None,
) -> Json:
    """Asks for one plain reason; for a sentence or a date only where the chosen reason needs it."""
    is_back = step == Step.REJECTED
    options = [option(reason.label, reason.code) for reason in reasons]
    choices: Json = {"type": "radio_buttons", "action_id": REASON_CHOSEN, "options": options}
    if chosen:
        choices["initial_option"] = option(chosen.label, chosen.code)
    ask = texts.REJECT_ASK if is_back else texts.NOT_A_FIT_ASK
    blocks = [about.heading, field(ask, choices, block_id="reason", tells=True)]
    if chosen and chosen.asks_date:
        default = date.fromordinal(today.toordinal() + chosen.default_days).isoformat()
        picker = {"type": "datepicker", "action_id": RETURN_ON, "initial_date": default}
        blocks.append(field(texts.DATE_LABEL, picker, block_id="return_on"))
    needed = bool(chosen and chosen.asks_sentence)
    told = field(
        texts.SENTENCE_LABEL, _text_box(SENTENCE), block_id="sentence", optional=not needed, hint=texts.SENTENCE_HINT
    )
    title = texts.REJECT_TITLE if is_back else texts.NOT_A_FIT_TITLE
    metadata = json.dumps({**json.loads(about.metadata), "step": step})
    return modal(title, texts.REJECT_SUBMIT, [*blocks, told], callback_id=REJECT_FORM, private_metadata=metadata)


def reject_step(view: Json) -> Step:
    return Step(json.loads(view["private_metadata"]).get("step", Step.REJECTED))


def parse_reject_form(view: Json, reasons: tuple[RejectionReason, ...], today: date) -> RejectForm:
    """Read a submitted form. Raises FormError with a message beside each field that needs a correction."""
    values = values_of(view)
    code = _chosen(values, REASON_CHOSEN)
    reason = next((r for r in reasons if r.code == code), None)
    if reason is None:
        raise FormError({"reason": texts.REASON_MISSING})
    sentence = _text(values, SENTENCE, "sentence", texts.SENTENCE_MISSING if reason.asks_sentence else None)
    picked = values.get(RETURN_ON, {}).get("selected_date")
    return_on = date.fromisoformat(picked) if picked and reason.asks_date else None
    if return_on and return_on <= today:
        raise FormError({"return_on": texts.DATE_IN_THE_PAST})
    if return_on and return_on > today + FURTHEST_RETURN:
        raise FormError({"return_on": texts.DATE_TOO_FAR})
    return RejectForm(about_id(view), reject_step(view), reason.code, sentence, return_on)


# -- nobody answered ----------------------------------------


def no_answer_form(about: About, times: Sequence[datetime], zone: str, now: datetime) -> Json:
    """Asks when to try again: some good times to choose from, or any other."""
    options = [option(day_and_time(at, zone, now), str(int(at.timestamp()))) for at in times]
    choices: Json = {"type": "radio_buttons", "action_id": AGAIN, "options": options, "initial_option": options[0]}
    picker = {"type": "datetimepicker", "action_id": AGAIN_AT}
    blocks = [
        about.heading,
        field(texts.AGAIN_ASK, choices, block_id="again"),
        field(texts.AGAIN_OTHER_LABEL, picker, block_id="again_at", optional=True),
    ]
    return _form(texts.NO_ANSWER_TITLE, texts.NO_ANSWER_SUBMIT, blocks, NO_ANSWER_FORM, about)


def parse_no_answer_form(view: Json, now: datetime) -> datetime:
    """When to try again. Raises FormError."""
    values = values_of(view)
    chosen, picked = _chosen(values, AGAIN), values.get(AGAIN_AT, {}).get("selected_date_time")
    wanted, block = (picked, "again_at") if picked else (chosen, "again")  # whoever picks a time means it
    if wanted is None:
        raise FormError({block: texts.AGAIN_MISSING})
    at = datetime.fromtimestamp(int(wanted), UTC)
    if at <= now:
        raise FormError({block: texts.AGAIN_IN_THE_PAST})
    if at > now + FURTHEST_TRY:
        raise FormError({block: texts.AGAIN_TOO_FAR})
    return at


# -- won, lost ----------------------------------------


def won_form(about: About, deals: Deals) -> Json:
    options = [option(currency, currency) for currency in deals.currencies]
    number = {"type": "number_input", "action_id": VALUE, "is_decimal_allowed": True, "min_value": "0"}
    choices = {"type": "static_select", "action_id": CURRENCY, "options": options, "initial_option": options[0]}
    blocks = [
        about.heading,
        field(texts.VALUE_LABEL, number, block_id="value", optional=True, hint=texts.VALUE_HINT),
        field(texts.CURRENCY_LABEL, choices, block_id="currency"),
    ]
    return _form(texts.WON_TITLE, texts.WON_SUBMIT, blocks, WON_FORM, about)


def parse_won_form(view: Json, deals: Deals) -> tuple[int | None, str]:
    """The value in hundredths, and the currency. Raises FormError."""
    values = values_of(view)
    text = str(values.get(VALUE, {}).get("value") or "").strip()
    currency = _chosen(values, CURRENCY) or deals.currencies[0]
    return (hundredths(text) if text else None), currency


def hundredths(text: str) -> int:
    """`84000` or `1250.50` in hundredths. Raises FormError."""
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise FormError({"value": texts.VALUE_WRONG}) from error
    if not amount.is_finite() or not 0 <= amount < MOST_VALUE:
        raise FormError({"value": texts.VALUE_WRONG})
    return int((amount * 100).to_integral_value())


def lost_form(about: About, deals: Deals) -> Json:
    options = [option(loss.label, loss.code) for loss in deals.losses]
    choices = {"type": "radio_buttons", "action_id": LOSS, "options": options}
    sentence = field(
        texts.SENTENCE_LABEL, _text_box(LOSS_SENTENCE), block_id="sentence", optional=True, hint=texts.SENTENCE_HINT
    )
    blocks = [about.heading, field(texts.LOST_ASK, choices, block_id="loss"), sentence]
    return _form(texts.LOST_TITLE, texts.LOST_SUBMIT, blocks, LOST_FORM, about)


def parse_lost_form(view: Json, deals: Deals) -> tuple[str, str | None]:
    """The reason's code, and a sentence. Raises FormError."""
    values = values_of(view)
    loss = deals.loss(_chosen(values, LOSS) or "")
    if loss is None:
        raise FormError({"loss": texts.REASON_MISSING})
    missing = texts.LOST_SENTENCE_MISSING if loss.asks_sentence else None
    return loss.code, _text(values, LOSS_SENTENCE, "sentence", missing)


# -- to a colleague ----------------------------------------


def hand_over_form(about: About, colleagues: Sequence[tuple[int, str]]) -> Json:
    """`colleagues` are those who can get it; where they are too many for a menu, anybody can be looked for."""
    options = [option(name, str(person_id)) for person_id, name in colleagues]
    choice: Json = {"type": "static_select", "action_id": RECEIVER, "options": options}
    if not 0 < len(options) <= most("elements", "static_select.options"):
        choice = {"type": "users_select", "action_id": RECEIVER}
    blocks = [
        about.heading,
        field(texts.HAND_OVER_TO, choice, block_id="receiver"),
        field(texts.HAND_OVER_SENTENCE, _text_box(HANDED_WITH), block_id="sentence", hint=texts.HAND_OVER_HINT),
    ]
    return _form(texts.HAND_OVER_TITLE, texts.HAND_OVER_SUBMIT, blocks, HAND_OVER_FORM, about)


def parse_hand_over_form(view: Json) -> tuple[int | str, str]:
    """Who is to get it, by our id or their Slack id, and the sentence. Raises FormError."""
    values = values_of(view)
    chosen = _chosen(values, RECEIVER)
    receiver = int(chosen) if chosen else values.get(RECEIVER, {}).get("selected_user")
    if not receiver:
        raise FormError({"receiver": texts.TO_MISSING})
    return receiver, _needed(values, HANDED_WITH, "sentence", texts.HAND_OVER_MISSING)


def give_back_form(about: About) -> Json:
    blocks = [about.heading, field(texts.GIVE_BACK_LABEL, _text_box(GIVEN_WITH), block_id="sentence")]
    return _form(texts.GIVE_BACK_TITLE, texts.GIVE_BACK_SUBMIT, blocks, GIVE_BACK_FORM, about)


def parse_give_back_form(view: Json) -> str:
    return _needed(values_of(view), GIVEN_WITH, "sentence", texts.HAND_OVER_MISSING)


# -- a question to marketing, and its answer ----------------------------------------


def ask_form(about: About) -> Json:
    blocks = [about.heading, field(texts.ASK_LABEL, _text_box(QUESTION), block_id="question", hint=texts.ASK_HINT)]
    return _form(texts.ASK_TITLE, texts.ASK_SUBMIT, blocks, ASK_FORM, about)


def parse_ask_form(view: Json) -> str:
    return _needed(values_of(view), QUESTION, "question", texts.ASK_MISSING)


def answer_form(about: About, question: str) -> Json:
    """`about.id` is the question's."""
    asked = section(f"> {outside(question, LENGTH)}")
    blocks = [about.heading, asked, field(texts.ANSWER_LABEL, _text_box(ANSWER_TEXT), block_id="answer")]
    return _form(texts.ANSWER_TITLE, texts.ANSWER_SUBMIT, blocks, ANSWER_FORM, about)


def parse_answer_form(view: Json) -> str:
    return _needed(values_of(view), ANSWER_TEXT, "answer", texts.ANSWER_MISSING)


# -- a lead by hand ----------------------------------------

NEW_FORM, NEW_NAME, NEW_EMAIL, NEW_COMPANY = "lead_new_form", "lead_new_name", "lead_new_email", "lead_new_company"
NEW_PHONE, NEW_COUNTRY, NEW_WHERE = "lead_new_phone", "lead_new_country", "lead_new_where"
NEW_WHAT, NEW_WHO = "lead_new_what", "lead_new_who"
ME, TURN = "me", "turn"


@dataclass(frozen=True)
class NewForm:
    lead: LeadIn
    source: str
    mine: bool


def new_form(sources: Sequence[Source], place: Place, *, sells: bool) -> Json:
    """Asks for what one knows of somebody one met; who sells may keep the lead."""
    where = [option(source.name, source.code) for source in sources]
    who = [option(texts.NEW_WHO_ME, ME)] if sells else []
    who.append(option(texts.NEW_WHO_TURN, TURN))
    blocks = [
        field(texts.NEW_NAME, _line(NEW_NAME), block_id="name", optional=True),
        field(texts.NEW_COMPANY, _line(NEW_COMPANY), block_id="company", optional=True),
        field(texts.NEW_PHONE, _line(NEW_PHONE, 60), block_id="phone", optional=True),
        field(texts.NEW_EMAIL, {"type": "email_text_input", "action_id": NEW_EMAIL}, block_id="email", optional=True),
        field(texts.NEW_WHAT, _line(NEW_WHAT), block_id="what", optional=True),
        field(texts.NEW_COUNTRY, _line(NEW_COUNTRY, 80), block_id="country", optional=True),
        field(texts.NEW_WHERE, _select(NEW_WHERE, where), block_id="where"),
        field(texts.NEW_WHO, _select(NEW_WHO, who), block_id="who"),
    ]
    about = About(0, "", place)
    return modal(texts.NEW_TITLE, texts.NEW_SUBMIT, blocks, callback_id=NEW_FORM, private_metadata=about.metadata)


def parse_new_form(view: Json) -> NewForm:
    """The lead. Raises FormError."""
    values = values_of(view)

    def said(action_id: str) -> str | None:
        return str(values.get(action_id, {}).get("value") or "").strip() or None

    name, email, what = said(NEW_NAME), said(NEW_EMAIL), said(NEW_WHAT)
    if not name and not email:
        raise FormError({"name": texts.NEW_NAME_OR_EMAIL})
    given = {
        "external_id": None if email else f"hand-{view['id']}",
        "email": email,
        "name": name,
        "company": said(NEW_COMPANY),
        "phone": said(NEW_PHONE),
        "country": said(NEW_COUNTRY),
        "touches": [{"kind": "said", "asset": what}] if what else [],
    }
    try:
        lead = LeadIn.model_validate(given)
    except ValidationError as error:
        raise FormError(_beside_fields(error)) from error
    return NewForm(lead, _chosen(values, NEW_WHERE) or "", _chosen(values, NEW_WHO) == ME)


def _beside_fields(error: ValidationError) -> dict[str, str]:
    """Each problem beside its field; what the lead wants is the field `what`."""
    blocks = {"touches": "what", "email": "email"}
    told = {blocks.get(str(p["loc"][0]), str(p["loc"][0])) if p["loc"] else "name": p["msg"] for p in error.errors()}
    return {**told, **({"email": texts.NEW_NO_EMAIL} if "email" in told else {})}


def _line(action_id: str, most_characters: int = 200) -> Json:
    return {"type": "plain_text_input", "action_id": action_id, "max_length": most_characters}


def _select(action_id: str, options: list[Json]) -> Json:
    return {"type": "static_select", "action_id": action_id, "options": options[:100], "initial_option": options[0]}


# -- a lead as a whole ----------------------------------------

LEAD_MODAL, MINE_MODAL = "lead_shown", "lead_list"
LINES_A_SECTION = 10


def lead_modal(lead_id: int, offer_id: int, card: Sequence[Json], history: Sequence[str], earlier: int) -> Json:
    """The card with everything that can be done, and below it what happened so far."""
    lines = [*([texts.earlier(earlier)] if earlier else []), *history]
    parts = [lines[n : n + LINES_A_SECTION] for n in range(0, len(lines), LINES_A_SECTION)]
    told = [divider(), section(texts.HISTORY), *(context("\n".join(part)) for part in parts)]
    return _shown(texts.lead_title(lead_id), [*card, *told], LEAD_MODAL, json.dumps({"id": offer_id}))


def mine_modal(rows: Sequence[Json]) -> Json:
    return _shown(texts.MINE_TITLE, rows, MINE_MODAL, "{}")


def _shown(title: str, blocks: Sequence[Json], callback_id: str, metadata: str) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, most("surface", "view.title")),
        "close": plain(texts.CLOSE),
        "private_metadata": metadata,
        "blocks": list(blocks)[: most("surface", "modal.blocks")],
    }


# -- parts ----------------------------------------


def _form(title: str, submit: str, blocks: Sequence[Json], callback_id: str, about: About) -> Json:
    return modal(title, submit, blocks, callback_id=callback_id, private_metadata=about.metadata)


def _text_box(action_id: str) -> Json:
    return {"type": "plain_text_input", "action_id": action_id, "multiline": True, "max_length": LENGTH}


def _chosen(values: dict[str, Json], action_id: str) -> str | None:
    found: str | None = (values.get(action_id, {}).get("selected_option") or {}).get("value")
    return found


def _text(values: dict[str, Json], action_id: str, block: str, missing: str | None) -> str | None:
    """What was written; None for nothing, which raises FormError where `missing` says so."""
    text = str(values.get(action_id, {}).get("value") or "").replace("\x00", "").strip()
    if len(text) > LENGTH:
        raise FormError({block: texts.SENTENCE_TOO_LONG})
    if not text and missing:
        raise FormError({block: missing})
    return text or None


def _needed(values: dict[str, Json], action_id: str, block: str, missing: str) -> str:
    return _text(values, action_id, block, missing) or ""
