"""What the desks for leads share: a tap that happens once, a form that opens, a place that shows what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.journal import service as journal
from bot.leads import blocks, forms, history, steps, views
from bot.leads.forms import About, Place
from bot.leads.rules import Step
from bot.leads.steps import Deed
from bot.leads.views import Reader
from bot.outbox.kit import FormError
from bot.people import meeting
from bot.people import service as people
from bot.people.tables import Person
from bot.services import Services
from bot.sla import blocks as sla_blocks
from bot.sla import overviews
from config.policy import Policy
from handlers.guard import CHANGED, Answer, Call, explained, whoever

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A command as it was typed: which one, what it asks for, and what follows; `typed` is all of it."""

    command: str
    what: str
    rest: str
    typed: str = ""

    @classmethod
    def of(cls, command: str, text: str) -> "Asked":
        what, _, rest = text.strip().partition(" ")
        return cls(command, what.casefold() or "help", rest.strip(), text.strip())


class Desk:
    """Parse, authorise, call one service, show it where the person is."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def meet(self, person: Person) -> Person:
        """The one question of the first meeting, to somebody who came by themselves."""
        if person.met_at is None:
            with self.services.begin() as session:
                meeting.meet(session, person.id, self.services.now())
        return person

    # -- doing ----------------------------------------

    def tap(self, call: Call, deed: Deed) -> Answer:
        """One step made by a tap, once however often it is delivered."""
        person, offer_id = self.meet(whoever(self.services, call)), offer_id_of(call)
        self._once(call, person, offer_id, deed)
        return self.shown_again(call, person, offer_id, place_of(call))

    def submit(self, call: Call, deed: Deed) -> Answer:
        """One step made by a form."""
        person, view = whoever(self.services, call), call.body["view"]
        self._once(call, person, forms.about_id(view), deed)
        return self.shown_again(call, person, forms.about_id(view), forms.place_of(view))

    def _once(self, call: Call, person: Person, offer_id: int, deed: Deed) -> None:
        now = self.services.now()
        with self.services.under_rules() as (session, rules):
            if journal.first_time(session, call.key, now):
                deed(session, offer_id, person, rules, call.by(person), now)

    def about(self, call: Call, person: Person, step: Step) -> tuple[About, Policy]:
        """What a form is to be about, and the rules in force. Raises LeadsError where it is too late for it."""
        offer_id = offer_id_of(call)
        with self.services.reading() as session:
            steps.check_open(session, offer_id, person, step)
            about = About(offer_id, views.title_of_offer(session, offer_id), place_of(call))
            return about, journal.rules_in_force(session).policy

    def explained(self, call: Call, error: Exception) -> str:
        """A known error in words, for a place beside a field."""
        return explained(self.services, call, error)

    # -- showing ----------------------------------------

    def _in_a_whisper(self, person: Person, offer_id: int, shows: str) -> Json:
        match shows:
            case forms.LIST:
                return self.list_of(person)
            case forms.OWED:
                return self.owed_by(person)
        return self.card_of(person, offer_id)

    def shown_again(self, call: Call, person: Person, offer_id: int, place: Place) -> Answer:
        """Cards are brought up to date by the outbox, home tabs by the guard; modals and whispers are here."""
        if place.whisper:
            said = self._in_a_whisper(person, offer_id, place.shows)
            return replace(CHANGED, says={**said, "replace_original": True}, says_at=place.whisper)
        if place.modal:
            shown = self.list_modal(person) if place.shows == forms.LIST else self.lead_modal(person, offer_id)
            return replace(CHANGED, renews=(place.modal, shown))
        return CHANGED

    def owed_by(self, person: Person, page: int = 0) -> Json:
        """The answer to `/sla mine`."""
        with self.services.reading() as session:
            policy, reader = self.services.policy(session), people.by_id(session, person.id)
            return overviews.mine(session, self.services.subjects, reader, policy, self.services.now(), page)

    def team_owes(self, person: Person, page: int = 0) -> Json:
        """The answer to `/sla team`."""
        with self.services.reading() as session:
            policy, reader = self.services.policy(session), people.by_id(session, person.id)
            return overviews.team(session, self.services.subjects, reader, policy, self.services.now(), page)

    def list_of(self, person: Person) -> Json:
        """The answer to `/lead mine`."""
        with self.services.reading() as session:
            found, total = views.mine(session, person.id, blocks.MINE_AT_ONCE)
        return blocks.mine(found, total, Reader(person.id, person.zone), self.services.now())

    def list_modal(self, person: Person) -> Json:
        return forms.mine_modal(self.list_of(person).get("blocks") or [blocks.no_leads()])

    def card_of(self, person: Person, offer_id: int) -> Json:
        """A lead's card for somebody who may see it, in their own zone."""
        now = self.services.now()
        with self.services.reading() as session:
            policy = journal.rules_in_force(session).policy
            view = views.card(session, offer_id, policy, now, Reader(person.id, person.zone))
        rendered = blocks.card(view, now)
        return {"text": rendered.text, "blocks": rendered.blocks}

    def lead_modal(self, person: Person, offer_id: int) -> Json:
        """A lead as a whole: its card, and what happened so far."""
        now, reader = self.services.now(), Reader(person.id, person.zone)
        with self.services.reading() as session:
            policy = journal.rules_in_force(session).policy
            view = views.card(session, offer_id, policy, now, reader)
            told = history.of(session, view.lead_id, reader, policy, now)
        return forms.lead_modal(
            view.lead_id, offer_id, blocks.without_details(blocks.card(view, now).blocks), told.lines, told.earlier
        )


def offer_id_of(call: Call) -> int:
    """The offer a tap is about: the button's value, or behind the item of a menu."""
    return int(call.value.rpartition(":")[2])


def step_id_of(call: Call) -> int | None:
    """The step that an undo button takes back."""
    step_id = call.value.partition(":")[0]
    return int(step_id) if ":" in call.value else None


def place_of(call: Call) -> Place:
    """Where a tap was made."""
    view, block_id = call.body.get("view") or {}, str(call.body["actions"][0].get("block_id", ""))
    lists = {blocks.ROW: forms.LIST, sla_blocks.OWED: forms.OWED}
    shows = next((what for row, what in lists.items() if block_id.startswith(row)), forms.LEAD)
    if call.in_modal:
        return Place(modal=view["id"], shows=shows)
    whisper = str(call.body.get("response_url") or "") if call.in_a_whisper else None
    return Place(home=call.in_home, whisper=whisper or None, shows=shows)


def link_of(body: Mapping[str, Any]) -> str:
    """Where the message of a shortcut stands, as Slack itself writes such links."""
    message, channel = body["message"], body["channel"]["id"]
    link = f"https://{body['team']['domain']}.slack.com/archives/{channel}/p{str(message['ts']).replace('.', '')}"
    within = message.get("thread_ts")
    return f"{link}?thread_ts={within}&cid={channel}" if within and within != message["ts"] else link


def refused(error: FormError) -> Answer:
    """A form that needs a correction: messages beside its fields."""
    return Answer(ack={"response_action": "errors", "errors": error.errors})
