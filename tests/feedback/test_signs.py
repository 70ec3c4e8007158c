"""The guardrail's words: whole ones, combinations, negation, harmless phrases; and how well the policy's lists do."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.feedback.signs import identifier_in, sign_in
from config.field import Guard, Sign, SignWords
from tests.sla.kit import POLICY

DATA = Path(__file__).parent / "data"
WORDS = SignWords(
    language="en",
    adverse_event=("injur*", "patient | pt + burn*"),
    complaint=("does not start",),
    not_before=("no", "nobody", "without"),
    harmless=("insult to injury",),
)
GUARD = Guard(words=(WORDS,))


@pytest.mark.parametrize(
    "text, found",
    [
        ("She was INJURED by it", Sign.ADVERSE_EVENT),
        ("nobody was injured", None),
        ("No, the nurse was injured", Sign.ADVERSE_EVENT),
        ("that adds insult to injury", None),
        ("the pt had a burn", Sign.ADVERSE_EVENT),
        ("burnout among staff, said the patient", Sign.ADVERSE_EVENT),
        ("the budget burns", None),
        ("it does not start", Sign.COMPLAINT),
        ("it does. Not start", None),
        ("reinjure", None),
        ("It does not start, and a pt got burned", Sign.ADVERSE_EVENT),
    ],
)
def test_words(text: str, found: Sign | None) -> None:
    told = sign_in(text, GUARD)
    assert (told.sign if told else None) == found


@settings(deadline=None)  # what was learned is read when the first text is looked at
@given(st.text(max_size=500))
def test_any_text_can_be_looked_at(text: str) -> None:
    told = sign_in(text, POLICY.guard)
    assert told is None or told.words
    identifier_in(text)


@pytest.mark.parametrize(
    "text, found",
    [
        ("born 12.03.1951", "12.03.1951"),
        ("DOB: 1951-03-12", "1951-03-12"),
        ("born 12 March 1951", "12 March 1951"),
        ("DOB March 12, 1951", "March 12, 1951"),
        ("born on the 12th of March 1951", "12th of March 1951"),
        ("geb. 12. März 1951", "12. März 1951"),
        ("Müller, *12.03.1951", "12.03.1951"),
        ("Mrs Meier, 12.03.1951, liked it", "12.03.1951"),
        ("Frau Meier (3.4.48)", "3.4.48"),
        ("patient #471123", "471123"),
        ("patient 471123", "471123"),
        ("Patientin 4711234", "4711234"),
        ("record number 123456", "123456"),
        ("hospital no. 1234567", "1234567"),
        ("Aktenzeichen 12345/24 of the tender", None),
        ("40000 patients a year", None),
        ("patient 3 liked it", None),
        ("Mr Kern will call on 12.03.2027", None),
        ("*we met on 12.03.2026*", None),
        ("born in 1951", None),
        ("Frau Anna Schmidt, 12.03.1948", "12.03.1948"),
        ("Mr John Smith (12/03/1948)", "12/03/1948"),
        ("Herr Dr. Müller 12.03.1948", "12.03.1948"),
        ("Geburtstag: 12.03.1948", "12.03.1948"),
        ("Geb.-Datum: 12.03.58", "12.03.58"),
        ("patient 10000 tests a year", None),
        ("record number 2000 visitors", None),
        ("*10-12-40 mm", None),
        ("geb. am 3.4.48", "3.4.48"),
        ("patient no. 123456", "123456"),
        ("MRN 00-123-456", "00-123-456"),
        ("Fallnummer 4711-22", "4711-22"),
        ("the tender ends 12.03.2027", None),
        ("call +49 30 5550 101", None),
        ("40 patients a day", None),
    ],
)
def test_what_identifies_a_patient(text: str, found: str | None) -> None:
    assert identifier_in(text) == found


def measured(name: str, held_out: str | None = None) -> tuple[float, float]:
    """Recall and precision of the guardrail on sentences, or on one part of them."""
    with (DATA / name).open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if held_out is None or row["held_out"] == held_out]
    stopped = [row["kind"] != "none" for row in rows if sign_in(row["text"], POLICY.guard)]
    return sum(stopped) / sum(row["kind"] != "none" for row in rows), sum(stopped) / len(stopped)


def test_what_was_learned_from_is_found() -> None:
    """Of the sentences that were learned from nearly all; docs/field.md says how far that is from those held out."""
    recall, precision = measured("guardrail_anew.csv", "no")
    assert recall >= 0.95 and precision >= 0.95


@pytest.mark.parametrize(
    "text",
    [
        "overdose of heparin", "Three needle injuries on ward 4", "Lung injury on ward 3", "pump not working there",
        "The tablet overheated in the ward",
    ],
)  # fmt: skip
def test_no_harmless_phrase_hides_harm(text: str) -> None:
    assert sign_in(text, POLICY.guard) is not None


def test_what_is_said_plainly_is_found() -> None:
    """Short notes in the words one would use first, "Patient gestorben", which were not learned from."""
    recall, precision = measured("guardrail_plain.csv")
    assert recall >= 0.95 and precision >= 0.9


@pytest.mark.parametrize(
    "text, sign",
    [
        ("the old lady got burns from the pad and had to stay another night on the ward", Sign.ADVERSE_EVENT),
        ("readings jump between 4 and 9 with the same sample since the new lot", Sign.COMPLAINT),
        ("they use our adult cuff on newborns and on dogs too, is that covered", Sign.OFF_LABEL),
    ],
)
def test_what_no_list_names_is_found_by_what_its_words_weigh(text: str, sign: Sign) -> None:
    found = sign_in(text, Guard(learned_from=POLICY.guard.learned_from))
    assert found is not None and found.sign == sign
    assert all(word in text for word in found.words.split(" … "))
    assert sign_in(text, Guard()) is None


@pytest.mark.parametrize(
    "text",
    [
        "They want night shifts trained",
        "Too expensive compared with the one they have",
        "Das Budget ist weg, im Frühjahr wieder fragen",
        "Nobody finds the price guide on the website",
        "Sysmex is cheaper on reagents and offers a year of service for free",
    ],
)
def test_an_everyday_note_is_not_stopped(text: str) -> None:
    assert sign_in(text, POLICY.guard) is None


def test_short_words_are_told_where_there_are_no_others() -> None:
    found = sign_in("pt hit on arm", Guard(learned_from=-1000))
    assert found is not None and "arm" in found.words


@pytest.mark.parametrize(
    "text",
    [
        "Something",
        "Please",
        "ok",
        "",
        "whenever",
        "on leave",
        "call back in March",
        "see https://x.example/patient/burns/recall",
    ],
)
def test_what_tells_little_is_not_stopped(text: str) -> None:
    assert sign_in(text, POLICY.guard) is None


def test_one_sentence_of_a_long_note_is_enough() -> None:
    long = "They want the price guide again. The head of the lab is back in March and will then look at the offer. " * 9
    assert sign_in(long, POLICY.guard) is None
    found = sign_in(f"{long}A patient got a rash from the electrodes. {long}", POLICY.guard)
    assert found is not None and found.sign == Sign.ADVERSE_EVENT


@pytest.mark.parametrize(
    "text",
    [
        "the patient got a rash from our electrodes",
        "the pateint got a rash from our elektrodes",  # as it is typed on a phone
        "Patientin bekam von unseren Elektroden Hautausschläge",
    ],
)
def test_what_is_inflected_or_mistyped_weighs_as_much(text: str) -> None:
    found = sign_in(text, Guard(learned_from=0))
    assert found is not None and found.sign == Sign.ADVERSE_EVENT


def test_what_a_company_calls_harmless_weighs_nothing() -> None:
    text = "the demo doll got burns from the lamp and had to be repaired"
    words = SignWords(language="en", harmless=("demo doll got burns from the lamp", "had to be repaired"))
    assert sign_in(text, Guard(learned_from=-20)) is not None
    assert sign_in(text, Guard(learned_from=-20, words=(words,))) is None


def test_how_they_do_on_what_was_held_out_stands_in_the_docs() -> None:
    recall, precision = measured("guardrail_fresh.csv", "yes")
    assert recall >= 0.95 and precision >= 0.80
    others = measured("guardrail_fresh.csv", "no")
    assert others[0] >= 0.95 and others[1] >= 0.80
    told = " ".join((Path(__file__).parents[2] / "docs" / "field.md").read_text("utf-8").split())
    assert f"recall {round(100 * recall)} %, precision {round(100 * precision)} %" in told
