"""What a person does with a lead in Slack: the buttons of cards, lists and queues, and the forms behind them."""

import contextlib
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from slack_bolt import App
from slack_sdk.errors import SlackApiError

from bot.journal import service as journal
from bot.leads import access, answers, blocks, forms, handover, progress, queues, steps, views
from bot.leads.answers import Rejection
from bot.leads.errors import CannotReceive, LeadsError
from bot.leads.forms import About
from bot.leads.progress import Deal, Loss
from bot.leads.rules import Step, later_times
from bot.leads.views import Reader
from bot.outbox.kit import FormError
from bot.people import service as people
from bot.people.tables import Person
from bot.services import Services
from config.policy import Policy
from handlers.desk import Desk, Json, offer_id_of, refused, step_id_of
from handlers.field import FieldDesk
from handlers.guard import CHANGED, DONE, Answer, Call, From, guarded, whoever

FORM_MOVED_ON = ("hash_conflict", "not_found")  # a newer choice was first, or the form was closed meanwhile


def register(app: App, services: Services) -> None:
    desk = LeadDesk(services)
    app.action(blocks.ACCEPT)(guarded(services, From.TAP, desk.accept))
    app.action(blocks.REACHED)(guarded(services, From.TAP, desk.reached))
    app.action(blocks.QUALIFY)(guarded(services, From.TAP, desk.qualify))
    app.action(blocks.UNDO)(guarded(services, From.TAP, desk.undo))
    app.action(blocks.REJECT)(guarded(services, From.TAP, desk.ask_why))
    app.action(blocks.NOT_A_FIT)(guarded(services, From.TAP, desk.ask_why_not))
    app.action(blocks.NO_ANSWER)(guarded(services, From.TAP, desk.ask_when))
    app.action(blocks.WIN)(guarded(services, From.TAP, desk.ask_value))
    app.action(blocks.LOSE)(guarded(services, From.TAP, desk.ask_loss))
    app.action(blocks.MORE)(guarded(services, From.TAP, desk.more))
    app.action(blocks.OPEN)(guarded(services, From.TAP, desk.open))
    app.action(blocks.QUEUE_NEXT)(guarded(services, From.TAP, desk.next_in_queue))
    app.action(blocks.QUEUE_TAKE)(guarded(services, From.TAP, desk.take_of_queue))
    app.action(blocks.QUEUE_MINE)(guarded(services, From.TAP, desk.my_leads))
    app.action(forms.REASON_CHOSEN)(guarded(services, From.TAP, desk.reason_chosen))
    app.view(forms.REJECT_FORM)(guarded(services, From.FORM, desk.reject))
    app.view(forms.NO_ANSWER_FORM)(guarded(services, From.FORM, desk.no_answer))
    app.view(forms.WON_FORM)(guarded(services, From.FORM, desk.win))
    app.view(forms.LOST_FORM)(guarded(services, From.FORM, desk.lose))
    app.view(forms.HAND_OVER_FORM)(guarded(services, From.FORM, desk.hand_over))
    app.view(forms.GIVE_BACK_FORM)(guarded(services, From.FORM, desk.give_back))


class LeadDesk(Desk):
    """One method for each thing a person can do with leads."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._views = services.views_client()
        self.field = FieldDesk(services)

    # -- one tap ----------------------------------------

    def accept(self, call: Call) -> Answer:
        return self.tap(call, answers.accept)

    def reached(self, call: Call) -> Answer:
        return self.tap(call, progress.reached)

    def qualify(self, call: Call) -> Answer:
        return self.tap(call, progress.qualify)

    def undo(self, call: Call) -> Answer:
        return self.tap(call, steps.undoing(step_id_of(call)))

    def more(self, call: Call) -> Answer:
        """An item of the menu behind ⋯: a step, or what can be done with any lead."""
        chosen: dict[str, Callable[[Call], Answer]] = {
            Step.REACHED: self.reached,
            Step.NO_ANSWER: self.ask_when,
            Step.QUALIFIED: self.qualify,
            Step.NOT_A_FIT: self.ask_why_not,
            blocks.HAND_OVER: self.ask_to_whom,
            blocks.GIVE_BACK: self.ask_why_back,
            blocks.ASK: self.ask_question,
            blocks.DETAILS: self.open,
            blocks.FEEDBACK: self.field.open_of_lead,
        }
        return chosen[call.value.partition(":")[0]](call)

    def open(self, call: Call) -> Answer:
        """The lead as a whole in a modal; from within one, that one."""
        person, offer_id = whoever(self.services, call), offer_id_of(call)
        with self.services.reading() as session:
            access.check_offer(session, offer_id, person)
        return Answer(opens=self.lead_modal(person, offer_id))

    # -- a form opens ----------------------------------------

    def ask_why(self, call: Call) -> Answer:
        return self._ask_reason(call, Step.REJECTED)

    def ask_why_not(self, call: Call) -> Answer:
        return self._ask_reason(call, Step.NOT_A_FIT)

    def _ask_reason(self, call: Call, step: Step) -> Answer:
        """Open the form that asks for a reason, unless it is too late for it."""
        return self._form(
            call, step, lambda about, policy, who: forms.reject_form(about, policy.rejections, self._today(who), step)
        )

    def ask_when(self, call: Call) -> Answer:
        def form(about: About, policy: Policy, person: Person) -> Json:
            now = self.services.now()
            with self.services.reading() as session:
                holder = views.holder_of(session, about.id)
                calendar = people.calendar_of(people.by_id(session, holder), policy, now)
            return forms.no_answer_form(about, later_times(calendar, now), person.zone, now)

        return self._form(call, Step.NO_ANSWER, form)

    def ask_value(self, call: Call) -> Answer:
        return self._form(call, Step.WON, lambda about, policy, _: forms.won_form(about, policy.deals))

    def ask_loss(self, call: Call) -> Answer:
        return self._form(call, Step.LOST, lambda about, policy, _: forms.lost_form(about, policy.deals))

    def ask_to_whom(self, call: Call) -> Answer:
        def form(about: About, _policy: Policy, _person: Person) -> Json:
            with self.services.reading() as session:
                colleagues = handover.colleagues(session, about.id, self.services.now())
            return forms.hand_over_form(about, colleagues)

        return self._form(call, Step.HANDED_OVER, form)

    def ask_why_back(self, call: Call) -> Answer:
        return self._form(call, Step.GIVEN_BACK, lambda about, *_: forms.give_back_form(about))

    def ask_question(self, call: Call) -> Answer:
        return self._form(call, Step.HANDED_OVER, lambda about, *_: forms.ask_form(about))

    def _form(self, call: Call, step: Step, make: Callable[[About, Policy, Person], Json]) -> Answer:
        person = whoever(self.services, call)
        about, policy = self.about(call, person, step)
        return Answer(opens=make(about, policy, person))

    def reason_chosen(self, call: Call) -> Answer:
        """A reason may ask for a sentence or a date: the form grows by that field, keeping what was typed."""
        person, view = whoever(self.services, call), call.body["view"]
        code = call.body["actions"][0]["selected_option"]["value"]
        offer_id = forms.about_id(view)
        with self.services.reading() as session:
            policy, title = journal.rules_in_force(session).policy, views.title_of_offer(session, offer_id)
        about = About(offer_id, title, forms.place_of(view))
        told = (about, policy.rejections, self._today(person), forms.reject_step(view), policy.reason(code))
        try:
            self._views.views_update(view_id=view["id"], hash=view["hash"], view=forms.reject_form(*told))
        except SlackApiError as error:
            if error.response["error"] not in FORM_MOVED_ON:
                raise
        return DONE

    # -- a form is sent ----------------------------------------

    def reject(self, call: Call) -> Answer:
        person = whoever(self.services, call)
        try:
            form = forms.parse_reject_form(call.body["view"], self._policy().rejections, self._today(person))
        except FormError as error:
            return refused(error)
        rejection = Rejection(form.reason, form.sentence, form.return_on, form.step)

        return self.submit(call, lambda session, offer_id, *who: answers.reject(session, offer_id, rejection, *who))

    def no_answer(self, call: Call) -> Answer:
        try:
            again_at = forms.parse_no_answer_form(call.body["view"], self.services.now())
        except FormError as error:
            return refused(error)
        return self.submit(call, lambda session, offer_id, *who: progress.no_answer(session, offer_id, again_at, *who))

    def win(self, call: Call) -> Answer:
        try:
            deal = Deal(*forms.parse_won_form(call.body["view"], self._policy().deals))
        except FormError as error:
            return refused(error)
        return self.submit(call, lambda session, offer_id, *who: progress.win(session, offer_id, deal, *who))

    def lose(self, call: Call) -> Answer:
        try:
            loss = Loss(*forms.parse_lost_form(call.body["view"], self._policy().deals))
        except FormError as error:
            return refused(error)
        return self.submit(call, lambda session, offer_id, *who: progress.lose(session, offer_id, loss, *who))

    def hand_over(self, call: Call) -> Answer:
        """To a colleague; one who cannot get it is told beside the field, and the sentence stays."""
        try:
            chosen, sentence = forms.parse_hand_over_form(call.body["view"])
            to_id = chosen if isinstance(chosen, int) else self._colleague(call, chosen)
        except FormError as error:
            return refused(error)
        try:
            return self.submit(
                call, lambda session, offer_id, *who: handover.hand_over(session, offer_id, to_id, sentence, *who)
            )
        except CannotReceive as error:
            return refused(FormError({"receiver": self.explained(call, error)}))

    def give_back(self, call: Call) -> Answer:
        try:
            sentence = forms.parse_give_back_form(call.body["view"])
        except FormError as error:
            return refused(error)
        return self.submit(call, lambda session, offer_id, *who: handover.give_back(session, offer_id, sentence, *who))

    # -- the queue ----------------------------------------

    def next_in_queue(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.begin() as session:
            if journal.first_time(session, call.key, now):
                queues.show_next(session, person.id, int(call.value), now)
        return DONE

    def take_of_queue(self, call: Call) -> Answer:
        """Accept the ones the button stands for, one after the other; what went elsewhere meanwhile is left out."""
        person, now = whoever(self.services, call), self.services.now()
        for offer_id in map(int, call.value.split(",")):
            with contextlib.suppress(LeadsError), self.services.under_rules() as (session, rules):
                answers.accept(session, offer_id, person, rules, call.by(person), now)
        return CHANGED

    def my_leads(self, call: Call) -> Answer:
        """Those one took: what waits for an answer stands in the queue."""
        person = whoever(self.services, call)
        with self.services.reading() as session:
            found, total = views.taken(session, person.id, blocks.MINE_AT_ONCE)
        return Answer(says=blocks.taken(found, total, Reader(person.id, person.zone), self.services.now()))

    # -- parts ----------------------------------------

    def _colleague(self, call: Call, slack_id: str) -> int:
        with self.services.reading() as session:
            try:
                return people.at_slack(session, call.team_id, slack_id).id
            except people.PeopleError as error:
                raise FormError({"receiver": self.explained(call, CannotReceive("unknown"))}) from error

    def _policy(self) -> Policy:
        with self.services.reading() as session:
            return journal.rules_in_force(session).policy

    def _today(self, person: Person) -> date:
        return self.services.now().astimezone(ZoneInfo(person.zone)).date()
