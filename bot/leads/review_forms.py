"""Forms for what marketing does with leads that came back, and for a next step; each with its parser."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from bot.leads import form_texts as texts
from bot.leads.forms import About, Place
from bot.leads.reviews import Group, Review
from bot.leads.rules import Step
from bot.outbox.kit import FormError, day_in, field, modal, option, section, values_of
from bot.outbox.templates import Json
from bot.wording import outside, shorten

REVIEW_FORM, REVIEW_LEADS, REVIEW_STEP = "lead_review_form", "lead_review_leads", "lead_review_step"
REVIEW_UNTIL, REVIEW_SENTENCE = "lead_review_until", "lead_review_sentence"
PLAN_FORM, PLAN_WHAT, PLAN_UNTIL = "lead_plan_form", "lead_plan_what", "lead_plan_until"
MOST_LEADS, LENGTH = 100, 300
FURTHEST = timedelta(days=730)


@dataclass(frozen=True)
class Chosen:
    """What is to be done with which leads."""

    lead_ids: tuple[int, ...]
    review: Review


def review_form(group: Group, label: str, usual: date, place: Place, *, contest: bool) -> Json:
    """One form for all that came back for one reason: which, what, and until when."""
    listed = [option(shorten(one.title, 70), str(one.lead_id)) for one in group.leads[:MOST_LEADS]]
    which: Json = {
        "type": "multi_static_select",
        "action_id": REVIEW_LEADS,
        "options": listed,
        "initial_options": listed,
    }
    steps = [option(texts.RECYCLE, Step.RECYCLED), option(texts.DISQUALIFY, Step.DISQUALIFIED)]
    if contest:
        steps.append(option(texts.CONTEST, Step.CONTESTED))
    what = {"type": "radio_buttons", "action_id": REVIEW_STEP, "options": steps, "initial_option": steps[0]}
    until = {"type": "datepicker", "action_id": REVIEW_UNTIL, "initial_date": usual.isoformat()}
    why = {"type": "plain_text_input", "action_id": REVIEW_SENTENCE, "multiline": True, "max_length": LENGTH}
    blocks = [
        section(texts.review_heading(outside(label, 75), len(group.leads))),
        field(texts.REVIEW_WHICH, which, block_id="leads"),
        field(texts.REVIEW_WHAT, what, block_id="step"),
        field(texts.REVIEW_UNTIL, until, block_id="until", optional=True, hint=texts.REVIEW_UNTIL_HINT),
        field(texts.REVIEW_WHY, why, block_id="why", optional=True, hint=texts.REVIEW_WHY_HINT),
    ]
    told = json.dumps({"id": 0, "home": place.home})
    return modal(texts.REVIEW_TITLE, texts.REVIEW_SUBMIT, blocks, callback_id=REVIEW_FORM, private_metadata=told)


def parse_review_form(view: Json, today: date) -> Chosen:
    """Raises FormError."""
    values = values_of(view)
    chosen = values.get(REVIEW_LEADS, {}).get("selected_options") or []
    step = Step((values.get(REVIEW_STEP, {}).get("selected_option") or {}).get("value") or Step.RECYCLED)
    sentence = str(values.get(REVIEW_SENTENCE, {}).get("value") or "").replace("\x00", "").strip() or None
    until = day_in(values, REVIEW_UNTIL)
    if not chosen:
        raise FormError({"leads": texts.REVIEW_NONE})
    if step == Step.RECYCLED and until and not today < until <= today + FURTHEST:
        raise FormError({"until": texts.DATE_IN_THE_PAST if until <= today else texts.DATE_TOO_FAR})
    if step == Step.CONTESTED and not sentence:
        raise FormError({"why": texts.CONTEST_MISSING})
    kept = until if step == Step.RECYCLED else None
    return Chosen(tuple(int(one["value"]) for one in chosen), Review(step, kept, sentence))


def plan_form(about: About, usual: date) -> Json:
    what: Json = {"type": "plain_text_input", "action_id": PLAN_WHAT, "max_length": LENGTH}
    until = {"type": "datepicker", "action_id": PLAN_UNTIL, "initial_date": usual.isoformat()}
    blocks = [
        about.heading,
        field(texts.PLAN_WHAT, what, block_id="what", hint=texts.PLAN_WHAT_HINT),
        field(texts.PLAN_UNTIL, until, block_id="until", hint=texts.PLAN_UNTIL_HINT),
    ]
    return modal(texts.PLAN_TITLE, texts.PLAN_SUBMIT, blocks, callback_id=PLAN_FORM, private_metadata=about.metadata)


def parse_plan_form(view: Json, today: date) -> tuple[str, date]:
    """What is next, and until when it is planned. Raises FormError."""
    values = values_of(view)
    what = str(values.get(PLAN_WHAT, {}).get("value") or "").replace("\x00", "").strip()
    until = day_in(values, PLAN_UNTIL)
    if not what:
        raise FormError({"what": texts.PLAN_MISSING})
    if until is None or not today <= until <= today + FURTHEST:
        raise FormError({"until": texts.PLAN_DAY if until is None or until < today else texts.DATE_TOO_FAR})
    return what, until
