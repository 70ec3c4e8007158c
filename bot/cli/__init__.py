"""The `tandem` command line: one file a subject, put together here."""

import typer

from bot.cli import (
    accounts,
    council,
    demo,
    doctor,
    exports,
    facts,
    leads,
    manifest,
    outbox,
    people,
    policy,
    running,
    tokens,
)

app = typer.Typer(
    name="tandem",
    help="Tandem makes sales and marketing work as one, in Slack.",
    no_args_is_help=True,
    add_completion=False,
)
running.add_to(app)
app.command()(demo.demo)
app.command()(manifest.manifest)
app.command()(doctor.doctor)
app.command()(exports.export)
app.command()(council.digest)
app.command()(facts.facts)
app.add_typer(policy.app, name="policy")
app.add_typer(people.app, name="people")
app.add_typer(leads.app, name="leads")
app.add_typer(accounts.app, name="accounts")
app.add_typer(tokens.app, name="tokens")
app.add_typer(outbox.app, name="outbox")
