"""Messages about leads, from frozen views to Block Kit: the card, the queue, the team's lines, lists, questions."""

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.leads import promise_texts, texts
from bot.leads.daily import DayView
from bot.leads.overviews import InHand
from bot.leads.rules import FURTHER_STEPS, NEXT_STEPS, WORKED_STAGES, Answer, Stage, Step, Waits
from bot.leads.views import (
    CardView,
    DataNeededView,
    DayLineView,
    Found,
    JustDone,
    LineView,
    Mine,
    QuestionView,
    QueueView,
    Reader,
    place_beside,
)
from bot.outbox.kit import actions, button, context, divider, overflow, section
from bot.outbox.templates import Json, Rendered
from bot.wording import day_and_time, escape, first_name, outside, when

ACCEPT, REJECT, UNDO = "lead_accept", "lead_reject", "lead_undo"
REACHED, NO_ANSWER, QUALIFY, NOT_A_FIT = "lead_reached", "lead_no_answer", "lead_qualify", "lead_not_a_fit"
# Once they were reached nothing is due of a lead but, when it has been quiet for long, a next step.
OWES_ONLY_A_PLAN = frozenset({Waits.QUALIFYING, Waits.DEAL})
PLAN, RECYCLE, REVIEW = "lead_plan", "lead_recycle", "lead_review"
WIN, LOSE, OPEN, MORE = "lead_win", "lead_lose", "lead_open", "lead_more"
QUEUE_NEXT, QUEUE_TAKE, QUEUE_MINE = "lead_queue_next", "lead_queue_take", "lead_queue_mine"
ANSWER = "lead_answer"
ACTIONS = {
    Step.ACCEPTED: ACCEPT,
    Step.REJECTED: REJECT,
    Step.REACHED: REACHED,
    Step.NO_ANSWER: NO_ANSWER,
    Step.QUALIFIED: QUALIFY,
    Step.NOT_A_FIT: NOT_A_FIT,
    Step.WON: WIN,
    Step.LOST: LOSE,
}
# What ⋯ offers besides the steps; an item's value is one of these or a step, and the offer's id.
ASK, HAND_OVER, GIVE_BACK, DETAILS, FEEDBACK = "ask", "hand_over", "give_back", "details", "feedback"
MOST_ITEMS = 5  # of a menu
ROW = "row-"  # begins the block id of a lead in a list
LINKABLE_EMAIL = re.compile(r"^[\w.+-]+@[\w.-]+$", re.ASCII)
NOT_DIALLED = re.compile(r"[^\d+]")
MINE_AT_ONCE, MOST_REASONS = 10, 3


def card(view: CardView, now: datetime) -> Rendered:
    """The card of an offer: what to do while it waits, what became of it after."""
    if view.paused_until and view.answer in (Answer.PENDING, Answer.ACCEPTED) and view.is_current:
        return _paused(view, now)
    match view.answer:
        case "pending":
            return _pending(view, now)
        case "accepted" if not view.is_current:
            return _went_on(view)
        case "accepted":
            return _accepted(view, now)
        case "rejected":
            return _rejected(view, now)
        case "handed_on":
            return _handed_on(view, now)
    return _withdrawn(view)


def older(view: CardView) -> Rendered:
    """A card that a later message about the same lead stands for."""
    opens = button(texts.OPEN, OPEN, str(view.offer_id), says=f"Open {title_of(view)}")
    return Rendered(texts.TOLD_BELOW, [section(f"*{outside(title_of(view), 160)}*\n{texts.TOLD_BELOW}", opens)])


def _paused(view: CardView, now: datetime) -> Rendered:
    """What is owed of it waits until a day: the card says so, and asks for nothing."""
    until = day_and_time(view.paused_until or now, view.reader.zone, now)
    told = texts.paused_until(until)
    return Rendered(
        told, [section(_who(view, now)), section(_why(view)), section(told), *_taps_of(view), context(_origin(view))]
    )


def _pending(view: CardView, now: datetime) -> Rendered:
    by = day_and_time(view.answer_by, view.reader.zone, now)
    blocks = [
        *([section(_handed(view))] if view.handed_by else []),
        section(_who(view, now)),
        section(_why(view)),
        *_asked(view),
        section(
            texts.please_answer(by, hot=view.hot, late=view.answer_by < now, half=view.half_gone, holder=view.holder)
        ),
        *_answers(view),
        context(_origin(view)),
        *_undo(view, now),
    ]
    soon, late = when(view.answer_by, view.reader.zone, now), view.answer_by < now
    if view.handed_by:
        about = _on_the_lock_screen(view)
        return Rendered(texts.handed_lock_screen(view.handed_by, about[0] or about[2], soon), blocks)
    return Rendered(texts.lock_screen(*_on_the_lock_screen(view), soon, hot=view.hot, late=late), blocks)


def _handed(view: CardView) -> str:
    told = (view.handed_by or "", view.holder, view.handed_with or "")
    return texts.given_back(*told) if view.is_given_back else texts.handed(*told)


def _answers(view: CardView) -> list[Json]:
    if not view.may_act:
        return []
    value, about = str(view.offer_id), view.account or "this lead"
    more = _more(view, _further_unanswered(view))
    taps = [step_button(Step.ACCEPTED, value, about, primary=True), step_button(Step.REJECTED, value, about), more]
    return [actions(taps, block_id=f"answer-{value}")]


def _further_unanswered(view: CardView) -> Sequence[Step]:
    """What accepts, too; a lead handed over needs the place for giving it back, and may be further than that."""
    if view.stage == Stage.SQL or view.reached_at:
        return ()
    return (Step.REACHED,) if view.handed_by else FURTHER_STEPS[Waits.ANSWER]


def _on_the_lock_screen(view: CardView) -> tuple[str | None, str | None, str]:
    """Account, what they did, and campaign, each only if it does not give away who the lead is."""

    def safe(text: str | None) -> str | None:
        known = (view.contact_name, view.email, view.phone)
        return text if text and not texts.tells_on(text, *known) else None

    did = None
    if view.touch_kind:
        did = safe(texts.touch(view.touch_kind, view.touch_asset or "")) or texts.touch(view.touch_kind, "")
    return safe(view.account), did, safe(view.campaign) or "just in"


def _accepted(view: CardView, now: datetime) -> Rendered:
    """What it waits for now, and what its holder may do next; or how it ended."""
    told = _state(view, now)
    blocks = [
        section(_who(view, now)),
        section(_why(view)),
        *_asked(view),
        section(told),
        *_taps_of(view),
        context(_origin(view)),
        *_undo(view, now),
    ]
    return Rendered(_alone(told), blocks, _fresh_until(view))


def try_again(view: CardView, now: datetime) -> Rendered:
    """The card once more, when somebody wanted to try again; later it shows what came of it, as the card does."""
    rendered = card(view, now)
    what = (
        outside(view.campaign, 60) if texts.tells_on(view.account or "", view.contact_name, view.email, None) else None
    )
    return Rendered(texts.again_lock_screen(what or outside(view.account or view.campaign, 80)), rendered.blocks)


def _state(view: CardView, now: datetime) -> str:
    zone = view.reader.zone

    def at(instant: datetime | None) -> str:
        return day_and_time(instant or now, zone, now)

    if view.stage == Stage.WON:
        return texts.won(at(view.stage_since), view.value, view.currency)
    if view.stage == Stage.LOST:
        return texts.lost(at(view.stage_since), view.loss_label, view.loss_sentence)
    by_other = view.answered_by if not view.answered_by_me else None
    match view.waits:
        case Waits.DEAL:
            return texts.qualified(at(view.stage_since), ask=view.may_act)
        case Waits.QUALIFYING:
            later = view.tried_at if view.tried_at and view.reached_at and view.tried_at > view.reached_at else None
            again = (at(later), at(view.due_at)) if later else None
            return texts.reached(at(view.reached_at), again, ask=view.may_act)
        case Waits.TRY_AGAIN:
            again_at = at(view.due_at) if view.due_at else None
            return texts.tried(view.attempts, at(view.tried_at), again_at)
    by = at(view.contact_by) if view.contact_by else None
    late = view.contact_by is not None and view.contact_by < now
    return texts.yours_since(at(view.answered_at), by, by_other, view.holder, late=late, half=view.half_gone)


def state_line(view: CardView, now: datetime) -> str:
    """What became of an offer, in a line: for lists that tell of more than one."""
    match view.answer:
        case Answer.PENDING:
            return texts.please_answer(
                day_and_time(view.answer_by, view.reader.zone, now), hot=view.hot, holder=view.holder
            )
        case Answer.ACCEPTED if view.is_current:
            return _state(view, now)
        case Answer.ACCEPTED:
            return texts.went_on(view.now_with)
        case Answer.REJECTED:
            return texts.sent_back(view.reason_label or "", view.sentence)
        case Answer.HANDED_ON:
            return texts.handed_on(view.handed_to, view.sentence, back=view.was_given_back)
    return texts.withdrawn(view.withdrawn_for, view.now_with)


def taps_in_a_row(view: CardView, now: datetime) -> list[Json]:
    """What its holder may do next, in a list of more than one lead."""
    value, title = str(view.offer_id), view.account or "this lead"
    waits = view.answer in (Answer.PENDING, Answer.ACCEPTED) and view.is_current and view.stage in WORKED_STAGES
    taps = [step_button(step, value, title) for step in NEXT_STEPS[view.waits]] if waits else []
    if view.undo_open and view.undo_until and view.may_act:
        taps.append(_undo_button(view.offer_id, view.step_id, view.undo_until, view.reader, now, title))
    return [*taps, button(texts.OPEN, OPEN, value, says=f"Open {title}")]


def how_to_reach(view: CardView) -> list[str | None]:
    """Their number and address, each to be tapped."""
    return [] if view.do_not_contact else [_phone(view.phone), _email(view.email)]


def plan_button(value: str, title: str) -> Json:
    return button(promise_texts.NEXT_STEP, PLAN, value, says=f"{promise_texts.NEXT_STEP} {title}")


def review_taps(reason: str, number: int, owner_id: int) -> list[Json]:
    """What marketing may do with everything that came back for one reason."""
    value = f"{owner_id}:{reason}"
    label = promise_texts.recycle_all(number)
    return [button(label, RECYCLE, value), button(promise_texts.OTHER, REVIEW, value)]


def _alone(told: str) -> str:
    """A state as the message's plain text: on one line, without the marks of mrkdwn or what somebody said."""
    return told.partition("\n> ")[0].replace("*", "").replace("\n", ". ").removeprefix("✓ ")


def _taps_of(view: CardView) -> list[Json]:
    """The two likeliest steps as buttons, what else may be done behind ⋯."""
    if not view.may_act:
        return []
    value, about = str(view.offer_id), view.account or "this lead"
    if view.stage in (Stage.WON, Stage.LOST):
        return [actions([button(texts.DETAILS, OPEN, value, says=f"Details of {about}")], block_id=f"steps-{value}")]
    taps = [step_button(step, value, about) for step in NEXT_STEPS[view.waits]]
    return [actions([*taps, _more(view, FURTHER_STEPS[view.waits])], block_id=f"steps-{value}")]


def step_button(step: Step, value: str, about: str, *, primary: bool = False) -> Json:
    label = texts.STEPS[step]
    style = "primary" if primary else None
    return button(label, ACTIONS[step], value, style=style, says=f"{label.rstrip('…')} {about}")


def _more(view: CardView, steps: Sequence[Step]) -> Json:
    """The menu behind ⋯: further steps, then what can be done with any lead; at most five."""
    items = [(texts.STEPS[step], step.value) for step in steps]
    if view.stage in WORKED_STAGES:
        if view.marketing_owner and not (view.asked and view.asked.answer is None):
            items.append((texts.ask(view.marketing_owner), ASK))
        if view.handed_by and view.answer == Answer.PENDING and view.holder is None:
            items.append((texts.give_back(view.handed_by), GIVE_BACK))
        items.append((texts.HAND_OVER, HAND_OVER))
    items += [(texts.DETAILS, DETAILS), (texts.FEEDBACK, FEEDBACK)]
    if len(items) > MOST_ITEMS and steps:  # what a step would do stands behind Details as well
        del items[len(steps) - 1]
    return overflow(MORE, [(label, f"{what}:{view.offer_id}") for label, what in items])


def _asked(view: CardView) -> list[Json]:
    """What was asked of marketing, and what they said."""
    if view.asked is None:
        return []
    return [section(texts.asked(view.asked.by, view.asked.of, view.asked.question, view.asked.answer))]


def _rejected(view: CardView, now: datetime) -> Rendered:
    returns_on = view.returns_at.astimezone(ZoneInfo(view.reader.zone)).date() if view.returns_at else None
    goes_on = texts.goes_on(view.now_with, returns_on, awaits_data=view.awaits_data)
    told = [
        f"*{outside(title_of(view), 160)}*",
        texts.sent_back(view.reason_label or "", view.sentence),
        goes_on,
    ]
    text = f"Sent back: {escape(view.reason_label or '')}. {goes_on}"
    return Rendered(text, [section("\n".join(told)), *_undo(view, now)], _fresh_until(view))


def _went_on(view: CardView) -> Rendered:
    told = texts.went_on(view.now_with)
    return Rendered(told, [section(f"*{outside(title_of(view), 160)}*\n{told}")])


def _handed_on(view: CardView, now: datetime) -> Rendered:
    told = texts.handed_on(view.handed_to, view.sentence, back=view.was_given_back)
    title = f"*{outside(title_of(view), 160)}*"
    return Rendered(_alone(told), [section(f"{title}\n{told}"), *_undo(view, now)], _fresh_until(view))


def _withdrawn(view: CardView) -> Rendered:
    told = texts.withdrawn(view.withdrawn_for, view.now_with)
    return Rendered(told, [section(f"*{outside(view.account or 'This lead', 160)}*\n{told}")])


def _undo(view: CardView, now: datetime) -> list[Json]:
    if not view.undo_open or view.undo_until is None or not view.may_act:
        return []
    undo = _undo_button(view.offer_id, view.step_id, view.undo_until, view.reader, now, view.account or "this lead")
    return [actions([undo], block_id=f"undo-{view.offer_id}")]


def _fresh_until(view: CardView) -> datetime | None:
    return view.undo_until if view.undo_open else None


def title_of(view: CardView) -> str:
    return ", ".join(part for part in (view.contact_name, view.account) if part) or "This lead"


def without_details(blocks: Sequence[Json]) -> list[Json]:
    """A card as it stands within the details themselves."""

    def kept(element: Json) -> Json:
        options = [o for o in element["options"] if not o["value"].startswith(f"{DETAILS}:")]
        return {**element, "options": options}

    def bare(element: Json) -> list[Json]:
        if element["type"] != "overflow":
            return [] if element["action_id"] == OPEN else [element]
        return [kept(element)] if kept(element)["options"] else []

    found = []
    for block in blocks:
        if block["type"] == "actions":
            elements = [one for element in block["elements"] for one in bare(element)]
            found += [{**block, "elements": elements}] if elements else []
        else:
            found.append(block)
    return found


def no_leads() -> Json:
    return section(texts.NO_LEADS)


def _who(view: CardView, now: datetime) -> str:
    """Who they are, what they did, how to reach them, what they agreed to: one line each, none for what is unknown."""
    where = place_beside(view.account, view.city or view.country)
    place = [outside(part, 120) for part in (view.account, where) if part]
    name = f"*{outside(view.contact_name, 120)}*" if view.contact_name else None
    first = ", ".join([name or f"*{place[0]}*", *(place if name else place[1:])]) if name or place else "*A new lead*"
    did = None
    if view.touch_kind and view.touch_at:
        at = when(view.touch_at, view.reader.zone, now)
        did = f"{outside(texts.touch(view.touch_kind, view.touch_asset or ''), 160)}, {at}"
    lines = [
        first,
        outside(view.title, 160) if view.title else None,
        did,
        _phone(view.phone),
        _email(view.email),
        texts.agreed_to(view.may_call, view.may_email, do_not_contact=view.do_not_contact),
    ]
    return "\n".join(line for line in lines if line)


def _phone(phone: str | None) -> str | None:
    """A number that a phone dials with one tap."""
    if not phone:
        return None
    dialled = NOT_DIALLED.sub("", phone)
    shown = outside(phone, 120).replace("|", "/")
    return f"<tel:{dialled}|{shown}>" if len(dialled) > 4 else shown


def _email(email: str | None) -> str | None:
    if not email:
        return None
    return f"<mailto:{email}|{email}>" if LINKABLE_EMAIL.match(email) else outside(email, 254)


def _why(view: CardView) -> str:
    you = texts.why_you(view.route, view.names, view.reader.person_id, view.account)
    whom = escape(first_name(view.holder)) if view.holder else "you"
    lines = [
        texts.fast_track(view.fast_track) if view.fast_track else None,
        texts.score("Fit", view.fit, view.fit_reasons[:MOST_REASONS]),
        texts.score("Engagement", view.engagement, view.engagement_reasons[:MOST_REASONS])
        if view.engagement or not view.fast_track
        else None,
        f"*Why {whom}:* {you}" if you else None,
    ]
    return "\n".join(line for line in lines if line)


def _origin(view: CardView) -> str:
    more = texts.more_here(view.others_open, view.others_mine, view.others_with, view.holder)
    lines = [texts.campaign(view.campaign, view.marketing_owner), more, texts.in_crm(view.url) if view.url else None]
    return "\n".join(line for line in lines if line)


# -- the team's lines ----------------------------------------


def line(view: LineView, zone: str) -> Rendered:
    returns_on = view.returns_at.astimezone(ZoneInfo(zone)).date() if view.returns_at else None
    state = texts.line_state(view.answer, view.reason_label, returns_on)
    told = texts.line(view.what, view.campaign, view.owner, state, hot=view.hot)
    return Rendered(told, [context(told)])


def day_line(view: DayLineView) -> Rendered:
    total = view.waiting + view.accepted + view.came_back
    told = texts.day_line(view.day, total, view.alone, view.waiting, view.accepted, view.came_back)
    return Rendered(told, [context(told)])


# -- my leads ----------------------------------------


def mine(leads: list[Mine], total: int, reader: Reader, now: datetime) -> Json:
    """The answer to `/lead mine`, seen by the one who asked."""
    if not leads:
        return {"text": texts.NO_LEADS}
    blocks = [section(texts.mine_title(total)), *mine_rows(leads, reader, now)]
    if total > len(leads):
        blocks.append(context(texts.and_more(total - len(leads))))
    return {"text": texts.mine_title(total), "blocks": blocks}


def taken(leads: list[Mine], total: int, reader: Reader, now: datetime) -> Json:
    """The leads somebody took, from their queue."""
    if not leads:
        return {"text": texts.NONE_TAKEN}
    return {**mine(leads, total, reader, now), "text": texts.taken_title(total)}


def mine_rows(leads: Sequence[Mine], reader: Reader, now: datetime) -> list[Json]:
    """Each lead with what is due, and the buttons for it."""
    blocks: list[Json] = []
    for lead in leads:
        blocks.append(section(mine_line(lead, reader, now)))
        blocks.append(actions(_taps(lead, reader, now), block_id=f"{ROW}{lead.offer_id}"))
    return blocks


def mine_line(lead: Mine | InHand, reader: Reader, now: datetime) -> str:
    """A lead of a list in one line: what is due, when, and who it is."""
    due = day_and_time(lead.due, reader.zone, now) if lead.due else None
    late, stalls = lead.due is not None and lead.due < now, lead.waits in OWES_ONLY_A_PLAN
    line = texts.mine_line(lead.title, lead.waits, due, late=late, stalls=stalls)
    return f"{line}\n{texts.HALF_GONE}" if isinstance(lead, Mine) and lead.half_gone and not late else line


def _taps(lead: Mine, reader: Reader, now: datetime) -> list[Json]:
    value = str(lead.offer_id)
    taps = [step_button(step, value, lead.title) for step in NEXT_STEPS[lead.waits]]
    if lead.due and lead.waits in OWES_ONLY_A_PLAN:
        taps.insert(0, plan_button(value, lead.title))
    if lead.undo_until and now < lead.undo_until:
        taps.append(_undo_button(lead.offer_id, lead.step_id, lead.undo_until, reader, now, lead.title))
    return [*taps, button(texts.OPEN, OPEN, value, says=f"Open {lead.title}")]


def _undo_button(
    offer_id: int, step_id: int | None, until: datetime, reader: Reader, now: datetime, title: str
) -> Json:
    """It names the step it takes back: tapped twice, it takes back one."""
    value = f"{step_id or 0}:{offer_id}"
    return button(texts.undo(when(until, reader.zone, now)), UNDO, value, says=f"Undo {title}")


def found(what: Found, text: str, reader: Reader, now: datetime) -> Json:
    """What a search came to, seen by the one who asked."""
    others = [context(texts.found_others(what.others))] if what.others else []
    if not what.leads:
        nothing = texts.found_none_of_yours(text) if others else texts.found_nothing(text)
        return {"text": nothing, "blocks": [section(nothing), *others]}
    title = texts.found_title(len(what.leads) + what.more, text)
    more = [context(texts.and_others(what.more))] if what.more else []
    return {"text": title, "blocks": [section(title), *found_rows(what.leads, reader, now), *more, *others]}


def found_rows(leads: Sequence[Mine], reader: Reader, now: datetime) -> list[Json]:
    return [section(_found_line(lead, reader, now), _open_button(lead)) for lead in leads]


def _found_line(lead: Mine, reader: Reader, now: datetime) -> str:
    if lead.stage in WORKED_STAGES and lead.offer_id:
        return mine_line(lead, reader, now)
    return texts.closed_line(lead.title, lead.stage)


def _open_button(lead: Mine) -> Json | None:
    return button(texts.OPEN, OPEN, str(lead.offer_id), says=f"Open {lead.title}") if lead.offer_id else None


# -- the queue ----------------------------------------


def queue(view: QueueView, now: datetime) -> Rendered:
    """Everything that waits for somebody, in one message: how many, the next ones, one of them whole."""
    if not view.is_newest:
        return Rendered(texts.QUEUE_MOVED, [context(texts.QUEUE_MOVED)])
    undo = [_done_line(one, view.reader, now) for one in view.just_done]
    fresh_until = min((one.undo_until for one in view.just_done), default=None)
    if not view.total:
        told = texts.queue_empty(view.answered_today)
        taps = actions([button(texts.MY_LEADS, QUEUE_MINE, "mine")], block_id="queue")
        return Rendered(told, [section(told), *undo, taps], fresh_until)
    first = view.next[0]
    due, late = day_and_time(first.due or now, view.reader.zone, now), first.due is not None and first.due < now
    told = texts.queue_title(view.total, due, late=late)
    blocks = [section(told), *undo, *(_shown(view.shown, now) if view.shown else [_next_few(view, now)])]
    fresh = [at for at in (fresh_until, None if late else first.due) if at is not None]
    text = texts.queue_lock_screen(view.total, due, late=late)
    return Rendered(text, [*blocks, _queue_taps(view)], min(fresh, default=None))


def _shown(view: CardView, now: datetime) -> list[Json]:
    return [divider(), *_pending(view, now).blocks, divider()]


def _next_few(view: QueueView, now: datetime) -> Json:
    lines = [mine_line(lead, view.reader, now) for lead in view.next]
    rest = view.total - len(lines)
    return section("\n".join([*lines, texts.and_others(rest)] if rest else lines))


def _done_line(one: JustDone, reader: Reader, now: datetime) -> Json:
    until = when(one.undo_until, reader.zone, now)
    undo = button(texts.UNDO, UNDO, f"{one.step_id or 0}:{one.offer_id}", says=f"Undo {one.title}")
    return section(texts.just_done(one.title, one.answer, until), accessory=undo)


def _queue_taps(view: QueueView) -> Json:
    showing = view.shown is not None
    after = str(view.shown.offer_id if view.shown else 0)
    taps = [button(texts.NEXT_LEAD, QUEUE_NEXT, after, style=None if showing else "primary")]
    if len(view.first) > 1:
        taps.append(button(texts.take(len(view.first)), QUEUE_TAKE, ",".join(map(str, view.first))))
    return actions([*taps, button(texts.MY_LEADS, QUEUE_MINE, "mine")], block_id="queue")


# -- marketing is asked ----------------------------------------


def question(view: QuestionView, now: datetime) -> Rendered:
    """A question about a lead, with the way to answer it; then what was answered."""
    at = day_and_time(view.asked_at, view.reader.zone, now)
    told = texts.question(view.asked_by, at, view.lead_title, view.question)
    if view.answer is not None:
        answered = texts.answered(view.answered_by or "", view.answer)
        return Rendered(texts.ANSWERED, [section(told), section(answered), context(outside(view.campaign, 80))])
    says = f"Answer {first_name(view.asked_by)}"
    answer = button(texts.ANSWER, ANSWER, str(view.question_id), style="primary", says=says)
    taps = actions([answer, button(texts.OPEN, OPEN, str(view.offer_id), says=f"Open {view.lead_title}")])
    lock_screen = texts.question_lock_screen(view.asked_by, view.campaign)
    return Rendered(lock_screen, [section(told), taps, context(outside(view.campaign, 80))])


def answer_came(view: QuestionView) -> Rendered:
    told = texts.answer_came(view.answered_by or "", view.lead_title, view.question, view.answer or "")
    return Rendered(texts.answer_lock_screen(view.answered_by or "", view.campaign), [section(told)])


def daily(view: DayView, since: str) -> Rendered:
    """What became of a marketer's leads since an instant: what was good first, then what came back, by reason."""
    lines = [
        texts.day_good(since, view.accepted, view.made_good),
        texts.day_further(view.qualified, view.won, view.values, view.lost),
        texts.day_back(view.came_back, view.back) if view.back else None,
    ]
    told = "\n".join(line for line in lines if line)
    return Rendered(texts.day_lock_screen(since, view.accepted, view.came_back), [section(told)])


# -- marketing is asked for data ----------------------------------------


def data_needed(view: DataNeededView) -> Rendered:
    told = texts.data_needed(view.lead_title, view.came_back_from, view.reason_label)
    lines = [told, f"> {outside(view.sentence, 300)}" if view.sentence else None]
    lines += [texts.data_known(view.phone, view.email), texts.data_how(view.identity, view.campaign)]
    if view.settled:
        lines = [told, texts.DATA_DONE]
    body = section("\n".join(line for line in lines if line))
    return Rendered(texts.data_lock_screen(view.campaign), [body, context(outside(view.campaign, 80))])
