"""The check of a text that shows a sign, as a form, and the messages about what is passed on."""

import json
from dataclasses import dataclass

from bot.feedback import duty_texts as texts
from bot.feedback.duties import Told, text_hash
from bot.feedback.signs import Found
from bot.outbox.kit import FormError, actions, as_written, button, field, modal, option, section, values_of
from bot.outbox.templates import Json
from config.field import Sign

CHECK_FORM, CHECK_IS, RECEIVED = "duty_form", "duty_is", "duty_received"
CHECK_TEXT = "duty_text"
NONE = "none"
IN_STACK = "stack:"  # begins the key of a form whose place the check took


@dataclass(frozen=True)
class Asked:
    """The form a text was typed into, which waits below; what was typed after a command is for a form of its own."""

    view_key: str = ""
    form: str = ""


def check_form(found: Found, text: str, told: Told, asked: Asked) -> Json:
    """Says why it stopped and what the duty is; the text is there, to be sent on or saved after all."""
    options = [option(texts.SIGNS[sign], sign) for sign in Sign] + [option(texts.NONE, NONE)]
    chosen = next(one for one in options if one["value"] == found.sign)
    what: Json = {"type": "radio_buttons", "action_id": CHECK_IS, "options": options, "initial_option": chosen}
    box = {"type": "plain_text_input", "action_id": CHECK_TEXT, "multiline": True, "max_length": 3000}
    blocks = [
        section(texts.found(found.sign, found.words)),
        field(texts.IT_IS, what, block_id="is"),
        section(texts.duty(found.sign, told.contact, told.stand_in, told.hours)),
        field(texts.WROTE, {**box, "initial_value": text[:3000]}, block_id="text"),
        section(texts.not_reporting(told.file_at)),
    ]
    kept = {"key": asked.view_key, "form": asked.form, "hash": text_hash(text)}
    kept |= {"words": found.words[:200], "sign": found.sign}
    return modal(texts.TITLE, texts.SEND, blocks, callback_id=CHECK_FORM, private_metadata=json.dumps(kept))


@dataclass(frozen=True)
class CheckForm:
    """What its writer says: `sign` is none when it is no such report; `hash` is of the text that was stopped."""

    view_key: str
    form: str
    hash: str
    sign: Sign | None
    found: Found
    text: str


def parse_check_form(view: Json) -> CheckForm:
    """Raises FormError."""
    values, told = values_of(view), json.loads(view["private_metadata"])
    chosen = (values.get(CHECK_IS, {}).get("selected_option") or {}).get("value") or told["sign"]
    text = str(values.get(CHECK_TEXT, {}).get("value") or "").replace("\x00", "").strip()
    if not text:
        raise FormError({"text": texts.TEXT_MISSING})
    found = Found(Sign(told["sign"]), told["words"])
    return CheckForm(told["key"], told["form"], told["hash"], None if chosen == NONE else Sign(chosen), found, text)


def to_contact(told: str, said: str, by: str, received: str | None, duty_id: int) -> list[Json]:
    """All of what was written, as it was, with the one tap that says it was taken up."""
    shown = [section(told), {"type": "section", "text": as_written(said)}]
    if received:
        return [*shown, section(received)]
    return [*shown, section(by), actions([button(texts.RECEIVED, RECEIVED, str(duty_id), style="primary")])]
