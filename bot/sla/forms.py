"""Forms about promises: later, a pause, a colleague, quiet hours, an absence; each with its parser."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.outbox.kit import FormError, day_in, field, modal, option, section, values_of
from bot.outbox.limits import most
from bot.outbox.templates import Json
from bot.sla import texts
from bot.wording import day_and_time, outside

LATER_FORM, LATER_WHEN, LATER_DATE = "sla_later_form", "sla_later_when", "sla_later_date"
PAUSE_FORM, PAUSE_WHY, PAUSE_UNTIL = "sla_pause_form", "sla_pause_why", "sla_pause_until"
GIVE_FORM, GIVE_TO = "sla_give_form", "sla_give_to"
QUIET_FORM, QUIET_WHEN = "sla_quiet_form", "sla_quiet_when"
OUT_FORM, OUT_WHO, OUT_FIRST, OUT_LAST = "sla_out_form", "sla_out_who", "sla_out_first", "sla_out_last"
OUT_PART, OUT_BACKUP = "sla_out_part", "sla_out_backup"
MORNING = time(8)
LENGTH = 200


@dataclass(frozen=True)
class About:
    """The promise a form is about, what it is called, and whether the form was opened in the home tab."""

    id: int
    title: str
    home: bool = False

    @property
    def metadata(self) -> str:
        return json.dumps({"id": self.id, "home": self.home})

    @property
    def heading(self) -> Json:
        return section(f"*{outside(self.title, 160)}*")


def about_id(view: Json) -> int:
    return int(json.loads(view["private_metadata"])["id"])


# -- later -----------------------------------------------------------------------------------------------------------


def later_form(about: About, morning: datetime, deadline: datetime, last: datetime, zone: str, now: datetime) -> Json:
    """In a quarter of an hour, in an hour, the next morning, or on the morning of a day."""
    choices = [option(texts.LATER_15, _kept(now + timedelta(minutes=15)))]
    choices.append(option(texts.LATER_60, _kept(now + timedelta(hours=1))))
    choices.append(option(f"{texts.LATER_MORNING}, {day_and_time(morning, zone, now)}", _kept(morning)))
    when = {"type": "radio_buttons", "action_id": LATER_WHEN, "options": choices, "initial_option": choices[1]}
    day = {"type": "datepicker", "action_id": LATER_DATE}
    told = texts.LATER_HINT_LATE if deadline < now else texts.LATER_HINT
    hint = told.format(deadline=day_and_time(deadline, zone, now))
    day_hint = texts.LATER_DATE_HINT.format(last=day_and_time(last, zone, now))
    blocks = [
        about.heading,
        field(texts.LATER_WHEN, when, block_id="when", hint=hint),
        field(texts.LATER_DATE, day, block_id="day", optional=True, hint=day_hint),
    ]
    return modal(texts.LATER_TITLE, texts.LATER_SUBMIT, blocks, callback_id=LATER_FORM, private_metadata=about.metadata)


def parse_later_form(view: Json, zone: str) -> tuple[datetime, str]:
    """When to come back to it, and the block that said so; a day counts before what is chosen above."""
    values = values_of(view)
    if day := day_in(values, LATER_DATE):
        return datetime.combine(day, MORNING, ZoneInfo(zone)), "day"
    chosen = (values.get(LATER_WHEN, {}).get("selected_option") or {}).get("value")
    if not chosen:
        raise FormError({"when": texts.CHOOSE})
    return datetime.fromisoformat(chosen), "when"


# -- pause -----------------------------------------------------------------------------------------------------------


def pause_form(about: About, usual: date, left: str) -> Json:
    why = {"type": "plain_text_input", "action_id": PAUSE_WHY, "max_length": LENGTH}
    until = {"type": "datepicker", "action_id": PAUSE_UNTIL, "initial_date": usual.isoformat()}
    blocks = [
        about.heading,
        field(texts.PAUSE_WHY, why, block_id="why", hint=texts.PAUSE_WHY_HINT),
        field(texts.PAUSE_UNTIL, until, block_id="until", hint=texts.PAUSE_UNTIL_HINT.format(left=left)),
    ]
    return modal(texts.PAUSE_TITLE, texts.PAUSE_SUBMIT, blocks, callback_id=PAUSE_FORM, private_metadata=about.metadata)


def parse_pause_form(view: Json, zone: str) -> tuple[datetime, str]:
    """Until when (a morning), and why. Raises FormError."""
    values = values_of(view)
    why = str(values.get(PAUSE_WHY, {}).get("value") or "").replace("\x00", "").strip()
    until = day_in(values, PAUSE_UNTIL)
    if not why:
        raise FormError({"why": texts.REASON_MISSING})
    if until is None:
        raise FormError({"until": texts.DATE_MISSING})
    return datetime.combine(until, MORNING, ZoneInfo(zone)), why


# -- to a colleague --------------------------------------------------------------------------------------------------


def give_form(about: About, colleagues: Sequence[tuple[int, str]]) -> Json:
    """For what is no lead in hand: a review, say."""
    options = [
        option(name, str(person_id)) for person_id, name in colleagues[: most("elements", "static_select.options")]
    ]
    to = {"type": "static_select", "action_id": GIVE_TO, "options": options}
    blocks = [about.heading, field(texts.HAND_TO, to, block_id="to")]
    return modal(texts.HAND_TITLE, texts.HAND_SUBMIT, blocks, callback_id=GIVE_FORM, private_metadata=about.metadata)


def parse_give_form(view: Json) -> int:
    chosen = (values_of(view).get(GIVE_TO, {}).get("selected_option") or {}).get("value")
    if not chosen:
        raise FormError({"to": texts.CHOOSE})
    return int(chosen)


# -- quiet -----------------------------------------------------------------------------------------------------------


def quiet_form(choices: Sequence[tuple[str, datetime]]) -> Json:
    options = [option(label, _kept(at)) for label, at in choices]
    when = {"type": "radio_buttons", "action_id": QUIET_WHEN, "options": options, "initial_option": options[0]}
    blocks = [field(texts.QUIET_WHEN, when, block_id="when", hint=texts.QUIET_HINT)]
    return modal(texts.QUIET_TITLE, texts.QUIET_SUBMIT, blocks, callback_id=QUIET_FORM, private_metadata="{}")


def parse_quiet_form(view: Json) -> datetime:
    chosen = (values_of(view).get(QUIET_WHEN, {}).get("selected_option") or {}).get("value")
    if not chosen:
        raise FormError({"when": texts.CHOOSE})
    return datetime.fromisoformat(chosen)


# -- away ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OutForm:
    """Who is away when; `part` tells a half day at the beginning (`am`: free from noon) or the end (`pm`)."""

    person_id: int | None
    first: date
    last: date
    part: str
    backup: str | None  # a Slack id


def out_form(people: Sequence[tuple[int, str]], today: date) -> Json:
    """`people` are those one may say it for: oneself first, then whom one leads."""
    who = [option(name, str(person_id)) for person_id, name in people[: most("elements", "static_select.options")]]
    first = {"type": "datepicker", "action_id": OUT_FIRST, "initial_date": today.isoformat()}
    last = {"type": "datepicker", "action_id": OUT_LAST, "initial_date": today.isoformat()}
    parts = [option(label, code) for code, label in texts.OUT_PARTS.items()]
    whole = {"type": "static_select", "action_id": OUT_PART, "options": parts, "initial_option": parts[0]}
    backup = {"type": "users_select", "action_id": OUT_BACKUP}
    chooser = {"type": "static_select", "action_id": OUT_WHO, "options": who, "initial_option": who[0]}
    blocks = [
        *([field(texts.OUT_WHO, chooser, block_id="who")] if len(who) > 1 else []),
        field(texts.OUT_FIRST, first, block_id="first"),
        field(texts.OUT_LAST, last, block_id="last"),
        field(texts.OUT_PART, whole, block_id="part"),
        field(texts.OUT_BACKUP, backup, block_id="backup", optional=True, hint=texts.OUT_BACKUP_HINT),
    ]
    return modal(texts.OUT_TITLE, texts.OUT_SUBMIT, blocks, callback_id=OUT_FORM, private_metadata="{}")


def parse_out_form(view: Json) -> OutForm:
    """Raises FormError."""
    values = values_of(view)
    first, last = day_in(values, OUT_FIRST), day_in(values, OUT_LAST)
    if first is None or last is None:
        raise FormError({"first" if first is None else "last": texts.DATE_MISSING})
    if last < first:
        raise FormError({"last": texts.DATES_TURNED})
    who = (values.get(OUT_WHO, {}).get("selected_option") or {}).get("value")
    part = (values.get(OUT_PART, {}).get("selected_option") or {}).get("value") or "whole"
    return OutForm(int(who) if who else None, first, last, part, values.get(OUT_BACKUP, {}).get("selected_user"))


# -- parts -----------------------------------------------------------------------------------------------------------


def _kept(at: datetime) -> str:
    return at.isoformat()
