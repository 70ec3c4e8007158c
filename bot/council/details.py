"""What stands in the digest's thread: every figure behind it, in plain lines."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from bot.council import detail_texts as told
from bot.council import service, tables, texts
from bot.council.facts import Count, Facts, Origin, Reached, Share, Speed, Times, Within
from bot.council.rules import USUAL_WEEKS, Week, tells_the_truth
from bot.council.views import (
    MOST_CHANGES,
    Words,
    changes_of,
    decisions_of,
    figure,
    name_of,
    origin_name,
    quotes_of,
    said_in,
    usual,
)
from bot.feedback.answer_tables import AnswerCard
from bot.feedback.rules import Form
from bot.people import service as people
from bot.sla.texts import KINDS
from bot.wording import escape, first_name, listed, outside
from config.policy import Policy

MOST_ORIGINS, MOST_REASONS, MOST_QUOTES, MOST_PATTERNS, MOST_GIVEN = 6, 5, 2, 5, 3
MOST_LINES = 25  # of a part: what all parts together hold fits into one message


@dataclass(frozen=True)
class Detail:
    """A part of the thread: a heading and its lines, escaped."""

    heading: str
    lines: tuple[str, ...]


def of(session: Session, facts: Facts, policy: Policy, most: int | None = MOST_LINES) -> tuple[Detail, ...]:
    """All parts that have anything to tell, each with `most` lines; None for all of them, as a sheet has room for."""
    words, small = Words(session, facts, policy), policy.council.smallest_share
    changes = list(changes_of(facts, words))
    parts = (
        (told.CHANGES, changes if len(changes) > MOST_CHANGES else []),
        (told.FLOW, _flow(facts, words, service.told_before(session, facts))),
        (told.QUALITY, _quality(facts, words, small)),
        (told.PROMISES, _promises(facts, small)),
        (told.FIELD, _field(session, facts, words, small)),
        (told.OUTCOME, _outcome(facts, words)),
        (told.CAMPAIGNS, _campaigns(facts, policy)),
        (told.PEOPLE, _capacity(facts, words)),
        (told.GOALS, goals(session, policy)),
        (told.AGENDA, agenda(session, facts)),
        (told.DECIDED, decisions(session, facts, policy)),
    )
    found = [Detail(heading, tuple(_first_of(lines, most))) for heading, lines in parts]
    return tuple(detail for detail in found if detail.lines)


def _first_of(lines: Iterable[str], most: int | None) -> Iterator[str]:
    """As many lines as there is room for, and how many more there are."""
    found = list(lines)
    yield from found[:most]
    if most is not None and len(found) > most:
        yield texts.OTHERS.format(number=len(found) - most)


def _flow(facts: Facts, words: Words, earlier: Sequence[Facts]) -> Iterator[str]:
    for stage, count in facts.flow.entered.items():
        if count.now or count.four:
            yield told.entered(stage, count.now, _count_beside(facts, count))
    for stage, count in facts.flow.left.items():
        if count.now or count.four:
            yield told.left(stage, count.now, _count_beside(facts, count))
    yield from _in_hand(facts, earlier)
    worst = facts.flow.bottleneck
    if worst:
        waited = {one.week: _waited(one, worst.kind) for one in earlier}
        before = waited.get(Week.parse(facts.week).later(-1).code)
        four = [hours for hours in waited.values() if hours is not None]
        usual_ = texts.clock(sum(four) / USUAL_WEEKS * 60) if len(four) == USUAL_WEEKS else None
        beside = told.beside(texts.clock(before * 60) if before else None, usual_)
        yield told.bottleneck(worst.kind, worst.number, texts.clock(worst.hours * 60), beside)
        given = [(escape(words.reason(one.reason)), one.count.now) for one in facts.quality.back if one.count.now]
        if given:
            yield told.given(given[:MOST_GIVEN])
    for left in facts.flow.stages:
        now = left.times.now
        if now.number:
            yield told.stage(left.stage, texts.clock(now.median), now.number, _times_beside(facts, left.times))
    for one in facts.flow.cohorts:
        month = texts.month_name(date.fromisoformat(f"{one.month}-01"))
        yield told.cohort(month, _reached(one), _reached(one.before) if one.before else None)


def _in_hand(facts: Facts, earlier: Sequence[Facts]) -> Iterator[str]:
    """How many leads are where, and how many were there with the digests before."""
    in_hand = facts.flow.in_hand
    for stage, name in told.IN_HAND.items():
        if stage in in_hand:
            yield told.in_hand(in_hand[stage], name, _stood(facts, earlier, partial(_had_in_hand, stage=stage)))
    told_of = [one for one in earlier if not told.LYING.keys().isdisjoint(one.flow.in_hand)]
    for stage in told.LYING:
        if in_hand.get(stage):
            yield told.lying(in_hand[stage], stage, _stood(facts, told_of, partial(_had_in_hand, stage=stage)))


def _reached(one: Reached) -> tuple[int, int, int, int]:
    return one.came, one.accepted, one.qualified, one.won


def _had_in_hand(facts: Facts, stage: str) -> int:
    return facts.flow.in_hand.get(stage, 0)


def _waited(facts: Facts, kind: str) -> float | None:
    return next((one.hours for one in facts.flow.waits if one.kind == kind), None)


# -- what stands beside each figure: the week before, and what is usual where there were four weeks -------------------


def _count_beside(facts: Facts, count: Count) -> str:
    return told.beside(
        str(count.before) if facts.knows_before else None, texts.about(count.usual) if facts.compares else None
    )


def _share_beside(facts: Facts, share: Share, small: int) -> str:
    before = texts.of(share.hits.before, share.of.before) if share.of.before else None
    return told.beside(before, usual(share, small) if facts.compares and share.of.four >= small else None)


def _times_beside(facts: Facts, times: Times) -> str:
    before = texts.clock(times.before.median) if times.before.number else None
    return told.beside(before, texts.clock(times.four.median) if facts.compares and times.four.number else None)


def _p90_beside(facts: Facts, times: Times) -> str:
    before = texts.clock(times.before.p90) if times.before.number else None
    return told.beside(before, texts.clock(times.four.p90) if facts.compares and times.four.number else None)


def _quick(facts: Facts, speed: Speed, of: Callable[[Within], int]) -> tuple[str, str]:
    """How many first contacts were as quick, and what stands beside it."""
    now, before, four = (
        texts.of(of(one), one.number) if one.number else None for one in (speed.now, speed.before, speed.four)
    )
    return now or "–", told.beside(before, f"{four} in four weeks" if four and facts.compares else None)


def _stood(facts: Facts, earlier: Sequence[Facts], number: Callable[[Facts], float]) -> str:
    """Beside what stands now: how it stood with the digest of the week before, and in the mean of four."""
    week = Week.parse(facts.week)
    before = next((number(one) for one in earlier if one.week == week.later(-1).code), None)
    usual = sum(map(number, earlier)) / len(earlier) if len(earlier) == USUAL_WEEKS else None
    return told.beside(None if before is None else texts.about(before), None if usual is None else texts.about(usual))


# -- the parts --------------------------------------------------------------------------------------------------------


def _quality(facts: Facts, words: Words, small: int) -> Iterator[str]:
    taken = facts.quality.acceptance
    if taken.of.now:
        share = texts.percent(taken.hits.now, taken.of.now, small)
        yield told.taken(share, _share_beside(facts, taken, small))
    no_fit = facts.quality.no_fit
    if no_fit and no_fit.now:
        yield told.no_fit(no_fit.now, _count_beside(facts, no_fit))
    classes: dict[str, list[Count]] = {}
    for back in facts.quality.back:
        classes.setdefault(back.kind or "other", []).append(back.count)
    of_class = {name: Count.together(counts) for name, counts in classes.items()}
    if any(count.now for count in of_class.values()):
        yield told.came_back([(name, count.now, _count_beside(facts, count)) for name, count in of_class.items()])
    for back in facts.quality.back[:MOST_REASONS]:
        if back.count.now:
            yield told.reason(escape(words.reason(back.reason)), back.count.now, _count_beside(facts, back.count))
    given = sum(bool(back.count.now) for back in facts.quality.back)
    if given > MOST_REASONS:
        yield texts.OTHERS.format(number=given - MOST_REASONS)
    for part in (facts.quality.sources, [one for one in facts.quality.campaigns if one.code]):
        yield from _origins([one for one in part if one.came.now or one.taken.of.now], facts, words, small)
    yield from _bands(facts, small)


def _origins(found: Sequence[Origin], facts: Facts, words: Words, small: int) -> Iterator[str]:
    """What came from where and what sales made of it, with the reasons given for what came back."""
    for origin in found[:MOST_ORIGINS]:
        name, answered = escape(name_of(origin, facts, words)), origin.taken.of.now
        yield told.origin(name, origin.came.now, _count_beside(facts, origin.came))
        if answered:
            share_of = texts.percent(origin.taken.hits.now, answered, small)
            given = [(escape(words.reason(code)), number) for code, number in origin.reasons]
            yield told.origin_taken(name, share_of, _share_beside(facts, origin.taken, small), given)
    if len(found) > MOST_ORIGINS:
        yield texts.OTHERS.format(number=len(found) - MOST_ORIGINS)


def _bands(facts: Facts, small: int) -> Iterator[str]:
    bands = facts.quality.bands
    if bands:
        yield told.bands(
            [
                told.band(
                    one.name,
                    texts.percent(one.taken, one.answered, small),
                    texts.of(one.taken_before, one.answered_before) if one.answered_before else None,
                )
                for one in bands
            ]
        )
    truth = tells_the_truth([(one.taken, one.answered) for one in bands if one.answered >= small])
    if truth is not None:
        yield told.TRUTH[truth]


def _promises(facts: Facts, small: int) -> Iterator[str]:
    for one in facts.promises.kinds:
        due = one.kept.of.now
        if due or one.open:
            kept = texts.percent(one.kept.hits.now, due, small) if due else None
            beside = _share_beside(facts, one.kept, small)
            yield told.promise(one.team, KINDS[one.kind or ""].lower(), kept, one.open, beside)
    speed, now = facts.promises.speed, facts.promises.speed.times.now
    if now.number:
        yield told.speed(texts.clock(now.median), _times_beside(facts, speed.times))
        yield told.slowest(texts.clock(now.p90), _p90_beside(facts, speed.times))
        yield told.within("within 5 minutes", *_quick(facts, speed, lambda one: one.in_5))
        yield told.within("within the hour", *_quick(facts, speed, lambda one: one.in_60))
    rang = facts.promises.rang
    if rang.of.now:
        share = texts.percent(rang.hits.now, rang.of.now, small)
        yield told.pings(rang.of.now, share, _share_beside(facts, rang, small))


def _field(session: Session, facts: Facts, words: Words, small: int) -> Iterator[str]:
    for said in facts.field.objections:
        if said.count.now or said.count.before:
            label = escape(words.objection(said.code))
            yield told.objection(label, said.count.now, _count_beside(facts, said.count), is_new=said.is_new)
    feedback = [said for said in facts.field.feedback if said.count.now or said.count.before]
    if any(said.count.now for said in feedback):
        labels = [escape(words.kind(one.code, Form.FEEDBACK)) for one in feedback]
        counted = [(one.count.now, _count_beside(facts, one.count)) for one in feedback]
        yield told.feedback([(label, *of) for label, of in zip(labels, counted, strict=True)])
    for pattern in facts.field.patterns[:MOST_PATTERNS]:
        yield told.unanswered(said_in(session, pattern.report, 100), pattern.reporters)
    if len(facts.field.patterns) > MOST_PATTERNS:
        yield texts.OTHERS.format(number=len(facts.field.patterns) - MOST_PATTERNS)
    for used in facts.field.used:
        card = session.get(AnswerCard, used.card)
        if card:
            before = texts.of(used.worked_before, used.used_before) if used.used_before else None
            yield told.used(outside(card.asks, 80), used.worked, used.used, small, told.beside(before, None))
    for quote in quotes_of(session, facts.field.messages, MOST_QUOTES):
        yield told.on_our_message(quote.said, quote.who)
    for quote in quotes_of(session, facts.field.trends, MOST_QUOTES):
        yield told.trend(quote.said, quote.who)
    answered = facts.field.answered
    if answered.of.now:
        share = texts.percent(answered.hits.now, answered.of.now, small)
        yield told.answered(share, _share_beside(facts, answered, small))


def _outcome(facts: Facts, words: Words) -> Iterator[str]:
    for value in facts.won_value:
        before = texts.money(value.count.before, value.currency) if facts.knows_before else None
        usual_ = texts.money(round(value.count.usual), value.currency) if facts.compares else None
        yield told.won_value(texts.money(value.count.now, value.currency), told.beside(before, usual_))
    for one in [one for one in facts.ended if one.won.now or one.lost.now]:
        name = origin_name(one.source, one.campaign, words.policy)
        brought = ", ".join(texts.money(number, currency) for currency, number in one.values)
        won, lost = (f"{count.now} {what}" for count, what in ((one.won, told.WON), (one.lost, told.LOST)))
        beside = [_count_beside(facts, count) for count in (one.won, one.lost)]
        yield told.ended(escape(name), f"{won}{f' ({brought})' if brought else ''}{beside[0]}", f"{lost}{beside[1]}")
    now = facts.cycle.now
    if now.number:
        yield told.cycle(texts.clock(now.median), now.number, _times_beside(facts, facts.cycle))


def _campaigns(facts: Facts, policy: Policy) -> Iterator[str]:
    currency = policy.deals.currencies[0]
    for one in facts.campaigns:
        name = escape(policy.campaign_name(one.code) or one.code)
        if not one.runs and one.starts:
            yield told.begins(name, one.starts)
            continue
        cost = None
        if one.cost is not None:
            each = texts.money(round(one.cost * 100 / one.came), currency) if one.came else None
            cost = told.cost(texts.money(one.cost * 100, currency), each)
        small = policy.council.smallest_share
        origin = next((origin for origin in facts.quality.campaigns if origin.code == one.code), None)
        beside = _count_beside(facts, origin.came) if origin else ""
        yield told.campaign(name, one.came, one.starts, f"{one.this_week} this week{beside}", one.ends, cost)
        if origin and origin.taken.of.now:
            share = texts.percent(origin.taken.hits.now, origin.taken.of.now, small)
            yield told.response(name, share, _share_beside(facts, origin.taken, small))


def _capacity(facts: Facts, words: Words) -> Iterator[str]:
    for load in facts.load:
        yield told.load(load.team, load.people, load.promises, load.leads)
    backups = people.names(words.session, [one.backup for one in facts.away if one.backup])
    for away in facts.away:
        name, backup = words.person(away.person), backups.get(away.backup or 0)
        if name:
            yield told.away(escape(name), away.first, away.last, escape(backup) if backup else None)


def decisions(session: Session, facts: Facts, policy: Policy) -> Iterator[str]:
    """What is decided and open, and what was done lately, with the figure then and now; who is late is not named."""
    today = Week.parse(facts.week).later(1).first
    for one in decisions_of(session, facts):
        late = not one.done and one.due < today
        line = (
            texts.decision_late(one.what, one.due) if late else texts.decision(one.what, one.owner, one.due, late=False)
        )
        figures = f"; {figure(one.kept, policy)}" if one.kept.measure and one.kept.later_of is not None else ""
        yield f"{'✓ ' if one.done else ''}{line}{figures}"


def agenda(session: Session, facts: Facts) -> Iterator[str]:
    """All that members want to talk about."""
    items = session.scalars(tables.agenda(facts.week)).all()
    names = people.names(session, [item.by_id for item in items])
    for item in items:
        yield texts.agenda_item(item.said, names.get(item.by_id, ""), item.link)


def goals(session: Session, policy: Policy) -> Iterator[str]:
    """Who answers for each goal, in each team, and until when."""
    for goal in policy.council.goals:
        owners = [people.by_email(session, email) for email in (goal.sales, goal.marketing)]
        names = [escape(first_name(owner.name)) for owner in owners if owner]
        yield told.goal(escape(goal.label), listed(names), goal.until)
