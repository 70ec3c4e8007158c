"""`tandem tokens create | list | revoke`: keys to the HTTP intake."""

from typing import Annotated

import typer

from bot.cli.desk import out, refuse, services, table
from bot.journal.service import rules_in_force
from bot.leads import tokens
from bot.leads.tables import IntakeToken

app = typer.Typer(help="Keys with which sources send leads.", no_args_is_help=True)


@app.command()
def create(source: Annotated[str, typer.Argument(help="a source of the policy")]) -> None:
    """Make a token for a source. It is shown this once: only its hash is kept."""
    found = services()
    with found.begin() as session:
        sources = [s.code for s in rules_in_force(session).policy.sources]
        if source not in sources:
            refuse(f"{source} is not a source of the policy; there are {', '.join(sources)}.")
        made = tokens.create(session, source, found.now())
    out.print(made, markup=False, highlight=False, soft_wrap=True)


@app.command("list")
def list_() -> None:
    """All tokens, in use and revoked."""
    found = services()
    with found.reading() as session:
        rows = [(t.id, t.source, f"{t.created_at:%Y-%m-%d}", _state(t)) for t in tokens.listed(session)]
    table("Id", "Source", "Created", "State", rows=rows)


@app.command()
def revoke(token_id: Annotated[int, typer.Argument(help="its id, from `tandem tokens list`")]) -> None:
    """End a token at once."""
    found = services()
    try:
        with found.begin() as session:
            tokens.revoke(session, token_id, found.now())
    except tokens.TokenError as error:
        refuse(str(error))
    out.print(f"Token {token_id} is revoked.")


def _state(token: IntakeToken) -> str:
    return f"revoked {token.revoked_at:%Y-%m-%d}" if token.revoked_at else "in use"
