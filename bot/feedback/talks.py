"""A question back is talked over in the thread of its message: what one of the two writes there reaches the other.

Each of them sees only their own direct messages with Tandem; the thread there is their side of one talk. Who answers by
a button gets what comes next as a message of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.feedback import duty_texts, texts, triage
from bot.feedback.errors import NoSuchReport, TalkOver
from bot.feedback.rules import Step
from bot.feedback.service import REPORT, look
from bot.feedback.signs import identifier_in, sign_in
from bot.feedback.triage import ASKED, REPLIED, Deed
from bot.journal.service import Actor, RulesInForce
from bot.outbox import service as outbox
from bot.outbox.rules import Kind, Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from config.field import Guard

STOPPED, HELD = "field_talk_stopped", "field_held"
KEPT_FOR = timedelta(hours=24)
LONGEST = 1500  # as in a form


@dataclass(frozen=True)
class Talk:
    """The thread somebody writes in: of which report, and whether they are who asks."""

    report_id: int
    thread_ts: str
    asks: bool


@dataclass(frozen=True)
class Held:
    """What was written in a thread and did not go on: its writer looks at it in a form."""

    talk: Talk
    text: str
    key: str


def hear(
    session: Session, by: Person, thread_ts: str, text: str, rules: RulesInForce, actor: Actor, now: datetime
) -> str | None:
    """What is answered to words that somebody wrote in a thread: "" where nobody talks there.

    None where it did not go on and its writer is told why. Raises NotTheirs, NoSuchReport or FurtherAlready.
    """
    found, said = _talks_at(session, by, thread_ts), text.replace("\x00", "").strip()
    if not found or not said:
        return ""
    if len(found) > 1:
        return texts.WHICH_ONE
    if len(said) > LONGEST:
        return texts.talk_too_long(LONGEST)
    if why := _why_held(said, rules.policy.guard):
        _hold_back(session, found[0], said, why, by, f"{STOPPED}:{actor.request_id}", now)
        return None
    _say(session, found[0], said, by, rules, actor, now)
    return texts.goes_to(_other_one(session, found[0]))


def held(session: Session, key: str, person: Person) -> Held:
    """What was held back under this key. Raises NoSuchReport where it was not theirs, TalkOver once it is forgotten."""
    found = outbox.said_to(session, outbox.person(person.id), key)
    if found is None:
        raise NoSuchReport
    subject, facts = found
    if "text" not in facts:
        raise TalkOver
    return Held(Talk(subject.id, facts["thread_ts"], facts["asks"]), facts["text"], key)


def forget(session: Session, now: datetime) -> int:
    """What was held back is kept for a day, to be opened in a form, and nowhere after it; how many were forgotten."""
    over = [one for one in outbox.kept(session, HELD) if one.created_at < now - KEPT_FOR]
    for one in over:
        outbox.forget(one)
    return len(over)


def any_over(session: Session, now: datetime) -> bool:
    return any(one.created_at < now - KEPT_FOR for one in outbox.kept(session, HELD))


def let_go(session: Session, key: str, person: Person) -> None:
    """It went on from the form."""
    outbox.forget_said_to(session, outbox.person(person.id), key)


def forget_all_of(session: Session, person: Person) -> None:
    """Something of theirs went to quality: what was held back of it is kept nowhere else, however it was changed."""
    for one in outbox.kept(session, HELD, outbox.person(person.id)):
        outbox.forget(one)


# -- parts ----------------------------------------


def _talks_at(session: Session, person: Person, thread_ts: str) -> list[Talk]:
    """Which talks a thread may belong to: more than one where a bundle asks for several answers."""
    stand = outbox.standing_at(session, outbox.person(person.id), thread_ts)
    asked = [(subject, template) for template, subject in stand if template in (ASKED, REPLIED)]
    return [Talk(subject.id, thread_ts, asks=template == REPLIED) for subject, template in asked]


def _why_held(text: str, guard: Guard) -> str | None:
    """Why it is looked at in a form before it goes on, as what is typed into one is; None where it need not be."""
    if found := sign_in(text, guard):
        return duty_texts.held_back(found.sign, found.words)
    return f"{duty_texts.NOT_YET} {duty_texts.identifier(what)}" if (what := identifier_in(text)) else None


def _say(session: Session, talk: Talk, text: str, by: Person, rules: RulesInForce, actor: Actor, now: datetime) -> None:
    """What was written goes to the other one."""
    if talk.asks:
        deed = Deed(Step.ASKED_BACK, text, thread_ts=talk.thread_ts)
        triage.do(session, talk.report_id, deed, by, rules, actor, now)
    else:
        triage.reply(session, talk.report_id, text, by, rules, actor, now, thread_ts=talk.thread_ts)


def _other_one(session: Session, talk: Talk) -> str:
    """Who gets what is written in a talk, by name."""
    found = look(session, talk.report_id)
    owner_id = look(session, found.root_id).owner_id if found.root_id else found.owner_id
    other_id = found.reporter_id if talk.asks else owner_id
    return people.names(session, [other_id])[other_id] if other_id else ""


def _hold_back(session: Session, talk: Talk, text: str, why: str, by: Person, key: str, now: datetime) -> None:
    """Tell who wrote it, in the thread, that it did not go on, and why; it opens in a form from there."""
    facts = {"thread_ts": talk.thread_ts, "asks": talk.asks, "text": text, "why": why, "key": key}
    subject = Subject(REPORT, talk.report_id)
    draft = Draft(
        outbox.person(by.id),
        STOPPED,
        subject,
        key,
        Kind.LETTER,
        facts,
        Priority.ANSWER_TO_A_TAP,
        expires_at=now + KEPT_FOR,
        about=HELD,
    )
    outbox.enqueue(session, draft, now)
