"""`/council …`, the digest's buttons, *Add to agenda…* and *Show the facts* on a message."""

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.council import blocks, forms, gather, lists, looks, service, texts, views
from bot.council.forms import Where
from bot.council.rules import NotAWeek, Week, slot_before, week_told_at
from bot.council.service import Decided, Item
from bot.home import blocks as home_blocks
from bot.home import views as home_views
from bot.journal import service as journal
from bot.journal.service import RulesInForce
from bot.outbox.kit import FormError
from bot.people import service as people
from bot.people.tables import Person
from bot.services import Services
from bot.wording import as_read, escape
from handlers import texts as handler_texts
from handlers.desk import Asked, Desk, Json, link_of, refused
from handlers.guard import Answer, Call, From, guarded, notice, whoever

ADD_MESSAGE, SHOW_FACTS = "council_message", "council_facts"


def register(app: App, services: Services) -> None:
    desk, named = CouncilDesk(services), services.settings.commands
    app.command(named.council)(guarded(services, From.COMMAND, desk.command))
    app.action(blocks.DECIDE)(guarded(services, From.TAP, desk.open_decide))
    app.action(blocks.ADD)(guarded(services, From.TAP, desk.open_agenda))
    app.action(blocks.COUNTED)(guarded(services, From.TAP, desk.how_counted))
    app.action(blocks.DONE)(guarded(services, From.TAP, desk.done))
    app.action(blocks.DROP)(guarded(services, From.TAP, desk.drop))
    app.action(blocks.DECISIONS)(guarded(services, From.TAP, desk.turn_decisions))
    app.action(blocks.TAKE_OFF)(guarded(services, From.TAP, desk.take_off))
    app.view(forms.DECIDE_FORM)(guarded(services, From.FORM, desk.decide))
    app.view(forms.AGENDA_FORM)(guarded(services, From.FORM, desk.add))
    app.view(forms.FACTS_FORM)(guarded(services, From.FORM, desk.post_facts))
    app.shortcut(ADD_MESSAGE)(guarded(services, From.SHORTCUT, desk.add_message))
    app.shortcut(SHOW_FACTS)(guarded(services, From.SHORTCUT, desk.open_facts))


def week_named(text: str, today: Week) -> Week:
    """`W47`, or `47`, is of this year, or, where that has not begun, of the year before. Raises NotAWeek."""
    bare = text.strip().casefold().removeprefix("w")
    if not (bare.isdigit() and len(bare) <= 2):
        return Week.parse(text)
    try:
        if (this_year := Week.parse(f"{today.year}-W{bare}")) <= today:
            return this_year
    except NotAWeek:  # the year before may have a week more
        pass
    return Week.parse(f"{today.year - 1}-W{bare}")


class CouncilDesk(Desk):
    def command(self, call: Call) -> Answer:
        """`preview | digest WEEK | decide | decisions | agenda | help`"""
        person = self.meet(whoever(self.services, call))
        asked = Asked.of(self.services.settings.commands.council, call.text)
        chosen: dict[str, Callable[[Call, Person, Asked], Answer]] = {
            "help": self._help,
            "preview": self._preview,
            "digest": self._digest,
            "decide": self._decide,
            "decisions": self._decisions,
            "agenda": self._agenda,
        }
        if asked.what not in chosen:
            return Answer(ack={"text": escape(handler_texts.no_such_command(asked.command, asked.what))})
        if asked.what in ("preview", "digest", "decide"):
            self._check(person)
        return chosen[asked.what](call, person, asked)

    def _check(self, person: Person) -> None:
        """Raises NotCouncil."""
        with self.services.reading() as session:
            service.check_member(session, person)

    def _help(self, _call: Call, _person: Person, asked: Asked) -> Answer:
        return Answer(ack={"text": texts.help_of(asked.command)})

    # -- looks that only one person sees ----------------------------------------

    def _preview(self, _call: Call, _person: Person, _asked: Asked) -> Answer:
        """The digest that comes next, as it stands: of the week that runs, or, until it is told, of the one before."""
        now = self.services.now()
        with self.services.reading() as session:
            rules = journal.rules_in_force(session)
            week = service.coming_week(session, rules.policy, now)
            return Answer(ack=self._shown(min(week, Week.of(views.day_of(now, rules.policy.zone))), rules))

    def _digest(self, _call: Call, _person: Person, asked: Asked) -> Answer:
        now = self.services.now()
        with self.services.reading() as session:
            rules = journal.rules_in_force(session)
            policy = rules.policy
            newest = week_told_at(slot_before(policy.council, policy.zone, now))
            today = Week.of(views.day_of(now, policy.zone))
            try:
                week = week_named(asked.rest, today) if asked.rest else newest
            except NotAWeek:
                return Answer(ack={"text": texts.NO_SUCH_WEEK.format(command=asked.command)})
            if week > today:
                return Answer(ack={"text": texts.NOT_BEGUN})
            if week.span(policy.zone).until <= journal.since_when(session):
                return Answer(ack={"text": texts.NOT_AT_WORK})
            if week == today:
                return Answer(ack={"text": texts.NOT_OVER.format(command=asked.command)})
            return Answer(ack=self._shown(week, rules))

    def _shown(self, week: Week, rules: RulesInForce) -> Json:
        """A digest as it was told, or, for a week that was not, counted now."""
        now = self.services.now()
        with self.services.reading() as session:
            told = service.digest_of(session, week)
            facts = service.facts_in(told) if told else gather.facts_of(session, week, rules, now)
            view = views.of(session, facts, rules.policy, told)
        return {"text": view.lock, "blocks": blocks.digest(view, quietly=True)}

    def how_counted(self, call: Call) -> Answer:
        """What stands behind the figures of a digest, in a few lines."""
        self.meet(whoever(self.services, call))
        with self.services.reading() as session:
            told = service.digest_of(session, Week.parse(call.value))
            policy = journal.rules_in_force(session).policy
        lines = lists.how_counted(service.facts_in(told) if told else None, policy)
        return Answer(
            opens={**notice("\n\n".join(lines)), "title": {"type": "plain_text", "text": texts.COUNTED_TITLE}}
        )

    def board(self, person: Person) -> Answer:
        """The week that runs as home tabs show it: what is the reader's own, and the council's part for anyone."""
        with self.services.reading() as session:
            view = home_views.board_of(session, person.id, self.services.policy(session), self.services.now())
        return Answer(ack={"text": texts.BOARD, "blocks": home_blocks.board(view)})

    # -- decisions ----------------------------------------

    def _decide(self, _call: Call, _person: Person, asked: Asked) -> Answer:
        return Answer(opens=self._decide_form(asked.rest[: forms.LONGEST]))

    def open_decide(self, call: Call) -> Answer:
        self._check(self.meet(whoever(self.services, call)))
        return Answer(opens=self._decide_form(""))

    def _decide_form(self, what: str) -> Json:
        with self.services.reading() as session:
            policy = self.services.policy(session)
        due = self._today(policy.zone) + timedelta(days=policy.council.decide_days)
        return forms.decide_form(policy, due, what=what)

    def _today(self, zone: str) -> date:
        return self.services.now().astimezone(ZoneInfo(zone)).date()

    def decide(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        self._check(person)
        with self.services.reading() as session:
            policy = self.services.policy(session)
        try:
            asked = forms.parse_decide_form(call.body["view"], self._today(policy.zone))
        except FormError as error:
            return refused(error)
        with self.services.reading() as session:
            try:
                owner = people.at_slack(session, call.team_id, asked.owner)
            except people.PeopleError:
                return refused(FormError({"owner": texts.NOT_THERE}))
        with self.services.under_rules() as (session, rules):
            decided: Decided = asked.decided(owner.id)
            kept = service.decide(session, decided, person, rules, call.key, call.by(person), now)
            figure = lists.figure_line(kept, rules.policy) if kept and kept.measure else None
        told = texts.decided_now(owner.name, asked.due_on, figure)
        return Answer(ack={"response_action": "update", "view": notice(told)}, changed=True)

    def done(self, call: Call) -> Answer:
        return self._end(call, dropped=False)

    def drop(self, call: Call) -> Answer:
        return self._end(call, dropped=True)

    def _end(self, call: Call, *, dropped: bool) -> Answer:
        person, now = self.meet(whoever(self.services, call)), self.services.now()
        page = self._page_with(person, int(call.value)) if call.in_a_whisper else 0
        with self.services.begin() as session:
            if journal.first_time(session, call.key, now):
                service.end(session, int(call.value), person, call.by(person), now, dropped=dropped)
        if call.in_a_whisper:
            return Answer(says={**self._decisions_of(person, page), "replace_original": True})
        return Answer(changed=True)

    def _decisions(self, _call: Call, person: Person, _asked: Asked) -> Answer:
        return Answer(ack=self._decisions_of(person, 0))

    def turn_decisions(self, call: Call) -> Answer:
        """Another page of the decisions, in place."""
        told = self._decisions_of(whoever(self.services, call), int(call.value))
        return Answer(says={**told, "replace_original": call.in_a_whisper})

    def _decisions_of(self, person: Person, page: int) -> Json:
        command = self.services.settings.commands.council
        return {"text": texts.DECISIONS, "blocks": lists.decision_blocks(self._lines_of(person), page, command)}

    def _lines_of(self, person: Person) -> list[lists.Line]:
        with self.services.reading() as session:
            policy = self.services.policy(session)
            return lists.decisions(session, person, policy, self._today(policy.zone))

    def _page_with(self, person: Person, decision_id: int) -> int:
        """The page of the list on which a decision stands."""
        ids = [line.id for line in self._lines_of(person)]
        return ids.index(decision_id) // lists.MOST if decision_id in ids else 0

    # -- agenda ----------------------------------------

    def _agenda(self, call: Call, person: Person, asked: Asked) -> Answer:
        what, _, rest = asked.rest.partition(" ")
        if what.casefold() == "add":
            return Answer(opens=forms.agenda_form(said=rest.strip()))  # anybody may
        self._check(person)
        return Answer(ack=self._agenda_of_next())

    def _agenda_of_next(self) -> Json:
        command = self.services.settings.commands.council
        with self.services.reading() as session:
            policy = self.services.policy(session)
            week = service.coming_week(session, policy, self.services.now())
            lines = lists.agenda(session, week)
        return {"text": texts.AGENDA, "blocks": lists.agenda_blocks(lines, week.code, command)}

    def take_off(self, call: Call) -> Answer:
        person, now = self.meet(whoever(self.services, call)), self.services.now()
        with self.services.begin() as session:
            if journal.first_time(session, call.key, now):
                service.take_off(session, int(call.value), person, call.by(person), now)
        return Answer(says={**self._agenda_of_next(), "replace_original": True})

    def open_agenda(self, call: Call) -> Answer:
        self.meet(whoever(self.services, call))
        return Answer(opens=forms.agenda_form())

    def add_message(self, call: Call) -> Answer:
        """From a message: its text, and where it stands."""
        self.meet(whoever(self.services, call))
        said = as_read(str(call.body["message"].get("text") or ""))
        return Answer(opens=forms.agenda_form(said=said, link=link_of(call.body)))

    def add(self, call: Call) -> Answer:
        person = whoever(self.services, call)
        try:
            item = forms.parse_agenda_form(call.body["view"])
        except FormError as error:
            return refused(error)
        return Answer(ack={"response_action": "update", "view": notice(self._add(call, person, item))})

    def _add(self, call: Call, person: Person, item: Item) -> str:
        with self.services.under_rules() as (session, rules):
            now = self.services.now()
            week = service.add_to_agenda(session, item, person, rules.policy, call.key, call.by(person), now)
        return texts.added(week.code)

    # -- the facts in a thread ----------------------------------------

    def open_facts(self, call: Call) -> Answer:
        self.meet(whoever(self.services, call))
        message = call.body["message"]
        where = Where(call.body["channel"]["id"], str(message.get("thread_ts") or message["ts"]))
        return Answer(opens=self._facts_form(where, None))

    def _facts_form(self, where: Where, of: str | None) -> Json:
        with self.services.reading() as session:
            policy = self.services.policy(session)
            preview = looks.lines(session, of, policy, self.services.now()) if of else ()
        return forms.facts_form(policy, where, of=of, preview=preview)

    def post_facts(self, call: Call) -> Answer:
        """Posted is what was seen before; else it is shown first."""
        person = whoever(self.services, call)
        try:
            where, of, seen = forms.parse_facts_form(call.body["view"])
        except FormError as error:
            return refused(error)
        if not seen:
            return Answer(ack={"response_action": "update", "view": self._facts_form(where, of)})
        with self.services.under_rules() as (session, rules):
            now = self.services.now()
            looks.post(session, where.channel, where.ts, of, person, rules.policy, call.key, now)
        return Answer(ack={"response_action": "update", "view": notice(texts.POSTED)})
