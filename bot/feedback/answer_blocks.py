"""The answer library in Block Kit: rows of a search, and the form an answer is written in."""

import json
from collections.abc import Sequence
from datetime import date

from bot.feedback import answer_texts as texts
from bot.feedback.answers import AnswerView, State, Written
from bot.feedback.blocks import WRITE_ANSWER
from bot.feedback.forms import LONGEST_ANSWER, typed
from bot.outbox.kit import FormError, actions, button, day_in, divider, field, modal, option, quote, section, values_of
from bot.outbox.templates import Json
from bot.wording import outside

WORKED, DID_NOT, WRITE = "field_answer_worked", "field_answer_did_not", WRITE_ANSWER
WRITE_FORM, TEXT, WHO = "field_answer_form", "field_answer_text", "field_answer_who"
REFERENCE, UNTIL = "field_answer_reference", "field_answer_until"


def rows(found: Sequence[AnswerView]) -> list[Json]:
    """Each answer with who may say it, how often it worked, and what to tap after using it."""
    shown: list[Json] = []
    for view in found:
        shown += [divider(), section(texts.asked(view.asks)), quote(view.text), section(_standing(view))]
        if view.state != State.DRAFT:
            value, about = str(view.version_id), outside(view.asks, 40)
            taps = [
                button(texts.WORKED, WORKED, value, says=f"{texts.WORKED}: {about}"),
                button(texts.DID_NOT, DID_NOT, value, says=f"{texts.DID_NOT}: {about}"),
            ]
            shown.append(actions(taps, block_id=f"answer-{view.card_id}"))
    return shown


def _standing(view: AnswerView) -> str:
    """Who may say it, and how often it worked."""
    until = date.fromisoformat(view.valid_until) if view.valid_until else None
    lines = [
        texts.standing(view.state, view.approved_by, view.reference, until),
        texts.used(view.used, view.worked),
    ]
    return "\n".join(line for line in lines if line)


def write_form(report_id: int, asks: str, before: AnswerView | None, given: str | None) -> Json:
    """Begins with the version before; a first one with what the colleague `given` as an answer, to be approved."""
    box: Json = {"type": "plain_text_input", "action_id": TEXT, "multiline": True, "max_length": LONGEST_ANSWER}
    if begins := before.text if before else given:
        box["initial_value"] = begins[:LONGEST_ANSWER]
    states = (State.DRAFT, State.INTERNAL, State.APPROVED)
    options = [option(texts.STATES[state], state) for state in states]
    stands = before.state if before and before.state in states else State.INTERNAL
    who = {
        "type": "radio_buttons",
        "action_id": WHO,
        "options": options,
        "initial_option": option(texts.STATES[stands], stands),
    }
    reference: Json = {"type": "plain_text_input", "action_id": REFERENCE, "max_length": 300}
    if before and before.reference:
        reference["initial_value"] = before.reference
    until: Json = {"type": "datepicker", "action_id": UNTIL}
    if before and before.valid_until:
        until["initial_date"] = before.valid_until
    blocks = [
        section(texts.asked(asks)),
        field(texts.TEXT, box, block_id="text"),
        field(texts.WHO, who, block_id="who"),
        field(texts.REFERENCE, reference, block_id="reference", optional=True, hint=texts.REFERENCE_HINT),
        field(texts.UNTIL, until, block_id="until", optional=True),
    ]
    told = json.dumps({"id": report_id})
    return modal(texts.TITLE, texts.SAVE, blocks, callback_id=WRITE_FORM, private_metadata=told)


def parse_write_form(view: Json, today: date) -> tuple[int, Written]:
    """Raises FormError: what is approved for customers needs its ground and a last day."""
    values = values_of(view)
    text, reference, until = typed(values, TEXT), typed(values, REFERENCE) or None, day_in(values, UNTIL)
    state = State((values.get(WHO, {}).get("selected_option") or {}).get("value") or State.INTERNAL)
    if not text:
        raise FormError({"text": texts.TEXT_MISSING})
    if state == State.APPROVED and not reference:
        raise FormError({"reference": texts.REFERENCE_MISSING})
    if state == State.APPROVED and (until is None or until < today):
        raise FormError({"until": texts.UNTIL_MISSING})
    return int(json.loads(view["private_metadata"])["id"]), Written(text, state, reference, until)
