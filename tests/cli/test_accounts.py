"""`tandem accounts`."""

from tests.cli.shell import Shell


def test_list_set_and_merge(shell: Shell) -> None:
    shell.w.lead(external_id="1", email="a@charite.example", company="Charité")
    shell.w.lead(external_id="2", email="b@dhzc.example", company="Herzzentrum")
    assert "charite.example" in shell.quick("accounts", "list").out
    set_ = shell.quick("accounts", "set", "charité", "--owner", "dana@helix.example", "--territory", "DACH")
    assert set_.out == "Set.\n"
    listed = shell.quick("accounts", "list", "charite").out
    assert "DACH" in listed and "Dana" in listed and "Herzzentrum" not in listed
    assert shell.quick("accounts", "merge", "dhzc.example", "charité").out == "1 lead is now with Charité.\n"


def test_what_is_wrong_is_said(shell: Shell) -> None:
    assert "there is no account" in shell.quick("accounts", "set", "x", "--type", "lab").err
    assert "Say what to set" in shell.quick("accounts", "set", "x").err
    shell.w.lead(external_id="1", email="a@charite.example", company="Charité")
    said = shell.quick("accounts", "set", "charité", "--territory", "Moon")
    assert said.status == 2 and "Moon is not a territory of the policy" in said.err
