"""The form of an export: what, which days, in which form, and whether it comes again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.exports import texts
from bot.exports.rules import Days, Every, NotUnderstood, split_filters
from bot.exports.service import CSV, XLSX
from bot.outbox.kit import FormError, day_in, field, modal, option, values_of
from bot.outbox.templates import Json

EXPORT_FORM, WHAT, FIRST, LAST, FORM, AGAIN = (
    "export_form", "export_what", "export_first", "export_last", "export_as", "export_again",
)  # fmt: skip
ONLY = "export_only"
NEVER, USUAL, LONGEST = "never", timedelta(days=30), timedelta(days=3660)


@dataclass(frozen=True)
class Asked:
    """What somebody filled in; `every` where it is to come by itself as well."""

    what: str
    days: Days
    form: str
    every: Every | None
    filters: dict[str, str]


def export_form(whats: Sequence[str], today: date) -> Json:
    first, last = (today - USUAL).isoformat(), today.isoformat()
    blocks = [
        field(texts.WHAT, _select(WHAT, {code: texts.WHATS[code] for code in whats}), block_id="what"),
        field(texts.FIRST, {"type": "datepicker", "action_id": FIRST, "initial_date": first}, block_id="first"),
        field(texts.LAST, {"type": "datepicker", "action_id": LAST, "initial_date": last}, block_id="last"),
        field(texts.FORM, _select(FORM, texts.FORMS), block_id="as"),
        field(
            texts.ONLY,
            {"type": "plain_text_input", "action_id": ONLY, "max_length": 200},
            block_id="only",
            optional=True,
            hint=texts.ONLY_HINT,
        ),
        field(texts.AGAIN, _select(AGAIN, texts.AGAINS), block_id="again", hint=texts.AGAIN_HINT),
    ]
    return modal(texts.TITLE, texts.SEND, blocks, callback_id=EXPORT_FORM, private_metadata="{}")


def _select(action_id: str, labels: Mapping[str, str]) -> Json:
    options = [option(label, code) for code, label in labels.items()]
    return {"type": "static_select", "action_id": action_id, "options": options, "initial_option": options[0]}


def parse_export_form(view: Json) -> Asked:
    """Raises FormError."""
    values = values_of(view)

    def chosen(action_id: str) -> str:
        return str((values.get(action_id, {}).get("selected_option") or {}).get("value") or "")

    first, last, form, again = day_in(values, FIRST), day_in(values, LAST), chosen(FORM), chosen(AGAIN)
    if first is None or last is None:
        raise FormError({"first" if first is None else "last": texts.DAY_MISSING})
    if not timedelta(0) <= last - first <= LONGEST:
        raise FormError({"last": texts.TURNED})
    if form == CSV and chosen(WHAT) in ("everything", "mine"):
        raise FormError({"as": texts.ONE_SHEET})
    every = None if again in (NEVER, "") else Every(again)
    try:
        rest, filters = split_filters(str(values.get(ONLY, {}).get("value") or ""))
    except NotUnderstood:
        rest, filters = "not understood", {}
    if rest:
        raise FormError({"only": texts.ONLY_HINT})
    return Asked(chosen(WHAT), Days(first, last), form or XLSX, every, filters)
