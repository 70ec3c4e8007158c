"""What people do about what they owe: later, pause, hand over, help, stop; quiet hours and days away by a form."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.journal import service as journal
from bot.leads import forms as lead_forms
from bot.leads import handover, promises
from bot.leads import views as lead_views
from bot.leads.promises import OF_THE_HOLDER
from bot.outbox.kit import FormError
from bot.people import absences as away_rules
from bot.people import service as people
from bot.people.absences import Away
from bot.people.tables import Person
from bot.services import Services
from bot.sla import absences, blocks, control, forms, texts
from bot.sla.errors import CannotStandIn, SlaError, TooFar
from bot.sla.forms import About
from bot.wording import day_and_time
from handlers.desk import Desk, refused
from handlers.guard import CHANGED, Answer, Call, From, guarded, notice, whoever

PARTS = {"whole": "whole", "am": "pm", "pm": "am"}  # a form asks which half is missing


def register(app: App, services: Services) -> None:
    desk = PromiseDesk(services)
    app.action(blocks.MORE)(guarded(services, From.TAP, desk.more))
    app.action(blocks.REASSIGN)(guarded(services, From.TAP, desk.ask_to_whom))
    app.action(blocks.RESUME)(guarded(services, From.TAP, desk.go_on))
    app.action(blocks.MINE)(guarded(services, From.TAP, desk.mine))
    app.action(blocks.QUIET)(guarded(services, From.TAP, desk.ask_how_long))
    app.action(blocks.OFFER_ALL)(guarded(services, From.TAP, desk.offer_all))
    app.view(forms.LATER_FORM)(guarded(services, From.FORM, desk.later))
    app.view(forms.PAUSE_FORM)(guarded(services, From.FORM, desk.pause))
    app.view(forms.GIVE_FORM)(guarded(services, From.FORM, desk.give))
    app.view(forms.QUIET_FORM)(guarded(services, From.FORM, desk.quiet))
    app.view(forms.OUT_FORM)(guarded(services, From.FORM, desk.out))


class PromiseDesk(Desk):
    """One method for each thing a person can do about a promise."""

    def more(self, call: Call) -> Answer:
        chosen: dict[str, Callable[[Call], Answer]] = {
            blocks.LATER: self.ask_when,
            blocks.HAND_OVER: self.ask_to_whom,
            blocks.PAUSE: self.ask_why,
            blocks.HELP: self.ask_help,
            blocks.STOP: self.stop,
        }
        return chosen[call.value.partition(":")[0]](call)

    # -- one tap ----------------------------------------

    def stop(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.under_rules() as (session, rules):
            subjects = self.services.subjects
            found = control.stop(session, subjects, _id(call), person, call.by(person), now)
            what = subjects.of(found).plain(session, found, rules.policy)
        return Answer(says={"text": texts.stopped(what)}, changed=True)

    def ask_help(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.under_rules() as (session, rules):
            helper = control.ask_help(
                session, self.services.subjects, _id(call), person, rules.policy, call.by(person), now
            )
            name = helper.name
        return Answer(says={"text": texts.help_comes(name)}, changed=True)

    def go_on(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.under_rules() as (session, rules):
            control.go_on(session, self.services.subjects, _id(call), person, rules.policy, call.by(person), now)
        return CHANGED

    def offer_all(self, call: Call) -> Answer:
        """`to:one,other`: a colleague is asked to take all of them, once however often it is tapped."""
        person, now = whoever(self.services, call), self.services.now()
        to_id, _, owed = call.value.partition(":")
        ids = [int(one) for one in owed.split(",")]
        with self.services.under_rules() as (session, rules):
            number, colleague = control.offer_all(
                session, self.services.subjects, ids, int(to_id), person, rules, call.by(person), now
            )
            told = texts.offered_all(number, colleague.name)
        return Answer(says={"text": told}, changed=True)

    def mine(self, call: Call) -> Answer:
        """What one owes, or what one's people owe: below a message that could not show all of it, or another page."""
        person = whoever(self.services, call)
        what, _, page = call.value.partition(":")
        shown = self.team_owes if what == "team" else self.owed_by
        told = shown(person, int(page or 0))
        if call.in_a_whisper:
            return Answer(says={**told, "replace_original": True}, says_at=str(call.body["response_url"]))
        return Answer(says=told)

    # -- a form opens ----------------------------------------

    def ask_when(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.reading() as session:
            found = control.in_hand(session, self.services.subjects, _id(call), person, lock=False)
            policy, owner = self.services.policy(session), people.by_id(session, person.id)
            about = self._about(call, self.services.subjects.of(found).plain(session, found, policy))
            morning = people.next_at_work(owner, policy, people.day_after(now, ZoneInfo(owner.zone)))
            last, deadline = now + timedelta(days=policy.calm.later_days_at_most), found.deadline_at
        return Answer(opens=forms.later_form(about, morning, deadline, last, person.zone, now))

    def ask_why(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.reading() as session:
            found = control.in_hand(session, self.services.subjects, _id(call), person, lock=False)
            policy = self.services.policy(session)
            about = self._about(call, self.services.subjects.of(found).plain(session, found, policy))
            left = control.left(found, now)
        usual = _today(person, now) + timedelta(days=7)
        return Answer(opens=forms.pause_form(about, usual, texts.took(left)))

    def ask_to_whom(self, call: Call) -> Answer:
        """A lead in hand goes on as leads do, with a sentence; anything else to a colleague of the same team."""
        person, now = whoever(self.services, call), self.services.now()
        with self.services.reading() as session:
            found = control.in_hand(session, self.services.subjects, _id(call), person, lock=False)
            if found.kind in OF_THE_HOLDER:
                offer_id = promises.offer_id_of(session, found)
                title = lead_views.title_of_offer(session, offer_id)
                place = lead_forms.Place(home=call.in_home)
                colleagues = handover.colleagues(session, offer_id, now)
                return Answer(opens=lead_forms.hand_over_form(lead_forms.About(offer_id, title, place), colleagues))
            plain = self.services.subjects.of(found).plain(session, found, self.services.policy(session))
            others = control.colleagues(session, found, now)
        if not others:
            raise CannotStandIn("nobody", "")
        return Answer(opens=forms.give_form(self._about(call, plain), others))

    def ask_how_long(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.reading() as session:
            policy, reader = self.services.policy(session), people.by_id(session, person.id)
            choices = [(texts.for_hours(hours), now + timedelta(hours=hours)) for hours in (1, 2, 4)]
            morning = people.next_at_work(reader, policy, people.day_after(now, ZoneInfo(reader.zone)))
            most = now + timedelta(hours=policy.calm.quiet_hours_at_most)
        tonight = people.day_after(now, ZoneInfo(person.zone))
        ends = min(tonight, morning, most)
        choices.append((texts.for_today(day_and_time(ends, person.zone, now)), ends))
        return Answer(opens=forms.quiet_form([one for one in choices if one[1] <= most]))

    def _about(self, call: Call, title: str) -> About:
        return About(_id(call), title, call.in_home)

    # -- a form is sent ----------------------------------------

    def later(self, call: Call) -> Answer:
        person = whoever(self.services, call)
        try:
            until, block = forms.parse_later_form(call.body["view"], person.zone)
        except FormError as error:
            return refused(error)
        return self._decide(
            call,
            block,
            lambda session, policy, now: control.later(
                session, self.services.subjects, _about_id(call), until, person, policy, call.by(person), now
            ),
        )

    def pause(self, call: Call) -> Answer:
        person = whoever(self.services, call)
        try:
            until, why = forms.parse_pause_form(call.body["view"], person.zone)
        except FormError as error:
            return refused(error)
        return self._decide(
            call,
            "until",
            lambda session, policy, now: control.pause(
                session, self.services.subjects, _about_id(call), until, why, person, policy, call.by(person), now
            ),
        )

    def give(self, call: Call) -> Answer:
        person = whoever(self.services, call)
        try:
            to_id = forms.parse_give_form(call.body["view"])
        except FormError as error:
            return refused(error)
        return self._decide(
            call,
            "to",
            lambda session, policy, now: control.give(
                session, self.services.subjects, _about_id(call), to_id, person, policy, call.by(person), now
            ),
        )

    def _decide(self, call: Call, block: str, decide: "Decision") -> Answer:
        """Do what a form asks, once; what the rules do not allow is said beside its field."""
        now = self.services.now()
        try:
            with self.services.under_rules() as (session, rules):
                if journal.first_time(session, call.key, now):
                    decide(session, rules.policy, now)
        except (TooFar, CannotStandIn) as error:
            return refused(FormError({block: self.explained(call, error)}))
        except SlaError as error:
            return refused(FormError({block: self.explained(call, error)}))
        return CHANGED

    def quiet(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        try:
            until = forms.parse_quiet_form(call.body["view"])
        except FormError as error:
            return refused(error)
        with self.services.under_rules() as (session, rules):
            furthest = now + timedelta(hours=rules.policy.calm.quiet_hours_at_most)
            away_rules.be_quiet(session, person.id, min(until, furthest), call.by(person), now)
        told = texts.quiet_until(day_and_time(until, person.zone, now))
        return Answer(ack={"response_action": "update", "view": notice(told)}, changed=True)

    def out(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        try:
            form = forms.parse_out_form(call.body["view"])
        except FormError as error:
            return refused(error)
        try:
            with self.services.begin() as session:
                whose = people.by_id(session, form.person_id or person.id)
                backup = absences.named(session, call.team_id, f"<@{form.backup}>") if form.backup else None
                away = Away(form.first, form.last, PARTS[form.part])
                told = absences.say(session, whose, away, backup, person, call.by(person), now)
        except CannotStandIn as error:
            return refused(FormError({"backup": self.explained(call, error)}))
        except SlaError as error:
            return refused(FormError({"last": self.explained(call, error)}))
        return Answer(ack={"response_action": "update", "view": notice(told)}, changed=True)


Decision = Callable[..., object]


def _id(call: Call) -> int:
    return int(call.value.rpartition(":")[2])


def _about_id(call: Call) -> int:
    return forms.about_id(call.body["view"])


def _today(person: Person, now: datetime) -> date:
    return now.astimezone(ZoneInfo(person.zone)).date()
