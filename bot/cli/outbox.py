"""`tandem outbox list | retry | drop | preview`: what waits, what failed, and what a message looks like."""

import json
from typing import Annotated

import typer

from bot.cli.desk import out, refuse, services, table
from bot.outbox import service as outbox
from bot.outbox.rules import State
from bot.outbox.sender import preview_of
from bot.outbox.service import OutboxError
from bot.outbox.standing import halted_reason

app = typer.Typer(help="What Tandem says to Slack.", no_args_is_help=True)
NOT_SENT = [State.WAITING, State.IN_FLIGHT, State.AMBIGUOUS, State.HELD, State.DEAD]
MessageId = Annotated[int, typer.Argument(help="its id, from `tandem outbox list`")]


@app.command("list")
def list_(
    state: Annotated[list[State] | None, typer.Option(help="only these states")] = None,
    target: Annotated[str | None, typer.Option(help="only to person:ID or channel:NAME")] = None,
    limit: Annotated[int, typer.Option(help="at most so many")] = 50,
) -> None:
    """What is not sent: waiting, held by the pilot, in doubt, dead."""
    found = services()
    with found.reading() as session:
        rows = outbox.listing(session, state or NOT_SENT, limit, target)
        counts = outbox.counts(session)
        halted = halted_reason(session, found.settings.slack_bot_token)
    if halted:
        out.print(f"[bold]The sender is halted: {halted}.[/] Mend the token or its scopes and restart.")
    table(
        "Id",
        "State",
        "To",
        "Template",
        "Due (UTC)",
        "Tries",
        "Why",
        rows=[
            (
                m.id,
                m.state,
                c.target,
                m.template,
                f"{m.due_at:%m-%d %H:%M:%S}" if m.due_at else "",
                m.attempts,
                m.outcome,
            )
            for m, c in rows
        ],
    )
    out.print(", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "Nothing was ever said.")


@app.command()
def retry(message_id: MessageId) -> None:
    """The cause is mended: try a message again."""
    found = services()
    try:
        with found.begin() as session:
            outbox.retry(session, message_id, found.now())
    except OutboxError as error:
        refuse(str(error))
    out.print(f"Message {message_id} is tried again.")


@app.command()
def drop(message_id: MessageId) -> None:
    """Nobody needs it: take a message out that was not sent."""
    found = services()
    try:
        with found.begin() as session:
            outbox.drop(session, message_id)
    except OutboxError as error:
        refuse(str(error))
    out.print(f"Message {message_id} is dropped.")


@app.command()
def preview(message_id: MessageId) -> None:
    """What a message would say if it were sent now, as Slack gets it."""
    found = services()
    try:
        with found.reading() as session:
            rendered = preview_of(session, found.templates, message_id, found.now())
    except OutboxError as error:
        refuse(str(error))
    out.print_json(json.dumps({"text": rendered.text, "blocks": rendered.blocks}))
