"""Make the exports that were asked for, bring them into Slack, and let them leave it again."""

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.exports import service, texts
from bot.exports.tables import ExportOrder
from bot.exports.workbook import About
from bot.journal import service as journal
from bot.outbox import notes
from bot.outbox import service as outbox
from bot.outbox.rules import Dead, Outcome, Sent
from bot.people import service as people
from bot.services import Services

AGAIN, UPLOAD_SECONDS = timedelta(minutes=2), 60.0
REPORTS = ("feedback", "objections")
GONE_BEFORE = (Dead("file_not_found"), Dead("file_deleted"))
log = structlog.get_logger("tandem.jobs")


class NotBrought(Exception):
    """Slack did not take the file, this time; the reason."""


@dataclass(frozen=True)
class Made:
    path: Path
    name: str
    line: str
    rows: int
    user: str


def bring_exports(services: Services) -> int:
    """Do what is due of exports; how many. Asks for no lock while none is due."""
    with services.reading() as session:
        if not service.any_due(session, services.now()):
            return 0
    _order_scheduled(services)
    done = 0
    while (order := _claim(services)) is not None:
        done += _do(services, order)
    return done


def _do(services: Services, order: ExportOrder) -> int:
    try:
        return _bring(services, order) if order.state == service.WAITING else _remove(services, order)
    except Exception as error:  # one order that raises is no reason to leave the others
        log.exception("export_raised", order_id=order.id)
        _later(services, order, type(error).__name__)
        return 0


def _order_scheduled(services: Services) -> None:
    now = services.now()
    with services.under_rules() as (session, rules):
        readers = {
            one.id: service.Reader(one.zone, people.next_at_work(one, rules.policy, now))
            for one in people.everybody(session)
        }
        service.order_due(session, readers, now)


def _claim(services: Services) -> ExportOrder | None:
    with services.begin() as session:
        return service.claim(session, services.now())


def _bring(services: Services, order: ExportOrder) -> int:
    """Make the file and share it; what Slack does not take is tried again."""
    try:
        with tempfile.TemporaryDirectory(prefix="tandem-") as folder:
            made = _make(services, order, Path(folder))
            _share(services, order, made)
    except NotBrought as error:
        _later(services, order, str(error))
        return 0
    with services.under_rules() as (session, rules):
        leaves_at = services.now() + timedelta(days=rules.policy.field.files_leave_after_days)
        service.shared(session, order.id, made.rows, leaves_at)
    return 1


def _make(services: Services, order: ExportOrder, folder: Path) -> Made:
    with services.reading() as session:
        rules, reader = journal.rules_in_force(session), people.by_id(session, order.person_id)
        days = service.days_of_order(order)
        codes = service.codes_of(services.sheets, order.what)
        mine = service.is_mine(order.what)
        sheets = [
            service.limited(services.sheets[code], people.sees(session, reader, mine=mine, reports=code in REPORTS))
            for code in codes
        ]
        asked = service.asked_of(order, reader.zone, services.now())
        about = About(rules.policy.company, reader.name, rules.policy.hash[:12], services.now())
        path = service.temporary(folder)
        rows = service.make(session, path, sheets, asked, about, order.form).total
        line = texts.summary(texts.called(order.what), rows, days.first.isoformat(), days.last.isoformat())
        return Made(
            path, service.file_name(order.what.replace(":", "-"), days, order.form), line, rows, reader.slack_user_id
        )


def _share(services: Services, order: ExportOrder, made: Made) -> None:
    """Slack's three steps. The file's id is kept before it is shared: a second try shares the same one, once."""
    calls, files = services.files()
    channel = _sent(calls.open(made.user)).channel
    file_id = order.file_id
    if file_id is None:
        content = made.path.read_bytes()
        begun = files.begin(made.name, len(content))
        if not isinstance(begun, tuple):
            raise NotBrought(str(begun))
        url, file_id = begun
        arrived = files.send(url, content, UPLOAD_SECONDS)
        if arrived is not None:
            raise NotBrought(str(arrived))
        with services.begin() as session:
            service.keep_file(session, order.id, file_id)
    shared = files.share(file_id, made.name, channel, made.line)
    if isinstance(shared, Dead):  # it may have been shared before, by a worker that did not live to hear it
        shown = files.is_shown(file_id, channel)
        if shown is True:
            return
        if shown is False:  # Slack will not show this one: the next try brings another
            with services.begin() as session:
                service.keep_file(session, order.id, None)
    _sent(shared)


def _sent(outcome: Outcome) -> Sent:
    if not isinstance(outcome, Sent):
        raise NotBrought(str(outcome))
    return outcome


def _remove(services: Services, order: ExportOrder) -> int:
    """Its days in Slack are over."""
    _, files = services.files()
    outcome = files.remove(order.file_id or "")
    if not isinstance(outcome, Sent) and outcome not in GONE_BEFORE:
        _later(services, order, str(outcome))
        return 0
    with services.begin() as session:
        service.gone(session, order.id, services.now())
    return 1


def _later(services: Services, order: ExportOrder, problem: str) -> None:
    """Tried again in a while; after the last try its reader is told."""
    now: datetime = services.now()
    log.warning("export_not_brought", order_id=order.id, problem=problem)
    with services.begin() as session:
        if service.not_done(session, order.id, problem, now + AGAIN) and order.state == service.WAITING:
            told = texts.GIVEN_UP.format(problem=problem)
            notes.tell(session, outbox.person(order.person_id), told, f"export:{order.id}", now, now)
