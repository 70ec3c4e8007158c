"""What marketing does with a report from the field, what its reporter answers, and what quality has received."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.feedback import blocks, duties, duty_blocks, duty_texts, forms, service, similar, talks, texts, triage, views
from bot.feedback.errors import NoSuchReport
from bot.feedback.rules import Form, Step
from bot.feedback.signs import Found
from bot.feedback.triage import Deed
from bot.journal import service as journal
from bot.outbox.kit import FormError
from bot.people import service as people
from bot.people.tables import Person
from bot.services import Services
from bot.wording import shorten
from handlers.desk import Desk, Json, refused
from handlers.guard import CHANGED, Answer, Call, From, guarded, notice, whoever

BY_A_TAP = (Step.SEEN,)


def register(app: App, services: Services) -> None:
    desk = TriageDesk(services)
    app.action(blocks.SEE)(guarded(services, From.TAP, desk.step))
    app.action(blocks.ANSWER)(guarded(services, From.TAP, desk.step))
    app.action(blocks.PLAN)(guarded(services, From.TAP, desk.step))
    app.action(blocks.FINISH)(guarded(services, From.TAP, desk.step))
    app.action(blocks.DECLINE)(guarded(services, From.TAP, desk.step))
    app.action(blocks.MERGE)(guarded(services, From.TAP, desk.step))
    app.action(blocks.PASS_ON)(guarded(services, From.TAP, desk.step))
    app.action(blocks.ASK_BACK)(guarded(services, From.TAP, desk.step))
    app.action(blocks.THANK)(guarded(services, From.TAP, desk.step))
    app.action(blocks.OPEN_REPORT)(guarded(services, From.TAP, desk.open))
    app.action(blocks.LOOK_AT_IT)(guarded(services, From.TAP, desk.look_at_it))
    app.action(blocks.REPLY)(guarded(services, From.TAP, desk.ask_reply))
    app.action(blocks.INBOX)(guarded(services, From.TAP, desk.turn))
    app.action(blocks.ANSWERED_ONES)(guarded(services, From.TAP, desk.turn_answered))
    app.view(forms.STEP_FORM)(guarded(services, From.FORM, desk.submit_step))
    app.view(forms.REPLY_FORM)(guarded(services, From.FORM, desk.submit_reply))
    app.action(duty_blocks.RECEIVED)(guarded(services, From.TAP, desk.received))
    app.view(duty_blocks.CHECK_FORM)(guarded(services, From.FORM, desk.submit_check))


def inbox_of(services: Services, person: Person, page: int) -> Json:
    """What waits for somebody, a page of it."""
    with services.reading() as session:
        policy = services.policy(session)
        found, total = views.inbox(session, person, policy, blocks.AT_ONCE, page * blocks.AT_ONCE)
        _, answered = views.answered(session, person, policy, services.now(), 0)
    return blocks.inbox(found, total, page, answered, person.zone, services.now())


class TriageDesk(Desk):
    """One method for each thing that is done with a report."""

    # -- taps ----------------------------------------

    def step(self, call: Call) -> Answer:
        """One tap, or the short form of a step."""
        name, _, report_id = call.value.partition(":")
        step, person = Step(name), whoever(self.services, call)
        if step in BY_A_TAP:
            self._do(call, int(report_id), Deed(step), person)
            return self._shown(call, int(report_id), person)
        url = str(call.body.get("response_url") or "") if call.in_a_whisper else ""
        return Answer(opens=self._form(int(report_id), step, person, url or None))

    def open(self, call: Call) -> Answer:
        """A report as a whole, for who may see it."""
        person = whoever(self.services, call)
        return Answer(opens=self._whole(int(call.value), person))

    def turn(self, call: Call) -> Answer:
        """Another page of the inbox, in place."""
        told = inbox_of(self.services, whoever(self.services, call), int(call.value))
        return Answer(says={**told, "replace_original": call.in_a_whisper})

    def turn_answered(self, call: Call) -> Answer:
        """What was answered and is not done yet, a page of it."""
        person, page = whoever(self.services, call), int(call.value)
        with self.services.reading() as session:
            policy = self.services.policy(session)
            now, skip = self.services.now(), page * blocks.AT_ONCE
            found, total = views.answered(session, person, policy, now, blocks.AT_ONCE, skip)
        told = blocks.answered_ones(found, total, page, person.zone, now)
        return Answer(says={**told, "replace_original": call.in_a_whisper})

    def ask_reply(self, call: Call) -> Answer:
        person, report_id = whoever(self.services, call), int(call.value)
        with self.services.reading() as session:
            view = views.report(session, report_id, self.services.policy(session))
        asked = view.newest(Step.ASKED_BACK)
        if view.reporter_id != person.id or asked is None:
            raise NoSuchReport
        return Answer(opens=forms.reply_form(report_id, asked.sentence or ""))

    def look_at_it(self, call: Call) -> Answer:
        """What was written in a thread and did not go on, in the form it can go on from."""
        person = whoever(self.services, call)
        with self.services.reading() as session:
            held = talks.held(session, call.value, person)
            view = views.report(session, held.talk.report_id, self.services.policy(session))
        if held.talk.asks:
            return Answer(opens=self._form(view.id, Step.ASKED_BACK, person, None, held))
        asked = view.newest(Step.ASKED_BACK)
        return Answer(opens=forms.reply_form(view.id, (asked and asked.sentence) or "", _begun(held)))

    # -- forms ----------------------------------------

    def submit_step(self, call: Call) -> Answer:
        person = whoever(self.services, call)
        today = self.services.now().astimezone(ZoneInfo(person.zone)).date()
        try:
            form = forms.parse_step_form(call.body["view"], today)
        except FormError as error:
            return refused(error)
        day = form.day.isoformat() if form.day else None
        deed = Deed(form.step, form.sentence, day, form.other_id, form.begun.thread_ts)
        self._do(call, form.report_id, deed, person, form.begun.key)
        below = call.body["view"].get("previous_view_id")
        if below:
            return replace(CHANGED, renews=(below, self._whole(form.report_id, person)))
        if form.whisper:
            return replace(CHANGED, says=self._inbox_with(form.report_id, person), says_at=form.whisper)
        return CHANGED

    def submit_reply(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        try:
            report_id, text, begun = forms.parse_reply_form(call.body["view"])
        except FormError as error:
            return refused(error)
        with self.services.under_rules() as (session, rules):
            if journal.first_time(session, call.key, now):
                thread_ts = begun.thread_ts
                triage.reply(session, report_id, text, person, rules, call.by(person), now, thread_ts=thread_ts)
                if begun.key:
                    talks.let_go(session, begun.key, person)
        return CHANGED

    def _do(self, call: Call, report_id: int, deed: Deed, person: Person, held: str | None = None) -> None:
        """A step, once; what it began with in a thread, under the key `held`, has gone on with it."""
        now = self.services.now()
        with self.services.under_rules() as (session, rules):
            if journal.first_time(session, call.key, now):
                triage.do(session, report_id, deed, person, rules, call.by(person), now)
                if held:
                    talks.let_go(session, held, person)

    # -- showing ----------------------------------------

    def _shown(self, call: Call, report_id: int, person: Person) -> Answer:
        """Messages are brought up to date by the outbox; a modal and a whisper are here."""
        if call.in_modal:
            return Answer(changed=True, renews=(call.body["view"]["id"], self._whole(report_id, person)))
        if call.in_a_whisper:
            return Answer(changed=True, says=self._inbox_with(report_id, person))
        return CHANGED

    def _inbox_with(self, report_id: int, person: Person) -> Json:
        """The page of the inbox on which a report stands, or stood, in place of the answer it was done from."""
        with self.services.reading() as session:
            page = views.page_with(session, person, report_id, blocks.AT_ONCE)
        return {**inbox_of(self.services, person, page), "replace_original": True}

    def _whole(self, report_id: int, person: Person) -> Json:
        with self.services.reading() as session:
            view = views.report_for(session, report_id, person.id, self.services.policy(session))
            mine = view.owner_id is not None and (
                view.owner_id == person.id or people.manages(session, person.id, view.owner_id)
            )
        may_act = mine and view.root_id is None
        return blocks.report_modal(blocks.whole(view, person.zone, self.services.now(), may_act=may_act))

    def _form(
        self, report_id: int, step: Step, person: Person, whisper: str | None, held: talks.Held | None = None
    ) -> Json:
        now = self.services.now()
        with self.services.reading() as session:
            policy = self.services.policy(session)
            found = service.look(session, report_id)
            triage.check_theirs(session, found, person)
            view = views.report(session, report_id, policy)
            others: list[tuple[str, str]] = []
            if step == Step.MERGED:
                alike = similar.to_merge_with(session, found, policy)
                others = [(str(one.id), shorten(one.said, 75)) for one in alike]
            elif step == Step.PASSED_ON:
                able = [one for one in people.everybody(session) if service.answers_for_reports(one)]
                there = [one for one in able if one.id != view.owner_id and not people.absence_at(one, now)]
                others = sorted(((str(one.id), one.name) for one in there), key=lambda one: one[1])
        if step in (Step.MERGED, Step.PASSED_ON) and not others:
            return notice(texts.NOTHING_LIKE_IT if step == Step.MERGED else texts.NOBODY_ELSE)
        begun = _begun(held) if held is not None else forms.NOT_BEGUN
        return forms.step_form(step, report_id, view.said, others, _today(person, self.services), whisper, begun)

    # -- for quality and medical affairs ----------------------------------------

    def received(self, call: Call) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.begin() as session:
            duties.receive(session, int(call.value), person, call.by(person), now)
        return CHANGED

    def submit_check(self, call: Call) -> Answer:
        """Passed on at once; or it is no such report, and goes on as it was."""
        person, now = whoever(self.services, call), self.services.now()
        try:
            form = duty_blocks.parse_check_form(call.body["view"])
        except FormError as error:
            return refused(error)
        key = form.view_key or duties.said_key(call.user_id, form.hash, now)
        if form.sign is None:
            with self.services.begin() as session:
                duties.dismiss(session, key, form.hash, form.found.sign, call.by(person), now)
            return self._go_on(form, person)
        with self.services.under_rules() as (session, rules):
            found = Found(form.sign, form.found.words)
            made = duties.pass_on(
                session, found, form.text, f"{key}:{form.hash[:16]}", by=person, rules=rules, actor=call.by(person),
                now=now, form=duties.InForm(key, form.hash),
            )  # fmt: skip
            talks.forget_all_of(session, person)
            contact = people.names(session, [made.contact_id])[made.contact_id] if made.contact_id else None
            duty = rules.policy.guard.duty(form.sign)
        sent = duty_texts.sent(contact, duty.file_at if duty else None)
        gone = key.startswith(duty_blocks.IN_STACK)
        told = notice(f"{sent}\n{duty_texts.FORM_IS_GONE}" if gone else sent)
        return Answer(ack={"response_action": "update", "view": told}, changed=True)

    def _go_on(self, form: duty_blocks.CheckForm, person: Person) -> Answer:
        """Back to the form below; what was typed after a command gets a form of its own."""
        if form.view_key.startswith(duty_blocks.IN_STACK):
            return Answer(ack={"response_action": "update", "view": notice(duty_texts.FILL_AGAIN)})
        if form.view_key:
            return CHANGED
        with self.services.reading() as session:
            rules = self.services.policy(session).field
            choices = views.choices(session, person.id)
        kind = Form(form.form) if form.form else Form.FEEDBACK
        shown = forms.report_form(kind, rules, choices, forms.Context(text=form.text))
        return Answer(ack={"response_action": "update", "view": shown})


def _begun(held: talks.Held) -> forms.Begun:
    return forms.Begun(held.text, held.talk.thread_ts, held.key)


def _today(person: Person, services: Services) -> date:
    return services.now().astimezone(ZoneInfo(person.zone)).date()
