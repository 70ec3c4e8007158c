"""`tandem doctor`: is everything as it must be, and if not, what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import typer
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import OperationalError, ProgrammingError

from bot.cli.desk import out, set_up_logging
from bot.journal.service import rules_in_force
from bot.leads import daily
from bot.manifest import SCOPES
from bot.outbox.slack import sending_client
from bot.outbox.standing import halted_reason
from bot.people import service as people
from bot.people.rules import Role, unknown_roles
from bot.services import Services
from bot.store.migrate import config_for
from config.policy import Policy, PolicyError
from config.settings import Settings, SettingsError

MOST_CLOCK_ERROR = 60  # seconds; Slack refuses what was signed over five minutes ago


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, what was found, and otherwise what to do."""

    what: str
    well: bool
    found: str
    to_do: str = ""


def doctor() -> None:
    """Check token, scopes, channels, clock, database and policy; say what to do."""
    findings = []
    for finding in examine():
        findings.append(finding)
        mark, colour = ("✓", "green") if finding.well else ("✗", "red")
        out.print(f"[{colour}]{mark}[/{colour}] [bold]{finding.what}[/bold]: ", end="")
        out.print(finding.found, markup=False, highlight=False, soft_wrap=True)
        if not finding.well:
            out.print(f"  → {finding.to_do}", markup=False, highlight=False, soft_wrap=True)
    sick = sum(not finding.well for finding in findings)
    out.print("All is well." if not sick else f"{sick} of {len(findings)} need a hand.")
    raise typer.Exit(1 if sick else 0)


def examine() -> Iterator[Finding]:
    """Everything in the order in which one would mend it."""
    try:
        settings = Settings.load(slack=True)
    except SettingsError as error:
        yield Finding("Settings", False, "; ".join(error.problems), "fill them in in .env; .env.example names them all")
        return
    yield Finding("Settings", True, "complete")
    found = Services.build(settings)
    set_up_logging(settings.model_copy(update={"log_level": "error"}))
    policy, of_policy = _policy(settings)
    of_database = _database(found)
    yield from (of_policy, of_database)
    yield from _slack(found, policy)
    if of_database.well and policy:
        yield from _people(found, policy)
    found.engine.dispose()


def _policy(settings: Settings) -> tuple[Policy | None, Finding]:
    try:
        policy = Policy.load(settings.policy_file)
    except PolicyError as error:
        todo = f"tandem policy check {settings.policy_file} explains every mistake"
        return None, Finding("Policy", False, error.problems[0], todo)
    if wrong := unknown_roles(policy):
        return None, Finding("Policy", False, f"there is no role {', '.join(wrong)}", "correct it in the policy")
    told = f"{policy.company}, {len(policy.sources)} sources, {len(policy.campaigns)} campaigns"
    return policy, Finding("Policy", True, told)


def _database(found: Services) -> Finding:
    """Whether it answers, and has the present tables."""
    head = ScriptDirectory.from_config(config_for(found.engine)).get_current_head()
    try:
        with found.engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
            connection.rollback()
    except OperationalError as error:
        return Finding(
            "Database", False, f"it does not answer: {error.orig}", "is DATABASE_URL right, and is it running?"
        )
    kind = found.engine.dialect.name
    if present != head:
        return Finding("Database", False, f"{kind}, not up to date", "tandem db upgrade")
    return Finding("Database", True, f"{kind}, up to date")


def _slack(found: Services, policy: Policy | None) -> Iterator[Finding]:
    settings = found.settings
    client = sending_client(settings.slack_bot_token, settings.slack_api_url, settings.slack_timeout_seconds)
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        todo = "copy the Bot User OAuth Token from OAuth & Permissions of your app into SLACK_BOT_TOKEN"
        yield Finding("Bot token", False, f"Slack says {error.response['error']}", todo)
        return
    except OSError as error:
        todo = "can this machine reach Slack? Is SLACK_API_URL right?"
        yield Finding("Bot token", False, f"Slack does not answer at {settings.slack_api_url}: {error}", todo)
        return
    yield Finding("Bot token", True, f"{answer['user']} in {answer['team']}")
    yield _scopes(answer.headers)
    yield _clock(answer.headers)
    yield _way_in(settings)
    named = (policy.channels.leads, policy.council.channel) if policy else ()
    for channel in filter(None, named):
        try:
            yield _channel(client, channel)
        except SlackApiError as error:
            todo = "mend what stands above, then look again"
            yield Finding("Channel", False, f"cannot be looked for: {error.response['error']}", todo)


def _scopes(headers: Any) -> Finding:
    held = _header(headers, "x-oauth-scopes")
    missing = sorted(set(SCOPES) - {scope.strip() for scope in held.split(",")})
    if not missing:
        return Finding("Scopes", True, f"all {len(SCOPES)}")
    wanted = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
    todo = "add them under OAuth & Permissions, or make the app anew from `tandem manifest`; then install it again"
    return Finding("Scopes", False, f"missing: {wanted}", todo)


def _clock(headers: Any) -> Finding:
    """This machine's clock against Slack's: requests are signed with the time."""
    told = _header(headers, "date")
    if not told:
        return Finding("Clock", True, "Slack did not say what time it is")
    apart = abs((datetime.now(UTC) - parsedate_to_datetime(told)).total_seconds())
    if apart > MOST_CLOCK_ERROR:
        return Finding("Clock", False, f"{apart:.0f} s away from Slack's", "let this machine keep its time (NTP)")
    return Finding("Clock", True, f"{apart:.0f} s away from Slack's")


def _way_in(settings: Settings) -> Finding:
    """How Slack's requests get here."""
    if not settings.slack_app_token:
        told = f"HTTP: Slack sends to your public address, which leads to {settings.host}:{settings.port}"
        return Finding("Way in", True, told)
    client = WebClient(base_url=settings.slack_api_url, retry_handlers=[])
    try:
        client.apps_connections_open(app_token=settings.slack_app_token)
    except SlackApiError as error:
        todo = "make an app-level token with connections:write under Basic Information, and switch Socket Mode on"
        return Finding("Way in", False, f"Socket Mode: Slack says {error.response['error']}", todo)
    return Finding("Way in", True, "Socket Mode")


def _channel(client: WebClient, name: str) -> Finding:
    """Whether the bot is a member where the team hears of leads, or the council is briefed."""
    wanted, cursor = name.removeprefix("#"), ""
    while True:
        page = client.conversations_list(types="public_channel,private_channel", limit=200, cursor=cursor)
        for channel in page["channels"]:
            if wanted in (channel["name"], channel["id"]):
                if channel.get("is_member"):
                    return Finding("Channel", True, f"member of {name}")
                return Finding("Channel", False, f"not a member of {name}", f"in Slack, in {name}: /invite @Tandem")
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            todo = f"make the channel and invite the bot (/invite @Tandem), or name another one in the policy; {name}"
            return Finding("Channel", False, f"{name} is not there, or private without the bot", todo)


def _people(found: Services, policy: Policy) -> Iterator[Finding]:
    try:
        with found.reading() as session:
            everybody = people.everybody(session)
            owners = [person.email for person in daily.owners(session, policy)]
            halted = halted_reason(session, found.settings.slack_bot_token)
            in_force = rules_in_force(session).policy.hash == policy.hash
    except (OperationalError, ProgrammingError, LookupError):
        yield Finding("People", False, "the database is not set up", "tandem db upgrade")
        return
    emails = {person.email for person in everybody}
    named = {policy.routing.fallback, policy.marketing.fallback_owner, *owners}
    named |= {c.owner for c in policy.campaigns if c.owner} | {s.owner for s in policy.sources if s.owner}
    if missing := sorted(named - emails):
        todo = "add them to your list of people and run tandem people import, or name others in the policy"
        yield Finding("People", False, f"the policy names {', '.join(missing)}, whom Tandem does not know", todo)
    elif not any(Role.ADMINISTRATOR in person.role_names for person in everybody):
        todo = "give somebody the role administrator in your list of people: whom should a stranger ask?"
        yield Finding("People", False, f"{len(everybody)}, none an administrator", todo)
    else:
        yield Finding("People", True, f"{len(everybody)}, with everybody the policy names")
    if not in_force:
        yield Finding("In force", False, "another policy than the file's", "tandem db upgrade, or restart tandem run")
    if halted:
        todo = "mend what it says, then restart tandem run"
        yield Finding("Sender", False, f"Slack refused our messages: {halted}", todo)


def _header(headers: Any, name: str) -> str:
    return next((str(value) for key, value in headers.items() if key.lower() == name), "")
