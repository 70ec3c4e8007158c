"""Every free text of every form passes here before it is saved: is it for quality, does it identify a patient?"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.feedback import duties, duty_blocks, duty_texts
from bot.feedback import forms as field_forms
from bot.feedback.duty_blocks import IN_STACK, Asked
from bot.feedback.rules import Form
from bot.feedback.signs import Found, identifier_in, sign_in
from bot.journal.service import rules_in_force
from bot.services import Services
from handlers.calls import Answer, Call, Json, notice


@dataclass(frozen=True)
class Typed:
    """A text in a field of a form."""

    block_id: str
    action_id: str
    text: str


def checked(services: Services, call: Call) -> tuple[Answer | None, Call]:
    """What stops a form, if something does; and the form with what was passed on left out of it."""
    texts = list(_typed(call.body["view"]))
    # What is passed on is for its contact, with everything they need.
    if not texts or call.body["view"].get("callback_id") == duty_blocks.CHECK_FORM:
        return None, call
    errors = _identifiers(services, call, texts)
    if errors:
        return Answer(ack={"response_action": "errors", "errors": errors}), call
    passed_on, now = [], services.now()
    with services.reading() as session:
        policy = rules_in_force(session).policy
        for one in texts:
            found = sign_in(one.text, policy.guard)
            if found is None:
                continue
            typed = duties.said_key(call.user_id, duties.text_hash(one.text), now)
            said = duties.checked(session, (call.key, _in_stack(call, now), *_alone(one, typed)), one.text)
            if said is None:
                told = duties.told_of(session, found.sign, policy)
                if _is_on_top_of_two(call.body["view"]):  # Slack stacks three: the check takes the form's place
                    asked = Asked(_in_stack(call, now))
                    shown = duty_blocks.check_form(found, one.text, told, asked)
                    return Answer(ack={"response_action": "update", "view": shown}), call
                return _asks(duty_blocks.check_form(found, one.text, told, Asked(call.key))), call
            if said.duty_id is not None:
                passed_on.append((one, found))
    if any(one.action_id == field_forms.SAID for one, _ in passed_on):
        sent = duty_texts.SENT_ALREADY.format(who=duty_texts.WHO[passed_on[0][1].sign])
        return Answer(ack={"response_action": "update", "view": notice(sent)}), call
    return None, _without(call, passed_on) if passed_on else call


def _identifiers(services: Services, call: Call, texts: Sequence[Typed]) -> dict[str, str]:
    """What looks as if it identified a patient, by its field; pointed out once, for it may be something else."""
    found = [(one, what) for one in texts if (what := identifier_in(one.text))]
    if not found:
        return {}
    with services.begin() as session:
        now = services.now()
        new = [(one, what) for one, what in found if duties.point_out(session, call.key, one.text, now)]
    return {one.block_id: f"{duty_texts.identifier(what)} {duty_texts.SEND_AGAIN}" for one, what in new}


def _alone(typed: Typed, key: str) -> tuple[str, ...]:
    """What was asked after a command is not asked again in the form of a report, which is the same text."""
    return (key,) if typed.action_id == field_forms.SAID else ()


def stops(services: Services, text: str, form: Form, user_id: str) -> Json | None:
    """What is opened for a text that no form holds: the check, that it was sent, a word on what identifies a patient.

    None where nothing stops it.
    """
    now = services.now()
    key = duties.said_key(user_id, duties.text_hash(text), now)
    if what := identifier_in(text):
        with services.begin() as session:
            if duties.point_out(session, key, text, now):
                return notice(f"{duty_texts.identifier(what)} {duty_texts.SEND_AGAIN}")
    with services.reading() as session:
        policy = rules_in_force(session).policy
        found = sign_in(text, policy.guard)
        if found is None:
            return None
        said = duties.checked(session, (key,), text)
        if said is not None:
            sent = duty_texts.SENT_ALREADY.format(who=duty_texts.WHO[found.sign])
            return notice(sent) if said.duty_id is not None else None
        told = duties.told_of(session, found.sign, policy)
        return duty_blocks.check_form(found, text, told, Asked(form=form))


def _in_stack(call: Call, now: datetime) -> str:
    """What a form is known by, for a day, that somebody opens once more about the same thing."""
    view = call.body["view"]
    about = f"{view.get('callback_id')}:{view.get('private_metadata')}"
    return f"{IN_STACK}{call.user_id}:{now.date().isoformat()}:{duties.text_hash(about)[:16]}"


def _is_on_top_of_two(view: Json) -> bool:
    """Whether a form is the third of its stack."""
    before, root = view.get("previous_view_id"), view.get("root_view_id")
    return bool(before and root and before != root)


def _typed(view: Json) -> Iterator[Typed]:
    for block_id, actions in view.get("state", {}).get("values", {}).items():
        for action_id, held in actions.items():
            if held.get("type", "plain_text_input") == "plain_text_input" and held.get("value"):
                yield Typed(block_id, action_id, str(held["value"]))


def _asks(form: Json) -> Answer:
    return Answer(ack={"response_action": "push", "view": form})


def _without(call: Call, passed_on: list[tuple[Typed, Found]]) -> Call:
    """The same form, with a word in the place of each text that was passed on."""
    body: dict[str, Any] = deepcopy(dict(call.body))
    for one, found in passed_on:
        instead = duty_texts.SENT_INSTEAD.format(who=duty_texts.WHO[found.sign])
        body["view"]["state"]["values"][one.block_id][one.action_id]["value"] = instead
    return replace(call, body=body)
