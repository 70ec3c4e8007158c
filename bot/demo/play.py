"""The working day, scene by scene; and the account at its end."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.demo import story
from bot.demo.stage import START_SECONDS, Stage, StageError
from bot.demo.transcript import Transcript

Json = dict[str, Any]
ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Account:
    """What the day came to. Nothing may be undelivered or doubled."""

    offered: int
    accepted: int
    came_back: int
    undelivered: int
    doubled: int

    @property
    def clean(self) -> bool:
        return not self.undelivered and not self.doubled

    def __str__(self) -> str:
        return (
            f"{self.offered} offered, {self.accepted} accepted, {self.came_back} came back, "
            f"{self.undelivered} undelivered, {self.doubled} doubled"
        )


@dataclass
class Day:
    """One day being played."""

    stage: Stage
    told: Transcript
    _notified: int = 0
    _whispered: set[tuple[str, str]] = field(default_factory=set)

    def play(self) -> None:
        scenes = (self.early, self.morning, self.fair, self.hot, self.came_back, self.taps, self.weather, self.west)
        for scene in (*scenes, self.evening):
            scene()

    # -- scenes ----------------------------------------

    def early(self) -> None:
        self.told.heading("Before eight: a lead comes in, and nobody is pinged")
        self.at("07:12")
        self.comes_in(story.CHARITE, "Charité's head of laboratory downloads the CellScan price guide")
        self.look()

    def morning(self) -> None:
        self.told.heading("Eight o'clock: the card is there, with the reasons for its score")
        self.at("08:00")
        self.look(show=True)
        self.at("08:05")
        self.taps_on("Jonas", "lead_accept", "taps Accept")
        self.look()
        self.show("Jonas")
        self.told.heading("A lead that belongs to somebody else is routed again at once")
        self.at("08:30")
        self.comes_in(story.VIENNA, "AKH Wien came to the stand")
        self.look()
        self.at("08:34")
        first = self.holder("AKH Wien")
        self.rejects(first, "not_my_territory", "AKH Wien")
        self.look()
        self.show(first)

    def fair(self) -> None:
        self.told.heading("The trade fair's list: 24 leads in one request, and one row that cannot be used")
        self.at("09:00")
        answer = self.stage.send("event", [*story.FAIR, story.UNFINISHED])
        told = answer["items"][-1]["problems"][0]
        self.told.happens(self.now(), f"{answer['accepted']} taken, {answer['refused']} refused: {told['message']}")
        self.look(most=4)
        self.show("Noah")
        self.at("09:20")
        self.taps_on("Noah", "lead_queue_next", "taps Next lead")
        self.taps_on("Noah", "lead_accept", "taps Accept")
        self.taps_on("Noah", "lead_queue_take", "taps Take 5")
        self.look()
        self.show("Noah")
        self.channel()

    def hot(self) -> None:
        self.told.heading("Somebody asks for a demo: hot, to a person on shift")
        self.at("10:02")
        self.comes_in(story.LONDON_DEMO, "St Thomas Hospital asks for a demo")
        self.look(show=True)
        self.at("10:06")
        self.taps_on("Liam", "lead_accept", "taps Accept")
        self.look()

    def came_back(self) -> None:
        self.told.heading("Phone and e-mail wrong: marketing mends it, and the lead goes out by itself")
        self.at("10:30")
        self.comes_in(story.BASEL, "Labor Basel downloads the price list; the phone number is no number")
        self.look()
        self.at("10:33")
        self.rejects(self.holder("Labor Basel"), "bad_contact", "Labor Basel")
        self.at("10:40")
        self.look()
        self.show("Ana")
        self.at("10:52")
        self.comes_in(story.BASEL_MENDED, "Ana sends Labor Basel again, with the right phone and e-mail")
        self.look()
        self.told.heading("Not now, later")
        self.at("11:00")
        self.comes_in(story.KIEL, "UKSH Kiel watched the webinar")
        self.look()
        self.at("11:04")
        self.rejects(self.holder("UKSH Kiel"), "not_now", "UKSH Kiel", lead_reject_date="2027-03-01")
        self.look()

    def taps(self) -> None:
        self.told.heading("Second thoughts, second taps, somebody else's taps")
        self.at("11:20")
        self.comes_in(story.HAMBURG, "UKE Hamburg reads the price guide")
        self.look()
        self.at("11:24")
        owner = self.holder("UKE Hamburg")
        self.taps_on(owner, "lead_accept", "taps Accept", "UKE")
        self.taps_on(owner, "lead_accept", "taps Accept again, the phone was slow", "UKE")
        self.look()
        self.at("11:26")
        self.taps_on(owner, "lead_undo", "taps Undo", "UKE")
        self.look()
        self.at("11:30")
        self.taps_on(owner, "lead_accept", "takes it after all", "UKE")
        self.told.acts(self.now(), "Nell", "writes /lead mine, whom Tandem does not know")
        self.stage.slack.command("U90", "/lead", "mine")
        self.whispers_of("U90", "Nell")
        self.told.acts(self.now(), "Jonas", "writes /lead mine")
        self.stage.slack.command("U02", "/lead", "mine")
        self.show("Jonas", whisper=True)
        self.look()

    def weather(self) -> None:
        self.told.heading("The network has a bad half hour: calls fail, answers are lost")
        self.at("11:40")
        self.stage.slack.faults(
            {"fault": "accept_and_drop", "method": "chat.postMessage", "times": 1},
            {"fault": "500", "method": "chat.postMessage", "times": 1},
            {"fault": "429", "method": "chat.postMessage", "times": 1, "seconds": 3},
            {"fault": "drop", "method": "chat.postMessage", "times": 1},
        )
        fair = [
            story.lead(f"late-{n}", f"Laborzentrum {n}", "Germany", "event", fields={"beds": 700}) for n in range(1, 5)
        ]
        self.comes_in(fair, "four more leads come in meanwhile")
        self.at("11:45")
        self.look()
        self.stage.slack.faults()

    def west(self) -> None:
        self.told.heading("New York sleeps while Berlin works")
        self.at("12:10")
        self.comes_in(story.BOSTON, "Beacon Lab in Boston reads the price guide; there it is ten past six")
        self.look()
        self.at("12:15")
        self.comes_in(story.NO_CONTACT, "Quiet Lab reads the price guide, and asked not to be contacted")
        self.look()
        self.at("14:00")
        self.look(most=3)
        self.at("14:07")
        self.taps_on("Grace", "lead_accept", "taps Accept")
        self.look()

    def evening(self) -> None:
        self.told.heading("After hours: the lead waits for the morning")
        self.at("18:30")
        self.comes_in(story.LATE, "Klinikum Jena came to the stand, late")
        self.look()
        self.at("08:00", day=25)
        self.look()
        self.channel()

    # -- acting ----------------------------------------

    def at(self, clock: str, day: int = 24) -> None:
        self.settle()
        self.stage.turn_to(datetime.fromisoformat(f"2026-11-{day:02d}T{clock}:00").replace(tzinfo=ZONE))

    def now(self) -> datetime:
        return self.stage.clock.now()

    def settle(self) -> None:
        self.stage.settle()

    def comes_in(self, lead: Any, what: str) -> None:
        self.told.happens(self.now(), what)
        self.stage.send("website", lead)

    def taps_on(self, name: str, action_id: str, words: str, company: str = "") -> None:
        """Tap the newest message that has, or had, the button (and names the company, if one is given)."""
        self.settle()
        member = story.named(name)
        card = self._card(member.slack_id, action_id, company)
        self.told.acts(self.now(), name, words)
        self.stage.slack.tap(member.slack_id, f"D{member.slack_id[1:]}", card["ts"], action_id)
        self.whispers_of(member.slack_id, name)

    def rejects(self, name: str, reason: str, company: str, **more: str) -> None:
        self.settle()
        member, slack = story.named(name), self.stage.slack
        card = self._card(member.slack_id, "lead_reject", company)
        slack.tap(member.slack_id, f"D{member.slack_id[1:]}", card["ts"], "lead_reject")
        slack.tap_in_view(member.slack_id, "lead_reject_reason", selected_option=reason)
        modal = slack.sees(member.slack_id)["modal"]
        options = next(b["element"]["options"] for b in modal["blocks"] if b["block_id"] == "reason")
        label = next(o["text"]["text"] for o in options if o["value"] == reason)
        self.told.acts(self.now(), name, f"taps Reject…, chooses “{label}” and sends it back")
        slack.submit(member.slack_id, lead_reject_reason=reason, **more)
        self.whispers_of(member.slack_id, name)

    # -- looking ---------------------------------------

    def look(self, *, show: bool = False, most: int = 12) -> None:
        """Tell what phones showed since the last look."""
        self.settle()
        fresh = self.stage.slack.notifications()[self._notified :]
        self._notified += len(fresh)
        if not fresh:
            self.told.happens(self.now(), "no phone rings")
        for notified in fresh[:most]:
            at = datetime.fromtimestamp(notified["at"], ZONE)
            self.told.phone(at, story.who(notified["user"]), notified["text"])
            if show:
                self.show(story.who(notified["user"]))
        if len(fresh) > most:
            others = Counter(story.who(n["user"]) for n in fresh[most:])
            self.told.happens(
                self.now(), "and " + ", ".join(f"{count} more for {who}" for who, count in others.items())
            )

    def show(self, name: str, *, whisper: bool = False) -> None:
        """The newest message in somebody's direct messages, as it stands there now."""
        self.settle()
        seen = [m for m in self._messages(story.named(name).slack_id) if m["ephemeral"] == whisper]
        self.told.message(seen[-1])

    def channel(self) -> None:
        self.settle()
        self.told.happens(self.now(), "#leads, its last lines:")
        for message in self.stage.slack.sees("U01", "C01")["messages"][-4:]:
            self.told.message(message)

    def whispers_of(self, slack_id: str, name: str) -> None:
        for message in self._messages(slack_id):
            key = (slack_id, message["ts"])
            if message["ephemeral"] and not message["blocks"] and key not in self._whispered:
                self._whispered.add(key)
                self.told.whisper(self.now(), name, message["text"])

    def holder(self, company: str) -> str:
        """Who has the open card of a company: routing decides, the story follows. Raises StageError for nobody."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            self.settle()
            for member in story.COMPANY:
                if any(_has(card, "lead_accept", company) for card in self._cards(member.slack_id)):
                    return member.first_name
            time.sleep(0.1)  # a job may be about to bring it: on a busy machine ticks come late
        raise StageError(f"nobody has a card of {company} to answer")

    def _messages(self, slack_id: str) -> list[Json]:
        found: list[Json] = self.stage.slack.sees(slack_id)["messages"]
        return found

    def _cards(self, slack_id: str) -> list[Json]:
        return [m for m in self._messages(slack_id) if not m["ephemeral"]]

    def _card(self, slack_id: str, action_id: str, company: str) -> Json:
        cards = [c for c in reversed(self._cards(slack_id)) if company in str(c["blocks"])]
        return next((c for c in cards if _has(c, action_id, company)), cards[0])


def _has(card: Json, action_id: str, company: str) -> bool:
    elements = [e for b in card["blocks"] if b["type"] == "actions" for e in b["elements"]]
    return company in str(card["blocks"]) and any(e["action_id"] == action_id for e in elements)


def count_standing(messages: list[Json]) -> Counter[str]:
    """How often each of Tandem's deliveries stands in Slack."""
    stands: Counter[str] = Counter()
    for message in messages:
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        if "delivery_id" in payload:
            stands[payload["delivery_id"]] += 1
    return stands
