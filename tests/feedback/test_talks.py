"""A question back: by forms, or in the thread of its message; each side sees its own, and both reach the other."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.feedback.tables import FieldStep
from bot.outbox.tables import Message
from handlers.talk import answer
from jobs.field import forget_what_was_held
from tests.feedback.kit import duties, says, settle, whisper
from tests.sla.kit import ANA, DANA, JONAS, newest, rang
from tests.world import World, words

Json = dict[str, Any]
QUESTION = "Which one, by day or by night?"


def asked_back(here: World, said: str = "They want a quieter analyser", question: str = QUESTION) -> None:
    """Jonas reported something, and Ana asks back."""
    says(here, JONAS, said)
    settle(here)
    ask(here, question)
    here.pass_time("2026-11-23T08:30:00+00:00", 1)


def ask(here: World, question: str) -> None:
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_open")
    here.slack.tap_in_view(ANA, "field_step_asked_back")
    here.slack.submit(ANA, field_step_text=question)


def root(here: World, user: str, holds: str) -> str:
    """Where a message stands that holds these words."""
    return str(next(m["ts"] for m in reversed(here.cards(user)) if holds in words(m)))


def write(here: World, user: str, text: str, thread_ts: str) -> None:
    here.slack.say(user, text, thread_ts=thread_ts)
    here.deliver()


def thread(here: World, user: str, thread_ts: str) -> list[str]:
    """What Tandem said in a thread."""
    return [words(m) for m in here.cards(user) if m.get("thread_ts") == thread_ts]


def sentences(here: World) -> list[tuple[str, str | None]]:
    with here.services.reading() as session:
        return [(one.step, one.sentence) for one in session.scalars(select(FieldStep).order_by(FieldStep.id))]


def test_a_question_back_and_its_answer_go_through_the_bot(here: World) -> None:
    asked_back(here)
    assert "*Ana asks:*\n> Which one, by day or by night?" in newest(here, JONAS)
    here.tap(JONAS, "field_reply")
    here.slack.submit(JONAS, field_reply_text="The small one, at night.")
    here.pass_time("2026-11-23T08:45:00+00:00", 1)
    assert "*Jonas answers you:*\n> The small one, at night." in newest(here, ANA)
    assert "✓ You answered:\n> The small one, at night." in newest(here, JONAS)


def test_each_side_writes_in_its_own_thread(anywhere: World) -> None:
    here = anywhere
    asked_back(here)
    his = root(here, JONAS, "*Ana asks:*")
    write(here, JONAS, "The small one, <at night> & by day", his)
    assert thread(here, JONAS, his) == ["✓ Goes to Ana."]
    here.pass_time("2026-11-23T08:50:00+00:00", 1)
    hers = root(here, ANA, "*Jonas answers you:*")
    assert "> The small one, &lt;at night&gt; &amp; by day" in newest(here, ANA)
    write(here, ANA, "How loud is it now?", hers)
    assert thread(here, ANA, hers) == ["✓ Goes to Jonas."]
    assert thread(here, JONAS, his)[1:] == ["*Ana asks:*\n> How loud is it now?"]
    write(here, JONAS, "58 dB", his)
    assert thread(here, ANA, hers)[1:] == ["*Jonas answers you:*\n> 58 dB"]
    assert sentences(here) == [
        ("asked_back", QUESTION),
        ("replied", "The small one, <at night> & by day"),
        ("asked_back", "How loud is it now?"),
        ("replied", "58 dB"),
    ]
    assert "✓ You answered:\n> 58 dB" in words(next(m for m in here.cards(JONAS) if m["ts"] == his))


def test_a_message_delivered_twice_goes_on_once(here: World) -> None:
    asked_back(here)
    write(here, JONAS, "At night", root(here, JONAS, "*Ana asks:*"))
    here.slack.again()
    here.deliver()
    assert sentences(here) == [("asked_back", QUESTION), ("replied", "At night")]


@pytest.mark.parametrize("subtype", ["thread_broadcast", "file_share"])
def test_an_answer_shown_outside_of_the_thread_or_with_a_file_goes_on_too(here: World, subtype: str) -> None:
    asked_back(here)
    event = {"type": "message", "subtype": subtype, "channel_type": "im", "user": JONAS, "text": "At night"}
    told = {"thread_ts": root(here, JONAS, "*Ana asks:*"), "ts": "1.2"}
    answer(here.services, {"team_id": "T0SANDBOX", "event_id": "Ev1", "event": {**event, **told}})
    assert sentences(here) == [("asked_back", QUESTION), ("replied", "At night")]


def test_what_is_written_in_the_evening_comes_in_the_morning(here: World) -> None:
    asked_back(here)
    write(here, JONAS, "At night", root(here, JONAS, "*Ana asks:*"))
    here.pass_time("2026-11-23T08:50:00+00:00", 1)
    here.pass_time("2026-11-23T19:00:00+00:00", 60)
    hers, before = root(here, ANA, "*Jonas answers you:*"), len(rang(here, JONAS))
    write(here, ANA, "And by day?", hers)
    here.pass_time("2026-11-24T06:00:00+00:00", 60)
    assert len(rang(here, JONAS)) == before
    here.pass_time("2026-11-24T09:00:00+00:00", 20)
    assert "*Ana asks:*\n> And by day?" in [words(m) for m in here.cards(JONAS)]


def test_who_answers_by_the_button_gets_the_next_question_as_a_message(here: World) -> None:
    asked_back(here)
    here.tap(JONAS, "field_reply")
    here.slack.submit(JONAS, field_reply_text="At night")
    ask(here, "In which room?")
    here.pass_time("2026-11-23T08:50:00+00:00", 1)
    asked = next(m for m in here.cards(JONAS) if "> In which room?" in words(m))
    assert not asked.get("thread_ts")


def test_what_may_be_for_quality_does_not_go_on_from_a_thread(here: World) -> None:
    """It opens in the form with what was written, which passes the same check as every other."""
    asked_back(here)
    his = root(here, JONAS, "*Ana asks:*")
    write(here, JONAS, "The patient was burned by the electrode and stayed another night", his)
    (told,) = thread(here, JONAS, his)
    assert told.startswith("This did not go on yet. I stopped at “")
    assert sentences(here) == [("asked_back", QUESTION)]
    here.tap(JONAS, "field_look_at_it")
    form = here.slack.sees(JONAS)["modal"]
    box = next(b["element"] for b in form["blocks"] if b["type"] == "input")
    assert box["initial_value"] == "The patient was burned by the electrode and stayed another night"
    here.slack.submit(JONAS)
    here.slack.submit(JONAS, duty_is="none")
    here.slack.submit(JONAS)
    here.pass_time("2026-11-23T08:50:00+00:00", 1)
    assert duties(here) == [] and sentences(here)[1][0] == "replied"
    assert held(here) == []  # it went on, and is not sent from there once more
    here.tap(JONAS, "field_look_at_it")
    assert "is kept no longer here" in here.whispers(JONAS)[-1] + str(here.slack.sees(JONAS)["modal"])
    write(here, ANA, "Which electrode?", root(here, ANA, "*Jonas answers you:*"))
    assert thread(here, JONAS, his)[1:] == ["*Ana asks:*\n> Which electrode?"]  # it was said in this thread


def test_what_was_held_back_is_kept_for_a_day_and_not_once_it_went_to_quality(here: World) -> None:
    asked_back(here)
    his = root(here, JONAS, "*Ana asks:*")
    burned, fell = "The patient was burned by the electrode", "A nurse was injured by the lamp"
    write(here, JONAS, burned, his)
    write(here, JONAS, fell, his)
    here.tap(JONAS, "field_look_at_it", which=0)
    here.slack.submit(JONAS)
    here.slack.submit(JONAS)  # it is one: passed on
    assert [one.said for one in duties(here)] == [burned]
    assert held(here) == []
    here.slack.close_modal(JONAS)
    write(here, JONAS, fell, his)
    assert held(here) == [fell] and forget_what_was_held(here.services) == 0
    here.clock.advance(hours=25)
    assert forget_what_was_held(here.services) == 1 and held(here) == []
    here.tap(JONAS, "field_look_at_it")
    assert "is kept no longer here" in here.whispers(JONAS)[-1] + str(here.slack.sees(JONAS)["modal"])


def held(here: World) -> list[str]:
    with here.services.reading() as session:
        facts = session.scalars(select(Message.facts).where(Message.template == "field_talk_stopped"))
        return [one["text"] for one in facts if "text" in one]


def test_what_identifies_a_patient_does_not_go_on_from_a_thread(here: World) -> None:
    asked_back(here)
    write(here, JONAS, "At night", root(here, JONAS, "*Ana asks:*"))
    here.pass_time("2026-11-23T08:50:00+00:00", 1)
    hers = root(here, ANA, "*Jonas answers you:*")
    write(here, ANA, "Is that case number 20341?", hers)
    assert "looks as if it identified a patient" in thread(here, ANA, hers)[0]
    here.tap(ANA, "field_look_at_it")
    here.slack.submit(ANA)  # it is pointed out beside the field once more
    here.slack.submit(ANA)
    assert sentences(here)[2] == ("asked_back", "Is that case number 20341?")


def test_nobody_else_opens_what_was_held_back(here: World) -> None:
    asked_back(here)
    write(here, JONAS, "The patient was burned by the electrode", root(here, JONAS, "*Ana asks:*"))
    stopped = next(m for m in reversed(here.cards(JONAS)) if "did not go on" in words(m))
    key = next(e["value"] for b in stopped["blocks"] for e in b.get("elements", []) if "value" in e)
    says(here, DANA, "They miss plastics in the brochure")
    settle(here)
    here.slack.command(DANA, "/field-feedback", "mine")
    shown = next(m for m in reversed(here.messages(DANA)) if m["ephemeral"])
    for block in shown["blocks"]:
        for element in [*block.get("elements", []), block.get("accessory", {})]:
            if element.get("action_id") == "field_open":
                element["action_id"], element["value"] = "field_look_at_it", key
    found = next(m for m in here.sandbox.workspace.visible_to(DANA, f"D{DANA[1:]}") if m.ts == shown["ts"])
    found.blocks = shown["blocks"]
    here.slack.tap(DANA, f"D{DANA[1:]}", shown["ts"], "field_look_at_it")
    assert "burned" not in str(here.slack.sees(DANA).get("modal")) + whisper(here, DANA)


def test_a_text_too_long_or_for_a_closed_report_is_refused_with_a_sentence(here: World) -> None:
    asked_back(here)
    his = root(here, JONAS, "*Ana asks:*")
    write(here, JONAS, "at night " * 300, his)
    assert thread(here, JONAS, his) == [
        "This did not go on: it is longer than 1,500 characters. Please send less of it."
    ]
    write(here, JONAS, "At night", his)
    here.pass_time("2026-11-23T08:50:00+00:00", 1)
    hers = root(here, ANA, "*Jonas answers you:*")
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_step_answered")
    here.slack.submit(ANA, field_step_text="The quiet one comes in March.")
    write(here, ANA, "And which floor?", hers)
    assert thread(here, ANA, hers) == ["Ana answered, Mon 09:50."]
    assert "write here in the thread" not in words(next(m for m in here.cards(ANA) if m["ts"] == hers))
    assert [step for step, _ in sentences(here)] == ["asked_back", "replied", "answered"]


def test_a_thread_of_something_else_says_how_to_ask(here: World) -> None:
    here.slack.say(ANA, "Hello")
    here.deliver()
    said = root(here, ANA, "/lead")
    write(here, ANA, "Thanks", said)
    assert "/lead" in thread(here, ANA, said)[0] and sentences(here) == []
