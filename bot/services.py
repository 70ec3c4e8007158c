"""The one place where engine, client, clock, policy and rooms are put together."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot import store
from bot.clock import Clock, clock_for
from bot.council import messages as council_messages
from bot.council import sheets as council_sheets
from bot.council.promises import DecisionPromises
from bot.council.service import DECISION
from bot.exports.sheets import Sheets
from bot.feedback import messages as field_messages
from bot.feedback import sheets as field_sheets
from bot.feedback.promises import ReportPromises
from bot.feedback.service import REPORT
from bot.home import service as home
from bot.journal import service as journal
from bot.journal.service import RulesInForce
from bot.leads import messages as lead_messages
from bot.leads import sheets as lead_sheets
from bot.leads.promises import LeadPromises
from bot.outbox import service as outbox
from bot.outbox.notes import NOTE, REPLY
from bot.outbox.sender import Sender
from bot.outbox.slack import SlackCalls, SlackFiles, sending_client
from bot.outbox.standing import introduce
from bot.outbox.templates import Address, Regard, Templates
from bot.people import meeting
from bot.people import service as people
from bot.people.roster import Member
from bot.sla import absences
from bot.sla import sheets as sla_sheets
from bot.sla.bundles import Bundles, when_at_work
from bot.sla.subjects import Subjects
from config.policy import Policy
from config.settings import Settings

# What can be exported, in the order of a workbook.
SHEETS = {
    "feedback": field_sheets.feedback,
    "objections": field_sheets.objections,
    "leads": lead_sheets.leads,
    "promises": sla_sheets.promises,
    "scoreboard": sla_sheets.scoreboard,
    "decisions": council_sheets.decisions,
}
ANSWER_SECONDS = 1.0
log = structlog.get_logger("tandem")


class PolicyAddresses:
    """Resolves where people and channels are reached, under the policy in force."""

    def address(self, session: Session, target: str) -> Address:
        return people.address(session, target, journal.rules_in_force(session).policy)

    def regard(self, session: Session, target: str, now: datetime) -> Regard | None:
        return people.regard(session, target, journal.rules_in_force(session).policy, now)


@dataclass
class Services:
    """What handlers, jobs, the web face and the command line work with."""

    settings: Settings
    engine: Engine
    clock: Clock
    templates: Templates = field(default_factory=Templates)
    subjects: Subjects = field(default_factory=Subjects)
    sheets: Sheets = field(default_factory=Sheets)
    answer_seconds: float = ANSWER_SECONDS  # how long a form may take to open, or a whisper, while Slack waits

    @classmethod
    def build(cls, settings: Settings, clock: Clock | None = None, engine: Engine | None = None) -> "Services":
        services = cls(
            settings,
            engine or store.make_engine(settings.database_url, connections=_connections(settings)),
            clock or clock_for(settings.clock_file),
        )
        services.subjects.register("lead", LeadPromises(services.subjects))
        services.subjects.register(REPORT, ReportPromises(services.subjects))
        services.subjects.register(DECISION, DecisionPromises(services.subjects))
        for code, sheet in SHEETS.items():
            services.sheets.register(code, sheet())
        bundles = Bundles(services.templates, services.subjects)
        rooms = (
            meeting.templates(),
            bundles.all(),
            absences.templates(),
            lead_messages.templates(),
            field_messages.templates(),
            field_messages.duty_templates(),
            council_messages.templates(),
        )
        for template in (
            replace(NOTE, may_ring_at=when_at_work),
            REPLY,
            *(one for room in rooms for one in room),
            *home.templates(services.subjects, settings.commands),
        ):
            services.templates.register(template)
        return services

    def now(self) -> datetime:
        return self.clock.now()

    def begin(self) -> AbstractContextManager[Session]:
        """One writing unit: everything in it is committed together at its end, or not at all."""
        return store.begin(self.engine)

    def reading(self) -> AbstractContextManager[Session]:
        return store.reading(self.engine)

    @contextmanager
    def under_rules(self) -> Iterator[tuple[Session, RulesInForce]]:
        """A writing unit together with the rules in force."""
        with self.begin() as session:
            yield session, journal.rules_in_force(session)

    def policy(self, session: Session) -> Policy:
        """The policy in force."""
        return journal.rules_in_force(session).policy

    def views_client(self) -> WebClient:
        """For opening a form while its trigger lives: a short time, no second try."""
        return sending_client(self.settings.slack_bot_token, self.settings.slack_api_url, self.answer_seconds)

    def sender(self) -> Sender:
        settings = self.settings
        client = sending_client(settings.slack_bot_token, settings.slack_api_url, settings.slack_timeout_seconds)
        return Sender(
            self.engine,
            self.clock,
            SlackCalls(client),
            self.templates,
            PolicyAddresses(),
            settings.slack_bot_token,
            settings.slack_posts_per_minute,
        )

    def files(self) -> tuple[SlackCalls, SlackFiles]:
        """For bringing a file into a conversation."""
        settings = self.settings
        client = sending_client(settings.slack_bot_token, settings.slack_api_url, settings.slack_timeout_seconds)
        return SlackCalls(client), SlackFiles(client)

    def put_policy_in_force(self, policy: Policy, now: datetime | None = None) -> bool:
        """Make a policy the one in force; messages held by an earlier pilot ask again. False when it already is."""
        at = now or self.now()
        with self.begin() as session:
            changed = journal.put_in_force(session, policy, at)
            if changed:
                outbox.release_held(session, at)
        return changed

    def meet_slack(self) -> None:
        """Learn who we are in the workspace. A revoked token is no reason not to start: the outbox then says so."""
        settings = self.settings
        client = sending_client(settings.slack_bot_token, settings.slack_api_url, settings.slack_timeout_seconds)
        try:
            answer = client.auth_test()
            introduce(self.engine, str(answer["user_id"]), str(answer["team_id"]))
        except (SlackApiError, OSError) as error:
            introduce(self.engine, None, None)
            log.error("slack_not_met", problem=type(error).__name__)

    def find_member(self, email: str) -> Member | None:
        """Who has this e-mail in Slack; None for nobody. Waits when Slack asks to."""
        settings = self.settings
        client = _patient_client(settings)
        try:
            user = client.users_lookupByEmail(email=email)["user"]
        except SlackApiError as error:
            if error.response["error"] == "users_not_found":
                return None
            raise
        flags = ("is_restricted", "is_ultra_restricted", "is_stranger")
        guest = any(user.get(flag) for flag in flags) or user["team_id"] != self.team_id
        return Member(user["id"], user["team_id"], user.get("tz") or "UTC", guest)

    @cached_property
    def team_id(self) -> str:
        """Our own workspace, asked once."""
        return str(_patient_client(self.settings).auth_test()["team_id"])


def _connections(settings: Settings) -> int:
    """One for each thread that may ask at once, and a few for the jobs and the health page."""
    return settings.web_threads + settings.sender_threads + 6


def _patient_client(settings: Settings) -> WebClient:
    """For the command line, where waiting out a `Retry-After` is what one wants; it posts nothing."""
    client = sending_client(settings.slack_bot_token, settings.slack_api_url, settings.slack_timeout_seconds)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=5))
    return client
