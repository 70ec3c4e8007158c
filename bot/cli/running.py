"""`tandem run | web | worker | db upgrade`."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Annotated
from urllib.error import URLError

import typer
import uvicorn
from slack_bolt import App
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import OperationalError

from bot.app import create_app
from bot.cli.desk import out, refuse, services, set_up_logging, settings
from bot.people.rules import unknown_roles
from bot.services import Services
from bot.socket_mode import connected
from bot.store.migrate import upgrade
from bot.web import create_web
from config.policy import Policy, PolicyError
from config.settings import Settings
from jobs.scheduler import Worker

GRACE_SECONDS = 5


def add_to(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(web)
    app.command()(worker)
    database = typer.Typer(help="The database.")
    database.command("upgrade")(db_upgrade)
    app.add_typer(database, name="db")


def run() -> None:
    """Everything in one process: what Slack and senders of leads ask, and what the clock does."""
    found = _ready()
    working = Worker(found)
    working.start()
    try:
        _serve(found)
    finally:
        working.stop()


def web() -> None:
    """Only what comes in over HTTP."""
    _serve(_ready())


def worker() -> None:
    """Only what the clock does."""
    found = _ready()
    working, stop = Worker(found), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    working.start()
    stop.wait()
    working.stop()


def db_upgrade(
    policy: Annotated[bool, typer.Option(help="also put POLICY_FILE in force")] = True,
) -> None:
    """Bring the database to the present tables, and the policy in force."""
    found = Services.build(settings())
    set_up_logging(found.settings)
    try:
        upgrade(found.engine)
    except OperationalError as error:
        refuse(f"The database does not answer: {error.orig}")
    if policy:
        put_policy_in_force(found)
    out.print("The database is up to date.")


def put_policy_in_force(found: Services) -> bool:
    try:
        policy = Policy.load(found.settings.policy_file)
        if wrong := unknown_roles(policy):
            refuse(f"{found.settings.policy_file.name}: there is no role {', '.join(wrong)}")
        return found.put_policy_in_force(policy)
    except PolicyError as error:
        refuse("The policy needs a correction:", *error.problems)


def _ready() -> Services:
    found = services(slack=True)
    put_policy_in_force(found)
    found.meet_slack()
    return found


def _serve(found: Services) -> None:
    """Serve until SIGTERM or SIGINT; requests at hand are answered first. With an app token, over Socket Mode, too."""
    chosen, app = found.settings, create_app(found)
    with _socket(app, chosen) if chosen.slack_app_token else contextlib.nullcontext():
        _serve_http(found, app)


@contextlib.contextmanager
def _socket(app: App, chosen: Settings) -> Iterator[None]:
    try:
        with connected(app, chosen):
            yield
    except SlackApiError as error:
        refuse(f"Slack refused SLACK_APP_TOKEN ({error.response['error']}); `tandem doctor` says what to do.")
    except URLError as error:
        refuse(f"Slack does not answer at {chosen.slack_api_url}: {error.reason}")


def _serve_http(found: Services, app: App) -> None:
    chosen = found.settings
    config = uvicorn.Config(
        create_web(found, app),
        host=chosen.host,
        port=chosen.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    Server(config).run()


class Server(uvicorn.Server):
    """Ends by returning. uvicorn's own raises the signal once more, which would cut off what comes after serving."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        def end(*_: object) -> None:
            self.should_exit = True

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        yield
