"""Brief the council: the digest of the week, its pictures and workbook, the question before it, the monthly letter.

Each happens once, whoever looks and whenever a worker ends: a digest is a row with a unique week, its messages are rows
of the outbox, and a file that was not yet shown is nothing that anybody sees.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.council import gather, letters, messages, pictures, service, sheets, texts
from bot.council.pictures import Shown
from bot.council.rules import Week
from bot.council.tables import CouncilDigest
from bot.exports import workbook
from bot.exports.workbook import About
from bot.journal import service as journal
from bot.outbox.rules import Dead, Outcome, Sent
from bot.services import Services

UPLOAD_SECONDS = 60.0
OF_THE_CHANNEL = frozenset({"not_in_channel", "channel_not_found", "is_archived", "invalid_channel"})
log = structlog.get_logger("tandem.jobs")


class NotBrought(Exception):
    """Slack did not take a file, this time; the reason."""


def brief_council(services: Services) -> int:
    """Do what is due; how much was done. Asks for no lock while nothing is."""
    done = _brief(services) + _correct(services) + _ask(services) + _measure(services)
    # What is refused of one keeps no other waiting.
    for bring in (_bring_files, _remove_replaced, _remove_workbook, _write_letter):
        try:
            done += bring(services)
        except NotBrought as error:
            log.warning("council_file_not_brought", problem=str(error))
    return done


def _brief(services: Services) -> int:
    """Counted outside of the transaction that tells it: others write meanwhile."""
    now = services.now()
    with services.reading() as session:
        rules = journal.rules_in_force(session)
        due = service.due_digest(session, rules.policy, now)
        if due is None:
            return 0
        week, slot = due
        facts = gather.facts_of(session, week, rules, now)
    with services.under_rules() as (session, rules):
        still = service.due_digest(session, rules.policy, now) == due
        return int(still and service.brief(session, facts, slot, rules.policy, now))


def _correct(services: Services) -> int:
    now = services.now()
    with services.reading() as session:
        found = service.to_correct(session, now)
        if found is None:
            return 0
        told = service.facts_in(found)
        rules_then = journal.rules_of(session, told.policy_version)  # new rules are no correction of what was told
        facts = gather.facts_of(session, Week.parse(found.week), rules_then, now)
    with services.under_rules() as (session, rules):
        return len(service.correct(session, found.id, facts, rules.policy, now))


def _ask(services: Services) -> int:
    now = services.now()
    with services.reading() as session:
        due = [person.id for person in service.to_ask(session, services.policy(session), now)]
    if not due:
        return 0
    with services.under_rules() as (session, rules):
        people = [person for person in service.to_ask(session, rules.policy, now) if person.id in due]
        return sum(messages.ask(session, person, rules.policy, now) for person in people)


def _measure(services: Services) -> int:
    now = services.now()
    with services.reading() as session:
        if not service.any_to_measure(session, services.policy(session), now):
            return 0
    with services.under_rules() as (session, rules):
        return service.measure_due(session, rules.policy, now)


# -- pictures ---------------------------------------------------------------------------------------------------------


def _bring_files(services: Services) -> int:
    """Pictures and workbook of the newest digest, by one worker at a time; what Slack does not take is tried again."""
    now = services.now()
    with services.reading() as session:
        digest = service.files_due(session, now)
        place = service.place_of(session, digest) if digest else None
        missing = pictures.missing(session, messages.of_digest(session, digest)) if digest else []
    if digest is None or place is None or not (missing or digest.shared_at is None):
        return 0
    with services.begin() as session:
        if not service.hold_files(session, digest.id, now):
            return 0
    for shown in missing:
        _bring_picture(services, digest, shown)
    if digest.shared_at is None:
        _bring_workbook(services, digest, Thread(*place))
    with services.begin() as session:
        service.files_brought(session, digest.id)
    return len(missing) + (digest.shared_at is None)


def _bring_picture(services: Services, digest: CouncilDigest, shown: Shown) -> None:
    """Draw it, and hang it into the digest's thread."""
    file_id = _upload(services, shown)
    with services.under_rules() as (session, rules):
        pictures.keep(session, shown, file_id, services.now())
        service.show_members(session, services.now())
        if rules.policy.council.channel is not None:
            messages.show_picture(session, digest, shown, rules.policy.council.channel, services.now())


def _upload(services: Services, shown: Shown) -> str:
    """Draw it and leave it in Slack, seen by nobody yet. Raises NotBrought."""
    from bot.council.drawing import png  # noqa: PLC0415 - only who draws pays for the drawing library

    _, files = services.files()
    content = png(shown)
    begun = files.begin(f"{shown.name.replace(':', '-')}.png", len(content))
    if not isinstance(begun, tuple):
        raise NotBrought(str(begun))
    url, file_id = begun
    arrived = files.send(url, content, UPLOAD_SECONDS)
    if arrived is not None:
        raise NotBrought(str(arrived))
    _sent(files.complete(file_id, shown.title))
    return file_id


def _bring_once(services: Services, shown: Shown) -> None:
    """Draw a picture that nobody draws anew; of two workers the second takes its own back."""
    file_id = _upload(services, shown)
    with services.begin() as session:
        first = pictures.keep_first(session, shown, file_id, services.now())
    if not first:
        services.files()[1].remove(file_id)


def _remove_replaced(services: Services) -> int:
    """A picture that was drawn anew: its file before is shown nowhere any more, once its message was updated."""
    with services.reading() as session:
        found = pictures.replaced(session, services.now())
    _, files = services.files() if found else (None, None)
    for picture in found if files else ():
        outcome = files.remove(picture.replaced_id or "") if files else None
        if isinstance(outcome, Sent | Dead):
            with services.begin() as session:
                pictures.removed(session, picture.id)
    return len(found)


def _remove_workbook(services: Services) -> int:
    """One from before a correction, once the new one stands there."""
    with services.reading() as session:
        digest = service.replaced_workbook(session)
    if digest is None or digest.replaced_id is None:
        return 0
    _, files = services.files()
    if isinstance(files.remove(digest.replaced_id), Sent | Dead):
        with services.begin() as session:
            service.workbook_removed(session, digest.id)
    return 1


# -- the workbook -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thread:
    """Where a digest stands."""

    channel: str
    ts: str


def _bring_workbook(services: Services, digest: CouncilDigest, thread: Thread) -> None:
    """Put the workbook of a digest into its thread. The file's id is kept before it is shared. Raises NotBrought."""
    _, files = services.files()
    name = f"tandem-council-{digest.week}.xlsx"
    file_id = digest.workbook_id or _uploaded(services, digest, name)
    said = texts.WORKBOOK_ANEW if digest.replaced_id else texts.WORKBOOK
    shared = files.share(file_id, name, thread.channel, said, thread.ts)
    # Slack shares an upload once. One that it refuses may have been shared before, by a worker that did not live to
    # hear it or on whose clock nobody held this any more; what it refuses for the channel can be shared later.
    if isinstance(shared, Dead) and shared.reason not in OF_THE_CHANNEL:
        shown = files.is_shown(file_id, thread.channel, thread.ts)
        if shown is False:
            with services.begin() as session:
                service.forget_workbook(session, digest.id, file_id)
        if shown is not True:
            raise NotBrought(str(shared))
    else:
        _sent(shared)
    with services.begin() as session:
        service.workbook_shared(session, digest.id, digest.facts, services.now())


def _uploaded(services: Services, digest: CouncilDigest, name: str) -> str:
    """Bring the workbook to Slack, seen by nobody yet; its id, or that of whoever was first. Raises NotBrought."""
    _, files = services.files()
    content = _workbook(services, digest)
    begun = files.begin(name, len(content))
    if not isinstance(begun, tuple):
        raise NotBrought(str(begun))
    url, file_id = begun
    arrived = files.send(url, content, UPLOAD_SECONDS)
    if arrived is not None:
        raise NotBrought(str(arrived))
    with services.begin() as session:
        return service.keep_workbook(session, digest.id, file_id)


def _workbook(services: Services, digest: CouncilDigest) -> bytes:
    facts = service.facts_in(digest)
    with services.reading() as session, tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        rules = journal.rules_in_force(session)
        about = About(rules.policy.company, texts.FOR_COUNCIL, rules.policy.hash[:12], services.now())
        path = Path(folder) / "council.xlsx"
        workbook.write(session, path, sheets.of_digest(facts), sheets.asked_for(facts), about)
        return path.read_bytes()


def _sent(outcome: Outcome) -> Sent:
    if not isinstance(outcome, Sent):
        raise NotBrought(str(outcome))
    return outcome


# -- the letter -------------------------------------------------------------------------------------------------------


def _write_letter(services: Services) -> int:
    """The letter of the month that is over: its picture first, so that it is there when the letter is read."""
    now = services.now()
    with services.reading() as session:
        rules = journal.rules_in_force(session)
        month = letters.due(session, rules.policy, now)
        if month is None:
            return 0
        shown = letters.picture_of(session, month, rules, now)
        stands = shown is None or pictures.standing(session, shown.name) is not None
    if shown is not None and not stands:
        _bring_once(services, shown)
    with services.under_rules() as (session, rules):
        return int(letters.write(session, month, rules, now))
