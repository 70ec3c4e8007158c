"""Every stage, hand-over, question and undo, while calls fail and workers are killed: every history is consistent.

People act through Tandem's own use cases as fast as they can, in this process; workers are real processes that are
killed at random, and Slack fails in every scripted way.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.journal.service import OPERATOR, Actor, ActorKind
from bot.leads import answers, handover, progress, questions, steps
from bot.leads import service as leads_service
from bot.leads.answers import Rejection
from bot.leads.errors import LeadsError
from bot.leads.intake import LeadIn
from bot.leads.progress import Deal, Loss
from bot.leads.rules import WORKED_STAGES, Answer, NotPossible, Stage, Step, Who, stage_after
from bot.leads.tables import Lead, LeadQuestion, LeadStep, Offer
from bot.outbox import service as outbox
from bot.outbox.tables import Message
from bot.people import service as people
from bot.services import Services
from bot.sla.tables import Obligation
from config.policy import Marketing, Policy
from sandbox.client import SandboxClient
from tests import olist
from tests.conftest import TurnedClock
from tests.proofs.test_faults import TEN_PERCENT, bring_in, delivery_of, kill_at_random, stage
from tests.proofs.test_faults import Stage as Setting
from tests.world import world

Act = Callable[[Session, int], object]
AFTER_A_REJECTION = {Stage.REJECTED, Stage.RECYCLED, Stage.DISQUALIFIED, Stage.MQL, Stage.SAL, Stage.SQL}


def play(
    services: Services, dice: random.Random, deeds: int, stop: threading.Event, pause: float = 0.002
) -> Counter[str]:
    """Random deeds of random people on random leads; what is not possible is refused, and changes nothing."""
    done: Counter[str] = Counter()
    with services.reading() as session:
        ids = [person.id for person in people.everybody(session)]
    for _ in range(deeds):
        if stop.wait(pause):
            break
        name = dice.choice(list(DEEDS))
        with suppress(LeadsError, OperationalError):
            _deed(services, dice, name, ids)
            done[name] += 1
    return done


def _deed(services: Services, dice: random.Random, name: str, ids: list[int]) -> None:
    with services.under_rules() as (session, rules):
        now = services.now()
        offers = session.execute(select(Offer.id, Offer.person_id).where(Offer.answer != Answer.WITHDRAWN)).all()
        offer_id, person_id = dice.choice(offers)
        by = people.by_id(session, person_id)
        actor = Actor(ActorKind.PERSON, by.id)
        DEEDS[name](session, offer_id, by, rules, actor, now, dice, ids)


def _answer_question(session, _offer_id, _by, _rules, _actor, now, dice, _ids) -> None:  # type: ignore[no-untyped-def]
    waiting = session.scalars(select(LeadQuestion).where(LeadQuestion.answer.is_(None))).all()
    if waiting:
        asked = dice.choice(waiting)
        by = people.by_id(session, asked.asked_of_id)
        questions.answer(session, asked.id, "Yes", by, Actor(ActorKind.PERSON, by.id), now)


DEEDS: dict[str, Callable[..., object]] = {
    "accept": lambda s, o, by, r, a, now, *_: answers.accept(s, o, by, r, a, now),
    "reject": lambda s, o, by, r, a, now, *_: answers.reject(s, o, Rejection("not_mine"), by, r, a, now),
    "not_a_fit": lambda s, o, by, r, a, now, *_: answers.reject(
        s, o, Rejection("no_budget", step=Step.NOT_A_FIT), by, r, a, now
    ),
    "reached": lambda s, o, by, r, a, now, *_: progress.reached(s, o, by, r, a, now),
    "no_answer": lambda s, o, by, r, a, now, *_: progress.no_answer(s, o, now + timedelta(minutes=5), by, r, a, now),
    "qualify": lambda s, o, by, r, a, now, *_: progress.qualify(s, o, by, r, a, now),
    "win": lambda s, o, by, r, a, now, *_: progress.win(s, o, Deal(100, "EUR"), by, r, a, now),
    "lose": lambda s, o, by, r, a, now, *_: progress.lose(s, o, Loss("price"), by, r, a, now),
    "hand_over": lambda s, o, by, r, a, now, dice, ids: handover.hand_over(
        s, o, dice.choice(ids), "Yes", by, r, a, now
    ),
    "give_back": lambda s, o, by, r, a, now, *_: handover.give_back(s, o, "Not mine", by, r, a, now),
    "ask": lambda s, o, by, r, a, now, *_: questions.ask(s, o, "Which?", by, r, a, now),
    "answer": _answer_question,
    "undo": lambda s, o, by, r, a, now, *_: steps.undo(s, o, by, r, a, now),
}


def check_histories(session: Session) -> None:
    """Every lead's steps lead from one to the next by the one table, to the stage it has; nothing is owed twice."""
    for lead in session.scalars(select(Lead)):
        live = select(LeadStep).where(LeadStep.lead_id == lead.id, LeadStep.undone_at.is_(None)).order_by(LeadStep.id)
        told = session.scalars(live).all()
        along = {step.along_id for step in told}
        told = [step for step in told if step.id not in along]
        stage_now = {Stage.MQL}
        for step in told:
            assert step.before["lead"]["stage"] in stage_now, (lead.id, step.step, stage_now)
            stage_now = _leads_to(step)
        assert lead.stage in stage_now, (lead.id, lead.stage, stage_now)
        offers = {made.round: made for made in session.scalars(select(Offer).where(Offer.lead_id == lead.id))}
        made = offers[lead.round]
        open_ = lead.stage in WORKED_STAGES
        assert (lead.owner_id == made.person_id) == (open_ or lead.stage in (Stage.WON, Stage.LOST)), lead.id
        assert [m for m in offers.values() if m.answer == Answer.PENDING and m.round != lead.round] == []
        owed = session.scalars(
            select(Obligation).where(Obligation.subject_id == lead.id, Obligation.outcome.is_(None))
        ).all()
        wanted = {"answer"} if made.answer == Answer.PENDING else set()
        besides = {"first_contact", "review", "data"}
        assert {p.kind for p in owed} - besides == wanted, (lead.id, made.answer, [p.kind for p in owed])
        assert all(p.round == lead.round for p in owed), lead.id


def _leads_to(step: LeadStep) -> set[Stage]:
    if step.step in (Step.REJECTED, Step.NOT_A_FIT):
        return AFTER_A_REJECTION
    before = step.before["lead"]["stage"]
    try:
        return {stage_after(Step(step.step), before, Who.HOLDER)}
    except NotPossible:  # it accepted, too
        return {stage_after(Step(step.step), stage_after(Step.ACCEPTED, before, Who.HOLDER), Who.HOLDER)}


def prove(url: str, folder: Path, leads: int, deeds: int, kills: int, workers: int, seconds: float) -> None:
    dice = random.Random(leads)
    with stage(url, folder) as on:
        bring_in(on.services, leads)
        on.slack.faults(*TEN_PERCENT, seed=leads)
        done: list[Counter[str]] = []
        stop = threading.Event()
        acting = threading.Thread(target=lambda: done.append(play(on.services, dice, deeds, stop)))
        acting.start()
        try:
            killed = kill_at_random(on, workers, kills, random.Random(1), seconds, also=acting.is_alive)
        finally:
            stop.set()
            acting.join()
        check(on, done[0], killed, kills)


def check(on: Setting, done: Counter[str], killed: int, kills: int) -> None:
    lost, doubled, _, counts = account(on.services, on.slack)  # the clock ran on since the workers came to rest
    struck = sum(script.happened for script in on.sandbox.faults.scripts)
    print(f"\n{done.total()} deeds {dict(done)}, {killed} kills, {struck} faults; {counts}")
    print(f"{lost} lost, {doubled} doubled")
    assert killed == kills
    assert (lost, doubled) == (0, 0)
    assert set(done) == set(DEEDS), "every kind of deed was done"


def account(services: Services, slack: SandboxClient) -> tuple[int, int, int, dict[str, int]]:
    """How many messages are missing in Slack, stand there twice, or are not up to date; and the states of all."""
    stands = Counter(delivery_of(m) for m in slack.messages())
    with services.reading() as session:
        check_histories(session)
        expected = outbox.expected_to_stand(session, services.now())
        sent = (Message.state == "sent", Message.kind == "card", Message.due_at <= services.now())
        behind = session.scalars(select(Message.id).where(*sent, Message.sent_revision < Message.revision)).all()
        return len(expected - set(stands)), stands.total() - len(stands), len(behind), outbox.counts(session)


@pytest.mark.parametrize(("database", "seed"), [("sqlite", 0), ("postgres", 2)])
def test_whatever_people_do_every_history_is_consistent(
    request: pytest.FixtureRequest, clock: TurnedClock, database: str, seed: int
) -> None:
    """The same without processes, on the virtual clock."""
    database_url = request.getfixturevalue(f"{database}_url")
    loaded = Policy.load(olist.POLICY)
    routing = loaded.routing.model_copy(update={"fallback": "petra@helix.example"})
    marketing = Marketing(fallback_owner="ana@helix.example")
    policy = loaded.model_copy(update={"routing": routing, "marketing": marketing})
    with world(database_url, clock, policy) as here:
        for n in range(6):
            incoming = LeadIn(external_id=f"lead-{n}")
            with here.services.under_rules() as (session, rules):
                leads_service.receive(session, incoming, "olist", rules, OPERATOR, clock.now())
        here.slack.faults({"fault": "500", "share": 0.05}, {"fault": "accept_and_drop", "share": 0.05}, seed=seed)
        dice = random.Random(seed)
        for _ in range(12):
            play(here.services, dice, 20, threading.Event(), pause=0)
            clock.advance(minutes=dice.choice((1, 3, 7)))
            here.deliver()
        here.slack.faults()
        clock.advance(minutes=30)
        here.deliver()
        lost, doubled, behind, _ = account(here.services, here.slack)
        assert (lost, doubled, behind) == (0, 0, 0)


@pytest.mark.proof
def test_every_stage_through_faults_and_kills_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    prove(sqlite_url, tmp_path, leads=400, deeds=6000, kills=50, workers=1, seconds=600)


@pytest.mark.proof
def test_every_stage_through_faults_and_kills_with_two_workers_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    prove(postgres_url, tmp_path, leads=400, deeds=6000, kills=50, workers=2, seconds=600)
