"""`/tandem export …`: managers and the council get workbooks, everybody what is their own."""

from datetime import date
from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.exports import forms, service, texts
from bot.exports.rules import ALSO, EVERYTHING, MINE, Every, NotUnderstood, days_of, split_filters
from bot.exports.sheets import NotLimited
from bot.outbox.kit import FormError
from bot.people import service as people
from bot.people.tables import Person
from bot.services import SHEETS, Services
from bot.wording import escape
from handlers.desk import Asked, Desk, refused
from handlers.guard import Answer, Call, From, guarded, notice, whoever


def register(app: App, services: Services) -> None:
    desk = ExportDesk(services)
    app.view(forms.EXPORT_FORM)(guarded(services, From.FORM, desk.take_order))


class ExportDesk(Desk):
    def command(self, call: Call, person: Person, asked: Asked) -> Answer:
        """`export`, `export mine`, `export feedback 2026-11 csv`, `export stop feedback`."""
        command = self.services.settings.commands.tandem
        what, _, rest = asked.rest.partition(" ")
        what = ALSO.get(what.casefold(), what.casefold())
        able = self._able(person)
        if not what:
            return Answer(opens=forms.export_form(able, self._today(person)))
        if what == "stop":
            return self._stop(person, rest.strip())
        if what in (*SHEETS, EVERYTHING) and what not in able:
            return Answer(ack={"text": texts.NOT_YOURS.format(command=command)})
        if what not in able:
            return Answer(ack={"text": texts.HOW.format(command=command)})
        try:
            rest, filters = split_filters(rest)
            if what == MINE and rest.partition(" ")[0] in service.OF_MINE:
                part, _, rest = rest.partition(" ")
                what = f"{MINE}:{part}"
            period, form = (rest[: -len("csv")], service.CSV) if rest.endswith("csv") else (rest, service.XLSX)
            days = days_of(period, self._today(person))
        except NotUnderstood:
            return Answer(ack={"text": texts.HOW.format(command=command)})
        if form == service.CSV and what in (EVERYTHING, MINE):
            of_mine = texts.ONE_OF_MINE.format(command=command)
            return Answer(ack={"text": of_mine if what == MINE else texts.ONE_SHEET})
        order = service.Order(what, days, form, filters)
        try:
            self._check(order)
        except NotLimited as error:
            return Answer(ack={"text": escape(str(error))})
        return Answer(ack={"text": self._order(call, person, order, None)})

    def _check(self, order: service.Order) -> None:
        """Raises NotLimited."""
        with self.services.reading() as session:
            service.check(session, self.services.sheets, order)

    def take_order(self, call: Call) -> Answer:
        person = whoever(self.services, call)
        try:
            form = forms.parse_export_form(call.body["view"])
        except FormError as error:
            return refused(error)
        if form.what not in self._able(person):
            told = texts.NOT_YOURS.format(command=self.services.settings.commands.tandem)
            return Answer(ack={"response_action": "update", "view": notice(told)})
        order = service.Order(form.what, form.days, form.form, form.filters)
        try:
            self._check(order)
        except NotLimited as error:
            return refused(FormError({"only": str(error)}))
        told = self._order(call, person, order, form.every)
        return Answer(ack={"response_action": "update", "view": notice(told)})

    def _order(self, call: Call, person: Person, order: service.Order, every: Every | None) -> str:
        now = self.services.now()
        key = call.key if call.kind == From.FORM else f"trigger:{call.trigger_id}"
        with self.services.begin() as session:
            ordered = service.ask(session, person.id, order, key, call.by(person), now)
            if every is not None and ordered is not None:
                service.schedule(session, person.id, order, every, person.zone, now)
        return texts.coming(order.what, texts.AGAINS[every].lower() if every else None)

    def _stop(self, person: Person, what: str) -> Answer:
        with self.services.begin() as session:
            stopped = service.stop(session, person.id, what)
        return Answer(ack={"text": texts.STOPPED if stopped else texts.NOT_SCHEDULED})

    def _able(self, person: Person) -> tuple[str, ...]:
        """What somebody may export."""
        with self.services.reading() as session:
            exports = people.may_export(people.by_id(session, person.id))
        return (EVERYTHING, *SHEETS, MINE) if exports else (MINE,)

    def _today(self, person: Person) -> date:
        return self.services.now().astimezone(ZoneInfo(person.zone)).date()
