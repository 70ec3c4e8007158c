"""What the field reports: the short forms wherever they are opened from, what was saved with its undo, a search."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from slack_bolt import App

from bot.feedback import answer_blocks, answers, blocks, forms, service, similar, texts, views
from bot.feedback.forms import Context
from bot.feedback.rules import Form
from bot.feedback.service import Said
from bot.feedback.tables import FieldReport
from bot.journal import service as journal
from bot.outbox.kit import FormError, filled_again, section, values_of
from bot.people import service as people
from bot.people.tables import Person
from bot.services import Services
from bot.wording import as_read
from handlers import checking
from handlers.desk import Asked, Desk, Json, link_of, offer_id_of, refused
from handlers.guard import CHANGED, Answer, Call, From, guarded, notice, whoever
from handlers.triage import inbox_of

FEEDBACK, OBJECTION, SAVE_MESSAGE = "field_feedback", "field_objection", "field_message"

WHISPER_LASTS = timedelta(minutes=25)  # Slack takes answers for thirty
# What is done with a report that was just saved.
Deed = Callable[..., FieldReport]


def register(app: App, services: Services) -> None:
    desk, named = FieldDesk(services), services.settings.commands
    app.command(named.field)(guarded(services, From.COMMAND, desk.feedback_command))
    app.command(named.objection)(guarded(services, From.COMMAND, desk.objection_command))
    app.shortcut(FEEDBACK)(guarded(services, From.SHORTCUT, desk.open_feedback))
    app.shortcut(OBJECTION)(guarded(services, From.SHORTCUT, desk.open_objection))
    app.shortcut(SAVE_MESSAGE)(guarded(services, From.SHORTCUT, desk.open_for_message))
    app.action(blocks.REPORT_FEEDBACK)(guarded(services, From.TAP, desk.open_feedback))
    app.action(blocks.REPORT_OBJECTION)(guarded(services, From.TAP, desk.open_objection))
    app.action(blocks.OPEN_FORM)(guarded(services, From.TAP, desk.open_with_text))
    app.action(blocks.SAVE_AS_HEARD)(guarded(services, From.TAP, desk.save_as_heard))
    app.action(blocks.UNDO)(guarded(services, From.TAP, desk.undo))
    app.action(blocks.MINE)(guarded(services, From.TAP, desk.turn_mine))
    app.action(blocks.ADD_YOURS)(guarded(services, From.TAP, desk.add_yours))
    app.action(forms.SWITCH)(guarded(services, From.TAP, desk.switch))
    app.view(forms.REPORT_FORM)(guarded(services, From.FORM, desk.save))


class FieldDesk(Desk):
    """One method for each thing a person can do to report."""

    # -- a form opens ----------------------------------------

    def open_feedback(self, call: Call) -> Answer:
        return self._open(call, Form.FEEDBACK, Context(home=call.in_home))

    def open_objection(self, call: Call) -> Answer:
        return self._open(call, Form.OBJECTION, Context(home=call.in_home))

    def open_of_lead(self, call: Call) -> Answer:
        """From a lead's card: about that lead."""
        context = replace(self._whispers(call), offer_id=offer_id_of(call))
        return self._open(call, Form.FEEDBACK, context)

    def open_with_text(self, call: Call) -> Answer:
        form, _, text = call.value.partition(":")
        return self._open(call, Form(form), replace(self._whispers(call), text=text, replaces=call.in_a_whisper))

    def open_for_message(self, call: Call) -> Answer:
        """From a message: its text, who wrote it, and where it stands."""
        message = call.body["message"]
        text, writer = as_read(str(message.get("text") or "")), str(message.get("user") or "")
        context = Context(text, link_of(call.body), self._name_of(call, writer) or writer or None)
        return self._open(call, Form.FEEDBACK, context)

    def _name_of(self, call: Call, user: str) -> str | None:
        """Who wrote a message; None for who is not in the list of people."""
        try:
            with self.services.reading() as session:
                return people.at_slack(session, call.team_id, user).name
        except people.PeopleError:
            return None

    def _whispers(self, call: Call) -> Context:
        """Where what comes of a form is told to who filled it in, and how long that works."""
        url, until = str(call.body.get("response_url") or "") or None, self.services.now() + WHISPER_LASTS
        return Context(whisper=url, until=until.isoformat() if url else None)

    def switch(self, call: Call) -> Answer:
        """The other form, with what was typed so far."""
        view = call.body["view"]
        person, context = whoever(self.services, call), forms.context_of(view)
        shown = self._form(person, Form(call.value), context)
        return Answer(renews=(view["id"], filled_again(shown, values_of(view))))

    def _open(self, call: Call, form: Form, context: Context) -> Answer:
        person = self.meet(whoever(self.services, call))
        return Answer(opens=self._form(person, form, context))

    def _form(self, person: Person, form: Form, context: Context) -> Json:
        with self.services.reading() as session:
            rules = self.services.policy(session).field
            choices = views.choices(session, person.id, context.offer_id)
        return forms.report_form(form, rules, choices, context)

    # -- commands ----------------------------------------

    def feedback_command(self, call: Call) -> Answer:
        return self.command(call, Asked.of(self.services.settings.commands.field, call.text), Form.FEEDBACK)

    def objection_command(self, call: Call) -> Answer:
        return self.command(call, Asked.of(self.services.settings.commands.objection, call.text), Form.OBJECTION)

    def command(self, call: Call, asked: Asked, form: Form) -> Answer:
        """Without words a form; with words what was heard before, and nothing is saved yet."""
        person, named = self.meet(whoever(self.services, call)), self.services.settings.commands
        if not asked.typed:
            return Answer(opens=self._form(person, form, self._whispers(call)))
        if len(asked.typed) > forms.LONGEST:
            return Answer(ack={"text": texts.TOO_LONG_TYPED})
        match (asked.what, asked.rest):  # more words are what was heard: "help texts are wrong"
            case ("help", ""):
                return Answer(ack={"text": texts.field_help(named.field, named.objection)})
            case ("mine", ""):
                return Answer(ack=self._mine(person, 0))
            case ("inbox", ""):
                return Answer(ack=inbox_of(self.services, person, 0))
            case ("search", rest) if rest:
                return Answer(ack=self._heard(person, form, rest, typed=asked.typed))
        return Answer(ack=self._heard(person, form, asked.typed))

    def _heard(self, person: Person, form: Form, text: str, *, typed: str | None = None) -> Json:
        """What is known of `text`, and the way to save it.

        `typed` is all of a search. Only where it found nothing it can be saved: it may have been what was heard.
        """
        with self.services.reading() as session:
            rules = journal.rules_in_force(session)
            of = views.whose_they_read(session, people.by_id(session, person.id))
            look = similar.find if typed is None else similar.search
            told = (session, text, form, rules.policy, self.services.now(), person.id)
            found = look(*told, of=of)
            unseen = [] if of is None else [one for one in look(*told) if one not in found]
            hidden = {who for one in unseen for who in one.by}
            known = answers.search(session, text, person, rules) if form == Form.OBJECTION else []
        title = texts.found_title(len(found), text, hidden=len(hidden))
        shown = blocks.what_is_known(title, found, answer_blocks.rows(known))
        if typed is None or not (found or known or hidden):
            shown += blocks.nothing_saved_yet(form, typed or text)
        return {"text": title.strip("*"), "blocks": shown}

    def _mine(self, person: Person, page: int) -> Json:
        with self.services.reading() as session:
            policy, skip = self.services.policy(session), page * blocks.AT_ONCE
            found, total = views.mine(session, person.id, policy, blocks.AT_ONCE, skip)
        return blocks.mine(found, total, page, self.services.settings.commands.field, person.zone, self.services.now())

    def turn_mine(self, call: Call) -> Answer:
        """Another page of what somebody reported, in place."""
        told = self._mine(whoever(self.services, call), int(call.value))
        return Answer(says={**told, "replace_original": call.in_a_whisper})

    # -- saving ----------------------------------------

    def save(self, call: Call) -> Answer:
        """What was filled in is saved, once; what came of it shows where the form was opened."""
        person = whoever(self.services, call)
        with self.services.reading() as session:
            rules = self.services.policy(session).field
        try:
            said = forms.parse_report_form(call.body["view"], rules)
        except FormError as error:
            return refused(error)
        shown = self._save(call, person, said, call.key)
        context = forms.context_of(call.body["view"])
        url = context.whisper
        if url and context.until and self.services.now() < datetime.fromisoformat(context.until):
            told = {"text": texts.SAVED_TITLE, "blocks": shown, "replace_original": context.replaces}
            return replace(CHANGED, says=told, says_at=url)
        return replace(CHANGED, ack={"response_action": "update", "view": self._saved_modal(shown)})

    def save_as_heard(self, call: Call) -> Answer:
        """What was typed after the command, as it is."""
        person = self.meet(whoever(self.services, call))
        form, _, text = call.value.partition(":")
        with self.services.reading() as session:
            rules = self.services.policy(session).field
        text = text.replace("\x00", "").strip()
        check = checking.stops(self.services, text, Form(form), call.user_id)
        if check is not None:
            return Answer(opens=check)
        said = Said(Form(form), self._likely_kind(Form(form), text) or forms.usual_kind(Form(form), rules), text)
        # Whatever is tapped twice in one answer, it is one report.
        answer = call.body.get("container", {}).get("message_ts") or call.trigger_id
        shown = self._save(call, person, said, f"heard:{person.id}:{answer}")
        return replace(CHANGED, says={"text": texts.SAVED_TITLE, "blocks": shown, "replace_original": True})

    def _likely_kind(self, form: Form, text: str) -> str | None:
        with self.services.reading() as session:
            policy = self.services.policy(session)
            return similar.likely_kind(session, text, form, policy, self.services.now())

    def _save(self, call: Call, person: Person, said: Said, key: str) -> list[Json]:
        now = self.services.now()
        with self.services.under_rules() as (session, rules):
            found = service.report(session, said, person, key, rules, call.by(person), now)
            owner = service.owner_of(session, found, rules.policy, now)
            told = (said.text, said.form, rules.policy, now, person.id)
            alike = [] if found.root_id else similar.find(session, *told)
            saved = blocks.saved(found.id, owner.name if owner else None, found.settles_at, person.zone)
            return [*saved, *blocks.same(found.id, [one for one in alike if one.id != found.id])]

    def _saved_modal(self, shown: list[Json]) -> Json:
        return {**notice(texts.SAVED_TITLE), "blocks": shown}

    # -- after saving ----------------------------------------

    def undo(self, call: Call) -> Answer:
        return self._after(
            call,
            lambda session, person, now: service.undo(session, int(call.value), person, call.by(person), now),
            texts.UNDONE,
        )

    def add_yours(self, call: Call) -> Answer:
        report_id, _, root_id = call.value.partition(":")
        return self._after(
            call,
            lambda session, person, now: service.join(
                session, int(report_id), int(root_id), person, call.by(person), now
            ),
            texts.ADDED,
        )

    def _after(self, call: Call, deed: Deed, sentence: str) -> Answer:
        person, now = whoever(self.services, call), self.services.now()
        with self.services.begin() as session:
            done = deed(session, person, now)
            undo = blocks.undo(done, person.zone, now)
        shown = [section(sentence), *undo]
        if call.in_modal:
            return replace(CHANGED, renews=(call.body["view"]["id"], self._saved_modal(shown)))
        return replace(CHANGED, says={"text": sentence, "blocks": shown, "replace_original": True})
