"""The council's forms: a decision, an agenda item, a look at the facts; each with its parser."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite

from bot.council import form_texts as told
from bot.council import measures, texts
from bot.council.service import Decided, Item
from bot.outbox.kit import FormError, context, day_in, field, modal, option, section, values_of
from bot.outbox.templates import Json
from bot.wording import shorten
from config.council import Measure
from config.policy import Policy

DECIDE_FORM, AGENDA_FORM, FACTS_FORM = "council_decide_form", "council_agenda_form", "council_facts_form"
WHAT, OWNER, DUE, MEASURE, ABOUT, TARGET = (
    "council_what", "council_owner", "council_due", "council_measure", "council_about", "council_target",
)  # fmt: skip
SAID, OF = "council_said", "council_of"
LONGEST, MOST_OPTIONS, FURTHEST = 500, 95, timedelta(days=366)
NOTHING = "none"


def decide_form(policy: Policy, due: date, *, what: str = "") -> Json:
    """What, who, by when, and how one will see that it worked."""
    text: Json = {"type": "plain_text_input", "action_id": WHAT, "max_length": LONGEST, "multiline": True}
    text |= {"initial_value": what} if what else {"focus_on_load": True}
    figures = [option(told.NO_MEASURE, NOTHING), *(option(texts.MEASURES[one], one) for one in Measure)]
    blocks = [
        field(told.WHAT, text, block_id="what"),
        field(told.OWNER, {"type": "users_select", "action_id": OWNER}, block_id="owner"),
        field(told.DUE, {"type": "datepicker", "action_id": DUE, "initial_date": due.isoformat()}, block_id="due"),
        field(
            told.MEASURE,
            {"type": "static_select", "action_id": MEASURE, "options": figures, "initial_option": figures[0]},
            block_id="measure",
            hint=told.MEASURE_HINT,
        ),
        field(told.ABOUT, _origins(ABOUT, policy), block_id="about", optional=True),
        field(
            told.TARGET,
            {"type": "number_input", "action_id": TARGET, "is_decimal_allowed": True, "min_value": "0"},
            block_id="target",
            optional=True,
            hint=told.TARGET_HINT,
        ),
    ]
    return modal(told.DECIDE_TITLE, told.DECIDE_SUBMIT, blocks, callback_id=DECIDE_FORM, private_metadata="{}")


def _origins(action_id: str, policy: Policy, *, stages: bool = False) -> Json:
    """Sources, campaigns and categories of objection, by group; for a look also the stages."""
    groups = [
        *([(told.STAGES, [option(name, f"stage:{code}") for code, name in texts.STAGES.items()])] if stages else []),
        (told.SOURCES, [option(one.name, f"source:{one.code}") for one in policy.sources]),
        (told.CAMPAIGNS, [option(one.name, f"campaign:{one.code}") for one in policy.campaigns]),
        (told.CATEGORIES, [option(one.label, f"category:{one.code}") for one in policy.field.categories]),
    ]
    shown = [
        {"label": {"type": "plain_text", "text": label}, "options": options[:MOST_OPTIONS]}
        for label, options in groups
        if options
    ]
    return {"type": "static_select", "action_id": action_id, "option_groups": shown}


@dataclass(frozen=True)
class DecideAsked:
    """What was filled in; the owner by their Slack id."""

    what: str
    owner: str
    due_on: date
    measure: str | None
    about: str | None
    target: float | None

    def decided(self, owner_id: int) -> Decided:
        return Decided(self.what, owner_id, self.due_on, self.measure, self.about, self.target)


def parse_decide_form(view: Json, today: date) -> DecideAsked:
    """Raises FormError."""
    values = values_of(view)
    what = str(values[WHAT].get("value") or "").strip()
    owner, due = values[OWNER].get("selected_user"), day_in(values, DUE)
    measure = (values[MEASURE].get("selected_option") or {}).get("value")
    about = (values[ABOUT].get("selected_option") or {}).get("value")
    problems = {}
    if not what:
        problems["what"] = told.WHAT_MISSING
    if not owner:
        problems["owner"] = told.OWNER_MISSING
    if due is None or not today <= due <= today + FURTHEST:
        problems["due"] = told.DUE_MISSING
    measure = None if measure in (None, NOTHING) else str(measure)
    if measure and not measures.fits(measure, about):
        problems["about"] = told.DOES_NOT_FIT.format(measure=texts.MEASURES[measure])
    if about and not measure:
        problems["measure"] = told.MEASURE_MISSING
    target = _number(str(values[TARGET].get("value") or ""), problems)
    if measure and target is not None and measures.unit_of(measure) == measures.Unit.PERCENT and target > 100:
        problems["target"] = told.OVER_HUNDRED
    if problems or due is None:
        raise FormError(problems)
    return DecideAsked(what, str(owner), due, measure, about if measure else None, target if measure else None)


def _number(text: str, problems: dict[str, str]) -> float | None:
    try:
        number = float(text) if text.strip() else None
    except ValueError:
        number = float("nan")
    if number is not None and not (isfinite(number) and 0 <= number <= 1e12):
        problems["target"] = told.NO_NUMBER
        return None
    return number


def agenda_form(*, said: str = "", link: str | None = None) -> Json:
    text: Json = {"type": "plain_text_input", "action_id": SAID, "max_length": LONGEST, "multiline": True}
    text |= {"initial_value": shorten(said, LONGEST)} if said else {"focus_on_load": True}
    blocks = [field(told.AGENDA, text, block_id="said")]
    if link:
        blocks.append(context(told.WITH_LINK))
    kept = json.dumps({"link": link})
    return modal(told.AGENDA_TITLE, told.AGENDA_SUBMIT, blocks, callback_id=AGENDA_FORM, private_metadata=kept)


def parse_agenda_form(view: Json) -> Item:
    """Raises FormError."""
    said = str(values_of(view)[SAID].get("value") or "").strip()
    if not said:
        raise FormError({"said": told.AGENDA_MISSING})
    return Item(said, json.loads(view.get("private_metadata") or "{}").get("link"))


@dataclass(frozen=True)
class Where:
    """The thread that figures are to be posted into."""

    channel: str
    ts: str


def facts_form(policy: Policy, where: Where, *, of: str | None = None, preview: Sequence[str] = ()) -> Json:
    """Choose what to look at; then see the figures before anybody else does."""
    chosen = _origins(OF, policy, stages=True)
    for group in chosen["option_groups"]:
        for one in group["options"]:
            if one["value"] == of:
                chosen["initial_option"] = one
    blocks = [field(told.FACTS_OF, chosen, block_id="of")]
    if preview:
        blocks.append(section("\n".join(preview)))
        blocks.append(context(told.FACTS_POSTED))
    else:
        blocks.append(context(told.FACTS_FIRST))
    kept = json.dumps({"channel": where.channel, "ts": where.ts, "of": of})
    submit = told.FACTS_SUBMIT if preview else told.FACTS_LOOK
    return modal(told.FACTS_TITLE, submit, blocks, callback_id=FACTS_FORM, private_metadata=kept)


def parse_facts_form(view: Json) -> tuple[Where, str, bool]:
    """Where, of what, and whether these very figures were seen before. Raises FormError."""
    kept = json.loads(view["private_metadata"])
    of = (values_of(view)[OF].get("selected_option") or {}).get("value")
    if not of:
        raise FormError({"of": told.FACTS_MISSING})
    return where_of(view), str(of), kept.get("of") == of


def where_of(view: Json) -> Where:
    kept = json.loads(view["private_metadata"])
    return Where(kept["channel"], kept["ts"])
