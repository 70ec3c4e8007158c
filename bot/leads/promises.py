"""What promises need to know of leads: how they read in a reminder, and what happens to the lead of one.

Registered with `bot.sla` where the services are put together, for a lower room does not reach up.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.journal.service import SYSTEM, Actor, RulesInForce, record
from bot.leads import blocks, handover, offers, promise_texts, reviews, service, steps, tables, texts, views
from bot.leads.offers import about, change, hold_lead, touch_card
from bot.leads.rules import NEXT_STEPS, WORKED_STAGES, Answer, Step, Who, stage_after
from bot.leads.tables import MOVED_ON, Lead, Offer
from bot.leads.views import CardView, Reader
from bot.outbox.kit import actions, button, section
from bot.outbox.templates import Json, Row
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import calls, control
from bot.sla import service as sla
from bot.sla import texts as sla_texts
from bot.sla.rules import Kind, Outcome
from bot.sla.service import used_by
from bot.sla.subjects import SubjectRow, Subjects, Viewer
from bot.sla.tables import Obligation
from bot.store import insert_if_new
from bot.wording import day_and_time, outside
from config.policy import Policy

LEAD = "lead"
OF_THE_HOLDER = (Kind.ANSWER, Kind.FIRST_CONTACT, Kind.NEXT_STEP)
SHOWN_OF_GROUP = 3


class LeadPromises:
    """The subject kind `lead`."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    def hold(self, session: Session, subject_id: int) -> None:
        hold_lead(session, session.get_one(Lead, subject_id))

    def about(self, obligation: Obligation) -> str:
        if obligation.kind == Kind.REVIEW:
            return f"review:{obligation.group_key}"
        return about(obligation.subject_id)

    # -- how it reads ----------------------------------------

    def row(
        self, session: Session, obligation: Obligation, viewer: Viewer, policy: Policy, now: datetime
    ) -> SubjectRow:
        if obligation.kind == Kind.REVIEW:
            return self._review(session, obligation, viewer, policy)
        if obligation.kind == Kind.DATA:
            return self._data(session, obligation, policy)
        made = _offer_of(session, obligation)
        view = views.card(session, made.id, policy, now, Reader(viewer.person_id, viewer.zone))
        return _held(obligation, view, now)

    def goes_alone(self, obligation: Obligation) -> bool:
        return obligation.kind not in OF_THE_HOLDER

    def plain(self, session: Session, obligation: Obligation, policy: Policy) -> str:
        title = reviews.titles_of(session, [obligation.subject_id])[obligation.subject_id]
        return f"{promise_texts.DOES[obligation.kind]}: {title}"

    def _review(self, session: Session, found: Obligation, viewer: Viewer, policy: Policy) -> SubjectRow:
        """Everything that came back to them for one reason, in one row."""
        reason = found.group_key or ""
        group = reviews.group_of(session, found.owner_id, reason)
        label = views.label_of(policy, reason) or ""
        number = len(group.leads)
        titles = [one.title for one in group.leads[:SHOWN_OF_GROUP]]
        taps: list[Json] = []
        if number and viewer.person_id == found.owner_id:
            taps = blocks.review_taps(reason, number, found.owner_id)
        what = promise_texts.came_back(number, label)
        return SubjectRow(
            promise_texts.DOES[Kind.REVIEW],
            what,
            promise_texts.titles(titles, number - len(titles)) if number else None,
            tuple(taps),
            self.about(found),
            None if number else promise_texts.REVIEWED,
            max(1, number),
        )

    def _data(self, session: Session, found: Obligation, policy: Policy) -> SubjectRow:
        made = _offer_of(session, found)
        view = views.data_needed(session, made.id, Reader(found.owner_id, "UTC"), policy)
        note = promise_texts.came_back_from(view.reason_label, view.came_back_from, view.sentence)
        how = texts.data_how(view.identity, view.campaign)
        opens = button(texts.OPEN, blocks.OPEN, str(made.id), says=f"Open {view.lead_title}")
        state = promise_texts.COMPLETED if view.settled else None
        return SubjectRow(
            promise_texts.DOES[Kind.DATA],
            outside(view.lead_title, 160),
            f"{note}\n{how}",
            (opens,),
            about(found.subject_id),
            state,
        )

    # -- what happens to it ----------------------------------------

    def could_take(self, session: Session, owed: Sequence[Obligation], policy: Policy, now: datetime) -> Person | None:
        if any(one.kind != Kind.ANSWER for one in owed):
            return None
        return handover.could_take(session, owed[0].owner_id, policy, now)

    def offer_all(
        self,
        session: Session,
        owed: Sequence[Obligation],
        to_id: int,
        by: Person,
        rules: RulesInForce,
        actor: Actor,
        now: datetime,
    ) -> None:
        for one in owed:
            handover.hand_over(session, offer_id_of(session, one), to_id, "", by, rules, actor, now, along=True)

    def deadline_moved(self, session: Session, obligation: Obligation, now: datetime) -> None:
        """Lists and cards show when the next thing is due: not while it is paused."""
        if obligation.kind not in OF_THE_HOLDER:
            return
        made = _offer_of(session, obligation)
        due = None if obligation.paused_at else obligation.deadline_at
        if obligation.outcome is None and made.answer in (Answer.PENDING, Answer.ACCEPTED):
            made.due_at = due
            if obligation.kind == Kind.ANSWER:
                made.answer_by = obligation.deadline_at
            elif obligation.kind == Kind.FIRST_CONTACT:
                made.contact_by = obligation.deadline_at
        session.flush()
        touch_card(session, made, now)

    def stood_in(
        self,
        session: Session,
        obligation: Obligation,
        by: Person,
        receiver: Person,
        rules: RulesInForce,
        actor: Actor,
        now: datetime,
    ) -> bool:
        """The lead goes to who stands in as far as it had come, and what is owed of it with the time that was left."""
        if obligation.kind not in OF_THE_HOLDER:
            control.pass_to(session, self._subjects, obligation, receiver, rules.policy, actor, now)
            return True
        lead = session.get_one(Lead, obligation.subject_id)
        made = _offer_of(session, obligation)
        if lead.round != made.round or lead.stage not in WORKED_STAGES or not handover.works_on_leads(receiver):
            return False
        _stand_in(session, lead, made, by, receiver, rules, now)
        return True

    def moves_by_itself(self, session: Session, obligation: Obligation) -> bool:
        if obligation.kind not in (Kind.ANSWER, Kind.FIRST_CONTACT):
            return False
        route = _offer_of(session, obligation).route
        return any(step.get("code") == "next_in_turn" for step in route)

    def move_on(self, session: Session, obligation: Obligation, rules: RulesInForce, now: datetime) -> bool:
        """A lead given out in turn goes to the next colleague; what it was given for (an account, say) stays."""
        lead = session.get_one(Lead, obligation.subject_id)
        made = _offer_of(session, obligation)
        open_ = made.answer in (Answer.PENDING, Answer.ACCEPTED)
        if not (self.moves_by_itself(session, obligation) and open_) or lead.round != made.round:
            return False
        if offers.is_barred(session, lead):
            return False
        expected = Answer(made.answer)
        stage_after(Step.MOVED_ON, lead.stage, Who.RULES)
        change(session, made, expected, Answer.WITHDRAWN, reason=MOVED_ON, due_at=None, undo_until=None)
        sla.end_undone(session, obligation, Outcome.MISSED, now)
        sla.cancel_all(session, LEAD, lead.id, now)
        record(session, SYSTEM, Step.MOVED_ON, (LEAD, lead.id), now, {"person": made.person_id})
        touch_card(session, made, now)
        offers.renew_overviews(session, lead, made.person_id, rules.policy, now)
        offers.offer(session, lead, service.facts_of(session, lead), rules, now)
        return True


# -- parts -----------------------------------------------------------------------------------------------------------


def _offer_of(session: Session, obligation: Obligation) -> Offer:
    """The offer a promise is about: of its round, or for a next step the one at hand."""
    lead = session.get_one(Lead, obligation.subject_id)
    if obligation.kind == Kind.NEXT_STEP or obligation.round == lead.round:
        return offers.at_hand(session, lead)
    return session.scalars(tables.offer_of_round(lead.id, obligation.round)).one()


def offer_id_of(session: Session, obligation: Obligation) -> int:
    """The offer behind a promise of a lead's holder."""
    return _offer_of(session, obligation).id


def _held(found: Obligation, view: CardView, now: datetime) -> SubjectRow:
    """What the holder of a lead owes of it, or what became of it."""
    title = outside(blocks.title_of(view), 160)
    mine = view.holder is None
    if found.outcome is None and not found.paused_at:
        note, taps = _note(found, view, now), _taps(found, view, mine=mine)
        return SubjectRow(promise_texts.DOES[found.kind], title, note, tuple(taps), about(view.lead_id))
    state = blocks.state_line(view, now)
    if found.kind == Kind.NEXT_STEP and found.outcome is not None and view.next_step:
        state = promise_texts.planned(view.next_step)
    taps = blocks.taps_in_a_row(view, now) if mine else []
    fresh_until = view.undo_until if view.undo_open else None
    does = promise_texts.DOES[found.kind]
    return SubjectRow(does, title, None, tuple(taps), about(view.lead_id), state, fresh_until=fresh_until)


def row_of_card(view: CardView, now: datetime) -> Row:
    """A lead's own card as a part of a bundle."""
    title, zone = outside(blocks.title_of(view), 160), view.reader.zone
    pending = view.answer == Answer.PENDING
    due = view.answer_by if pending else view.due_at
    kind = Kind.ANSWER if pending else Kind.FIRST_CONTACT
    open_ = pending or (view.answer == Answer.ACCEPTED and view.is_current and due is not None)
    if open_ and due:
        did = texts.touch(view.touch_kind, view.touch_asset or "") if view.touch_kind else view.campaign
        note = outside(did, 120) if pending else blocks.state_line(view, now)
        first = sla_texts.row(day_and_time(due, zone, now), promise_texts.DOES[kind], title, late=due < now)
        lines = [first, note]
    else:
        lines = [f"*{title}*", blocks.state_line(view, now)]
    shown = [section("\n".join(lines)), actions(blocks.taps_in_a_row(view, now), block_id=f"card-{view.offer_id}")]
    fresh_until = view.undo_until if view.undo_open else None
    asks = kind if open_ else ""
    return Row(asks, shown, due if open_ else None, about(view.lead_id), fresh_until=fresh_until)


def _taps(found: Obligation, view: CardView, *, mine: bool) -> list[Json]:
    value, title = str(view.offer_id), view.account or "this lead"
    opens = button(texts.OPEN, blocks.OPEN, value, says=f"Open {title}")
    if not mine:
        return [opens]
    if found.kind == Kind.NEXT_STEP:
        return [blocks.plan_button(value, title), opens]
    return [*(blocks.step_button(step, value, title) for step in NEXT_STEPS[view.waits]), opens]


def _note(found: Obligation, view: CardView, now: datetime) -> str | None:
    """What helps to do it: what they did, or since when it waits, and how to reach them."""
    zone = view.reader.zone
    if found.kind == Kind.ANSWER:
        did = texts.touch(view.touch_kind, view.touch_asset or "") if view.touch_kind else view.campaign
        return promise_texts.came(outside(did, 120), day_and_time(found.came_at, zone, now))
    reach = " · ".join(part for part in blocks.how_to_reach(view) if part)
    if found.kind == Kind.NEXT_STEP:
        quiet = promise_texts.quiet_since(day_and_time(view.quiet_since, zone, now), view.next_step)
        return "\n".join(part for part in (quiet, reach) if part)
    since = promise_texts.yours_since(day_and_time(view.answered_at or found.opened_at, zone, now))
    return "\n".join(part for part in (since, reach) if part)


def _stand_in(
    session: Session,
    lead: Lead,
    made: Offer,
    by: Person,
    receiver: Person,
    rules: RulesInForce,
    now: datetime,
) -> None:
    """Another round of the lead for who stands in, answered as the one before; the promises go along."""
    answer, before = Answer(made.answer), made
    open_promises = [o for o in sla.open_about(session, LEAD, lead.id) if o.kind in OF_THE_HOLDER]
    used = {o.id: used_by(o, now) for o in open_promises}
    stage_after(Step.STOOD_IN, lead.stage, Who.RULES)
    change(session, made, answer, Answer.HANDED_ON, due_at=None, undo_until=None)
    for owed in open_promises:
        sla.end_undone(session, owed, Outcome.CANCELLED, now)
    lead.round, lead.owner_id = 1 + (session.scalar(tables.newest_round(lead.id)) or 0), receiver.id
    deadlines = {}
    for owed in open_promises:
        kind = Kind(owed.kind)
        terms = sla.terms_for(receiver, kind, rules.policy, owed.came_at, now, hot=owed.hot, used=used[owed.id])
        round_ = lead.round if kind != Kind.NEXT_STEP else -lead.round
        promise = sla.Promise(kind, LEAD, lead.id, round_)
        is_late = now > owed.deadline_at
        late_owner = (owed.late_owner_id or made.person_id) if is_late else None
        was_due = owed.deadline_at if is_late else None
        deadlines[kind] = sla.open_obligation(session, promise, terms, now, late_owner=late_owner, was_due=was_due)
        if late_owner:  # whoever leads them was to hear of it, and still is
            calls.tell_manager(session, sla.of_promise(session, promise), rules.policy, now)
    values: dict[str, Any] = {
        "lead_id": lead.id,
        "round": lead.round,
        "person_id": receiver.id,
        "points": before.points,
        "offered_at": now,
        "answer_by": deadlines.get(Kind.ANSWER, before.answer_by),
        "contact_by": deadlines.get(Kind.FIRST_CONTACT, before.contact_by),
        "due_at": min(deadlines.values(), default=None),
        "route": [{"code": "stands_in", "of": by.id}],
        "answer": answer,
        "answered_at": before.answered_at,
        "answered_by_id": before.answered_by_id,
        "handed_by_id": by.id,
        "handed_with": None,
    }
    offer_id = insert_if_new(session, Offer, **values)
    if offer_id is None:
        raise RuntimeError(f"round {lead.round} of lead {lead.id} was offered before")
    record(session, SYSTEM, Step.STOOD_IN, (LEAD, lead.id), now, {"person": receiver.id, "round": lead.round})
    touch_card(session, before, now)
    offers.renew_overviews(session, lead, by.id, rules.policy, now)
    offers.renew_overviews(session, lead, receiver.id, rules.policy, now)


# -- leads that have been quiet for long ------------------------------------------------------------------------------


def owe_next_steps(session: Session, rules: RulesInForce, now: datetime, limit: int = 100) -> int:
    """Whoever holds a lead that has been quiet for too long owes a next step; how many."""
    stalling = session.scalars(tables.stalling(now, limit)).all()
    return sum(_owe_next_step(session, lead, rules, now) for lead in stalling)


def _owe_next_step(session: Session, lead: Lead, rules: RulesInForce, now: datetime) -> bool:
    lead.stalls_at = None
    made = session.scalar(tables.offer_at_hand(lead))
    if made is None or made.answer != Answer.ACCEPTED or lead.owner_id is None:
        return False
    if any(o.kind in OF_THE_HOLDER for o in sla.open_about(session, LEAD, lead.id)):
        return False  # something else is owed of it already
    holder = people.by_id(session, made.person_id)
    terms = sla.terms_for(holder, Kind.NEXT_STEP, rules.policy, now, now)
    promise = sla.Promise(Kind.NEXT_STEP, LEAD, lead.id, made.step_id or lead.round)
    made.due_at = sla.open_obligation(session, promise, terms, now)
    touch_card(session, made, now)
    offers.renew_overviews(session, lead, holder.id, rules.policy, now)
    return True


def plan(
    session: Session,
    offer_id: int,
    what: str,
    until: datetime,
    by: Person,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
) -> Offer:
    """What is next, and by when: until then the lead is not quiet. Raises LeadsError when it cannot be."""
    held = steps.take_in_hand(session, offer_id, by)
    if held.made.answer != Answer.ACCEPTED:
        raise steps.too_late(session, held)
    steps.stage_of(session, held, Step.PLANNED)
    held.lead.next_step, held.made.due_at = what[:300], None
    steps.keep(session, held, Step.PLANNED, rules.policy, actor, now, sentence=what)
    held.lead.stalls_at = until
    return held.made
