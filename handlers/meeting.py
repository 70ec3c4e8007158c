"""The first meeting: are these your hours? Yes, or a form to change them."""

from slack_bolt import Ack, App

from bot.journal import service as journal
from bot.outbox.kit import FormError
from bot.people import blocks, meeting
from bot.people.rules import zones_like
from bot.services import Services
from handlers.guard import DONE, Answer, Call, From, guarded, whoever


def register(app: App, services: Services) -> None:
    desk = MeetingDesk(services)
    app.action(blocks.YES)(guarded(services, From.TAP, desk.yes))
    app.action(blocks.CHANGE)(guarded(services, From.TAP, desk.change))
    app.view(blocks.HOURS_FORM)(guarded(services, From.FORM, desk.save))

    def suggest(ack: Ack, body: dict[str, object]) -> None:
        ack(options=[blocks.zone_option(zone) for zone in zones_like(str(body.get("value", "")))])

    app.options(blocks.ZONE)(suggest)


class MeetingDesk:
    def __init__(self, services: Services) -> None:
        self.services = services

    def yes(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.begin() as session:
            meeting.say_hours(session, person.id, call.by(person), now)
        return DONE

    def change(self, call: Call) -> Answer:
        person = whoever(self.services, call)
        with self.services.reading() as session:
            view = meeting.hours_of(session, person.id, journal.rules_in_force(session).policy)
        return Answer(opens=blocks.hours_form(view))

    def save(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        try:
            form = blocks.parse_hours_form(call.body["view"])
        except FormError as error:
            return Answer(ack={"response_action": "errors", "errors": error.errors})
        with self.services.begin() as session:
            if journal.first_time(session, call.key, now):
                meeting.say_hours(session, person.id, call.by(person), now, hours=form.hours, zone=form.zone)
        return DONE
