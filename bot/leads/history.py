"""What happened to a lead so far, in words: made of the journal, which holds codes and ids, and of what people said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.journal import tables as journal
from bot.journal.tables import JournalEntry
from bot.leads import history_texts as texts
from bot.leads.tables import LeadQuestion, LeadStep
from bot.leads.views import Reader, label_of, loss_label
from bot.people import service as people
from bot.wording import when
from config.policy import Policy

MOST_LINES = 60


@dataclass(frozen=True)
class History:
    """The newest lines, the oldest of them first, and how many earlier ones there are."""

    lines: tuple[str, ...]
    earlier: int


def of(session: Session, lead_id: int, reader: Reader, policy: Policy, now: datetime) -> History:
    """A lead's history as its reader sees it: their zone, their words."""
    entries = [e for e in session.scalars(journal.entries_of("lead", lead_id)) if e.verb in texts.PATTERNS]
    shown = entries[-MOST_LINES:]
    wanted = _Wanted.by(session, lead_id, shown)
    lines = [_line(entry, wanted, reader, policy, now) for entry in shown]
    return History(tuple(lines), len(entries) - len(shown))


@dataclass(frozen=True)
class _Wanted:
    """What the lines need besides the journal: names, and what was said."""

    names: dict[int, str]
    steps: dict[int, LeadStep]
    questions: dict[int, LeadQuestion]

    @classmethod
    def by(cls, session: Session, lead_id: int, entries: Sequence[JournalEntry]) -> "_Wanted":
        steps = session.scalars(select(LeadStep).where(LeadStep.lead_id == lead_id)).all()
        questions = session.scalars(select(LeadQuestion).where(LeadQuestion.lead_id == lead_id)).all()
        people_ids = {e.actor_id for e in entries if e.actor_kind == "person" and e.actor_id}
        people_ids |= {e.facts["person"] for e in entries if e.facts.get("person")}
        names = people.names(session, people_ids)
        return cls(names, {s.id: s for s in steps}, {q.id: q for q in questions})


def _line(entry: JournalEntry, wanted: _Wanted, reader: Reader, policy: Policy, now: datetime) -> str:
    told = texts.line(entry.verb, _who(entry, wanted), _facts(entry, wanted, reader, policy, now))
    return f"*{when(entry.occurred_at, reader.zone, now)}* {told}"


def _who(entry: JournalEntry, wanted: _Wanted) -> str:
    return wanted.names.get(entry.actor_id or 0, "") if entry.actor_kind == "person" else ""


def _facts(entry: JournalEntry, wanted: _Wanted, reader: Reader, policy: Policy, now: datetime) -> dict[str, Any]:
    """What a line tells, with codes already in words."""
    step = wanted.steps.get(entry.facts.get("step", 0))
    question = wanted.questions.get(entry.facts.get("question", 0))
    told: dict[str, Any] = {"person": wanted.names.get(entry.facts.get("person", 0), "")}
    if source := entry.facts.get("source"):
        told["source"] = policy.source_name(source)
    if step:
        is_loss = step.step == "lost"
        told["reason"] = loss_label(policy, step.reason) if is_loss and step.reason else label_of(policy, step.reason)
        told |= {"sentence": step.sentence, "value": step.value, "currency": step.currency, "flag": step.flag}
        told["again"] = when(step.again_at, reader.zone, now) if step.again_at else None
        told["what"] = step.step
    if question:
        told |= {"question": question.question, "answer": question.answer}
    return told
