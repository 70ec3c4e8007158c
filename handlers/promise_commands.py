"""`/sla …`, `/tandem quiet …` and `/tandem out …`: what one owes, a while in peace, and days away."""

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.people import absences as away_rules
from bot.people import service as people
from bot.people.absences import NotUnderstood, QuietTooLong, parse_away, parse_quiet
from bot.people.tables import Person
from bot.sla import absences, board, forms, overviews, texts
from bot.wording import day_and_time, escape
from handlers import texts as handler_texts
from handlers.desk import Asked, Desk
from handlers.guard import Answer, Call, whoever

BACKUP = re.compile(r"\s*\bbackup\b\s*", re.I)
USUAL_DAYS, MOST_DAYS = 28, 366


class PromiseCommands(Desk):
    """One method for each subcommand."""

    def command(self, call: Call, asked: Asked) -> Answer:
        chosen: dict[str, Callable[[Call, Person, Asked], Answer]] = {
            "help": self._help,
            "mine": self._mine,
            "team": self._team,
            "board": self._board,
            "quiet": self._quiet,
            "out": self._out,
        }
        person = self.meet(whoever(self.services, call))
        if asked.what not in chosen:
            return Answer(ack={"text": escape(handler_texts.no_such_command(asked.command, asked.what))})
        return chosen[asked.what](call, person, asked)

    def _help(self, _call: Call, _person: Person, _asked: Asked) -> Answer:
        named = self.services.settings.commands
        return Answer(ack={"text": texts.sla_help(named.sla, named.tandem)})

    def _mine(self, _call: Call, person: Person, _asked: Asked) -> Answer:
        return Answer(ack=self.owed_by(person))

    def _team(self, _call: Call, person: Person, _asked: Asked) -> Answer:
        return Answer(ack=self.team_owes(person))

    def _board(self, _call: Call, person: Person, asked: Asked) -> Answer:
        days = int(asked.rest) if asked.rest.isascii() and asked.rest.isdigit() and len(asked.rest) < 4 else USUAL_DAYS
        days = min(max(1, days), MOST_DAYS)
        now = self.services.now()
        with self.services.reading() as session:
            policy, reader = self.services.policy(session), people.by_id(session, person.id)
            whole = board.of(session, now - timedelta(days=days), now + timedelta(days=days), now)
            seen = board.seen_by(session, whole, reader, policy)
            return Answer(ack=overviews.scoreboard(session, seen, days, policy))

    # -- quiet ----------------------------------------

    def _quiet(self, call: Call, person: Person, asked: Asked) -> Answer:
        """`quiet 2h`, `quiet 15:30`, `quiet off`."""
        now = self.services.now()
        if asked.rest.casefold() in ("off", "over"):
            with self.services.begin() as session:
                changed = away_rules.be_quiet(session, person.id, None, call.by(person), now)
            return Answer(ack={"text": texts.QUIET_OVER if changed else texts.QUIET_NOT})
        with self.services.reading() as session:
            most_hours = self.services.policy(session).calm.quiet_hours_at_most
        try:
            until = parse_quiet(asked.rest, person.zone, now, most_hours)
        except NotUnderstood:
            return Answer(ack={"text": texts.QUIET_HOW.format(command=self.services.settings.commands.tandem)})
        except QuietTooLong as error:
            furthest = day_and_time(now + timedelta(hours=error.hours), person.zone, now)
            return Answer(ack={"text": texts.too_far(furthest)})
        with self.services.begin() as session:
            away_rules.be_quiet(session, person.id, until, call.by(person), now)
        return Answer(ack={"text": texts.quiet_until(day_and_time(until, person.zone, now))})

    # -- away ----------------------------------------

    def _out(self, call: Call, person: Person, asked: Asked) -> Answer:
        """`out 2026-12-01..2026-12-05 backup @name`; a manager names one of their people first; alone a form."""
        now = self.services.now()
        if not asked.rest:
            return Answer(opens=self.out_form(person))
        try:
            with self.services.begin() as session:
                whose, told = absences.whose(session, call.team_id, person, asked.rest)
                if told.casefold() in ("off", "over", "no"):
                    ended = away_rules.call_off(session, whose, call.by(person), now)
                    return Answer(ack={"text": _again_here(whose, person) if ended else texts.NOT_AWAY})
                days, *named = BACKUP.split(told, maxsplit=1)
                away = parse_away(days)
                backup = absences.named(session, call.team_id, named[0]) if named else None
                told = absences.say(session, whose, away, backup, person, call.by(person), now)
                return Answer(ack={"text": told})
        except NotUnderstood:
            return Answer(ack={"text": texts.OUT_HOW.format(command=self.services.settings.commands.tandem)})

    def out_form(self, person: Person) -> dict[str, object]:
        now = self.services.now()
        with self.services.reading() as session:
            led = set(people.led_by(session, person.id))
            others = [(p.id, p.name) for p in people.everybody(session) if p.id in led]
        able = [(person.id, texts.OUT_ME), *sorted(others, key=lambda one: one[1])]
        return forms.out_form(able, now.astimezone(ZoneInfo(person.zone)).date())


def _again_here(whose: Person, by: Person) -> str:
    return texts.HERE_AGAIN if whose.id == by.id else texts.of_other(whose.name, texts.HERE_AGAIN)
