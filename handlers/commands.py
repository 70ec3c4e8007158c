"""The commands `/lead` and `/tandem`, and the global shortcuts: what one types, or finds behind the lightning."""

from collections.abc import Callable

from slack_bolt import App

from bot.feedback.rules import Form
from bot.journal import service as journal
from bot.leads import access, blocks, byhand, forms, search, tables, texts, views
from bot.leads.byhand import ByHand
from bot.leads.forms import Place
from bot.leads.tables import Lead
from bot.outbox.kit import FormError
from bot.people import service as people
from bot.people.rules import SELLING
from bot.people.tables import Person
from bot.services import Services
from bot.wording import escape
from handlers import texts as handler_texts
from handlers.council import CouncilDesk
from handlers.desk import Asked, Desk, Json, refused
from handlers.exports import ExportDesk
from handlers.field import FieldDesk
from handlers.guard import CHANGED, Answer, Call, From, guarded, notice, whoever
from handlers.promise_commands import PromiseCommands

NEW_LEAD, MY_LEADS = "lead_new", "lead_mine"


def register(app: App, services: Services) -> None:
    desk, named = CommandDesk(services), services.settings.commands
    app.command(named.lead)(guarded(services, From.COMMAND, desk.lead))
    app.command(named.sla)(guarded(services, From.COMMAND, desk.sla))
    app.command(named.tandem)(guarded(services, From.COMMAND, desk.tandem))
    app.shortcut(NEW_LEAD)(guarded(services, From.SHORTCUT, desk.new))
    app.shortcut(MY_LEADS)(guarded(services, From.SHORTCUT, desk.my_leads))
    app.view(forms.NEW_FORM)(guarded(services, From.FORM, desk.take_in))


class CommandDesk(Desk):
    """One method for each subcommand."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.promises = PromiseCommands(services)
        self.field = FieldDesk(services)
        self.exports = ExportDesk(services)
        self.council = CouncilDesk(services)

    def lead(self, call: Call) -> Answer:
        """`/lead …`"""
        return self._lead(call, Asked.of(self.services.settings.commands.lead, call.text))

    def tandem(self, call: Call) -> Answer:
        """`/tandem …`: its help, and everything else as well: `/tandem lead mine`, or in short `/tandem mine`."""
        commands = self.services.settings.commands
        asked = Asked.of(commands.tandem, call.text)
        if asked.what == "help":
            self.meet(whoever(self.services, call))
            named = (commands.lead, commands.sla, commands.field, commands.objection, commands.tandem)
            return Answer(ack={"text": texts.tandem_help(*named)})
        if asked.what in ("lead", "leads"):
            return self._lead(call, Asked.of(f"{commands.tandem} lead", asked.rest))
        if asked.what == "sla":
            return self.promises.command(call, Asked.of(f"{commands.tandem} sla", asked.rest))
        if asked.what in ("feedback", "objection"):
            form = Form.FEEDBACK if asked.what == "feedback" else Form.OBJECTION
            return self.field.command(call, Asked.of(f"{commands.tandem} {asked.what}", asked.rest), form)
        if asked.what == "export":
            return self.exports.command(call, self.meet(whoever(self.services, call)), asked)
        if asked.what == "board":
            return self.council.board(self.meet(whoever(self.services, call)))
        if asked.what in ("quiet", "out", "team"):
            return self.promises.command(call, asked)
        return self._lead(call, asked)

    def sla(self, call: Call) -> Answer:
        """`/sla …`"""
        return self.promises.command(call, Asked.of(self.services.settings.commands.sla, call.text))

    def _lead(self, call: Call, asked: Asked) -> Answer:
        chosen: dict[str, Callable[[Call, Person, Asked], Answer]] = {
            "help": self._help,
            "mine": self._mine,
            "new": self._new,
            "find": self._find,
            "show": self._show,
        }
        person = whoever(self.services, call)
        self.meet(person)
        if asked.what not in chosen:
            return Answer(ack={"text": escape(handler_texts.no_such_command(asked.command, asked.what))})
        return chosen[asked.what](call, person, asked)

    def _help(self, _call: Call, _person: Person, asked: Asked) -> Answer:
        return Answer(ack={"text": texts.lead_help(self.services.settings.commands.lead)})

    def _mine(self, _call: Call, person: Person, _asked: Asked) -> Answer:
        return Answer(ack=self.list_of(person))

    def _find(self, _call: Call, person: Person, asked: Asked) -> Answer:
        """Leads by words; of those one may not open only with whom they are."""
        if not asked.rest:
            return Answer(ack={"text": texts.find_what(asked.command)})
        with self.services.reading() as session:
            found = search.find(session, asked.rest, person)
        reader = views.Reader(person.id, person.zone)
        return Answer(ack=blocks.found(found, asked.rest, reader, self.services.now()))

    def _show(self, call: Call, person: Person, asked: Asked) -> Answer:
        """One lead by its number; by words it is a search."""
        if not asked.rest.isascii() or not asked.rest.isdigit() or len(asked.rest) > 9:
            return self._find(call, person, asked)
        with self.services.reading() as session:
            lead = session.get(Lead, int(asked.rest))
            if lead is None:
                return Answer(ack={"text": texts.no_such_lead(asked.rest)})
            if not access.may_open(session, lead, person):
                holder = people.names(session, [lead.owner_id]).get(lead.owner_id) if lead.owner_id else None
                return Answer(ack={"text": texts.lead_is_with(lead.id, holder)})
            made = session.scalar(tables.offer_at_hand(lead))
        if made is None:
            return Answer(ack={"text": texts.not_offered(lead.id)})
        return Answer(ack=self.card_of(person, made.id))

    # -- a lead by hand ----------------------------------------

    def _new(self, call: Call, person: Person, _asked: Asked) -> Answer:
        return Answer(opens=self._new_form(person, Place(whisper=str(call.body.get("response_url") or "") or None)))

    def new(self, call: Call) -> Answer:
        return Answer(opens=self._new_form(self.meet(whoever(self.services, call)), Place()))

    def my_leads(self, call: Call) -> Answer:
        return Answer(opens=self.list_modal(self.meet(whoever(self.services, call))))

    def _new_form(self, person: Person, place: Place) -> Json:
        with self.services.reading() as session:
            policy = journal.rules_in_force(session).policy
            sells = bool(people.by_id(session, person.id).role_names & SELLING)
        return forms.new_form(policy.sources, place, sells=sells)

    def take_in(self, call: Call) -> Answer:
        """The form of a new lead: it is then theirs, and shown; or it goes to whoever is next in turn."""
        person, now = whoever(self.services, call), self.services.now()
        try:
            form = forms.parse_new_form(call.body["view"])
        except FormError as error:
            return refused(error)
        with self.services.under_rules() as (session, rules):
            if not journal.first_time(session, call.key, now):
                return CHANGED
            wanted = ByHand(form.lead, form.source, mine=form.mine)
            taken = byhand.take_in(session, wanted, person, rules, call.by(person), now)
            with_whom = people.names(session, [taken.owner_id]).get(taken.owner_id) if taken.owner_id else None
        return Answer(ack={"response_action": "update", "view": self._taken(person, taken, with_whom)}, changed=True)

    def _taken(self, person: Person, taken: byhand.Taken, with_whom: str | None) -> Json:
        if taken.owner_id == person.id and taken.offer_id:
            return self.lead_modal(person, taken.offer_id)
        return notice(texts.new_is_with(with_whom))
