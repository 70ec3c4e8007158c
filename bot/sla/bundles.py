"""How reminders read: one alone, several in one message, the morning brief, and what a manager hears."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.journal.service import rules_in_force
from bot.outbox import service as outbox
from bot.outbox import tables as outbox_tables
from bot.outbox.calm import BUNDLE
from bot.outbox.kit import actions, button, context, divider, section
from bot.outbox.rules import CANNOT_BE_SHOWN
from bot.outbox.tables import Message
from bot.outbox.templates import Json, Rendered, RenderRequest, Row, Subject, Template, Templates
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import blocks, calls, texts
from bot.sla.rules import Kind, Outcome, Rung
from bot.sla.service import by_id, is_late, run_of
from bot.sla.subjects import Subjects, Viewer
from bot.sla.tables import Obligation
from bot.wording import day_and_time, when
from config.policy import LadderStep, Policy

HELPS, CALLED = "help", "called"
OF_OTHERS = {HELPS, CALLED}
AT_ONCE = 8  # rows of one message; the others are a tap away
BRIEF = "today"


@dataclass(frozen=True)
class Bundles:
    """The templates of promises; they ask the other rooms' templates and subjects how their parts show."""

    templates: Templates
    subjects: Subjects

    def all(self) -> list[Template]:
        return [
            Template(
                calls.REMINDER,
                self._alone(self.reminder),
                self._reminder_true,
                may_ring_at=when_at_work,
                is_free=_is_past,
                row=self.reminder,
            ),
            Template(
                calls.HELP,
                self._alone(self.help),
                self._help_true,
                _help_dead,
                may_ring_at=when_at_work,
                is_free=_always_free,
                row=self.help,
            ),
            Template(
                BUNDLE, self.bundle, self._bundle_true, self._bundle_dead, when_at_work, self._all_free, joins=False
            ),
            Template(
                calls.LATE_DONE, self._alone(_late_done), _any_late_done, may_ring_at=when_at_work, row=_late_done
            ),
        ]

    # -- one promise ----------------------------------------

    def reminder(self, session: Session, request: RenderRequest) -> Row:
        """A promise, as its owner reads it."""
        found = session.get_one(Obligation, request.subject.id)
        policy, owner = rules_in_force(session).policy, people.by_id(session, _person_of(request))
        viewer = Viewer(owner.id, owner.zone)
        told = self.subjects.of(found).row(session, found, viewer, policy, request.now)
        helper = calls.helper_of(session, owner.id, policy, request.now, hot=found.hot)
        shown = blocks.owed(found, told, viewer, helper.name if helper else None, request.now)
        is_open = blocks.is_owed(found, owner.id)
        foot = self._foot(session, found, helper, owner.zone, policy, request) if is_open else None
        return Row(
            found.kind if is_open else "",
            shown,
            found.deadline_at if is_open else None,
            told.about,
            foot,
            told.fresh_until,
            request.facts.get("rung") == BRIEF,
        )

    def _foot(
        self,
        session: Session,
        found: Obligation,
        helper: Person | None,
        zone: str,
        policy: Policy,
        request: RenderRequest,
    ) -> str | None:
        """What happens next if nothing does: who hears when, to help, and what moves on."""
        rung = request.facts.get("rung")
        if rung == Rung.WARN and helper:
            at = found.deadline_at if found.hot else calls.hears_at(helper, policy, found.deadline_at)
            return texts.helper_hears(helper.name, day_and_time(at, zone, request.now))
        if rung == Rung.LATE:
            moves_at = self._moves_at(session, found, request.now)
            if moves_at:
                return texts.moves(day_and_time(moves_at, zone, request.now))
            return texts.helper_has_heard(helper.name) if helper else None
        return None

    def _moves_at(self, session: Session, found: Obligation, now: datetime) -> datetime | None:
        if not self.subjects.of(found).moves_by_itself(session, found):
            return None
        climbs = run_of(found).climbs([LadderStep.model_validate(step) for step in found.ladder])
        return next((at for rung, at in climbs if rung == Rung.MOVE and at > now), None)

    def help(self, session: Session, request: RenderRequest) -> Row:
        """A promise past its time, as the owner's manager reads it."""
        found = session.get_one(Obligation, request.subject.id)
        policy, reader = rules_in_force(session).policy, people.by_id(session, _person_of(request))
        viewer = Viewer(reader.id, reader.zone)
        told = self.subjects.of(found).row(session, found, viewer, policy, request.now)
        owner = people.by_id(session, found.owner_id).name
        asked = request.facts.get("asked_by") == found.owner_id
        shown = blocks.of_person(found, told, owner, viewer, request.now, asked=asked)
        is_open = found.outcome is None
        return Row(
            (CALLED if asked else HELPS) if is_open else "",
            shown,
            found.deadline_at,
            calls.help_about(found),
            fresh_until=told.fresh_until,
        )

    def _alone(self, row: Callable[[Session, RenderRequest], Row]) -> Callable[[Session, RenderRequest], Rendered]:
        def render(session: Session, request: RenderRequest) -> Rendered:
            if request.is_older:
                return Rendered(texts.OLDER, [context(texts.OLDER)])
            return composed([row(session, request)], people.by_id(session, _person_of(request)), request.now)

        return render

    def _reminder_true(self, session: Session, request: RenderRequest) -> bool:
        """Not after it was done, passed on, paused, stopped or put off; a warning not after its deadline."""
        found = by_id(session, request.subject.id)
        if found is None or not blocks.is_owed(found, _person_of(request)):
            return False
        rung = request.facts.get("rung")
        put_off = found.later_until is not None and found.later_until > request.now
        overtaken = rung == Rung.WARN and request.now > found.deadline_at
        return not (found.stopped_at or put_off or overtaken)

    def _help_true(self, session: Session, request: RenderRequest) -> bool:
        """While it is owed; what was paused past its time is still to be heard of. Who is away now does not hear it."""
        found = by_id(session, request.subject.id)
        if found is None or found.outcome is not None or (found.paused_at and not is_late(found, request.now)):
            return False
        policy = rules_in_force(session).policy
        helper = calls.helper_of(session, found.owner_id, policy, request.now, hot=found.hot)
        reader = people.by_id(session, _person_of(request))
        if helper and helper.id != reader.id and people.absence_at(reader, request.now):
            calls.tell_manager(session, found, policy, request.now)
            return False
        return True

    # -- several ----------------------------------------

    def bundle(self, session: Session, request: RenderRequest) -> Rendered:
        """Several messages in one."""
        told = [(part, asked) for part, asked in self._parts(session, request) if not asked.is_older]
        if not told:
            return Rendered(texts.OLDER, [context(texts.OLDER)])
        rows: dict[str, Row] = {}
        for part, asked in told:
            row = self._row(session, part, asked)
            about = row.about or f"message:{part.id}"
            known = rows.get(about)
            # Said twice, the later one counts; what the earlier one adds below or above is kept.
            rows[about] = replace(row, foot=row.foot or known.foot, greets=row.greets or known.greets) if known else row
        person = people.by_id(session, _person_of(request))
        offers = self._offers(session, [*rows.values()], [part for part, _ in told], person, request)
        return composed(list(rows.values()), person, request.now, offers)

    def _offers(
        self, session: Session, rows: Sequence[Row], parts: Sequence[Message], person: Person, request: RenderRequest
    ) -> Json | None:
        """A way to offer all of it to a colleague, where nothing but answers to leads is asked for."""
        if any(row.greets or row.asks != Kind.ANSWER for row in rows):
            return None
        found = [by_id(session, part.subject_id) for part in parts if part.template == calls.REMINDER]
        owed = list({one.id: one for one in found if one and blocks.is_owed(one, person.id)}.values())
        if len(owed) < 2 or len(owed) > AT_ONCE:
            return None
        policy = rules_in_force(session).policy
        colleague = self.subjects.of(owed[0]).could_take(session, owed, policy, request.now)
        return blocks.offer_all(owed, colleague) if colleague else None

    def _row(self, session: Session, part: Message, asked: RenderRequest) -> Row:
        """How a part shows; what brings no row of its own is whole."""
        template = self.templates[part.template]
        if template.row:
            return template.row(session, asked)
        rendered = template.render(session, asked)
        return Row("", rendered.blocks, None, part.about, None, rendered.fresh_until)

    def _parts(self, session: Session, request: RenderRequest) -> list[tuple[Message, RenderRequest]]:
        """What a bundle tells. One that is not posted yet leaves out what nobody needs any more."""
        bundle_id = session.get_one(Message, request.subject.id).joined_id or 0
        is_new = session.get_one(Message, bundle_id).ts is None
        found = []
        for part in session.scalars(outbox_tables.parts_of(bundle_id)).all():
            subject = Subject(part.subject_kind, part.subject_id)
            asked = replace(request, subject=subject, facts=part.facts, is_older=outbox.is_older(session, part))
            if not is_new or self.templates[part.template].still_true(session, asked):
                found.append((part, asked))
        return found

    def _bundle_true(self, session: Session, request: RenderRequest) -> bool:
        return any(not asked.is_older for _, asked in self._parts(session, request))

    def _bundle_dead(self, session: Session, request: RenderRequest, reason: str) -> None:
        """It can never be delivered: every part is handed back to its room; what cannot be shown so is told alone."""
        for part, asked in self._parts(session, request):
            if reason == CANNOT_BE_SHOWN:
                outbox.alone(session, part, request.now)
            else:
                self.templates[part.template].on_dead(session, asked, reason)

    def _all_free(self, session: Session, request: RenderRequest) -> bool:
        parts = self._parts(session, request)
        return all(self.templates[part.template].is_free(session, asked) for part, asked in parts)


# -- the message -----------------------------------------------------------------------------------------------------


def composed(rows: Sequence[Row], person: Person, now: datetime, offers: Json | None = None) -> Rendered:
    """A title, the rows with the first due first, what can be done with all of them, and what is said once below."""
    rows = [row for row in rows if row.blocks]
    # Deals that were quiet for weeks wait for what is due today.
    ordered = sorted(
        rows, key=lambda row: (not row.heads, row.asks == "", row.asks == Kind.NEXT_STEP, row.by is None, row.by or now)
    )
    asks = [row.asks for row in ordered if row.asks]
    news = sum(not row.asks and not row.heads for row in ordered)
    first = next((row.by for row in ordered if row.asks and row.by), None)
    late = sum(row.by is not None and row.by < now for row in ordered if row.asks)
    by = when(first, person.zone, now) if first else None
    greets = any(row.greets for row in ordered)
    if greets:
        day = now.astimezone(ZoneInfo(person.zone)).date()
        title, text = (
            texts.good_morning(person.name, len(asks)),
            texts.brief_lock_screen(day, len(asks), news, by, late=late),
        )
    else:
        title, text = texts.title(asks, news, late=late), texts.lock_screen(asks, news, by, late=late)
    shown = [block for row in ordered[:AT_ONCE] for block in [divider(), *row.blocks]]
    feet = dict.fromkeys(row.foot for row in ordered if row.foot)
    told = [section(title), *(shown if greets or len(ordered) > 1 else shown[1:])]
    rest = sum(bool(row.asks) for row in ordered[AT_ONCE:])
    if rest:
        label, what = (texts.ALL_OF_TEAM, "team") if set(asks) <= OF_OTHERS else (texts.ALL_MINE, "mine")
        told.append(section(texts.and_more(rest), button(label, blocks.MINE, what)))
    told += [offers] if offers else []
    told += [context("\n".join(feet))] if feet else []
    told += [actions([button(texts.QUIET, blocks.QUIET, "quiet")])] if greets else []
    fresh = [row.fresh_until for row in ordered if row.fresh_until] + ([first] if first and first > now else [])
    return Rendered(text, told, min(fresh, default=None))


def _help_dead(session: Session, request: RenderRequest, _reason: str) -> None:
    found = by_id(session, request.subject.id)
    if found is not None and found.outcome is None:
        calls.tell_next(session, found, _person_of(request), rules_in_force(session).policy, request.now)


def _late_done(session: Session, request: RenderRequest) -> Row:
    told = _counted_late(session, request)
    return Row("", [section(texts.late_done(told))] if told else [])


def _any_late_done(session: Session, request: RenderRequest) -> bool:
    return bool(_counted_late(session, request))


def _counted_late(session: Session, request: RenderRequest) -> list[tuple[str, int]]:
    """By name, the most first: what this manager was to hear of now, and was done late or moved on meanwhile."""
    at, person_id = datetime.fromisoformat(request.facts["at"]), _person_of(request)
    since = calls.counted_since(session, request.target, at)
    wanted = outbox.subjects_of(session, request.target, calls.HELP, since, at)
    found = [one for one in (by_id(session, obligation_id) for obligation_id in dict.fromkeys(wanted)) if one]
    late = [
        o for o in found if o.outcome == Outcome.MISSED and not outbox.was_said(session, calls.help_key(o, person_id))
    ]
    names = people.names(session, {o.late_owner_id for o in late if o.late_owner_id})
    counted = Counter(names[o.late_owner_id] for o in late if o.late_owner_id)
    if not rules_in_force(session).policy.people_figures:
        return [("", len(late))] if late else []
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


# -- parts -----------------------------------------------------------------------------------------------------------


def _person_of(request: RenderRequest) -> int:
    return int(request.target.removeprefix("person:"))


def when_at_work(session: Session, request: RenderRequest) -> datetime:
    """The recipient's present or next working time; somebody without any is reached at once."""
    person = people.by_id(session, _person_of(request))
    return people.next_at_work(person, rules_in_force(session).policy, request.now)


def _is_past(session: Session, request: RenderRequest) -> bool:
    """What is past the agreed time, and hot leads, are outside the day's budget."""
    found = by_id(session, request.subject.id)
    return found is not None and (found.hot or found.deadline_at <= request.now)


def _always_free(_session: Session, _request: RenderRequest) -> bool:
    return True
