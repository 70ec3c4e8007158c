"""The facts in words: names looked up, changes weighed, what asks for a decision. One view for every form they take.

Its lines are escaped for mrkdwn and for HTML alike, and carry no marks of their own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.council import measures, queries, tables, texts
from bot.council.facts import Facts, GoalFact, Kept, Origin, Said, Share, Win
from bot.council.rules import Direction, Pace, Week, measured_over
from bot.council.tables import CouncilDigest, Decision
from bot.feedback.rules import Form
from bot.feedback.tables import FieldReport
from bot.leads.tables import Contact, Lead
from bot.people import service as people
from bot.wording import day_and_time, escape, outside
from config.policy import Policy

MOST_CHANGES, MOST_ITEMS, MOST_LATE, MOST_QUOTES, MOST_WINS, MOST_DUE, MOST_RUNNING = 3, 3, 2, 2, 2, 3, 5
NEVER = date.max


@dataclass(frozen=True)
class Quote:
    said: str
    who: str


@dataclass(frozen=True)
class DecisionView:
    """A decision as a digest tells it; `done` by the end of what it tells."""

    kept: Decision
    what: str
    owner: str
    due: date
    done: bool


@dataclass(frozen=True)
class DigestView:
    """One week as the council reads it. `table` has a row for each measure: its name, sales, marketing."""

    week: str
    title: str
    lock: str
    headline: str
    quotes: tuple[Quote, ...]
    goals: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: str  # said where nothing is
    decide: tuple[str, ...]
    table: tuple[tuple[str, str, str], ...]
    running: str | None
    decided: str | None
    due: tuple[str, ...]  # decisions whose day has come: the figure then and now
    wins: tuple[str, ...]
    corrections: tuple[str, ...]


class Words:
    """Names of what the facts know by code or id, asked once."""

    def __init__(self, session: Session, facts: Facts, policy: Policy) -> None:
        self.session, self.policy = session, policy
        ids = {win.by for win in facts.wins} | {one.person for one in facts.away}
        self._names = people.names(session, [one for one in ids if one])

    def person(self, person_id: int | None) -> str | None:
        return self._names.get(person_id or 0)

    def objection(self, code: str) -> str:
        found = self.policy.field.category(code)
        return found.label if found else code

    def kind(self, code: str, form: str) -> str:
        if form == Form.OBJECTION:
            return self.objection(code)
        found = self.policy.field.kind(code)
        return found.label if found else code

    def reason(self, code: str) -> str:
        return next((one.label for one in self.policy.rejections if one.code == code), code)

    def marketer(self, source: str, campaign: str | None) -> str | None:
        owner = people.marketing_owner(self.session, self.policy, source, campaign)
        return owner.name if owner else None


def of(session: Session, facts: Facts, policy: Policy, digest: CouncilDigest | None = None) -> DigestView:
    """A week in words; with its digest also what was corrected since."""
    words, week = Words(session, facts, policy), Week.parse(facts.week)
    runs = facts.as_of < facts.edges[-1]
    decisions = decisions_of(session, facts)
    today = min(week.later(1).first, day_of(facts.as_of, facts.zone))
    kept, topic = _kept_by_all(facts), _topic(facts)
    headline = "; ".join(filter(None, [_promises_headline(facts, policy), _topic_headline(facts, topic, words)]))
    return DigestView(
        week=facts.week,
        title=texts.title(week.number, week.first, week.last) + (texts.SO_FAR if runs else ""),
        lock=texts.lock(week.number, kept, _topic_headline(facts, topic, words)),
        headline=f"{texts.sentence(headline)}.",
        quotes=tuple(quotes_of(session, facts.field.quotes, MOST_QUOTES)),
        goals=tuple(_goal(goal, policy) for goal in facts.goals),
        changed=tuple(changes_of(facts, words, MOST_CHANGES)),
        unchanged=texts.NO_CHANGE if facts.compares else texts.RUNS if runs else texts.TOO_EARLY,
        decide=tuple(_to_decide(session, facts, decisions, words, today)),
        table=tuple(_table(facts)),
        running=_running(facts, policy),
        decided=_decided(decisions, today),
        due=tuple(_then_and_now(decisions, policy)),
        wins=tuple(_wins(session, facts, words)),
        corrections=tuple(_corrections(digest, facts.zone)) if digest else (),
    )


# -- headline ---------------------------------------------------------------------------------------------------------


def _kept_by_all(facts: Facts) -> str | None:
    """Of both teams together, as the scorecard below has them."""
    teams = [team for team in (facts.promises.of("sales"), facts.promises.of("marketing")) if team]
    number = sum(team.kept.of.now for team in teams)
    return texts.of(sum(team.kept.hits.now for team in teams), number) if number else None


def _promises_headline(facts: Facts, policy: Policy) -> str | None:
    """Both teams in one breath where they kept as many; else each with its own count."""
    sales, marketing = facts.promises.of("sales"), facts.promises.of("marketing")
    due = [team for team in (sales, marketing) if team and team.kept.of.now]
    if len(due) == 2:
        pairs = [(team.kept.hits.now, team.kept.of.now) for team in due]
        tenths = {texts.tenths(hits, of) for hits, of in pairs}
        many = all(of >= policy.council.smallest_share for _, of in pairs)
        if many and len(tenths) == 1 and (both := tenths.pop()) > 0:
            return texts.headline_both(both)
        return texts.headline_each(*(texts.of(team.kept.hits.now, team.kept.of.now) for team in due))
    kept = _kept_by_all(facts)
    return texts.headline_all(kept) if kept else None


def _topic(facts: Facts) -> Said | None:
    """The objection to speak of: one that comes up more than usual, else the most frequent one."""
    heard = [said for said in facts.field.objections if said.count.now]
    more = [said for said in heard if facts.compares and said.count.changed == Direction.MORE]
    return next(iter([*more, *heard]), None)


def _topic_headline(facts: Facts, topic: Said | None, words: Words) -> str:
    if topic is None:
        return texts.headline_leads(facts.flow.entered["came"].now)
    label = escape(words.objection(topic.code))
    usual = topic.count.usual if facts.compares and topic.count.changed != Direction.SAME else None
    return texts.came_up(label, topic.count.now, usual)


# -- parts ------------------------------------------------------------------------------------------------------------


def quotes_of(session: Session, report_ids: Sequence[int], most: int) -> Iterator[Quote]:
    """In their words; what was taken back meanwhile is not quoted."""
    for report_id in report_ids:
        report = session.get(FieldReport, report_id)
        if report is None or report.state == "undone" or not most:
            continue
        most -= 1
        via = people.names(session, [report.reporter_id]).get(report.reporter_id)
        yield Quote(outside(report.said, 200), texts.said_by(_title_of(session, report), via))


def _title_of(session: Session, report: FieldReport) -> str | None:
    found = select(Contact.title).join(Lead, Lead.contact_id == Contact.id).where(Lead.id == report.lead_id)
    return session.scalar(found) if report.lead_id else None


def _goal(goal: GoalFact, policy: Policy) -> str:
    return goal_line(goal.label, goal.measure, (goal.value, goal.target), Pace(goal.day, goal.days, goal.gives), policy)


def goal_line(label: str, measure: str, of: tuple[float, float], at: Pace, policy: Policy) -> str:
    """`38 of 60 SQLs`, and on which day of how many; `of` is how much, of what is wanted."""
    unit, currency = measures.unit_of(measure), policy.deals.currencies[0]
    value, target = (texts.reading(told, unit, currency) for told in of)
    gives = texts.reading(at.gives, unit, currency) if at.gives is not None else None
    return texts.goal(
        label, (value, target), (at.day, at.days), gives, enough=measures.enough(measure, at.gives, of[1])
    )


def changes_of(facts: Facts, words: Words, most: int | None = None) -> Iterator[str]:
    """What is more than noise, the weightiest first; of more than the page has room for, how many stand below it."""
    told = [line for _, line in sorted(_changes(facts, words), key=lambda one: one[0])]
    yield from told[:most]
    if most is not None and len(told) > most:
        yield texts.more_changes(len(told) - most)


def _changes(facts: Facts, words: Words) -> Iterator[tuple[int, str]]:
    """What is more than noise, with its weight: the smaller, the sooner it is told."""
    if not facts.compares:
        return
    answer, small = facts.promises.answer, words.policy.council.smallest_share
    if answer.changed != Direction.SAME:
        yield 0, texts.median_changed(texts.minutes(answer.now.median), texts.minutes(answer.four.median))
    for number, said in enumerate(facts.field.objections):
        label = words.objection(said.code)
        if said.is_new and said.count.changed == Direction.MORE:
            yield 10 + number, texts.objection_new(label, said.count.now)
        elif said.count.changed != Direction.SAME:
            yield 5 + number, texts.objection_changed(label, said.count.now, said.count.usual)
    for number, origin in enumerate(worse_origins(facts)):
        most = next(iter(origin.reasons), None)
        reason = (words.reason(most[0]), most[1]) if most else None
        yield 15 + number, texts.origin_changed(name_of(origin, facts, words), _back(origin), _of(origin), reason)
    taken = facts.quality.acceptance
    if taken.changed != Direction.SAME:
        yield 3, texts.acceptance_changed(taken.hits.now, taken.of.now, usual(taken, small))
    for team in facts.promises.teams:
        if team.kept.changed != Direction.SAME:
            yield 1, texts.kept_changed(team.team, team.kept.hits.now, team.kept.of.now, usual(team.kept, small))
    came = facts.flow.entered["came"]
    if came.changed != Direction.SAME:
        yield 4, texts.leads_changed(came.now, came.usual)


def usual(share: Share, small: int) -> str:
    return texts.in_ten(share.hits.four, share.of.four, small)


def worse_origins(facts: Facts) -> list[Origin]:
    """Campaigns and sources of which sales took less than usual.

    What a campaign did is not told once more of its source: only where the leads without one came out worse, too.
    """
    campaigns = [one for one in facts.quality.campaigns if one.code and one.taken.changed == Direction.LESS]
    sources = [one for one in facts.quality.sources if one.taken.changed == Direction.LESS]
    if campaigns:
        sources = [one for one in sources if one.alone is not None and one.alone.changed == Direction.LESS]
    return [*campaigns, *sources]


def name_of(origin: Origin, facts: Facts, words: Words) -> str:
    if origin in facts.quality.sources:
        return words.policy.source_name(origin.code or "")
    return words.policy.campaign_name(origin.code) or (origin.code or "–")


def origin_name(source: str, campaign: str | None, policy: Policy) -> str:
    """Where a lead came from: by its source, and its campaign where it has one."""
    named = policy.campaign_name(campaign) or campaign
    return f"{policy.source_name(source)}, {named}" if named else policy.source_name(source)


def _back(origin: Origin) -> int:
    return origin.taken.of.now - origin.taken.hits.now


def _of(origin: Origin) -> int:
    return origin.taken.of.now


def _to_decide(
    session: Session, facts: Facts, decisions: Iterable[DecisionView], words: Words, today: date
) -> Iterator[str]:
    """What members put on the agenda, and what the facts ask."""
    items = session.scalars(tables.agenda(facts.week)).all()
    names = people.names(session, [item.by_id for item in items])
    for item in items[:MOST_ITEMS]:
        yield texts.agenda_item(item.said, names.get(item.by_id, ""), item.link)
    if len(items) > MOST_ITEMS:
        yield texts.more_on_agenda(len(items) - MOST_ITEMS)
    late = [one for one in decisions if not one.done and one.due < today]
    for decision in late[:MOST_LATE]:
        yield texts.decide_late(decision.what, decision.due)
    for origin in [one for one in worse_origins(facts) if one.reasons][:1]:
        yield texts.decide_origin(name_of(origin, facts, words), words.reason(origin.reasons[0][0]))
    for pattern in facts.field.patterns[:1]:
        yield texts.decide_pattern(said_in(session, pattern.report, 70), pattern.reporters)
    uncovered = [away for away in facts.away if away.backup is None and words.person(away.person)]
    for away in uncovered[:MOST_LATE]:
        yield texts.decide_cover(words.person(away.person) or "", away.first, away.last)


def _table(facts: Facts) -> Iterator[tuple[str, str, str]]:
    sales, marketing = facts.promises.of("sales"), facts.promises.of("marketing")
    if not any(team and (team.kept.of.now or team.open) for team in (sales, marketing)):
        return
    in_time, median, open_now = texts.ROWS
    yield in_time, _in_time(sales), _in_time(marketing)
    yield median, _median(facts, sales), _median(facts, marketing)
    if facts.as_of < facts.edges[-1] + timedelta(days=8):  # of an older week nobody knows any more
        yield open_now, _open(sales), _open(marketing)


def _in_time(team: Kept | None) -> str:
    return texts.of(team.kept.hits.now, team.kept.of.now) if team and team.kept.of.now else "–"


def _open(team: Kept | None) -> str:
    return str(team.open) if team else "–"


def _median(facts: Facts, team: Kept | None) -> str:
    return texts.minutes(facts.promises.medians[team.team].now.median) if team else "–"


def _running(facts: Facts, policy: Policy) -> str | None:
    runs = [texts.campaign(policy.campaign_name(one.code) or one.code, one.came) for one in facts.campaigns if one.runs]
    coming = [
        texts.campaign_coming(policy.campaign_name(one.code) or one.code, one.starts)
        for one in facts.campaigns
        if not one.runs and one.starts
    ]
    told = [*runs, *coming]
    more = [texts.OTHERS.format(number=len(told) - MOST_RUNNING)] if len(told) > MOST_RUNNING else []
    return ", ".join([*told[:MOST_RUNNING], *more]) or None


def decisions_of(session: Session, facts: Facts) -> list[DecisionView]:
    """What is decided and open, and what ended lately; of an older week as it stood when that was over.

    The newest digest lives on until the next one: it shows every decision as it is.
    """
    newest = session.scalar(tables.newest_digest())
    until = facts.edges[-1] if newest is not None and newest.week > facts.week else None
    found = session.scalars(tables.decisions_to_tell(facts.edges[-2], until)).all()
    names = people.names(session, [one.owner_id for one in found])
    return [
        DecisionView(
            one,
            one.what,
            names.get(one.owner_id, ""),
            date.fromisoformat(one.due_on),
            one.done_at is not None and (until is None or one.done_at < until),
        )
        for one in found
    ]


def _decided(decisions: Iterable[DecisionView], today: date) -> str | None:
    running = [one.due for one in decisions if not one.done]
    late = [day for day in running if day < today]
    return texts.decided(len(running), len(late), min(late, default=None)) if running else None


def _then_and_now(decisions: Iterable[DecisionView], policy: Policy) -> Iterator[str]:
    """Decisions whose day has come: what is to be seen of them."""
    measured = [one for one in decisions if one.kept.measure and one.kept.later_of is not None]
    if len(measured) > MOST_DUE:
        yield texts.more_due(len(measured) - MOST_DUE)
    for decision in measured[-MOST_DUE:]:
        yield texts.came_of_it(outside(decision.what, 80), figure(decision.kept, policy))


def told(decision: Decision, value: float | None, of: int | None, policy: Policy) -> str:
    """A figure of a decision in its unit; a share with what stands behind it, and in percent only of enough."""
    unit = measures.unit_of(decision.measure or "")
    if unit == measures.Unit.PERCENT and of:
        return texts.percent(round((value or 0) * of / 100), of, policy.council.smallest_share)
    return texts.reading(value, unit, policy.deals.currencies[0])


def figure(decision: Decision, policy: Policy) -> str:
    """A decision's figure when it was made, and after its day: `14 days each: 52 % then, 71 % now, wanted 70 %`."""
    unit, currency = measures.unit_of(decision.measure or ""), policy.deals.currencies[0]
    then = told(decision, decision.then_value, decision.then_of, policy)
    since = told(decision, decision.later_value, decision.later_of, policy)
    wanted = texts.reading(decision.target, unit, currency) if decision.target is not None else None
    name, narrowed = texts.MEASURES[decision.measure or ""], about_name(decision.about, policy)
    days = measured_over(day_of(decision.decided_at, policy.zone), date.fromisoformat(decision.due_on)).days
    return texts.then_and_now(name, days, then, since, wanted, narrowed)


def about_name(about: str | None, policy: Policy) -> str | None:
    """What a measure is narrowed to, by its name."""
    kind, _, code = (about or "").partition(":")
    if kind == "source":
        return policy.source_name(code)
    if kind == "category":
        found = policy.field.category(code)
        return found.label if found else code
    return policy.campaign_name(code) if kind == "campaign" else None


def said_in(session: Session, report_id: int, most: int) -> str:
    """What a report says, escaped."""
    report = session.get(FieldReport, report_id)
    return outside(report.said, most) if report else "–"


def _wins(session: Session, facts: Facts, words: Words) -> Iterator[str]:
    won = facts.flow.entered["won"].now
    yield from (_win(session, win, words) for win in facts.wins[:MOST_WINS])
    if won > MOST_WINS:
        yield texts.OTHERS.format(number=won - MOST_WINS)


def _win(session: Session, win: Win, words: Words) -> str:
    named = session.execute(queries.accounts_of([win.lead])).first()
    account = named.name if named else f"Lead {win.lead}"
    value = texts.money(win.value, win.currency) if win.value and win.currency else None
    return texts.won(account, value, words.person(win.by), words.marketer(win.source, win.campaign), win.touches)


def _corrections(digest: CouncilDigest, zone: str) -> Iterator[str]:
    for one in digest.corrections:
        at = datetime.fromisoformat(one["at"])
        what = [(name, was, now) for name, (was, now) in one["what"].items()]
        if what:
            yield texts.corrected(day_and_time(at, zone, at), what)


def day_of(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
