"""Reports in Block Kit: what was saved, rows of lists, a report as a whole, the messages to reporters."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.feedback import texts
from bot.feedback.rules import CLOSED, OPEN, Form, Importance, State, Step
from bot.feedback.similar import Similar
from bot.feedback.tables import FieldReport
from bot.feedback.views import ReportView
from bot.outbox.kit import NO_PATIENTS, actions, as_written, button, context, divider, plain, quote, section
from bot.outbox.templates import Json
from bot.wording import day_and_time, outside

UNDO, ADD_YOURS, SAVE_AS_HEARD, OPEN_FORM = "field_undo", "field_add_yours", "field_save_as_heard", "field_open_form"
OPEN_REPORT, REPLY, INBOX = "field_open", "field_reply", "field_inbox"
LOOK_AT_IT = "field_look_at_it"
ANSWERED_ONES, MINE = "field_answered_ones", "field_mine"
REPORT_FEEDBACK, REPORT_OBJECTION = "field_feedback", "field_objection"
# A block has one button of an action id, so each step has its own.
SEE, ANSWER, PLAN, FINISH = "field_step_seen", "field_step_answered", "field_step_planned", "field_step_done"
DECLINE, MERGE, PASS_ON = "field_step_declined", "field_step_merged", "field_step_passed_on"
ASK_BACK, THANK = "field_step_asked_back", "field_step_thanked"
WRITE_ANSWER = "field_answer_write"
REPORT_MODAL = "field_report_modal"
AT_ONCE = 8
EXCERPT = 600  # characters of what was said, where it is only to be known again
LONGEST_VALUE = 1900  # of a button; a longer text is saved by the form
# What its owner may do with a report, in the order of how often it is done.
MAY = (Step.SEEN, Step.ANSWERED, Step.PLANNED, Step.DONE, Step.DECLINED, Step.ASKED_BACK, Step.PASSED_ON, Step.MERGED)


# -- saved ----------------------------------------


def saved(report_id: int, owner: str | None, settles_at: datetime, zone: str) -> list[Json]:
    """What somebody reads who has just reported: until when it can be undone."""
    until = settles_at.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    told = section(texts.saved(owner, until), button(texts.UNDO, UNDO, str(report_id)))
    return [told]


def undo(found: FieldReport, zone: str, now: datetime) -> list[Json]:
    """The way back, as long as there is one."""
    if found.told_at is not None or now >= found.settles_at:
        return []
    until = found.settles_at.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    return [actions([button(texts.undo_until(until), UNDO, str(found.id))])]


def same(report_id: int, found: Sequence[Similar]) -> list[Json]:
    """What colleagues heard that may be the same, each to be joined."""
    return [
        section(
            _heard_before(one),
            None
            if one.mine
            else button(texts.ADD_YOURS, ADD_YOURS, f"{report_id}:{one.id}", says=f"Add yours to: {one.said}"),
        )
        for one in found
    ]


def _heard_before(one: Similar) -> str:
    return texts.heard_before(
        one.support.reporters, one.said, mine=one.mine, answered=one.answered, pattern=one.pattern
    )


def what_is_known(title: str, found: Sequence[Similar], answers: Sequence[Json]) -> list[Json]:
    """Answers that fit, and what was heard before."""
    return [*answers[1:], section(title), *(section(_heard_before(one)) for one in found)]


def nothing_saved_yet(form: Form, text: str) -> list[Json]:
    """The way to save what was typed."""
    if len(text) > LONGEST_VALUE:
        return [section(texts.TOO_LONG_HERE), actions([button(texts.OPEN_FORM, OPEN_FORM, f"{form}:")])]
    save = button(texts.SAVE_AS_HEARD, SAVE_AS_HEARD, f"{form}:{text}", style="primary")
    return [actions([save, button(texts.OPEN_FORM, OPEN_FORM, f"{form}:{text}")])]


# -- lists ----------------------------------------


def inbox(found: Sequence[ReportView], total: int, page: int, answered: int, zone: str, now: datetime) -> Json:
    """What waits for somebody in marketing, a page of it; and the way to what was answered and is not done yet."""
    shown = [section(texts.inbox_title(total) if total else texts.INBOX_EMPTY)]
    for one in found:
        shown += [divider(), *row(one, zone, now)]
    shown += turns(INBOX, page, total)
    shown += [actions([button(texts.answered_ones(answered), ANSWERED_ONES, "0")])] if answered else []
    return {"text": texts.inbox_title(total).strip("*") if total else texts.INBOX_EMPTY, "blocks": shown}


def answered_ones(found: Sequence[ReportView], total: int, page: int, zone: str, now: datetime) -> Json:
    """What somebody answered and may say is done, the latest first."""
    shown = [section(texts.answered_title(total))]
    for one in found:
        lines = [texts.report_line(one.said, one.reporter, one.where, one.kind, day_and_time(one.at, zone, now))]
        taps = [step_button(Step.DONE, one.id, outside(one.said, 40)), open_button(one)]
        shown += [
            divider(),
            section("\n".join([*lines, _owed(one, zone, now)])),
            actions(taps, block_id=f"field-{one.id}"),
        ]
    return {"text": texts.answered_title(total).strip("*"), "blocks": [*shown, *turns(ANSWERED_ONES, page, total)]}


def turns(action_id: str, page: int, total: int, before: str = "") -> list[Json]:
    """Ways to the pages before and after."""
    found = [button(texts.EARLIER, action_id, f"{before}{page - 1}")] if page else []
    found += [button(texts.MORE, action_id, f"{before}{page + 1}")] if (page + 1) * AT_ONCE < total else []
    return [actions([turn]) for turn in found]


def row(view: ReportView, zone: str, now: datetime) -> list[Json]:
    """A report in a list: the words, who and where, how it stands, and what to do."""
    lines = [texts.report_line(view.said, view.reporter, view.where, view.kind, day_and_time(view.at, zone, now))]
    lines += [_weight(view), _owed(view, zone, now)]
    return [section("\n".join(line for line in lines if line)), actions(taps(view), block_id=f"field-{view.id}")]


def taps(view: ReportView) -> list[Json]:
    """The two things done most often, and the whole."""
    what = outside(view.said, 40)
    steps = [Step.SEEN] if view.state == State.NEW else []
    if view.state in OPEN:
        steps.append(Step.THANKED if view.thanks_only else Step.ANSWERED)
    found = [step_button(step, view.id, what) for step in steps]
    return [*found, open_button(view)]


def open_button(view: ReportView) -> Json:
    return button(texts.OPEN, OPEN_REPORT, str(view.id), says=f"Open: {outside(view.said, 40)}")


def step_button(step: Step, report_id: int, what: str) -> Json:
    return button(texts.STEPS[step], f"field_step_{step}", f"{step}:{report_id}", says=f"{texts.STEPS[step]} {what}")


def _weight(view: ReportView) -> str:
    told = [texts.IMPORTANT] if view.importance == Importance.DEAL_BREAKER else []
    told.append(texts.supported(view.support.reporters, view.support.accounts))
    return " · ".join(part for part in told if part)


def _owed(view: ReportView, zone: str, now: datetime) -> str:
    by = view.newest(Step.SEEN, Step.PLANNED, Step.ANSWERED, Step.DONE, Step.DECLINED, Step.THANKED)
    return texts.state_line(
        view.state, by.who if by else view.owner, _until(view, zone), late=_is_late(view, zone, now)
    )


def _is_late(view: ReportView, zone: str, now: datetime) -> bool:
    """Whether the day that was named, or promised, is over and nothing was answered."""
    if view.state not in OPEN:
        return False
    if view.planned_on:
        return view.planned_on < now.astimezone(ZoneInfo(zone)).date().isoformat()
    return view.answer_by is not None and view.answer_by < now


def _until(view: ReportView, zone: str) -> str | None:
    """The day its owner named, else the one the answer is promised for."""
    if view.planned_on:
        return texts.day(date.fromisoformat(view.planned_on))
    return texts.day(view.answer_by.astimezone(ZoneInfo(zone)).date()) if view.answer_by else None


def mine(found: Sequence[ReportView], total: int, page: int, command: str, zone: str, now: datetime) -> Json:
    """What became of what somebody reported, a page of it."""
    if not total:
        return {"text": texts.MINE_EMPTY.format(command=command)}
    shown = [section(texts.mine_title(total))]
    for one in found:
        told = texts.my_line(one.said, _owed(one, zone, now), day_and_time(one.at, zone, now))
        shown.append(section(told, open_button(one)))
    return {"text": texts.mine_title(total).strip("*"), "blocks": [*shown, *turns(MINE, page, total)]}


# -- one report ----------------------------------------


def whole(view: ReportView, zone: str, now: datetime, *, may_act: bool) -> list[Json]:
    """Everything about a report, its history, and what its owner may do with it."""
    told: list[Json] = [{"type": "section", "text": as_written(view.said)}]
    facts = [
        texts.report_line("", view.reporter, view.where, view.kind, day_and_time(view.at, zone, now)).partition("\n")[
            2
        ],
        _weight(view),
        " · ".join(_details(view)),
        _owed(view, zone, now),
    ]
    told.append(section("\n".join(line for line in facts if line)))
    if view.answer_given:
        told += [section(f"*{texts.ANSWER_GIVEN}*"), {"type": "section", "text": as_written(view.answer_given)}]
    told += ended(view)
    if view.undo_until is not None and now < view.undo_until:
        told.append(
            actions(
                [button(texts.undo_until(f"{view.undo_until.astimezone(ZoneInfo(zone)):%H:%M}"), UNDO, str(view.id))]
            )
        )
    if may_act and view.state in OPEN | {State.ANSWERED}:
        told.append(actions(_acts(view), block_id=f"acts-{view.id}"))
    if view.steps:
        lines = [texts.history_line(day_and_time(s.at, zone, now), s.who, s.step, s.sentence) for s in view.steps]
        told += [divider(), context("\n".join(lines[-12:]))]
    return told


def _acts(view: ReportView) -> list[Json]:
    """A button for each step that is possible now, and the answer that everybody may use."""
    possible = [step for step in MAY if view.state in OPEN or step == Step.DONE]
    possible = [step for step in possible if step != Step.SEEN or view.state == State.NEW]
    steps = [Step.THANKED, *possible] if view.thanks_only and view.state in OPEN else possible
    return [*(step_button(step, view.id, outside(view.said, 40)) for step in steps), write_button(view)]


def write_button(view: ReportView) -> Json:
    """To answer what a report says for everybody; `field_answer_write` is the library's."""
    return button(texts.ANSWER_FOR_ALL, WRITE_ANSWER, str(view.id), says=f"Answer for all: {outside(view.said, 40)}")


def _details(view: ReportView) -> list[str]:
    told = [texts.STAGES.get(view.stage or "", ""), outside(view.product or "", 75), outside(view.competitor or "", 80)]
    told += [texts.IMPORTANCES[view.importance], texts.SURENESSES[view.sureness]]
    told += [texts.WENT_AS[view.went]] if view.went else []
    told += [texts.written_by(view.author)] if view.author else []
    told += [f"<{view.link}|Message>"] if view.link and view.link.startswith("https://") else []
    return [part for part in told if part]


def report_modal(blocks: Sequence[Json]) -> Json:
    return {
        "type": "modal",
        "title": plain(texts.REPORT_TITLE),
        "close": plain("Close"),
        "callback_id": REPORT_MODAL,
        "blocks": list(blocks),
    }


# -- to the reporter ----------------------------------------


def receipt(view: ReportView, zone: str, now: datetime) -> list[Json]:
    """The one message that is edited while a report is worked on."""
    return [*_you_said(view, zone, now), section(_owed(view, zone, now))]


def _you_said(view: ReportView, zone: str, now: datetime) -> list[Json]:
    return [section(texts.you_said(day_and_time(view.at, zone, now))), quote(view.said, EXCERPT)]


def closed(view: ReportView, zone: str, now: datetime) -> list[Json]:
    """What they said, and what came of it, in plain words."""
    told = _you_said(view, zone, now)
    return [*told, *ended(view)]


def ended(view: ReportView) -> list[Json]:
    """What was answered, and that it is done: an answer still holds when it is done as well."""
    made = view.newest(Step.ANSWERED, Step.DONE, Step.DECLINED, Step.THANKED)
    if made is None or view.state in OPEN:
        return []
    answered = view.newest(Step.ANSWERED) if made.step == Step.DONE else None
    told: list[Json] = []
    for one in (answered, made):
        told += _with_words(texts.closed(one.step, one.who), one.sentence) if one else []
    return told


def _with_words(heading: str, words: str | None) -> list[Json]:
    """Who says something, and what, as it was written."""
    return [section(heading), quote(words)] if words else [section(heading)]


def asked(view: ReportView, zone: str, now: datetime) -> list[Json]:
    """A question back, and the way to answer it; or that it was answered."""
    made, answered = view.newest(Step.ASKED_BACK), view.newest(Step.REPLIED)
    told = _you_said(view, zone, now)
    if made is None:
        return told
    told += _with_words(texts.asks_back(made.who), made.sentence)
    if answered and answered.at >= made.at:
        return [*told, *_with_words(texts.YOU_REPLIED, answered.sentence)]
    if view.state in CLOSED:
        return told
    reply = actions([button(texts.REPLY, REPLY, str(view.id), style="primary")])
    return [*told, reply, context(f"{texts.OR_IN_THREAD} {NO_PATIENTS}")]


def asked_in_thread(who: str, question: str) -> list[Json]:
    """The next question, where the one before was answered."""
    return _with_words(texts.asks_back(who), question)


def replied_in_thread(who: str, text: str) -> list[Json]:
    """The answer, where the question was asked."""
    return _with_words(texts.replies(who), text)


def held_back(why: str, key: str) -> list[Json]:
    """What was written in a thread did not go on; it opens in a form."""
    return [section(why), actions([button(texts.LOOK_AT_IT, LOOK_AT_IT, key, style="primary")])]


def replied(view: ReportView, _zone: str, _now: datetime) -> list[Json]:
    """The reporter's answer, to who asked, with what they can do next."""
    made = view.newest(Step.REPLIED)
    told = [quote(view.said, EXCERPT)]
    told += _with_words(texts.replies(made.who), made.sentence) if made else []
    goes_on = [context(texts.ASK_ON_IN_THREAD)] if view.state in OPEN and view.root_id is None else []
    return [*told, actions(taps(view), block_id=f"field-{view.id}"), *goes_on]


def ways_to_report() -> Json:
    """The two buttons of a home tab."""
    return actions(
        [
            button(texts.FEEDBACK_TITLE, REPORT_FEEDBACK, "home"),
            button(texts.OBJECTION_TITLE, REPORT_OBJECTION, "home"),
        ],
        block_id="field-report",
    )
