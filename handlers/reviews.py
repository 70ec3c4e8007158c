"""Marketing looks at what came back; a holder says what is next on a lead that has been quiet."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.journal import service as journal
from bot.leads import blocks, form_texts, promises, review_forms, reviews, views
from bot.leads.forms import Place
from bot.leads.rules import Step
from bot.outbox.kit import FormError
from bot.services import Services
from handlers.desk import Desk, refused
from handlers.guard import CHANGED, Answer, Call, From, guarded, notice, whoever

PLANNED_AHEAD = timedelta(days=7)


def register(app: App, services: Services) -> None:
    desk = ReviewDesk(services)
    app.action(blocks.PLAN)(guarded(services, From.TAP, desk.ask_next))
    app.action(blocks.RECYCLE)(guarded(services, From.TAP, desk.look))
    app.action(blocks.REVIEW)(guarded(services, From.TAP, desk.look))
    app.view(review_forms.PLAN_FORM)(guarded(services, From.FORM, desk.plan))
    app.view(review_forms.REVIEW_FORM)(guarded(services, From.FORM, desk.review))


class ReviewDesk(Desk):
    def look(self, call: Call) -> Answer:
        """Everything that came back for one reason, in one form; one that was looked at meanwhile is not in it."""
        person = whoever(self.services, call)
        owner, _, reason = call.value.partition(":")
        today = self.services.now().astimezone(ZoneInfo(person.zone)).date()
        with self.services.reading() as session:
            policy = self.services.policy(session)
            reviews.check_may_look(session, int(owner), person)
            group = reviews.group_of(session, int(owner), reason)
            label = views.label_of(policy, reason) or reason
            contest = reviews.may_contest(session, [one.lead_id for one in group.leads])
        if not group.leads:
            return Answer(opens=notice(form_texts.NOTHING_TO_REVIEW))
        usual = reviews.usual_day(policy, reason, today)
        form = review_forms.review_form(group, label, usual, Place(home=call.in_home), contest=contest)
        return Answer(opens=form)

    def review(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        try:
            chosen = review_forms.parse_review_form(call.body["view"], now.astimezone(ZoneInfo(person.zone)).date())
        except FormError as error:
            return refused(error)
        with self.services.under_rules() as (session, rules):
            if not journal.first_time(session, call.key, now):
                return CHANGED
            done = reviews.review(session, chosen.lead_ids, chosen.review, person, rules, call.by(person), now)
        told = form_texts.reviewed(done, len(chosen.lead_ids))
        return Answer(ack={"response_action": "update", "view": notice(told)}, changed=True)

    def ask_next(self, call: Call) -> Answer:
        person = whoever(self.services, call)
        about, _ = self.about(call, person, Step.PLANNED)
        today = self.services.now().astimezone(ZoneInfo(person.zone)).date()
        return Answer(opens=review_forms.plan_form(about, today + PLANNED_AHEAD))

    def plan(self, call: Call) -> Answer:
        person, today = whoever(self.services, call), self.services.now()
        try:
            what, until = review_forms.parse_plan_form(
                call.body["view"], today.astimezone(ZoneInfo(person.zone)).date()
            )
        except FormError as error:
            return refused(error)
        ends = datetime.combine(until + timedelta(days=1), time(), ZoneInfo(person.zone))
        return self.submit(call, lambda session, offer_id, *who: promises.plan(session, offer_id, what, ends, *who))
