"""`tandem policy check`."""

from tests.cli.shell import Shell, run
from tests.world import ROOT

RIGHT = (ROOT / "config" / "policy.toml").read_text("utf-8")


def test_a_right_policy_is_said_to_be_right() -> None:
    said = run("policy", "check", str(ROOT / "config" / "policy.toml"), COLUMNS="200")
    assert (said.status, said.out.split(":")[0]) == (0, "policy.toml is right")


def test_a_wrong_policy_is_explained_line_by_line(shell: Shell) -> None:
    text = RIGHT.replace("points = 12", "points = 1200").replace('zone = "Europe/Berlin"', 'zone = "Berlin"')
    lines = text.splitlines()
    said = shell.tandem("policy", "check", shell.write("wrong.toml", text))
    assert (said.status, said.out) == (2, "")
    zone, points = said.err.splitlines()
    assert zone.startswith(f"wrong.toml:{1 + lines.index(next(i for i in lines if i.startswith('zone')))}: zone: ")
    assert points.startswith(f"wrong.toml:{1 + lines.index('points = 1200')}: score[2].points: ")


def test_a_policy_that_is_not_there_or_no_toml_is_refused(shell: Shell) -> None:
    for name, part in (("none.toml", "No such file"), (shell.write("half.toml", "company = \nzone"), "line 1")):
        said = shell.quick("policy", "check", name)
        assert said.status == 2
        assert said.err.startswith(f"{name}: ")
        assert part in said.err
