"""Find what was said before: few candidates by the database, compared by their words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.feedback import likeness, tables
from bot.feedback.rules import OPEN, Form, Heard, Support, support
from bot.feedback.tables import FieldReport, FieldWord
from config.policy import Policy

CANDIDATES, SHOWN, MOST_TO_MERGE = 150, 3, 25
ALIKE_FROM = 20.0  # of 100; below it, two reports have words in common and no more
SURELY_FROM = 60.0  # of 100; from here on they say the same
HAS_FROM = 50.0  # of 100: so much of what is searched for must stand in a report


@dataclass(frozen=True)
class Similar:
    """An earlier report that may say the same, how alike it is (to 100), and by whom it was heard.

    `mine` is whether the reader is among them; `answered` is one that is closed, `pattern` what many said; `by` are the
    others who said it.
    """

    id: int
    said: str
    likeness: float
    support: Support
    mine: bool = False
    answered: bool = False
    pattern: bool = False
    by: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Ranked:
    id: int
    likeness: float


def find(
    session: Session,
    text: str,
    form: Form,
    policy: Policy,
    now: datetime,
    reader_id: int | None = None,
    *,
    of: Collection[int] | None = None,
) -> list[Similar]:
    """What may say the same as `text`: open, or closed not long ago; the likeliest first, at most three.

    With `of`, whose reports the reader may see, only those and patterns are found: what one colleague heard is shown to
    whoever saves the same, and to nobody else.
    """
    lately = now - timedelta(days=policy.field.pattern_days)
    ranked = rank(session, text, form, policy, lately)
    return _views(session, [one for one in ranked if one.likeness >= ALIKE_FROM], reader_id, of)[:SHOWN]


def likely_kind(session: Session, text: str, form: Form, policy: Policy, now: datetime) -> str | None:
    """What a report is about whose reporter did not say: as what says nearly the same, else as its words name it.

    Never what is only thanked for: that would leave a complaint without an answer.
    """
    known = policy.field.kinds if form == Form.FEEDBACK else policy.field.categories
    labels = {one.code: one.label for one in known if not getattr(one, "thanks_only", False)}
    alike = [one for one in find(session, text, form, policy, now) if one.likeness >= SURELY_FROM]
    kinds = [session.get_one(FieldReport, one.id).kind for one in alike]
    if kinds and kinds[0] in labels:
        return kinds[0]
    words = set(likeness.words_of(text, policy.field.same_words))
    shared = {code: len(words & set(likeness.words_of(told, policy.field.same_words))) for code, told in labels.items()}
    best = max(shared, key=lambda code: shared[code], default=None)
    return best if best is not None and shared[best] else None


def search(
    session: Session,
    text: str,
    form: Form,
    policy: Policy,
    now: datetime,
    reader_id: int,
    *,
    of: Collection[int] | None = None,
) -> list[Similar]:
    """Reports that hold what is searched for, open or closed not long ago; of those that hold as much the patterns
    first, then what weighs most. At most three; `of` as with `find`."""
    words = likeness.words_of(text, policy.field.same_words)
    lately = now - timedelta(days=policy.field.pattern_days)
    weights, held = _candidates(session, words, form, lately, patterns=True)
    ranked = [Ranked(one, likeness.covered(words, other, weights)) for one, other in held.items()]
    found = _views(session, [one for one in ranked if one.likeness >= HAS_FROM], reader_id, of)
    return sorted(found, key=lambda one: (-one.likeness, not one.pattern, -one.support.weight, -one.id))[:SHOWN]


def to_merge_with(session: Session, report: FieldReport, policy: Policy) -> list[FieldReport]:
    """Other open reports of the same form: the likeliest first, then the newest, for what is said in other words."""
    ranked = [one.id for one in rank(session, report.said, Form(report.form), policy, None)]
    ids = [*ranked[:MOST_TO_MERGE], *session.scalars(tables.newest_open(report.form, MOST_TO_MERGE))]
    wanted = [one for one in dict.fromkeys(ids) if one != report.id][:MOST_TO_MERGE]
    found = {one.id: one for one in session.scalars(tables.these(wanted))}
    return [found[one] for one in wanted if found[one].told_at is not None]


def rank(session: Session, text: str, form: Form, policy: Policy, closed_since: datetime | None) -> list[Ranked]:
    """Reports that share words, with how alike they are; few are compared, those that share most and rarest words."""
    mine = likeness.words_of(text, policy.field.same_words)
    weights, held = _candidates(session, mine, form, closed_since)
    found = [Ranked(one, likeness.likeness(mine, other, weights)) for one, other in held.items()]
    return sorted(found, key=lambda one: -one.likeness)  # of those as alike the open ones stand first


def _candidates(
    session: Session, mine: Sequence[str], form: Form, closed_since: datetime | None, *, patterns: bool = False
) -> tuple[dict[str, float], dict[int, set[str]]]:
    """How much each word tells, and the words of the reports that share the most and rarest of them."""
    if not mine:
        return {}, {}
    total = session.scalar(select(func.max(FieldReport.id))) or 1
    weights = likeness.rarity(mine, dict(session.execute(tables.how_common(mine)).all()), total)
    ids = list(session.scalars(tables.with_words(weights, form, closed_since, CANDIDATES, patterns=patterns)))
    words: dict[int, set[str]] = {one: set() for one in ids}
    for report_id, word in session.execute(
        select(FieldWord.report_id, FieldWord.word).where(FieldWord.report_id.in_(ids))
    ):
        words[report_id].add(word)
    return weights, words


def _views(
    session: Session, ranked: Sequence[Ranked], reader_id: int | None, of: Collection[int] | None = None
) -> list[Similar]:
    """What is said in the same words, or counts with one that was named already, is named once."""
    reports = {one.id: one for one in session.scalars(tables.these([one.id for one in ranked]))}
    heard = heard_of_all(session, {one.first_id for one in reports.values()})
    named: set[int | str] = set()
    found = []
    for one in ranked:
        report = reports[one.id]
        if of is not None and report.reporter_id not in of and report.pattern_at is None:
            continue
        same: set[int | str] = {report.first_id, " ".join(report.said.casefold().split())}
        if named.isdisjoint(same):
            found.append(_view(report, one.likeness, heard.get(report.first_id, []), reader_id))
        named |= same
    return found


def _view(report: FieldReport, alike: float, heard: Sequence[Heard], reader_id: int | None) -> Similar:
    others = [one for one in heard if one.reporter_id != reader_id]
    mine, answered = len(others) < len(heard), report.state not in OPEN
    by, pattern = frozenset(one.reporter_id for one in others), report.pattern_at is not None
    return Similar(report.id, report.said, alike, support(others), mine, answered, pattern, by)


def heard_of(session: Session, root_id: int) -> list[Heard]:
    """Everybody who said the same, as told so far."""
    return heard_of_all(session, [root_id]).get(root_id, [])


def heard_of_all(session: Session, root_ids: Collection[int]) -> dict[int, list[Heard]]:
    """The same for several, in one query; `root_ids` are of reports that are first themselves."""
    found: dict[int, list[Heard]] = {}
    for one in session.scalars(tables.heard_with(root_ids)):
        if one.told_at:
            heard = Heard(one.reporter_id, one.where, one.importance, one.created_at)
            found.setdefault(one.first_id, []).append(heard)
    return found
