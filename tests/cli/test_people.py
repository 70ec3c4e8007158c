"""`tandem people import`: matched with Slack by e-mail, written as a whole or not at all."""

from datetime import UTC, datetime

from bot.people import service
from bot.people.tables import Person
from tests.cli.shell import Shell, snapshot

HEAD = "name,email,team,roles,manager,away_from,away_until,backup\n"
PETRA = "Petra Sommer,petra@helix.example,sales,manager;administrator,,,,\n"
NELL = "Nell New,nell@helix.example,sales,sdr,petra@helix.example,2026-12-01,2026-12-02,petra@helix.example\n"


def person(shell: Shell, name: str) -> Person:
    with shell.w.services.begin() as session:
        found = service.by_email(session, f"{name}@helix.example")
        assert found is not None
        session.expunge_all()
        return found


def test_people_come_in_and_are_brought_up_to_date(shell: Shell) -> None:
    shell.write("people.csv", HEAD + PETRA + NELL)
    first = shell.tandem("people", "import", "people.csv")
    assert (first.status, first.out) == (0, "1 new, 1 brought up to date.\n")
    petra, nell = person(shell, "petra"), person(shell, "nell")
    assert (nell.slack_user_id, nell.zone, nell.role_names) == ("U91", "Europe/Berlin", {"sdr"})
    assert nell.manager_id == petra.id
    assert petra.role_names == {"manager", "administrator"}, "she was on the council before"
    (absence,) = nell.absences
    assert absence.backup_id == petra.id
    assert (absence.starts_at, absence.ends_at) == (
        datetime(2026, 11, 30, 23, tzinfo=UTC),
        datetime(2026, 12, 2, 23, tzinfo=UTC),
    )

    shell.w.slack.set_up(
        {
            "users": [
                {
                    "id": "U91",
                    "name": "newbie",
                    "real_name": "Nell",
                    "email": "nell@helix.example",
                    "tz": "Europe/London",
                }
            ]
        }
    )
    shell.write("people.csv", HEAD + "Nell Newman,Nell@helix.example,both,rep;sdr,,,,\n")
    second = shell.quick("people", "import", "people.csv")
    assert (second.status, second.out) == (0, "0 new, 1 brought up to date.\n")
    again = person(shell, "nell")
    assert (again.id, again.name, again.zone, again.manager_id) == (nell.id, "Nell Newman", "Europe/London", None)
    assert again.role_names == {"rep", "sdr"}
    assert person(shell, "petra").role_names == petra.role_names, "who is not in the file stays"
    listed = shell.quick("people", "list")
    assert "Nell Newman" in listed.out
    assert "Europe/London" in listed.out


def test_any_problem_keeps_everybody_out(shell: Shell) -> None:
    before = snapshot(shell.w)
    wrong = (
        "Gil Guest,gil@else.example,sales,rep,,,,\n"
        "Pat Partner,pat@p.example,sales,rep,,,,\n"
        "No One,none@helix.example,sales,rep,,,,\n"
    )
    shell.write("people.csv", HEAD + NELL + PETRA + wrong)
    refused = shell.quick("people", "import", "people.csv")
    assert refused.status == 2
    first, *problems = refused.err[refused.err.index("Nothing was changed") :].splitlines()
    assert len(problems) == 3
    assert first.endswith("These need a correction:")
    assert "gil@else.example" in problems[0]
    assert "guest" in problems[0]
    assert "pat@p.example" in problems[1], "a member of another organisation is no colleague"
    assert "none@helix.example" in problems[2]
    assert snapshot(shell.w) == before

    shell.write("people.csv", HEAD + NELL + "A,a,sales,king,,,,\n" + "B,b@helix.example,sales,rep,x@y.z,,,\n")
    refused = shell.quick("people", "import", "people.csv")
    assert refused.status == 2
    lines = [line.split(": ")[:2] for line in refused.err.strip().splitlines()[1:]]
    assert lines == [
        ["line 3", "email"],
        ["line 3", "roles.0"],
        ["line 2", "manager"],
        ["line 2", "backup"],
        ["line 4", "manager"],
    ]
    assert snapshot(shell.w) == before


def test_what_slack_or_the_disk_refuses_is_said_in_a_sentence(shell: Shell) -> None:
    missing = shell.quick("people", "import", "none.csv")
    assert (missing.status, missing.err) == (2, "none.csv: No such file or directory\n")
    shell.write("people.csv", HEAD + PETRA)
    refused = shell.quick("people", "import", "people.csv", SLACK_BOT_TOKEN="xoxb-revoked")
    assert refused.status == 2
    assert "Slack refused: invalid_auth" in refused.err
    unreachable = shell.quick("people", "import", "people.csv", SLACK_API_URL="http://127.0.0.1:9/api/")
    assert unreachable.status == 2
    assert "Slack" in unreachable.err.splitlines()[-1], "not the file is at fault"
