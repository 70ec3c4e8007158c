"""A question to marketing about a lead: asked in one form, answered in another."""

from slack_bolt import App

from bot.journal import service as journal
from bot.leads import blocks, forms, questions, views
from bot.leads.forms import About
from bot.outbox.kit import FormError
from bot.services import Services
from handlers.desk import Desk, refused
from handlers.guard import DONE, Answer, Call, From, guarded, whoever


def register(app: App, services: Services) -> None:
    desk = QuestionDesk(services)
    app.view(forms.ASK_FORM)(guarded(services, From.FORM, desk.ask))
    app.action(blocks.ANSWER)(guarded(services, From.TAP, desk.open_answer))
    app.view(forms.ANSWER_FORM)(guarded(services, From.FORM, desk.answer))


class QuestionDesk(Desk):
    def ask(self, call: Call) -> Answer:
        try:
            text = forms.parse_ask_form(call.body["view"])
        except FormError as error:
            return refused(error)
        return self.submit(call, lambda session, offer_id, *who: questions.ask(session, offer_id, text, *who))

    def open_answer(self, call: Call) -> Answer:
        """The form for the answer, unless somebody answered before."""
        person = whoever(self.services, call)
        with self.services.reading() as session:
            asked = questions.check_answerable(session, int(call.value), person)
            about = About(asked.id, views.title_of_offer(session, asked.offer_id))
        return Answer(opens=forms.answer_form(about, asked.question))

    def answer(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        try:
            text = forms.parse_answer_form(call.body["view"])
        except FormError as error:
            return refused(error)
        with self.services.begin() as session:
            if journal.first_time(session, call.key, now):
                question_id = forms.about_id(call.body["view"])
                questions.answer(session, question_id, text, person, call.by(person), now)
        return DONE
