"""What home tabs tell of leads: what a person did, what became of a marketer's leads, what a team has in hand."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from bot.leads.rules import WORKED_STAGES, Answer, Stage, Waits, waits_for
from bot.leads.tables import TITLE, Account, Contact, Lead, Offer
from bot.leads.views import label_of, reason_texts, titled
from bot.people import service as people
from bot.people.tables import Person
from bot.store import UtcDateTime
from config.policy import Policy

WINDOW = timedelta(days=14)
DONE_AT_ONCE, LEARNT_FROM, EACH, NAMED, QUOTED = 6, 200, 5, 3, 2


@dataclass(frozen=True)
class Done:
    """An answer somebody gave."""

    title: str
    at: datetime
    accepted: bool
    reason: str | None


@dataclass(frozen=True)
class DoneView:
    accepted: int
    sent_back: int
    latest: tuple[Done, ...]


@dataclass(frozen=True)
class Good:
    """A lead that sales took, and what made it good."""

    title: str
    campaign: str
    by: str
    at: datetime
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Back:
    """What came back for one reason: how many, the newest of them, and some of the reps' own words."""

    reason: str
    count: int
    titles: tuple[str, ...]
    said: tuple[tuple[str, str], ...]  # who, and their sentence


@dataclass(frozen=True)
class OriginView:
    """What became of the leads of some sources and campaigns since an instant."""

    since: datetime
    accepted: int
    came_back: int
    waiting: int
    made_good: tuple[tuple[str, int], ...]
    good: tuple[Good, ...]
    back: tuple[Back, ...]


@dataclass(frozen=True)
class InHand:
    title: str
    waits: Waits
    due: datetime | None


@dataclass(frozen=True)
class MemberView:
    """One person of a team: how much they have, what is past its time, what is qualified, and what is due first."""

    name: str
    open: int
    late: int
    qualified: int
    next_due: datetime | None  # of all they have, when the next one is past its time
    first: tuple[InHand, ...]


# -- a rep ---------------------------------------------------------------------------------------------------------


def done_since(session: Session, person_id: int, since: datetime, policy: Policy) -> DoneView:
    """What a person answered since an instant: counted whole, told newest first."""
    answered = (Offer.person_id == person_id, Offer.answered_at >= since)
    counts: Counter[str] = Counter(dict(session.execute(_counts(*answered)).all()))
    rows = session.execute(_titles(Offer.answer, Offer.answered_at, Offer.reason).where(*answered, _ANSWERED))
    latest = [
        Done(_title(row), row.answered_at, row.answer == Answer.ACCEPTED, label_of(policy, row.reason))
        for row in rows.all()
    ]
    return DoneView(counts[Answer.ACCEPTED], counts[Answer.REJECTED], tuple(latest))


# -- marketing -----------------------------------------------------------------------------------------------------


def of_origin(session: Session, emails: set[str], policy: Policy, now: datetime, page: int, size: int) -> OriginView:
    """What became of the leads that these people in marketing answer for, in the last fortnight."""
    known = {person.email for person in people.everybody(session)}
    since, theirs = now - WINDOW, owned_by(emails, policy, known)
    ours = (theirs, Offer.answered_at >= since)
    counts: Counter[str] = Counter(dict(session.execute(_counts(*ours)).all()))
    waiting = select(func.count()).select_from(Offer).join(Lead).where(theirs, Offer.answer == Answer.PENDING)
    return OriginView(
        since,
        counts[Answer.ACCEPTED],
        counts[Answer.REJECTED],
        session.scalar(waiting) or 0,
        _made_good(session, ours, policy),
        _good(session, ours, policy, page, size),
        _back(session, ours, policy),
    )


def owned_by(emails: set[str], policy: Policy, known: set[str] | None = None) -> ColumnElement[bool]:
    """The leads somebody answers for: their campaigns', and their sources' where no campaign has an owner.

    An owner who is not among `known`, the e-mails of the people, is replaced by the fallback.
    """
    if known is not None:
        policy = _with_known_owners(policy, known)
    owned = [c.code for c in policy.campaigns if c.owner]
    campaigns = [c.code for c in policy.campaigns if c.owner in emails]
    fallback = policy.marketing.fallback_owner in emails
    sources = [s.code for s in policy.sources if s.owner in emails or (fallback and not s.owner)]
    theirs: ColumnElement[bool] = Lead.source.in_(sources)
    if fallback:  # what came from a source that the policy no longer knows
        theirs = or_(theirs, Lead.source.not_in([s.code for s in policy.sources]))
    of_no_campaign = or_(Lead.campaign.is_(None), Lead.campaign.not_in(owned))
    return or_(Lead.campaign.in_(campaigns), and_(of_no_campaign, theirs))


def _with_known_owners(policy: Policy, known: set[str]) -> Policy:
    campaigns = tuple(
        c if not c.owner or c.owner in known else c.model_copy(update={"owner": policy.marketing.fallback_owner})
        for c in policy.campaigns
    )
    sources = tuple(
        s if not s.owner or s.owner in known else s.model_copy(update={"owner": None}) for s in policy.sources
    )
    return policy.model_copy(update={"campaigns": campaigns, "sources": sources})


def _made_good(session: Session, ours: tuple[ColumnElement[bool], ...], policy: Policy) -> tuple[tuple[str, int], ...]:
    """The reasons that accepted leads have in common, the most frequent first; of the newest, if there are many."""
    newest = select(Lead.reasons).join(Offer, Offer.lead_id == Lead.id).where(*ours, Offer.answer == Answer.ACCEPTED)
    rows = session.scalars(newest.order_by(Offer.answered_at.desc()).limit(LEARNT_FROM)).all()
    counted = Counter(text for reasons in rows for text in reasons_of(policy, reasons))
    return tuple(counted.most_common(EACH))


def _good(
    session: Session, ours: tuple[ColumnElement[bool], ...], policy: Policy, page: int, size: int
) -> tuple[Good, ...]:
    told = _titles(Offer.answered_at, Lead.campaign, Lead.source, Lead.reasons, Person.name.label("by"))
    told = told.join(Person, Person.id == Offer.person_id).where(*ours, Offer.answer == Answer.ACCEPTED)
    return tuple(
        Good(
            _title(row),
            policy.campaign_name(row.campaign) or policy.source_name(row.source),
            row.by,
            row.answered_at,
            reasons_of(policy, row.reasons)[:3],
        )
        for row in session.execute(told.limit(size).offset(page * size))
    )


def _back(session: Session, ours: tuple[ColumnElement[bool], ...], policy: Policy) -> tuple[Back, ...]:
    rejected = (*ours, Offer.answer == Answer.REJECTED)
    by_reason = select(Offer.reason, func.count()).join(Lead).where(*rejected).group_by(Offer.reason)
    counts = dict(session.execute(by_reason).all())
    told = _titles(Offer.reason, Offer.sentence, Person.name.label("by")).join(Person, Person.id == Offer.person_id)
    newest: dict[str | None, list[Row[Any]]] = {}
    for row in session.execute(told.where(*rejected).limit(LEARNT_FROM)):
        newest.setdefault(row.reason, []).append(row)
    ordered = sorted(counts, key=lambda reason: (-counts[reason], str(reason)))
    return tuple(
        Back(
            label_of(policy, reason) or "",
            counts[reason],
            tuple(_title(row) for row in newest.get(reason, [])[:NAMED]),
            tuple((row.by, row.sentence) for row in newest.get(reason, []) if row.sentence)[:QUOTED],
        )
        for reason in ordered
    )


def reasons_of(policy: Policy, reasons: list[dict[str, Any]]) -> tuple[str, ...]:
    kinds = ("fast_track", "fit", "engagement")
    return tuple(text for kind in kinds for text in reason_texts(policy, reasons, kind))


# -- a manager -----------------------------------------------------------------------------------------------------


def team(session: Session, members: list[Person], now: datetime) -> tuple[MemberView, ...]:
    """What each of these people has in hand, in their order; those with nothing too."""
    ids = [member.id for member in members]
    held = and_(Lead.owner_id.in_(ids), Lead.stage.in_(WORKED_STAGES))
    joined = and_(Offer.lead_id == Lead.id, Offer.round == Lead.round)
    late, qualified = func.count().filter(Offer.due_at < now), func.count().filter(Lead.stage == Stage.SQL)
    next_due = func.min(Offer.due_at, type_=UtcDateTime()).filter(Offer.due_at >= now)
    counted = select(Lead.owner_id, func.count(), late, qualified, next_due).join(Offer, joined).where(held)
    rows = session.execute(counted.group_by(Lead.owner_id)).all()
    counts = {owner: (total, behind, done, due) for owner, total, behind, done, due in rows}
    place = (
        func.row_number()
        .over(partition_by=Lead.owner_id, order_by=(Offer.due_at.is_(None), Offer.due_at, Lead.id))
        .label("place")
    )
    told = (Lead.owner_id, Offer.answer, Lead.stage, Lead.attempts, Lead.reached_at, Offer.due_at.label("due"), place)
    every = _titles(*told, newest=False)
    ranked = every.where(held, joined, Lead.stage != Stage.SQL).subquery()
    each = select(ranked).where(ranked.c.place <= EACH).order_by(ranked.c.owner_id, ranked.c.place)
    firsts: dict[int, list[InHand]] = {}
    for row in session.execute(each):
        waits = waits_for(row.answer, row.stage, row.attempts, reached=row.reached_at is not None)
        firsts.setdefault(row.owner_id, []).append(InHand(_title(row), waits, row.due))
    return tuple(MemberView(m.name, *counts.get(m.id, (0, 0, 0, None)), tuple(firsts.get(m.id, ()))) for m in members)


# -- parts ---------------------------------------------------------------------------------------------------------

_ANSWERED = Offer.answer.in_((Answer.ACCEPTED, Answer.REJECTED))


def _counts(*wanted: ColumnElement[bool]) -> Select[str, int]:
    return (
        select(Offer.answer, func.count())
        .join(Lead, Lead.id == Offer.lead_id)
        .where(*wanted, _ANSWERED)
        .group_by(Offer.answer)
    )


def _titles(*columns: Any, newest: bool = True) -> Select[Any]:
    """Offers with what their leads are called by, the newest answers first."""
    told = (
        select(*TITLE, *columns)
        .select_from(Offer)
        .join(Lead, Lead.id == Offer.lead_id)
        .outerjoin(Contact, Contact.id == Lead.contact_id)
        .outerjoin(Account, Account.id == Lead.account_id)
    )
    return told.order_by(Offer.answered_at.desc(), Offer.id.desc()).limit(DONE_AT_ONCE) if newest else told


def _title(row: Row[Any]) -> str:
    return titled(row.lead_id, row.contact, row.email, row.account, row.city)
