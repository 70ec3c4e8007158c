"""`tandem manifest`."""

import json
import re
from typing import Annotated

import typer

from bot.cli.desk import refuse, settings
from bot.manifest import manifest as made

PUBLIC = re.compile(r"https://[^\s/]+(/\S*)?")


def manifest(
    url: Annotated[str | None, typer.Option(help="your public https address, for HTTP")] = None,
    socket: Annotated[bool, typer.Option("--socket", help="for Socket Mode: no public address is needed")] = False,
) -> None:
    """Print the manifest to make the Slack app from. COMMAND_PREFIX comes before the names of commands."""
    if (url is None) == (not socket):
        refuse("Say which: --socket, or --url with your public https address, such as --url https://tandem.helix.de")
    if url and not PUBLIC.fullmatch(url):
        refuse(f"{url!r} is no public https address; Slack takes no other. For example https://tandem.helix.de")
    typer.echo(json.dumps(made(settings().commands, url), indent=2, ensure_ascii=False))
