"""Forms of the field: each builder with the parser of what is sent, side by side."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from bot.feedback import texts
from bot.feedback.rules import Form, Importance, Step, Sureness, Went
from bot.feedback.service import Said
from bot.feedback.views import Choices
from bot.outbox.kit import FormError, actions, button, day_in, field, modal, option, section, values_of
from bot.outbox.templates import Json
from config.field import FieldRules

REPORT_FORM, SAID, KIND, LEAD, ACCOUNT = "field_form", "field_said", "field_kind", "field_lead", "field_account"
STAGE, PRODUCT, COMPETITOR = "field_stage", "field_product", "field_competitor"
IMPORTANCE, SURENESS, ANSWER_GIVEN, WENT = "field_importance", "field_sureness", "field_answer_given", "field_went"
SWITCH = "field_switch"
STEP_FORM, STEP_TEXT, STEP_DAY, STEP_OTHER = "field_step_form", "field_step_text", "field_step_day", "field_step_other"
REPLY_FORM, REPLY_TEXT = "field_reply_form", "field_reply_text"
LONGEST, LONGEST_ANSWER = 3000, 1500  # an answer is shown whole
OTHER, NO_LEAD = "other", "none"


@dataclass(frozen=True)
class Context:
    """Where a form was opened, and what is known there: a message's text, author and link, a lead, earlier input."""

    text: str = ""
    link: str | None = None
    author: str | None = None
    whisper: str | None = None
    until: str | None = None  # how long the whisper can be answered, ISO
    home: bool = False
    replaces: bool = False  # what is saved takes the place of the answer it was opened from
    offer_id: int | None = None  # of the card it was opened from

    @property
    def metadata(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value and name != "text"})


@dataclass(frozen=True)
class Begun:
    """What was written in a thread and held back there: its text, the thread, the key it is kept under."""

    text: str = ""
    thread_ts: str | None = None
    key: str | None = None

    @property
    def metadata(self) -> Json:
        return {"thread": self.thread_ts, "held": self.key}

    @classmethod
    def of(cls, told: Json) -> "Begun":
        return cls(thread_ts=told.get("thread"), key=told.get("held"))


NOT_BEGUN = Begun()


def report_form(form: Form, rules: FieldRules, choices: Choices, context: Context) -> Json:
    """One text field in focus; everything else may stay as it is."""
    said: Json = {
        "type": "plain_text_input",
        "action_id": SAID,
        "multiline": True,
        "focus_on_load": True,
        "max_length": LONGEST,
    }
    if context.text:
        said["initial_value"] = context.text[:LONGEST]
    hint = texts.SAID_HINT if len(context.text) <= LONGEST else texts.CUT_HERE
    blocks = [field(texts.SAID[form], said, block_id="said", hint=hint)]
    blocks += _of_objection() if form == Form.OBJECTION else []
    blocks += _where(choices)
    blocks.append(field(texts.KIND[form], _kinds(form, rules), block_id="kind", optional=True))
    if rules.products:
        listed = [(one.code, one.name) for one in rules.products]
        blocks.append(field(texts.PRODUCT, _select(PRODUCT, listed), block_id="product", optional=True))
    blocks.append(field(texts.COMPETITOR, _line(COMPETITOR, 80), block_id="competitor", optional=True))
    importance = _radio(IMPORTANCE, texts.IMPORTANCES, Importance.MATTERS)
    blocks.append(field(texts.IMPORTANCE, importance, block_id="importance", optional=True))
    sureness = _radio(SURENESS, texts.SURENESSES, Sureness.HEARD)
    blocks.append(field(texts.SURENESS, sureness, block_id="sureness", optional=True))
    other = Form.FEEDBACK if form == Form.OBJECTION else Form.OBJECTION
    blocks.append(actions([button(texts.SWITCH[form], SWITCH, other)], block_id="switch"))
    title = texts.FEEDBACK_TITLE if form == Form.FEEDBACK else texts.OBJECTION_TITLE
    stood = {"form": form, "lead": choices.chosen_lead, "stage": choices.stage}
    told = json.dumps({**json.loads(context.metadata), **{name: value for name, value in stood.items() if value}})
    return modal(title, texts.SAVE, blocks, callback_id=REPORT_FORM, private_metadata=told)


def _of_objection() -> list[Json]:
    given = _line(ANSWER_GIVEN, 2000, multiline=True)
    return [
        field(texts.ANSWER_GIVEN, given, block_id="answer_given", optional=True),
        field(texts.WENT, _radio(WENT, texts.WENT_AS), block_id="went", optional=True),
    ]


def _where(choices: Choices) -> list[Json]:
    blocks = []
    if choices.leads:
        listed = [(NO_LEAD, texts.NO_LEAD), *((str(lead_id), title) for lead_id, title in choices.leads)]
        chosen = str(choices.chosen_lead) if choices.chosen_lead else None
        blocks.append(field(texts.LEAD, _select(LEAD, listed, chosen), block_id="lead", optional=True))
    account = _line(ACCOUNT, 120)
    blocks.append(field(texts.ACCOUNT, account, block_id="account", optional=True, hint=texts.ACCOUNT_HINT))
    stage = _select(STAGE, list(texts.STAGES.items()), choices.stage)
    blocks.append(field(texts.STAGE, stage, block_id="stage", optional=True))
    return blocks


def _kinds(form: Form, rules: FieldRules) -> Json:
    known = rules.kinds if form == Form.FEEDBACK else rules.categories
    return _select(KIND, [(one.code, one.label) for one in known])


def parse_report_form(view: Json, rules: FieldRules) -> Said:
    """Raises FormError with a message beside the field that needs a correction."""
    values, told = values_of(view), json.loads(view["private_metadata"])
    form = Form(told["form"])
    text = typed(values, SAID)
    if not text:
        raise FormError({"said": texts.SAID_MISSING})
    lead = _chosen(values, LEAD)
    lead = None if lead == NO_LEAD else lead
    went = _chosen(values, WENT)
    said = Said(
        form,
        _chosen(values, KIND) or usual_kind(form, rules),
        text,
        lead_id=int(lead) if lead else None,
        account=typed(values, ACCOUNT) or None,
        stage=_chosen(values, STAGE),
        product=_chosen(values, PRODUCT),
        competitor=typed(values, COMPETITOR) or None,
        importance=Importance(_chosen(values, IMPORTANCE) or Importance.MATTERS),
        sureness=Sureness(_chosen(values, SURENESS) or Sureness.HEARD),
        answer_given=typed(values, ANSWER_GIVEN) or None,
        went=Went(went) if went else None,
        link=told.get("link"),
        author=told.get("author"),
    )
    # A lead named by the form stands for its account: what was typed beside it is somewhere else. The stage that the
    # form began with was that of its lead, and of no other.
    other = bool(said.account) or said.lead_id != told.get("lead")
    return replace(
        said,
        lead_id=None if said.account else said.lead_id,
        stage=None if other and said.stage == told.get("stage") else said.stage,
    )


def usual_kind(form: Form, rules: FieldRules) -> str:
    """What a report is filed under whose reporter did not say."""
    codes = [one.code for one in (rules.kinds if form == Form.FEEDBACK else rules.categories)]
    return OTHER if OTHER in codes else codes[-1]


def context_of(view: Json) -> Context:
    told = json.loads(view["private_metadata"])
    return Context(
        typed(values_of(view), SAID),
        told.get("link"),
        told.get("author"),
        told.get("whisper"),
        told.get("until"),
        bool(told.get("home")),
        bool(told.get("replaces")),
        told.get("offer_id"),
    )


# -- what its owner does -------------------------------------------------------------------------------------------


def step_form(
    step: Step,
    report_id: int,
    said: str,
    others: Sequence[tuple[str, str]],
    today: date,
    whisper: str | None = None,
    begun: Begun = NOT_BEGUN,
) -> Json:
    """One short form for one step; `others` are reports to merge with, or people to pass it on to.

    `whisper` is where the list stands that it was opened from.
    """
    blocks = [section(f"> {texts.quoted(said)}")]
    if step in (Step.MERGED, Step.PASSED_ON):
        label = texts.MERGE_WITH if step == Step.MERGED else texts.PASS_TO
        blocks.append(field(label, _select(STEP_OTHER, others), block_id="other"))
    if step == Step.PLANNED:
        picker = {"type": "datepicker", "action_id": STEP_DAY, "initial_date": today.isoformat()}
        blocks.append(field(texts.PLAN_DAY, picker, block_id="day"))
    if step in texts.STEP_ASKS:
        box = _begun(_line(STEP_TEXT, LONGEST_ANSWER, multiline=True), begun)
        optional = step in (Step.PLANNED, Step.DONE, Step.THANKED)
        hint = texts.STEP_HINTS.get(step, "")
        blocks.append(field(texts.STEP_ASKS[step], box, block_id="text", optional=optional, hint=hint))
    told = json.dumps({"id": report_id, "step": step, "whisper": whisper, **begun.metadata})
    return modal(
        texts.STEP_TITLES[step],
        texts.STEP_SUBMIT.get(step, texts.SEND),
        blocks,
        callback_id=STEP_FORM,
        private_metadata=told,
    )


@dataclass(frozen=True)
class StepForm:
    report_id: int
    step: Step
    sentence: str | None
    day: date | None
    other_id: int | None
    whisper: str | None
    begun: Begun


def parse_step_form(view: Json, today: date) -> StepForm:
    """Raises FormError."""
    values, told = values_of(view), json.loads(view["private_metadata"])
    step, sentence = Step(told["step"]), typed(values, STEP_TEXT) or None
    other, day = _chosen(values, STEP_OTHER), day_in(values, STEP_DAY)
    if step in (Step.ANSWERED, Step.DECLINED, Step.ASKED_BACK) and not sentence:
        raise FormError({"text": texts.SENTENCE_MISSING})
    if step in (Step.MERGED, Step.PASSED_ON) and not other:
        raise FormError({"other": texts.CHOOSE})
    if step == Step.PLANNED and (day is None or day < today):
        raise FormError({"day": texts.DAY_MISSING})
    other_id, whisper = int(other) if other else None, told.get("whisper")
    return StepForm(int(told["id"]), step, sentence, day, other_id, whisper, Begun.of(told))


def reply_form(report_id: int, question: str, begun: Begun = NOT_BEGUN) -> Json:
    """The answer to a question."""
    box = _begun(_line(REPLY_TEXT, LONGEST_ANSWER, multiline=True), begun)
    blocks = [
        section(f"> {texts.quoted(question, 600)}"),
        field(texts.REPLY_LABEL, box, block_id="text"),
    ]
    told = json.dumps({"id": report_id, **begun.metadata})
    return modal(texts.REPLY_TITLE, texts.SEND, blocks, callback_id=REPLY_FORM, private_metadata=told)


def parse_reply_form(view: Json) -> tuple[int, str, Begun]:
    """Of which report, what, and where it was begun. Raises FormError."""
    text = typed(values_of(view), REPLY_TEXT)
    if not text:
        raise FormError({"text": texts.SENTENCE_MISSING})
    told = json.loads(view["private_metadata"])
    return int(told["id"]), text, Begun.of(told)


# -- parts -----------------------------------------------------------------------------------------------------------


def typed(values: dict[str, Json], action_id: str) -> str:
    """What was typed, without what no database keeps."""
    return str(values.get(action_id, {}).get("value") or "").replace("\x00", "").strip()


def _chosen(values: dict[str, Json], action_id: str) -> str | None:
    found = (values.get(action_id, {}).get("selected_option") or {}).get("value")
    return str(found) if found else None


def _line(action_id: str, most: int, *, multiline: bool = False) -> Json:
    return {"type": "plain_text_input", "action_id": action_id, "multiline": multiline, "max_length": most}


def _begun(box: Json, begun: Begun) -> Json:
    """A field that holds already what was written elsewhere."""
    return {**box, "initial_value": begun.text[: box["max_length"]]} if begun.text else box


def _select(action_id: str, listed: Sequence[tuple[str, str]], chosen: str | None = None) -> Json:
    options = [option(label, code) for code, label in listed[:100]]
    element: Json = {"type": "static_select", "action_id": action_id, "options": options}
    initial = next((one for one in options if one["value"] == chosen), None)
    return {**element, "initial_option": initial} if initial else element


def _radio(action_id: str, labels: dict[str, str], chosen: str | None = None) -> Json:
    options = [option(label, code) for code, label in labels.items()]
    element: Json = {"type": "radio_buttons", "action_id": action_id, "options": options}
    initial = next((one for one in options if one["value"] == chosen), None)
    return {**element, "initial_option": initial} if initial else element
