"""A neutral look at one source, campaign or objection: the same figures for everybody, no names."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.council import gather_leads, measures, queries, texts
from bot.council.rules import Span
from bot.council.views import about_name
from bot.journal.service import since_when
from bot.outbox import notes
from bot.outbox import service as outbox
from bot.outbox.kit import section
from bot.outbox.rules import Kind, Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Rendered, RenderRequest, Subject, Template
from bot.people import service as people
from bot.people.tables import Person
from bot.wording import escape
from config.council import Measure
from config.policy import Policy

FACTS, LOOKED_AT = "council_facts", timedelta(weeks=4)
OF_LEADS = (Measure.LEADS, Measure.ACCEPTANCE, Measure.CAME_BACK, Measure.QUALIFIED, Measure.WON, Measure.WON_VALUE)


def lines(session: Session, about: str, policy: Policy, now: datetime) -> list[str]:
    """The last four weeks, and the four before beside them. Raises ValueError for what is not known."""
    kind, _, code = about.partition(":")
    if kind == "stage" and code in texts.STAGES:
        return [texts.look_title(texts.STAGES[code]), *_stage(session, code, now)]
    name = about_name(about, policy)
    if name is None:
        raise ValueError(about)
    return [texts.look_title(escape(name)), *_figures(session, about, policy, now)]


def _stage(session: Session, stage: str, now: datetime) -> Iterator[str]:
    """Leads that entered a stage, and how many are in it now."""
    edges = [now - 2 * LOOKED_AT, now - LOOKED_AT, now]
    entered = gather_leads.entered_by_week(session, edges).get(stage)
    if entered is None:  # what came in is no stage yet
        spans = (Span(edges[0], edges[1]), Span(edges[1], edges[2]))
        entered = [measures.leads_of(session, span, None) for span in spans]
    yield texts.look_line(texts.ENTERED, str(entered[1]), str(entered[0]) if _known(session, edges[0]) else None)
    in_hand = [row.number for row in session.execute(queries.in_hand()) if row.stage == stage]
    if in_hand:
        yield texts.in_it_now(sum(in_hand))


def _figures(session: Session, about: str, policy: Policy, now: datetime) -> Iterator[str]:
    wanted = (Measure.OBJECTIONS,) if about.startswith("category:") else OF_LEADS
    small = policy.council.smallest_share
    spans = (Span(now - LOOKED_AT, now), Span(now - 2 * LOOKED_AT, now - LOOKED_AT))
    known = _known(session, spans[1].since)
    for measure in wanted:
        is_, was = (measures.read(session, measure, span, policy, about) for span in spans)
        before = _told(measure, was, small, policy) if known else None
        yield texts.look_line(texts.MEASURES[measure], _told(measure, is_, small, policy), before)


def _known(session: Session, since: datetime) -> bool:
    """Whether Tandem was at work by then: of the time before it nothing is known, which is not nought."""
    return since_when(session) <= since


def _told(measure: Measure, reading: measures.Reading, small: int, policy: Policy) -> str:
    """A share with what stands behind it, and in percent only of enough."""
    unit = measures.unit_of(measure)
    if unit != measures.Unit.PERCENT:
        return texts.reading(reading.value or 0, unit, policy.deals.currencies[0])
    return texts.percent(round((reading.value or 0) * reading.of / 100), reading.of, small) if reading.of else "–"


def post(
    session: Session, channel: str, ts: str, about: str, by: Person, policy: Policy, key: str, now: datetime
) -> None:
    """Put the figures into a thread, once for `key`; where we are no member, whoever asked is told so."""
    facts = {"key": key, "thread_ts": ts, "lines": lines(session, about, policy, now), "by": by.id}
    draft = Draft(
        outbox.channel(channel),
        FACTS,
        Subject("council", by.id),
        f"facts:{key}",
        Kind.LETTER,
        facts,
        Priority.ANSWER_TO_A_TAP,
        expires_at=now + timedelta(hours=1),
    )
    outbox.enqueue(session, draft, now)


def _render(_session: Session, request: RenderRequest) -> Rendered:
    return Rendered(texts.LOOK_LOCK, [section("\n".join(request.facts["lines"]))])


def _not_posted(session: Session, request: RenderRequest, _reason: str) -> None:
    person = people.by_id(session, int(request.facts["by"]))
    key = f"facts-not:{request.facts['key']}"
    notes.answer(session, outbox.person(person.id), texts.NOT_POSTED, key, request.now)


def template() -> Template:
    return Template(FACTS, _render, on_dead=_not_posted)
