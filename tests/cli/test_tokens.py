"""`tandem tokens create | list | revoke`."""

from tests.cli.shell import Shell


def test_a_token_from_making_it_to_ending_it(shell: Shell) -> None:
    made = shell.tandem("tokens", "create", "event", COLUMNS="40")
    token = made.out.strip()
    assert made.status == 0
    assert made.out == f"{token}\n", "in one line, to be copied"
    assert shell.w.post({"external_id": "a"}, token).status_code == 202
    assert shell.quick("tokens", "create", "website").status == 0

    listed = shell.quick("tokens", "list").out
    assert [line.split() for line in listed.splitlines()[1:]] == [
        ["1", "event", "2026-11-23", "in", "use"],
        ["2", "website", "2026-11-23", "in", "use"],
    ]
    assert token not in listed

    assert shell.quick("tokens", "revoke", "1").out == "Token 1 is revoked.\n"
    assert shell.w.post({"external_id": "b"}, token).status_code == 401
    assert "revoked 2026-11-23" in shell.quick("tokens", "list").out.splitlines()[1]
    for unknown in ("1", "99"):
        refused = shell.quick("tokens", "revoke", unknown)
        assert refused.status == 2
        assert f"no token {unknown} in use" in refused.err


def test_a_token_is_for_a_source_of_the_policy(shell: Shell) -> None:
    refused = shell.quick("tokens", "create", "fax")
    assert refused.status == 2
    assert "fax is not a source of the policy; there are website, event, webinar." in refused.err
    assert len(shell.quick("tokens", "list").out.splitlines()) == 1
