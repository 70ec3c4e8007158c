"""`tandem policy check`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.desk import out, refuse
from bot.people.rules import Role, unknown_roles
from config.policy import Policy, PolicyError

app = typer.Typer(help="The rules both teams agreed.", no_args_is_help=True)


@app.callback()
def policies() -> None:
    """Keeps `check` a subcommand while it is the only one."""


@app.command()
def check(file: Annotated[Path, typer.Argument(help="the policy, a TOML file")]) -> None:
    """Explain every mistake in a policy file, with its line."""
    try:
        found = Policy.load(file)
    except PolicyError as error:
        refuse(*error.problems)
    if wrong := unknown_roles(found):
        refuse(f"{file.name}: there is no role {', '.join(wrong)}; there are {', '.join(Role)}")
    out.print(
        f"{file.name} is right: {len(found.score)} score rules, {len(found.rejections)} rejection reasons, "
        f"{len(found.routing.territories)} territories, {len(found.routing.pools)} pools."
    )
