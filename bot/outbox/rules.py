"""What an answer of Slack means, and when to try again. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Op(StrEnum):
    """What a message needs next: to be posted, or, once it stands in Slack, to be brought up to date.

    A home tab is published, the first time as every other: doing it twice does no harm.
    """

    POST = "post"
    UPDATE = "update"
    PUBLISH = "publish"


class Kind(StrEnum):
    CARD = "card"  # lives: rendered from the present state whenever it is sent
    LETTER = "letter"  # said once: holds its facts


class State(StrEnum):
    WAITING = "waiting"  # for its time, its turn, or its parent
    IN_FLIGHT = "in_flight"  # a call was begun; if its worker died, whether Slack took it is unknown
    AMBIGUOUS = "ambiguous"  # Slack may have taken it: look before posting again
    JOINED = "joined"  # told as a part of another message
    HELD = "held"  # the pilot does not include the recipient
    SENT = "sent"
    EXPIRED = "expired"  # nobody needs it any more
    DROPPED = "dropped"  # an operator took it out
    DEAD = "dead"  # Slack will never take it


class Priority:
    """Lower goes first."""

    ANSWER_TO_A_TAP = 0
    DUTY = 1  # what the law wants heard: whatever the hour, quiet or not
    HOT = 2
    NORMAL = 5
    CHANNEL = 8
    NONE = 9  # of a conversation in which nothing waits


@dataclass(frozen=True)
class Sent:
    ts: str
    channel: str


@dataclass(frozen=True)
class RetryAfter:
    """Slack did not take it and says so; try again after `seconds`."""

    seconds: float


@dataclass(frozen=True)
class Ambiguous:
    """Slack may or may not have taken it."""

    why: str


@dataclass(frozen=True)
class Dead:
    """Slack will not take this message to this place, however often."""

    reason: str


@dataclass(frozen=True)
class Halt:
    """Slack will not take anything from us until an administrator acts."""

    reason: str


Outcome = Sent | RetryAfter | Ambiguous | Dead | Halt

# Slack may have done part of it: https://docs.slack.dev/reference/methods/chat.postMessage
AMBIGUOUS_ERRORS = frozenset({"internal_error", "fatal_error", "request_timeout"})
HALTING_ERRORS = frozenset(
    "invalid_auth not_authed account_inactive token_revoked token_expired missing_scope no_permission "
    "org_login_required ekm_access_denied team_access_not_granted team_added_to_org access_denied "
    "accesslimited two_factor_setup_required".split()
)
NOT_TAKEN_ERRORS = frozenset({"ratelimited", "rate_limited", "service_unavailable", "team_not_found"})

CANNOT_BE_SHOWN = "it cannot be rendered"
ACTED_WITHIN = timedelta(hours=1)  # a ping that was acted on later was no good ping
OVERFLOW_WAIT = timedelta(hours=1)  # what goes over the day's budget and cannot wait joins one bundle within this time
LAST_MINUTES = timedelta(minutes=30)  # of a working day: what is not due today waits for the morning
TIME_TO_ACT = timedelta(hours=2)  # what is due so soon after a brief does not wait for it

SLACK_CODE = re.compile(r"[a-z][a-z0-9_]*")

UNSAID_WAIT, LONGEST_WAIT = 30.0, 3600.0  # seconds; Slack says how long, but a proxy between may not
LEASE = timedelta(seconds=60)
# Slack may take a request up to 5 s after we gave up on it, and its history may lag 3 s behind.
SETTLING_WAIT = timedelta(seconds=15)
LOOK_BACK = timedelta(seconds=120)
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=15)
POST_INTERVAL = timedelta(seconds=1)
PUBLISH_INTERVAL = timedelta(seconds=10)


def classify_error(error: str, status: int, headers: Mapping[str, str]) -> Outcome:
    """What `ok: false` or an HTTP error status means for the message."""
    if status == 429 or error in ("ratelimited", "rate_limited"):
        return RetryAfter(_seconds(headers))
    if status >= 500 or error in AMBIGUOUS_ERRORS:
        return Ambiguous(error or f"http_{status}")
    if error in HALTING_ERRORS:
        return Halt(error)
    if error in NOT_TAKEN_ERRORS:
        return RetryAfter(UNSAID_WAIT)
    if not SLACK_CODE.fullmatch(error):  # a proxy's page, say: nothing Slack itself would answer
        return Ambiguous("unreadable_answer")
    return Dead(error)


def _seconds(headers: Mapping[str, str]) -> float:
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), "")
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    return min(max(1.0, seconds), LONGEST_WAIT) if math.isfinite(seconds) else UNSAID_WAIT


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after `attempts` attempts came to nothing: doubling, at most a quarter of an hour."""
    doublings = max(0, min(attempts - 1, 20))
    return min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)
