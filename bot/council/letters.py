"""The letter of a month to the executive sponsor: four numbers, two sentences, one picture, what is asked of them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.council import blocks, gather, letter_texts, measures, pictures, service, tables, texts
from bot.council.facts import Facts
from bot.council.pictures import Lines, Shown
from bot.council.rules import USUAL_WEEKS, Span, Week, month_after, month_before
from bot.council.tables import SponsorLetter
from bot.journal.service import SYSTEM, RulesInForce, record, rules_in_force, since_when
from bot.outbox import service as outbox
from bot.outbox.kit import header, section
from bot.outbox.rules import Kind
from bot.outbox.service import Draft
from bot.outbox.templates import Json, Rendered, RenderRequest, Subject
from bot.people import service as people
from bot.people.rules import Role
from bot.people.tables import Person
from bot.store import insert_if_new
from config.council import Measure
from config.policy import Policy

LETTER = "council_letter"
SETTLES = timedelta(seconds=10)
NUMBERS = (
    Measure.LEADS, Measure.ACCEPTANCE, Measure.SALES_IN_TIME, Measure.MARKETING_IN_TIME, Measure.WON, Measure.WON_VALUE,
)  # fmt: skip


@dataclass(frozen=True)
class Month:
    """A month of the company: its first day, and its instants."""

    first: date
    span: Span

    @property
    def code(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def picture(self) -> str:
        return f"letter:{self.code}"


def month_of(first: date, zone: str) -> Month:
    since, until = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (first, month_after(first)))
    return Month(first, Span(since, until))


def sponsors(session: Session) -> list[Person]:
    return [person for person in people.everybody(session) if Role.SPONSOR in person.role_names]


def due(session: Session, policy: Policy, now: datetime) -> Month | None:
    """The month to write of: the one before, until its letter is written; none of before the rules began."""
    if not policy.council.letter or policy.council.channel is None or not sponsors(session):
        return None
    first, own = month_before(now.astimezone(ZoneInfo(policy.zone)).date())
    month = month_of(first, policy.zone)
    begun = datetime.combine(own, time(), ZoneInfo(policy.zone))
    if since_when(session) > begun or session.scalar(tables.letter_of(month.code)):
        return None
    return month


def picture_of(session: Session, month: Month, rules: RulesInForce, now: datetime) -> Shown | None:
    """The one picture: promises kept by week, up to the last whole week of the month in which some were due.

    None where nothing was promised in its last four weeks.
    """
    last = Week.of(month.span.until.astimezone(ZoneInfo(rules.policy.zone)).date()).later(-1)
    for week in (last.later(-back) for back in range(USUAL_WEEKS)):
        facts = gather.facts_of(session, week, rules, now)
        for one in pictures.of(facts, rules.policy):
            if isinstance(one.plot, Lines):
                return Shown(month.picture, letter_texts.picture(week.number, one.title), one.alt, one.plot)
    return None


def write(session: Session, month: Month, rules: RulesInForce, now: datetime) -> bool:
    """Write the letter of a month, once; to every sponsor, in their own working hours."""
    policy = rules.policy
    facts = _facts(session, month, policy)
    letter_id = insert_if_new(session, SponsorLetter, month=month.code, at=now, facts=facts)
    if letter_id is None:
        return False
    for person in sponsors(session):
        draft = Draft(
            outbox.person(person.id),
            LETTER,
            Subject(LETTER, letter_id),
            f"letter:{month.code}:{person.id}",
            Kind.LETTER,
            not_before=max(people.next_at_work(person, policy, now), now + SETTLES),
        )
        outbox.enqueue(session, draft, now)
    record(session, SYSTEM, "letter_written", (LETTER, letter_id), now, {"month": month.code})
    return True


def _facts(session: Session, month: Month, policy: Policy) -> dict[str, Any]:
    """Each number of the month and of the one before it; the topic; what is asked."""
    before = month_of(month_before(month.first)[0], policy.zone)
    numbers: dict[str, Any] = {}
    for measure in NUMBERS:
        now, then = (measures.read(session, measure, one.span, policy) for one in (month, before))
        numbers[measure] = [now.value, now.of, then.value, then.of]
    heard = {
        category.code: [
            measures.read(session, Measure.OBJECTIONS, one.span, policy, f"category:{category.code}").of
            for one in (month, before)
        ]
        for category in policy.field.categories
    }
    topic = max(heard, key=lambda code: heard[code][0], default=None)
    compares = since_when(session) <= before.span.since
    return {
        "compares": compares,
        "numbers": numbers,
        "topic": [topic, *heard[topic]] if topic and heard[topic][0] else None,
    }


def render(session: Session, request: RenderRequest) -> Rendered:
    letter, policy = session.get_one(SponsorLetter, request.subject.id), rules_in_force(session).policy
    month = texts.month_name(date.fromisoformat(f"{letter.month}-01"))
    told: list[Json] = [header(letter_texts.title(month)), section("\n".join(_numbers(letter.facts, policy)))]
    told.append(section(" ".join(_sentences(letter.facts, policy))))
    shown = pictures.standing(session, f"letter:{letter.month}")
    if shown:
        told.append(blocks.picture(shown.file_id, shown.alt))
    told.append(section(f"{letter_texts.ASKED}\n{_asked(session, policy, request.now)}"))
    return Rendered(letter_texts.lock(month), told)


def _numbers(facts: dict[str, Any], policy: Policy) -> list[str]:
    numbers, small, currency = facts["numbers"], policy.council.smallest_share, policy.deals.currencies[0]
    leads, taken, won = numbers[Measure.LEADS], numbers[Measure.ACCEPTANCE], numbers[Measure.WON_VALUE]
    deals = numbers.get(Measure.WON, won)  # letters of before knew the deals of one currency only
    kept, due_ = _together(numbers, 0)
    kept_before, due_before = _together(numbers, 2)
    compares = facts["compares"]
    return [
        letter_texts.leads(leads[1], str(leads[3]) if compares else None),
        letter_texts.taken(_share(taken[0], taken[1], small) or "None", _share(taken[2], taken[3], small)),
        letter_texts.kept(_of(kept, due_, small) or "No", _of(kept_before, due_before, small)),
        letter_texts.won(
            (_money(won[0], won[1], currency), deals[1]),
            (_money(won[2], won[3], currency), deals[3]) if compares else None,
            currency,
        ),
    ]


def _money(value: float | None, deals: int, currency: str) -> str | None:
    """None where no deal has a value in this currency."""
    return texts.money(round((value or 0) * 100), currency) if deals else None


def _together(numbers: dict[str, Any], at: int) -> tuple[int, int]:
    """Promises kept by both teams together, and how many were due."""
    teams = [numbers[Measure.SALES_IN_TIME], numbers[Measure.MARKETING_IN_TIME]]
    return sum(round((one[at] or 0) * one[at + 1] / 100) for one in teams), sum(one[at + 1] for one in teams)


def _share(percent: float | None, of: int, small: int) -> str | None:
    return _of(round((percent or 0) * of / 100), of, small)


def _of(hits: int, of: int, small: int) -> str | None:
    """A share in words; None of nothing."""
    return texts.percent(hits, of, small) if of else None


def _sentences(facts: dict[str, Any], policy: Policy) -> list[str]:
    numbers = facts["numbers"]
    teams = [
        _share(numbers[measure][0], numbers[measure][1], policy.council.smallest_share)
        for measure in (Measure.SALES_IN_TIME, Measure.MARKETING_IN_TIME)
    ]
    told = [letter_texts.both(*teams)]
    if facts["topic"]:
        code, now, before = facts["topic"]
        category = policy.field.category(code)
        told.append(
            letter_texts.topic(category.label if category else code, now, before if facts["compares"] else None)
        )
    else:
        told.append(letter_texts.NO_TOPIC)
    return told


def _asked(session: Session, policy: Policy, now: datetime) -> str:
    """What would help most: a decision that is past its day, else a goal that its pace does not reach."""
    today = now.astimezone(ZoneInfo(policy.zone)).date().isoformat()
    late = [one for one in session.scalars(tables.open_decisions()) if one.due_on < today]
    if late:
        return letter_texts.help_decision(late[0].what, date.fromisoformat(late[0].due_on))
    newest = session.scalar(tables.newest_digest())
    facts: Facts | None = service.facts_in(newest) if newest else None
    for goal in facts.goals if facts else ():
        if goal.gives is not None and not measures.enough(goal.measure, goal.gives, goal.target):
            unit, currency = measures.unit_of(goal.measure), policy.deals.currencies[0]
            gives, target = (texts.reading(value, unit, currency) for value in (goal.gives, goal.target))
            return letter_texts.help_goal(goal.label, gives, target, goal.until)
    return letter_texts.THANK
