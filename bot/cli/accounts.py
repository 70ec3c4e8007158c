"""`tandem accounts list | set | merge`."""

from typing import Annotated

import typer

from bot.cli.desk import out, refuse, services, table
from bot.journal.service import OPERATOR, rules_in_force
from bot.leads import accounts
from bot.leads.accounts import AccountError
from bot.wording import counted

app = typer.Typer(help="Companies, and whose they are.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="number, domain or name of an account")]


@app.command("list")
def list_(
    text: Annotated[str, typer.Argument(help="words of a name or domain; all without")] = "",
    limit: Annotated[int, typer.Option(help="at most so many, those with the most leads first")] = 50,
) -> None:
    """Accounts with their domains, owner, territory and type."""
    with services().reading() as session:
        found = accounts.listing(session, limit, text)
    rows = [(a.id, a.name, ", ".join(a.keys), a.type, a.territory, a.owner, a.leads) for a in found]
    table("No.", "Name", "Known as", "Type", "Territory", "Owner", "Leads", rows=rows)


@app.command("set")
def set_(
    name: Name,
    owner: Annotated[str | None, typer.Option(help="e-mail of who gets its leads")] = None,
    territory: Annotated[str | None, typer.Option(help="one of the policy's territories")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="for example: hospital lab")] = None,
    rename: Annotated[str | None, typer.Option(help="another name")] = None,
) -> None:
    """Say whose an account is, where it belongs, what it is."""
    found = services()
    said = {"owner": owner, "territory": territory, "type": type_, "name": rename}
    if not any(said.values()):
        refuse("Say what to set: --owner, --territory, --type or --rename.")
    try:
        with found.begin() as session:
            known = [t.name for t in rules_in_force(session).policy.routing.territories]
            if territory and territory not in known:
                refuse(f"{territory} is not a territory of the policy; there are {', '.join(known)}.")
            accounts.describe(session, accounts.find(session, name), OPERATOR, found.now(), said=said)
    except AccountError as error:
        refuse(f"{error}.")
    out.print("Set.")


@app.command()
def merge(from_: Annotated[str, typer.Argument(metavar="FROM", help="the account that ends")], into: Name) -> None:
    """Two accounts are one company, with two domains: leads and names of the first go over to the second."""
    found = services()
    try:
        with found.begin() as session:
            kept, moved = accounts.merge(session, from_, into, OPERATOR, found.now())
            told = f"{counted(moved, 'lead is', 'leads are')} now with {kept.name}."
    except AccountError as error:
        refuse(f"{error}.")
    out.print(told, markup=False)
