"""The answer library: written by marketing, used by reps."""

from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.feedback import answer_blocks, answer_texts, answers, service, views
from bot.feedback.answers import State
from bot.feedback.errors import NoSuchReport
from bot.journal import service as journal
from bot.outbox.kit import FormError
from bot.people import service as people
from bot.services import Services
from handlers.desk import Desk, refused
from handlers.guard import Answer, Call, From, guarded, notice, whoever


def register(app: App, services: Services) -> None:
    desk = AnswerDesk(services)
    app.action(answer_blocks.WRITE)(guarded(services, From.TAP, desk.ask))
    app.action(answer_blocks.WORKED)(guarded(services, From.TAP, desk.worked))
    app.action(answer_blocks.DID_NOT)(guarded(services, From.TAP, desk.did_not))
    app.view(answer_blocks.WRITE_FORM)(guarded(services, From.FORM, desk.write))


class AnswerDesk(Desk):
    def ask(self, call: Call) -> Answer:
        """The form of an answer, with the version before in it."""
        person, report_id = whoever(self.services, call), int(call.value)
        with self.services.reading() as session:
            view = views.report_for(session, report_id, person.id, self.services.policy(session))
            if not service.answers_for_reports(people.by_id(session, person.id)):
                raise NoSuchReport
            before = answers.of_report(session, view.first_id)
        return Answer(opens=answer_blocks.write_form(report_id, view.said, before, view.answer_given))

    def write(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        try:
            today = now.astimezone(ZoneInfo(person.zone)).date()
            report_id, written = answer_blocks.parse_write_form(call.body["view"], today)
        except FormError as error:
            return refused(error)
        with self.services.under_rules() as (session, rules):
            if journal.first_time(session, call.key, now):
                answers.write(session, report_id, written, person, rules, call.by(person), now)
        told = answer_texts.SAVED_DRAFT if written.state == State.DRAFT else answer_texts.SAVED
        return Answer(ack={"response_action": "update", "view": notice(told)}, changed=True)

    def worked(self, call: Call) -> Answer:
        return self._used(call, worked=True)

    def did_not(self, call: Call) -> Answer:
        return self._used(call, worked=False)

    def _used(self, call: Call, *, worked: bool) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.begin() as session:
            view = answers.used(session, int(call.value), person, call.by(person), now, worked=worked)
        return Answer(says={"text": answer_texts.thanks(view.used, view.worked)})
