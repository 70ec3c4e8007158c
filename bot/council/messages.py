"""What the council is sent: the digest, what hangs below it, the question for the agenda, the letter of a month."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.council import blocks, details, letters, looks, pictures, service, texts, views
from bot.council.pictures import Shown
from bot.council.tables import CouncilDigest
from bot.journal.service import rules_in_force
from bot.outbox import service as outbox
from bot.outbox.kit import actions, button, section
from bot.outbox.rules import Kind
from bot.outbox.service import Draft
from bot.outbox.templates import Rendered, RenderRequest, Subject, Template
from bot.people import service as people
from bot.people.tables import Person
from bot.sla.bundles import when_at_work
from config.policy import Policy

PICTURE, ASK = "council_picture", "council_ask"
SETTLES = timedelta(seconds=10)  # what was just uploaded is not shown by Slack at once


def templates() -> list[Template]:
    return [
        Template(service.MAIN, _main, on_dead=_not_posted),
        Template(service.DETAILS, _details),
        Template(PICTURE, _picture),
        Template(ASK, _ask, _still_asks, may_ring_at=when_at_work),
        looks.template(),
        Template(letters.LETTER, letters.render, may_ring_at=when_at_work),
    ]


def _main(session: Session, request: RenderRequest) -> Rendered:
    digest = session.get_one(CouncilDigest, request.subject.id)
    view = views.of(session, service.facts_in(digest), rules_in_force(session).policy, digest)
    return Rendered(view.lock, blocks.digest(view))


def _not_posted(session: Session, request: RenderRequest, reason: str) -> None:
    digest = session.get_one(CouncilDigest, request.subject.id)
    service.told_dead(session, rules_in_force(session).policy, request.now, digest.week, reason)


def _details(session: Session, request: RenderRequest) -> Rendered:
    digest = session.get_one(CouncilDigest, request.subject.id)
    parts = details.of(session, service.facts_in(digest), rules_in_force(session).policy)
    return Rendered(texts.EVERY_FIGURE, blocks.details(parts))


def _picture(session: Session, request: RenderRequest) -> Rendered:
    """One that would show nothing after a correction says so, in its place."""
    digest, name = session.get_one(CouncilDigest, request.subject.id), str(request.facts["name"])
    shown = next((one for one in of_digest(session, digest) if one.name == name), None)
    stands = pictures.standing(session, name)
    if shown is None or stands is None:
        return Rendered(texts.NOTHING_TO_SHOW, [section(texts.NOTHING_TO_SHOW)])
    return Rendered(shown.title, [blocks.picture(stands.file_id, stands.alt)])


def of_digest(session: Session, digest: CouncilDigest) -> tuple[Shown, ...]:
    """The pictures of a digest, as its facts are now."""
    return pictures.of(service.facts_in(digest), rules_in_force(session).policy)


def show_picture(session: Session, digest: CouncilDigest, shown: Shown, channel: str, now: datetime) -> None:
    """Hang a picture into the digest's thread, once; one that was drawn anew shows in the same message."""
    subject = Subject(service.DIGEST, digest.id)
    draft = Draft(
        outbox.channel(channel),
        PICTURE,
        subject,
        f"picture:{shown.name}",
        facts={"name": shown.name},
        parent_id=digest.message_id,
        not_before=now + SETTLES,
    )
    if outbox.enqueue(session, draft, now) is None:
        outbox.touch(session, subject, now)


def ask(session: Session, person: Person, policy: Policy, now: datetime) -> bool:
    """Ask a member for agenda items of the coming digest, once; whether they were asked now."""
    week = service.asked(session, person.id, policy, now)
    if week is None:
        return False
    draft = Draft(
        outbox.person(person.id),
        ASK,
        Subject("council", person.id),
        f"agenda:{week.code}:{person.id}",
        Kind.LETTER,
        {"week": week.code, "day": f"{service.next_digest_at(policy, now):%A}"},
        not_before=people.next_at_work(person, policy, now),
        expires_at=service.next_digest_at(policy, now),
    )
    outbox.enqueue(session, draft, now)
    return True


def _ask(_session: Session, request: RenderRequest) -> Rendered:
    week, day = str(request.facts["week"]), str(request.facts["day"])
    told = [section(texts.asks(day)), actions([button(texts.ADD_BUTTON, blocks.ADD, week)])]
    return Rendered(texts.asks_lock(day), told)


def _still_asks(session: Session, request: RenderRequest) -> bool:
    """Not of who is no member any more."""
    person = people.by_id(session, request.subject.id)
    return person.active and bool(person.role_names & service.MEMBERS)
