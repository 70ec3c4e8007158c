"""Leads in Slack: the card's buttons, the reject form, `/lead` and `/tandem`."""

from datetime import date
from zoneinfo import ZoneInfo

from slack_bolt import App
from slack_sdk.errors import SlackApiError

from bot.journal import service as journal
from bot.leads import answers, blocks, texts, views
from bot.leads import service as leads
from bot.leads.answers import Rejection
from bot.leads.views import Reader
from bot.people.tables import Person
from bot.services import Services
from bot.wording import escape
from config.policy import Policy
from handlers import texts as handler_texts
from handlers.guard import CHANGED, DONE, Answer, Call, From, guarded, whoever

FORM_MOVED_ON = ("hash_conflict", "not_found")  # a newer choice was first, or the form was closed meanwhile


def register(app: App, services: Services) -> None:
    desk = LeadDesk(services)
    app.action(blocks.ACCEPT)(guarded(services, From.TAP, desk.accept))
    app.action(blocks.REJECT)(guarded(services, From.TAP, desk.ask_why))
    app.action(blocks.REASON_CHOSEN)(guarded(services, From.TAP, desk.reason_chosen))
    app.action(blocks.UNDO)(guarded(services, From.TAP, desk.undo))
    app.view(blocks.REJECT_FORM)(guarded(services, From.FORM, desk.reject))
    app.command("/lead")(guarded(services, From.COMMAND, desk.lead_command))
    app.command("/tandem")(guarded(services, From.COMMAND, desk.tandem_command))


class LeadDesk:
    """One method for each thing a person can do with leads."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._views = services.views_client()

    def accept(self, call: Call) -> Answer:
        person = whoever(self.services, call)
        now = self.services.now()
        with self.services.under_rules() as (session, rules):
            if journal.first_time(session, call.key, now):
                answers.accept(session, int(call.value), person, rules, call.by(person), now)
        return self._list_again(call, person)

    def ask_why(self, call: Call) -> Answer:
        """Open the reject form, unless it is too late for it."""
        person = whoever(self.services, call)
        with self.services.reading() as session:
            answers.check_answerable(session, int(call.value), person)
            policy, title = journal.rules_in_force(session).policy, views.title_of_offer(session, int(call.value))
        told = (int(call.value), policy.rejections, self._today(person))
        form = blocks.reject_form(*told, title=title, from_home=call.in_home)
        self._views.views_open(trigger_id=call.trigger_id, view=form)
        return DONE

    def reason_chosen(self, call: Call) -> Answer:
        """A reason may ask for a sentence or a date: the form grows by that field, keeping what was typed."""
        person, view = whoever(self.services, call), call.body["view"]
        code = call.body["actions"][0]["selected_option"]["value"]
        offer_id = blocks.offer_of(view)
        with self.services.reading() as session:
            policy, title = journal.rules_in_force(session).policy, views.title_of_offer(session, offer_id)
        told = (offer_id, policy.rejections, self._today(person), policy.reason(code))
        form = blocks.reject_form(*told, title=title, from_home=blocks.is_from_home(view))
        try:
            self._views.views_update(view_id=view["id"], hash=view["hash"], view=form)
        except SlackApiError as error:
            if error.response["error"] not in FORM_MOVED_ON:
                raise
        return DONE

    def reject(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        try:
            form = blocks.parse_reject_form(call.body["view"], self._policy().rejections, self._today(person))
        except blocks.FormError as error:
            return Answer(ack={"response_action": "errors", "errors": error.errors})
        rejection = Rejection(form.reason, form.sentence, form.return_on)
        with self.services.under_rules() as (session, rules):
            if journal.first_time(session, call.key, now):
                facts = leads.facts_of_offer(session, form.offer_id)
                answers.reject(session, form.offer_id, rejection, person, rules, call.by(person), now, facts)
        return CHANGED

    def undo(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.begin() as session:
            if journal.first_time(session, call.key, now):
                answers.undo(session, int(call.value), person, call.by(person), now)
        return CHANGED

    def lead_command(self, call: Call) -> Answer:
        text = str(call.body.get("text") or "").strip()
        person = whoever(self.services, call)
        match text.casefold():
            case "mine":
                return Answer(ack=self._mine(person))
            case "" | "help":
                return Answer(ack={"text": texts.HELP})
        return Answer(ack={"text": escape(handler_texts.no_such_command("/lead", text))})

    def tandem_command(self, call: Call) -> Answer:
        text = str(call.body.get("text") or "").strip()
        whoever(self.services, call)
        if text.casefold() in ("", "help"):
            return Answer(ack={"text": texts.TANDEM_HELP})
        return Answer(ack={"text": escape(handler_texts.no_such_command("/tandem", text))})

    def _list_again(self, call: Call, person: Person) -> Answer:
        """A tap in the answer to `/lead mine`: that list is brought up to date at once. A card is by the outbox."""
        if not call.in_a_whisper:
            return CHANGED
        return Answer(says={**self._mine(person), "replace_original": True})

    def _mine(self, person: Person) -> dict[str, object]:
        with self.services.reading() as session:
            found, total = views.mine(session, person.id, blocks.MINE_AT_ONCE)
        return blocks.mine(found, total, Reader(person.id, person.zone), self.services.now())

    def _policy(self) -> Policy:
        with self.services.reading() as session:
            return journal.rules_in_force(session).policy

    def _today(self, person: Person) -> date:
        return self.services.now().astimezone(ZoneInfo(person.zone)).date()
