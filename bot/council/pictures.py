"""What the digest's pictures show, as values; each with a finding, an alternative text, and a hash of what it shows.

A picture is drawn and uploaded once, and again only when the hash is another one.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.council import picture_texts as told
from bot.council import tables, texts
from bot.council.facts import Facts
from bot.council.rules import Week
from bot.council.tables import Picture
from bot.store import insert_if_new
from bot.wording import shorten
from config.policy import Policy

LOOK = 2  # another number draws every picture anew
MOST_ROWS, WORDS = 4, 26
SHOWN_ANEW = timedelta(minutes=40)
FUNNEL, KEPT, OBJECTIONS = "funnel", "kept", "objections"


@dataclass(frozen=True)
class Bars:
    """Named bars, with a mark for what is usual where that is known: the funnel of the week."""

    names: tuple[str, ...]
    now: tuple[int, ...]
    usual: tuple[float, ...] | None


@dataclass(frozen=True)
class Lines:
    """Shares in percent by week for both teams, None where too little was due for one; and how much was due.

    `ends` are what stands at the end of each line: of the newest week.
    """

    weeks: tuple[str, ...]
    sales: tuple[float | None, ...]
    marketing: tuple[float | None, ...]
    sales_due: tuple[int, ...]
    marketing_due: tuple[int, ...]
    ends: tuple[str, str]


@dataclass(frozen=True)
class Rows:
    """Small columns by week, a row for each name, the newest week filled."""

    weeks: tuple[str, ...]
    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Shown:
    """One picture: what it is known by, what it says, and what is on it."""

    name: str
    title: str
    alt: str
    plot: Bars | Lines | Rows

    @property
    def drawn_from(self) -> str:
        held = json.dumps([LOOK, self.title, type(self.plot).__name__, asdict(self.plot)], sort_keys=True)
        return hashlib.sha256(held.encode()).hexdigest()


def of(facts: Facts, policy: Policy) -> tuple[Shown, ...]:
    """The pictures of a week; one that would show nothing is left out."""
    return tuple(_of(facts, policy))


def _of(facts: Facts, policy: Policy) -> Iterator[Shown]:
    week = Week.parse(facts.week)
    names = tuple(_week_name(week.later(number)) for number in range(-7, 1))
    entered = {stage: count for stage, count in facts.flow.entered.items() if stage not in ("lost", "rejected")}
    if any(count.now or count.four for count in entered.values()):
        bars = Bars(
            tuple(texts.STAGES[stage] for stage in entered),
            tuple(count.now for count in entered.values()),
            tuple(count.usual for count in entered.values()) if facts.compares else None,
        )
        came, won = entered["came"].now, entered["won"].now
        finding = told.funnel(came, won)
        yield Shown(
            _named(facts, FUNNEL),
            finding,
            told.funnel_alt(finding, week.number, bars.names, bars.now, bars.usual),
            bars,
        )
    yield from _kept(facts, names, policy.council.smallest_share)
    heard = [said for said in facts.field.objections if any(said.count.weeks)][:MOST_ROWS]
    if heard:
        labels = [_label(said.code, policy) for said in heard]
        begins = _begins([any(column) for column in zip(*(said.count.weeks for said in heard), strict=True)])
        rows = Rows(names[begins:], tuple(labels), tuple(said.count.weeks[begins:] for said in heard))
        first = heard[0].count
        yield Shown(
            _named(facts, OBJECTIONS),
            told.objections(labels[0], first.now, first.usual if facts.compares else None),
            told.objections_alt(
                labels,
                [said.count.now for said in heard],
                [said.count.before for said in heard] if facts.knows_before else None,
            ),
            rows,
        )


def _kept(facts: Facts, names: tuple[str, ...], small: int) -> Iterator[Shown]:
    """Promises kept by both teams; nothing where no week had enough of them for a share."""
    pairs = [_pairs(facts, team) for team in ("sales", "marketing")]
    shares = [tuple(100 * hits / of if of >= small else None for hits, of in weeks) for weeks in pairs]
    if not any(of for _, of in (pairs[0][-1], pairs[1][-1])) or shares[0] == shares[1] == (None,) * len(names):
        return
    begins = _begins([any(of for _, of in week) for week in zip(*pairs, strict=True)])
    due = [tuple(of for _, of in weeks[begins:]) for weeks in pairs]
    finding = told.kept(*(told.of_due(*weeks[-1]) for weeks in pairs))
    yield Shown(
        _named(facts, KEPT),
        finding,
        told.kept_alt(finding, names[begins:], *([told.of_due(*week) for week in weeks[begins:]] for weeks in pairs)),
        Lines(
            names[begins:],
            shares[0][begins:],
            shares[1][begins:],
            due[0],
            due[1],
            (_end(shares[0], pairs[0]), _end(shares[1], pairs[1])),
        ),
    )


def _end(shares: Sequence[float | None], pairs: Sequence[tuple[int, int]]) -> str:
    return told.of_due(*pairs[-1]) if shares[-1] is None else f"{shares[-1]:.0f} %"


def _begins(there: Sequence[bool]) -> int:
    """From which week on there is something to show; the last two are shown in any case."""
    return min(there.index(True) if True in there else 0, len(there) - 2)


def _named(facts: Facts, what: str) -> str:
    return f"{facts.week}:{what}"


def _week_name(week: Week) -> str:
    return str(week.number)


def _label(code: str, policy: Policy) -> str:
    found = policy.field.category(code)
    return shorten(found.label if found else code, WORDS)


def _pairs(facts: Facts, team: str) -> list[tuple[int, int]]:
    """Kept in time of how many, by week."""
    kept = facts.promises.of(team)
    if kept is None:
        return [(0, 0)] * len(facts.edges[1:])
    return list(zip(kept.kept.hits.weeks, kept.kept.of.weeks, strict=True))


# -- what stands in Slack ----------------------------------------------------------------------------------------------


def missing(session: Session, wanted: tuple[Shown, ...]) -> list[Shown]:
    """Those that do not stand in Slack yet, or show something else by now."""
    known = {one.name: one.drawn_from for one in session.scalars(tables.pictures([shown.name for shown in wanted]))}
    return [shown for shown in wanted if known.get(shown.name) != shown.drawn_from]


def keep(session: Session, shown: Shown, file_id: str, now: datetime) -> None:
    """It stands in Slack under this id; the file before it is to be removed."""
    if not keep_first(session, shown, file_id, now):
        known = session.scalars(tables.picture(shown.name)).one()
        known.replaced_id = known.file_id
        known.alt, known.drawn_from, known.file_id, known.drawn_at = shown.alt, shown.drawn_from, file_id, now


def keep_first(session: Session, shown: Shown, file_id: str, now: datetime) -> bool:
    """Of a picture that is drawn once: it stands under this id, unless somebody else was first."""
    values = {"alt": shown.alt, "drawn_from": shown.drawn_from, "file_id": file_id, "drawn_at": now}
    return insert_if_new(session, Picture, name=shown.name, replaced_id=None, **values) is not None


def standing(session: Session, name: str) -> Picture | None:
    return session.scalar(tables.picture(name))


def replaced(session: Session, now: datetime) -> list[Picture]:
    """Those whose file before can go: what showed it was brought up to date meanwhile."""
    return [one for one in session.scalars(tables.replaced()) if now - one.drawn_at > SHOWN_ANEW]


def removed(session: Session, picture_id: int) -> None:
    session.get_one(Picture, picture_id).replaced_id = None
