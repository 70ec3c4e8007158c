"""`tandem outbox list | retry | drop | preview`."""

import json

from bot.leads.tables import Offer
from config.policy import Policy
from tests.cli.shell import Shell
from tests.world import ROOT, words

POLICY = Policy.load(ROOT / "config" / "policy.toml")


def rows(shell: Shell, *more: str, **env: str) -> list[list[str]]:
    """The lines of the list, without its head and the counts below."""
    said = shell.quick("outbox", "list", *more, **env)
    assert said.status == 0
    return [line.split() for line in said.out.splitlines()[1:-1]]


def offer_a_lead(shell: Shell) -> tuple[str, str, str]:
    """The message id of a card, and the person and Slack user it is for."""
    lead = shell.w.lead(country="Germany")
    with shell.w.services.reading() as session:
        person = session.get_one(Offer, 1).person_id
    assert lead.offered_to == person
    (row,) = rows(shell, "--target", f"person:{person}")
    return row[0], row[2], f"U{person:02d}"


def test_a_message_is_looked_at_dropped_and_tried_again(shell: Shell) -> None:
    empty = shell.quick("outbox", "list")
    assert "Nothing was ever said." in empty.out
    card, target, user = offer_a_lead(shell)
    every = rows(shell)
    assert {row[1] for row in every} == {"waiting"}
    assert card in {row[0] for row in every}
    assert [row[0] for row in rows(shell, COLUMNS="80")] == [row[0] for row in every]
    assert [row[1:3] for row in rows(shell, "--target", target, COLUMNS="80")] == [["waiting", target]]
    assert len(rows(shell, "--limit", "1")) == 1

    preview = json.loads(shell.tandem("outbox", "preview", card).out)
    assert shell.quick("outbox", "drop", card).out == f"Message {card} is dropped.\n"
    assert card not in {row[0] for row in rows(shell)}
    assert card in {row[0] for row in rows(shell, "--state", "dropped")}
    shell.w.deliver()
    assert shell.w.cards(user) == []

    assert shell.quick("outbox", "retry", card).out == f"Message {card} is tried again.\n"
    shell.w.deliver()
    (sent,) = shell.w.cards(user)
    assert sent["text"] == preview["text"]
    assert words(sent) == words({"blocks": preview["blocks"]})

    for command, told in (("drop", "was sent"), ("retry", "stands in Slack as it should")):
        refused = shell.quick("outbox", command, card)
        assert refused.status == 2
        assert told in refused.err
    shell.w.deliver()
    assert len(shell.w.cards(user)) == 1


def test_a_message_there_is_not_is_refused(shell: Shell) -> None:
    for command in ("retry", "drop", "preview"):
        refused = shell.quick("outbox", command, "999")
        assert (refused.status, refused.err) == (
            2,
            "there is no message 999; `tandem outbox list` shows those there are\n",
        )


def test_what_the_pilot_holds_is_listed_with_the_reason(shell: Shell) -> None:
    shell.w.services.put_policy_in_force(POLICY.model_copy(update={"pilot": ("petra@helix.example",)}))
    card, target, user = offer_a_lead(shell)
    shell.w.deliver()
    assert shell.w.cards(user) == []
    held = rows(shell, "--state", "held")
    assert {(row[0], row[1], row[2]) for row in held} >= {(card, "held", target)}
    assert all(row[-4:] == ["not", "in", "the", "pilot"] for row in held)
    person = int(target.removeprefix("person:"))
    email = {2: "jonas", 3: "dana"}[person] + "@helix.example"
    shell.w.services.put_policy_in_force(POLICY.model_copy(update={"pilot": (email,)}))
    shell.w.deliver()
    assert len(shell.w.cards(user)) == 1
    assert card not in {row[0] for row in rows(shell)}


def test_a_halted_sender_is_told_of_with_the_way_out(shell: Shell) -> None:
    card, *_ = offer_a_lead(shell)
    shell.w.slack.faults({"fault": "error", "code": "token_revoked"})
    shell.w.deliver()
    said = shell.quick("outbox", "list")
    assert said.out.startswith("The sender is halted: token_revoked. Mend the token or its scopes")
    assert card in {line.split()[0] for line in said.out.splitlines()[2:-1]}
