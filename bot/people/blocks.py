"""The first meeting and the form of one's hours, with its parser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from bot.outbox.kit import FormError, actions, button, field, modal, option, section
from bot.outbox.templates import Json, Rendered
from bot.people import texts
from bot.people.rules import as_typed, city, in_words, parse_hours

YES, CHANGE = "people_hours_yes", "people_hours_change"
HOURS_FORM, HOURS, ZONE = "people_hours_form", "people_hours", "people_zone"


@dataclass(frozen=True)
class HoursView:
    """Somebody's working hours, by weekday (Monday is 0), and whether they said so themselves."""

    name: str
    zone: str
    hours: Mapping[int, Sequence[tuple[time, time]]]
    said: bool


@dataclass(frozen=True)
class HoursForm:
    """Hours as the list of people holds them, by weekday, and the zone."""

    hours: dict[str, list[str]]
    zone: str


def first_meeting(view: HoursView) -> Rendered:
    """One question, and two ways to answer it."""
    hours = in_words(view.hours, view.zone)
    if view.said:
        change = button(texts.CHANGE, CHANGE, "hours")
        return Rendered(texts.hours_said(hours), [section(texts.hours_said(hours), accessory=change)])
    taps = [button(texts.YES, YES, "hours", style="primary"), button(texts.CHANGE, CHANGE, "hours")]
    told = section(texts.first_meeting(view.name, hours))
    return Rendered(texts.first_meeting_lock_screen(hours), [told, actions(taps, block_id="hours")])


def hours_form(view: HoursView) -> Json:
    typed: Json = {
        "type": "plain_text_input",
        "action_id": HOURS,
        "initial_value": as_typed(view.hours),
        "max_length": 300,
    }
    place = {
        "type": "external_select",
        "action_id": ZONE,
        "min_query_length": 2,
        "initial_option": zone_option(view.zone),
    }
    blocks = [
        field(texts.HOURS_LABEL, typed, block_id="hours", hint=texts.HOURS_HINT),
        field(texts.ZONE_LABEL, place, block_id="zone", hint=texts.ZONE_HINT),
    ]
    return modal(texts.HOURS_TITLE, texts.HOURS_SUBMIT, blocks, callback_id=HOURS_FORM, private_metadata="{}")


def zone_option(zone: str) -> Json:
    return option(f"{city(zone)} ({zone})", zone)


def parse_hours_form(view: Json) -> HoursForm:
    """Raises FormError with a message beside the field that needs a correction."""
    values = {action: held for block in view["state"]["values"].values() for action, held in block.items()}
    zone = (values.get(ZONE, {}).get("selected_option") or {}).get("value")
    if not zone:
        raise FormError({"zone": texts.ZONE_MISSING})
    try:
        return HoursForm(parse_hours(str(values.get(HOURS, {}).get("value") or "")), zone)
    except ValueError as error:
        raise FormError({"hours": texts.HOURS_HINT if "\n" in str(error) else str(error)}) from error
