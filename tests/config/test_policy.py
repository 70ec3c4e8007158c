"""The agreed rules: the shipped file loads, a version comes back the same, every mistake is explained in its place."""

from copy import deepcopy
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from config.places import places_in
from config.policy import Policy, PolicyError

SHIPPED = Path(__file__).parents[2] / "config" / "policy.toml"
HERE = "# HERE"


def told(tmp_path: Path, old: str, new: str) -> tuple[str, list[str]]:
    """The shipped policy with `new` in the place of `old`, and what is said about it."""
    shipped = SHIPPED.read_text("utf-8")
    assert old in shipped
    path = tmp_path / "policy.toml"
    path.write_text(shipped.replace(old, new, 1), "utf-8")
    with pytest.raises(PolicyError) as caught:
        Policy.load(path)
    return path.read_text("utf-8"), caught.value.problems


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


# What is replaced, what by (HERE marks the line to be named), the path to be named, and words that explain.
MON, TOUCH = 'mon = ["08:00-17:00"]', 'when = [{ touch = "quote_request" }]'
BEDS = 'when = [{ field = "beds", at_least = 600 }]'
MISTAKES = {
    "misspelt key in a table": ("min_fit = 20", f"min_fitt = 20 {HERE}", "gate.min_fitt", "no such key"),
    "misspelt key in an array of tables": ('kind = "fit"', f'kynd = "fit" {HERE}', "score[1].kynd", "no such key"),
    "misspelt table": ("[channels]", f"[chanels] {HERE}", "chanels", "no such key"),
    "misspelt key in a condition": (
        BEDS, f'when = [{{ field = "beds", at_most = 6 }}] {HERE}', "score[2].when[1].at_most", "no such key"),
    "missing key": ("[routing]\nfallback", f"[routing] {HERE}\n# fallback", "routing.fallback", "required"),
    "wrong type": ("undo_minutes = 5", f'undo_minutes = "five" {HERE}', "undo_minutes", "integer"),
    "wrong type in an array of tables": (
        "points = 12", f'points = "many" {HERE}', "score[2].points", "integer"),
    "too many points": ("points = 12", f"points = 120 {HERE}", "score[2].points", "100"),
    "no list": (MON, f'mon = "08:00-17:00" {HERE}', "calendars.field.mon", "valid tuple"),
    "unknown zone": ('zone = "Europe/Berlin"', f'zone = "Berlin" {HERE}', "zone", "for example Europe/Berlin"),
    "span without an end": (MON, f'mon = ["08:00"] {HERE}', "calendars.field.mon[1]", "for example 08:00-12:30"),
    "span without minutes": (MON, f'mon = ["8-17"] {HERE}', "calendars.field.mon[1]", "for example 08:00-12:30"),
    "second span at fault": (
        MON, f'mon = ["08:00-12:00", "13:00-25:00"] {HERE}', "calendars.field.mon[2]", "hour must be in 0..23"),
    "two spans run together": (
        MON, f'mon = ["08:00-12:00-17:00"] {HERE}', "calendars.field.mon[1]", "for example 08:00-12:30"),
    "span with a zone": (MON, f'mon = ["08:00Z-17:00Z"] {HERE}', "calendars.field.mon[1]", "for example 08:00-12:30"),
    "no working hours": (
        "[calendars.inside]", f"[calendars.empty] {HERE}\n[calendars.inside]", "calendars.empty", "for example mon ="),
    "unknown country": (
        "[calendars.inside]", f'[calendars.de] {HERE}\nmon = ["08:00-17:00"]\ncountry = "Germany"\n[calendars.inside]',
        "calendars.de", "two-letter code such as DE"),
    "unknown region": (
        "[calendars.field]", f'[calendars.field] {HERE}\nregion = "ZZ"', "calendars.field", "is not one of BB, BE"),
    "no date": (
        "company_days = [2026-12-24, 2026-12-31]", f'company_days = ["christmas"] {HERE}',
        "calendars.field.company_days[1]", "date"),
    "condition with two tests": (
        BEDS, f'when = [{{ field = "beds", at_least = 6, equals = 7 }}] {HERE}', "score[2].when[1]", "exactly one of"),
    "condition without a test": (BEDS, f'when = [{{ field = "beds" }}] {HERE}', "score[2].when[1]", "exactly one of"),
    "condition on nothing": (
        BEDS, f"when = [{{ at_least = 6 }}] {HERE}", "score[2].when[1].field", "required"),
    "rule without conditions": (BEDS, f"when = [] {HERE}", "score[2].when", "at least 1 item"),
    "list wanted": (BEDS, f'when = [{{ field = "beds", in = 7 }}] {HERE}', "score[2].when[1].in", "valid tuple"),
    "half life without a touch": (
        '[[score]]\ncode = "large"', f'[[score]] {HERE}\nhalf_life_days = 30\ncode = "large"',
        "score[2]", "needs a touch among its conditions"),
    "nested array of tables": (
        'code = "quote_request"', f'code = "Wants a quote" {HERE}', "gate.fast_track[2].code", "match pattern"),
    "condition in a nested array of tables": (
        TOUCH, f'when = [{{ touch = "quote_request", at_least = 0 }}] {HERE}',
        "gate.fast_track[2].when[1].at_least", "greater than or equal to 1"),
    "doubly nested array of tables": (
        TOUCH, f'[[gate.fast_track.when]]\ntouch = "q"\n[[gate.fast_track.when]]\ntouch = "Q" {HERE}',
        "gate.fast_track[2].when[2].touch", "match pattern"),
    "territory without countries": (
        'countries = ["United Kingdom", "Ireland"]', f"countries = [] {HERE}",
        "routing.territories[2].countries", "at least 1 item"),
    "no e-mail": ('fallback = "petra@helix.example"', f'fallback = "petra" {HERE}', "routing.fallback", "pattern"),
    "unknown promise": ('promise = "answer"', f'promise = "awnser" {HERE}', "targets[1].promise", "'answer'"),
    "unknown class": ('class = "clerical"', f'class = "clericall" {HERE}', "rejections[3].class", "'clerical'"),
    "unknown consequence": ('then = "recycle"', f'then = "recycl" {HERE}', "rejections[6].then", "'recycle'"),
    "key after a list over several lines": (
        MON, f"mon = [\n[08:00:00, 12:00:00],\n[13:00:00, 17:00:00]\n]\ntues = [] {HERE}",
        "calendars.field.tues", "no such key"),
    "unknown default calendar": (
        'default_calendar = "field"', f'default_calendar = "feild" {HERE}', "default_calendar", "'feild'"),
    "unknown calendar of a team": (
        'default_calendar = "field"', f'default_calendar = "field"\nteam_calendars = {{ sales = "feild" }} {HERE}',
        "team_calendars.sales", "'feild'"),
    "score code twice": ('code = "large"', f'code = "hospital_lab" {HERE}', "score[2].code", "hospital_lab"),
    "rejection code twice": ('code = "bad_contact"', f'code = "duplicate" {HERE}', "rejections[3].code", "duplicate"),
    "source code twice": (
        'code = "webinar"\nname', f'code = "event" {HERE}\nname', "sources[3].code", "event"),
    "fast track code twice": (
        'code = "quote_request"', f'code = "demo_request" {HERE}', "gate.fast_track[2].code", "demo_request"),
    "territory name twice": (
        'name = "UK & Ireland"', f'name = "DACH" {HERE}', "routing.territories[2].name", "DACH"),
    "e-mail twice in the pilot": (
        "pilot = []", f'pilot = ["a@helix.example", "A@helix.example"] {HERE}', "pilot", "a@helix.example"),
    "pool that waits for a touch, which routing does not see": (
        '[[routing.pools]]', f'[[routing.pools]]\nwhen = [{{ touch = "event" }}] {HERE}',
        "routing.pools[1].when[1]", "touch"),
}  # fmt: skip


@pytest.mark.parametrize("old, new, path, why", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_explained_in_its_place(tmp_path: Path, old: str, new: str, path: str, why: str) -> None:
    text, problems = told(tmp_path, old, new)
    (problem,) = [problem for problem in problems if f": {path}: " in problem]
    assert problem.startswith(f"policy.toml:{line_of(text, HERE)}: ")
    assert why in problem


def test_a_promise_needs_a_target_for_everybody(tmp_path: Path) -> None:
    text, problems = told(tmp_path, "minutes = 480", 'role = "rep"\nminutes = 480')
    assert problems[0].startswith(f"policy.toml:{line_of(text, '[[targets]]')}: targets: ")
    assert "'answer'" in problems[0]


def test_all_mistakes_are_explained_at_once_and_each_once(tmp_path: Path) -> None:
    _, problems = told(tmp_path, BEDS, 'when = [{ field = "beds" }, { touch = "Event" }]\nwant = 1')
    assert [problem.split(": ")[1] for problem in problems] == [
        "score[2].when[1]",
        "score[2].when[2].touch",
        "score[2].want",
    ]


def test_codes_that_stand_twice_are_all_explained_at_once(tmp_path: Path) -> None:
    twice = '[[rejections]]\ncode = "other"\nlabel = "Other"\nclass = "clerical"\nthen = "review"\n'
    _, problems = told(tmp_path, "[[sources]]", f'{twice}[[sources]]\ncode = "event"\nname = "Fairs"\n[[sources]]')
    assert len(problems) == 2


@pytest.mark.parametrize(
    "old, new, why",
    [
        ('company = "Helix Diagnostics"', 'company = "Helix Diagnostics', "line 4"),
        ("undo_minutes = 5", "undo_minutes 5", "line 7"),
        ("[gate]", "[routing]\n[gate]", "routing"),
    ],
    ids=["open quote", "no equals sign", "table twice"],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, old: str, new: str, why: str) -> None:
    _, problems = told(tmp_path, old, new)
    assert problems[0].startswith("policy.toml")
    assert why in problems[0]
    assert "line " in problems[0]


def test_a_file_that_cannot_be_read_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'company = "M\xfcller"')
    for name in ("absent.toml", "latin.toml"):
        with pytest.raises(PolicyError, match=name):
            Policy.load(tmp_path / name)


def test_places_know_tables_within_arrays() -> None:
    text = '[a]\nb.c = 1\n[[a.d]]  # first\n"e" = 1\n[[a.d]]\n[a.d.f]\ng = 1\n[[a.d.h]]\n[[a.d.h]]\n  i = 1\n'
    assert places_in(text) == {
        ("a",): 1,
        ("a", "b", "c"): 2,
        ("a", "d"): 3,
        ("a", "d", 0): 3,
        ("a", "d", 0, "e"): 4,
        ("a", "d", 1): 5,
        ("a", "d", 1, "f"): 6,
        ("a", "d", 1, "f", "g"): 7,
        ("a", "d", 1, "h"): 8,
        ("a", "d", 1, "h", 0): 8,
        ("a", "d", 1, "h", 1): 9,
        ("a", "d", 1, "h", 1, "i"): 10,
    }


# ---- What a policy says ----


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.load(SHIPPED)


def test_a_version_comes_back_from_the_store_the_same(policy: Policy) -> None:
    again = Policy.from_canonical(policy.canonical)
    assert again == policy
    assert (again.canonical, again.hash) == (policy.canonical, policy.hash)


def test_only_another_rule_makes_another_version(policy: Policy, tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    path = tmp_path / "policy.toml"
    path.write_text("# a remark\n" + text.replace("petra@helix.example", "Petra@Helix.example"), "utf-8")
    assert Policy.load(path).hash == policy.hash
    path.write_text(text.replace("points = 12", "points = 13"), "utf-8")
    assert Policy.load(path).hash != policy.hash


@pytest.mark.parametrize(
    "promise, role, hot, minutes",
    [
        ("answer", "rep", True, 15),
        ("answer", "sdr", True, 15),
        ("answer", "sdr", False, 120),
        ("answer", "rep", False, 480),
        ("first_contact", "sdr", True, 240),
        ("first_contact", "manager", False, 960),
    ],
)
def test_the_first_target_that_fits_is_promised(
    policy: Policy, promise: str, role: str, hot: bool, minutes: int
) -> None:
    assert policy.target(promise, role, hot) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "source, campaign, owner",
    [
        ("website", "cellscan-launch", "marc@helix.example"),
        ("webinar", None, "marc@helix.example"),
        ("webinar", "unheard-of", "marc@helix.example"),
        ("unheard-of", None, "ana@helix.example"),
    ],
)
def test_somebody_in_marketing_answers_for_every_lead(
    policy: Policy, source: str, campaign: str | None, owner: str
) -> None:
    assert policy.marketing_owner(source, campaign) == owner


def test_codes_without_a_name_are_shown_as_they_are(policy: Policy) -> None:
    assert (policy.source_name("event"), policy.source_name("fax")) == ("Trade fairs", "fax")
    assert (policy.campaign_name("medica-2026"), policy.campaign_name("old")) == ("MEDICA 2026", "old")
    assert policy.campaign_name(None) is None


def test_days_off_are_public_holidays_and_the_companys_own(policy: Policy) -> None:
    days = policy.calendars["field"].days_off(2026)
    assert {date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1), date(2025, 10, 3)} <= days
    assert date(2026, 12, 24) not in policy.calendars["inside"].days_off(2026)
    assert date(2026, 12, 23) not in days


def test_hours_may_end_at_midnight(policy: Policy) -> None:
    document = deepcopy(policy.model_dump(by_alias=True))
    document["calendars"]["field"] = {"sun": ["14:00-24:00"]}
    assert Policy.model_validate(document).calendars["field"].by_weekday[6] == ((time(14), time(0)),)
