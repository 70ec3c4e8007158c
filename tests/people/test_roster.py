"""People from a file: every row checked, matched with Slack, written as a whole."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot import store
from bot.people import roster, service
from bot.people.roster import Member, RosterError, RosterRow
from bot.people.tables import Absence, Person, PersonRole, Workspace
from config.policy import Policy
from tests.world import ROOT

POLICY = Policy.load(ROOT / "config" / "policy.toml")
HEAD = "name,email,team,roles"


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with store.begin(engine) as begun:
        yield begun


def read(folder: Path, text: str) -> list[RosterRow]:
    path = folder / "people.csv"
    path.write_bytes(text.encode())
    return roster.read(path, POLICY)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(RosterError) as caught:
        read(folder, text)
    return caught.value.problems


def row(who: str = "jonas", **said: Any) -> RosterRow:
    told = {"name": who.title(), "email": f"{who}@helix.example", "team": "sales", "roles": "rep"}
    return RosterRow.model_validate({**told, **said})


def member(name: str = "jonas", zone: str = "Europe/Berlin", **said: Any) -> Member:
    return Member(said.get("user_id", f"U-{name}"), "T01", zone, said.get("is_guest", False))


def write(session: Session, *rows: RosterRow, zone: str = "Europe/Berlin") -> tuple[int, int]:
    return roster.write(session, [(r, member(r.email.split("@")[0], zone)) for r in rows])


def person(session: Session, name: str = "jonas") -> Person:
    session.expire_all()
    found = service.by_email(session, f"{name}@helix.example")
    assert found is not None
    return found


# -- reading ----------------------------------------


def test_a_row_is_read_as_people_write_it(tmp_path: Path) -> None:
    (found,) = read(
        tmp_path,
        "\ufeffname,email,team,roles,zone,calendar,hours,territories,capacity,weight\r\n"
        '" Jonas Brandt ",Jonas@Helix.example,sales,rep; manager ;,Europe/Zurich,inside,'
        '"Mon-Tue 8-12, 13-17; Wed 9:00-12:30",DACH|UK & Ireland,12,2\r\n',
    )
    hours = {"mon": ["08:00-12:00", "13:00-17:00"], "tue": ["08:00-12:00", "13:00-17:00"], "wed": ["09:00-12:30"]}
    assert found == RosterRow(
        name="Jonas Brandt",
        email="jonas@helix.example",
        team="sales",
        roles=("rep", "manager"),
        zone="Europe/Zurich",
        calendar="inside",
        hours=hours,
        territories=("DACH", "UK & Ireland"),
        capacity=12,
        weight=2,
    )


WRONG = {
    f"{HEAD}\nJonas,jonas,sales,rep": ["line 2: email: "],
    f"{HEAD}\n,j@h.example,sales,rep": ["line 2: name: Field required"],
    f"{HEAD}\nJonas,j@h.example,buying,rep;king": ["line 2: team: ", "line 2: roles.1: "],
    f"{HEAD},zone\nJonas,j@h.example,sales,rep,Berlin": ["line 2: zone: 'Berlin' is no IANA zone"],
    f"{HEAD},hours\nJonas,j@h.example,sales,rep,9 to 5": ["line 2: hours: '9 to 5' is no time of day"],
    f"{HEAD},weight,capacity\nJonas,j@h.example,sales,rep,11,-1": ["line 2: capacity: ", "line 2: weight: "],
    f"{HEAD},away_from\nJonas,j@h.example,sales,rep,2026-12-01": ["line 2: the row: away_from and away_until go"],
    f"{HEAD},away_from,away_until\nJ,j@h.example,sales,rep,2026-12-02,2026-12-01": ["line 2: the row: away_until lies"],
    f"{HEAD}\nA,j@h.example,sales,rep\nB,J@h.example,sales,rep": [
        "line 2: email: j@h.example stands in the file more than once",
        "line 3: email: j@h.example stands in the file more than once",
    ],
    f"{HEAD},manager,backup\nJonas,j@h.example,sales,rep,p@h.example,d@h.example": [
        "line 2: manager: p@h.example is not in the file",
        "line 2: backup: d@h.example is not in the file",
    ],
    f"{HEAD},calendar,territories\nJonas,j@h.example,sales,rep,night,DACH;Mars;Moon": [
        "line 2: calendar: night is not one of field, inside",
        "line 2: territories: Mars is not in the policy",
        "line 2: territories: Moon is not in the policy",
    ],
    "name,shoe size,team,roles\nJonas,44,sales,rep": ["no column is the email; name one so: name, email, team"],
}


@pytest.mark.parametrize("text, told", WRONG.items())
def test_every_problem_is_told_with_its_line(tmp_path: Path, text: str, told: list[str]) -> None:
    found = problems(tmp_path, text)
    assert len(found) == len(told)
    assert all(problem.startswith(wanted) for problem, wanted in zip(found, told, strict=True))


def test_problems_of_all_lines_are_told_together(tmp_path: Path) -> None:
    found = problems(tmp_path, f"{HEAD},manager\nA,a,sales,rep,\nB,b@h.example,sales,rep,x@h.example\nC,c,sales,rep,")
    assert sorted(problem.split(":")[0] for problem in found) == ["line 2", "line 3", "line 4"]


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    found = problems(tmp_path, f'{HEAD}\n"Jonas\nBrandt",j@h.example,sales,rep\n\nDana,dana,sales,rep\n')
    assert [problem.split(":")[0] for problem in found] == ["line 5"]


def test_a_file_as_a_spreadsheet_saves_it_on_windows(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(f"{HEAD}\nJörg,j@h.example,sales,rep\n".encode("cp1252"))
    assert [row.name for row in roster.read(path, POLICY)] == ["Jörg"]


def test_a_strangers_list_of_people_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "Our people, November\n\nEmployee;Work e-mail;Department;Job title;Reports to;Shoe size\n"
        "Jonas Brandt;Jonas@h.example;Vertrieb;Sales Rep;petra@h.example;44\n"
        "Petra Sommer;petra@h.example;Vertrieb;Head of Sales, Admin;;\n"
        "Ana Costa;ana@h.example;Marketing;;;39\n",
        "utf-8",
    )
    found = roster.understand(path)
    assert (found.as_ours, found.left_out) == (False, ["Shoe size"])
    rows = {row.email: row for row in roster.read(path, POLICY, found)}
    assert [(r.team, r.roles) for r in rows.values()] == [
        ("sales", ("rep",)),
        ("sales", ("manager", "administrator")),
        ("marketing", ("marketer",)),
    ]
    assert rows["jonas@h.example"].manager == "petra@h.example"


# -- matching ----------------------------------------


def test_everybody_without_a_place_in_slack_is_named_and_nobody_is_matched() -> None:
    known = {"jonas@helix.example": member(), "gil@helix.example": member("gil", is_guest=True)}
    with pytest.raises(RosterError) as caught:
        roster.match([row(), row("gil"), row("nell")], known.get)
    guest, unknown = caught.value.problems
    assert guest.startswith("gil@helix.example: is a guest")
    assert unknown.startswith("nell@helix.example: no member")


# -- writing ----------------------------------------


def test_new_people_are_written_with_all_they_have(session: Session) -> None:
    assert write(session, row(manager="petra@helix.example", roles="rep;sdr"), row("petra", roles="manager")) == (2, 0)
    jonas, petra = person(session), person(session, "petra")
    assert (jonas.slack_user_id, jonas.zone, jonas.active) == ("U-jonas", "Europe/Berlin", True)
    assert jonas.role_names == {"rep", "sdr"}
    assert (jonas.manager_id, petra.manager_id) == (petra.id, None)
    assert session.scalars(select(Workspace.slack_team_id)).all() == ["T01"]


def test_a_second_import_replaces_what_was_said(session: Session) -> None:
    first = row(
        roles="rep;manager", manager="petra@helix.example", territories="DACH", capacity=5, hours="Mon 8-12", weight=3
    )
    write(session, first, row("petra"))
    before = person(session).id
    second = row(name="Jonas Brandt-Alt", roles="sdr", team="both")
    assert write(session, second, zone="Europe/London") == (0, 1)
    jonas = person(session)
    assert jonas.id == before
    assert (jonas.name, jonas.team, jonas.zone) == ("Jonas Brandt-Alt", "both", "Europe/London")
    assert jonas.role_names == {"sdr"}
    assert (jonas.manager_id, jonas.territories, jonas.capacity) == (None, [], None)
    assert (jonas.hours, jonas.weight) == (None, 1)
    assert session.scalar(select(func.count()).select_from(PersonRole)) == 2, "Petra's is still there"
    assert person(session, "petra").active


def test_the_zone_of_the_file_goes_before_that_of_slack(session: Session) -> None:
    write(session, row(zone="Asia/Tokyo"), row("dana"))
    assert (person(session).zone, person(session, "dana").zone) == ("Asia/Tokyo", "Europe/Berlin")


def test_a_role_named_twice_is_one(session: Session) -> None:
    write(session, row(roles="rep;rep"))
    assert person(session).role_names == {"rep"}


def test_two_who_are_each_others_managers_and_backups(session: Session) -> None:
    away = {"away_from": "2026-12-01", "away_until": "2026-12-01"}
    write(
        session,
        row(manager="dana@helix.example", backup="dana@helix.example", **away),
        row("dana", manager="jonas@helix.example", backup="jonas@helix.example", **away),
    )
    jonas, dana = person(session), person(session, "dana")
    assert (jonas.manager_id, dana.manager_id) == (dana.id, jonas.id)
    assert [(a.backup_id, b.backup_id) for a, b in zip(jonas.absences, dana.absences, strict=True)] == [
        (dana.id, jonas.id)
    ]


@pytest.mark.parametrize(
    "zone, begins, ends",
    [
        ("Europe/Berlin", datetime(2026, 10, 23, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 24, 4, tzinfo=UTC), datetime(2026, 10, 26, 4, tzinfo=UTC)),
    ],
)
def test_an_absence_is_whole_days_where_the_person_lives(
    session: Session, zone: str, begins: datetime, ends: datetime
) -> None:
    """In Berlin the second of the two days has 25 hours."""
    write(session, row(away_from="2026-10-24", away_until="2026-10-25"), zone=zone)
    (absence,) = person(session).absences
    assert (absence.starts_at, absence.ends_at, absence.backup_id) == (begins, ends, None)


def test_the_same_absence_again_is_brought_up_to_date(session: Session) -> None:
    write(session, row(away_from="2026-12-01", away_until="2026-12-04"))
    write(session, row(away_from="2026-12-01", away_until="2026-12-10", backup="dana@helix.example"), row("dana"))
    (absence,) = person(session).absences
    assert absence.ends_at == datetime(2026, 12, 10, 23, tzinfo=UTC)
    assert absence.backup_id == person(session, "dana").id


def test_a_corrected_absence_replaces_the_wrong_one(session: Session) -> None:
    write(session, row(away_from="2026-12-01", away_until="2026-12-10"))
    write(session, row(away_from="2026-12-05", away_until="2026-12-10"))
    jonas = person(session)
    assert service.absence_at(jonas, datetime(2026, 12, 2, 12, tzinfo=UTC)) is None
    assert service.absence_at(jonas, datetime(2026, 12, 6, 12, tzinfo=UTC)) is not None
    assert session.scalar(select(func.count()).select_from(Absence)) == 1


def test_somebody_with_a_new_email_stays_the_same_person(session: Session) -> None:
    write(session, row())
    before = person(session).id
    renamed = row("jonas", name="Jonas Alt", email="jonas.alt@helix.example")
    assert roster.write(session, [(renamed, member())]) == (0, 1)
    assert person(session, "jonas.alt").id == before
