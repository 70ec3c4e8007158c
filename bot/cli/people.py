"""`tandem people import | list`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track
from slack_sdk.errors import SlackApiError

from bot.cli import understood
from bot.cli.desk import err, out, refuse, services, table
from bot.journal.service import OPERATOR, record, rules_in_force
from bot.people import roster
from bot.people import service as people

app = typer.Typer(help="Who works here.", no_args_is_help=True)
NOTHING_CHANGED = "Nothing was changed. These need a correction:"


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help=f"CSV or workbook; best with the columns {', '.join(roster.COLUMNS)}")],
    yes: Annotated[bool, typer.Option("--yes", help="what is understood is right; do not ask")] = False,
) -> None:
    """Bring people in, or up to date: each is matched with a Slack member by e-mail."""
    found = services(slack=True)
    with found.reading() as session:
        policy = rules_in_force(session).policy
    try:
        columns = roster.understand(file)
        if not columns.as_ours:
            _show(columns)
            understood.confirm(yes=yes)
        rows = roster.read(file, policy, columns)
    except OSError as error:
        refuse(f"{file}: {error.strerror or error}")
    except roster.RosterError as error:
        refuse(NOTHING_CHANGED, *error.problems)
    try:
        members = {r.email: found.find_member(r.email) for r in track(rows, "Asking Slack", console=err)}
        matched = roster.match(rows, members.get)
    except roster.RosterError as error:
        refuse(NOTHING_CHANGED, *error.problems)
    except OSError as error:
        refuse(f"Slack does not answer at {found.settings.slack_api_url}: {error}")
    except SlackApiError as error:
        refuse(f"Slack refused: {error.response['error']}. Is the token right, with users:read.email?")
    with found.begin() as session:
        new, known = roster.write(session, matched, found.now())
        record(session, OPERATOR, "people_imported", ("people", 0), found.now(), {"new": new, "known": known})
    out.print(f"{new} new, {known} brought up to date.")


def _show(columns: roster.Columns) -> None:
    """Which column was understood as what."""
    rows = [(ours, theirs, columns.examples.get(theirs, "")) for ours, theirs in columns.named.items()]
    table("Field", "Column", "For example", rows=rows)
    if columns.left_out:
        out.print(f"Left out: {', '.join(columns.left_out)}", markup=False, highlight=False, soft_wrap=True)


@app.command("list")
def list_() -> None:
    """Everybody Tandem knows."""
    found = services()
    with found.reading() as session:
        rows = [(p.name, p.email, p.team, ", ".join(sorted(p.role_names)), p.zone) for p in people.everybody(session)]
    table("Name", "E-mail", "Team", "Roles", "Zone", rows=rows)
