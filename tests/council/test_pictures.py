"""The digest's pictures as values: no share of few, nothing said of a time nobody knows, a finding in words."""

from bot.council import gather, pictures
from bot.council.drawing import png
from bot.council.facts import Count, Facts, Kept, Share
from bot.council.pictures import Bars, Lines
from bot.council.rules import Week
from bot.journal.service import rules_in_force
from tests.council.kit import COUNCIL
from tests.world import World


def with_promises(here: World, sales: list[tuple[int, int]], marketing: list[tuple[int, int]]) -> Facts:
    """A week in which so many of so many were kept in time, by week."""
    now = here.clock.now()
    with here.services.reading() as session:
        facts = gather.facts_of(session, Week.parse("2026-W47"), rules_in_force(session), now)
    teams = []
    for team, weeks in (("sales", sales), ("marketing", marketing)):
        hits, of = (Count(weeks=tuple(one[number] for one in weeks)) for number in (0, 1))
        teams.append(Kept(team=team, kind=None, kept=Share(hits=hits, of=of), open=0))
    return facts.model_copy(update={"promises": facts.promises.model_copy(update={"teams": tuple(teams)})})


def test_of_few_promises_no_share_is_drawn_and_the_newest_week_is_told_as_it_was(here: World) -> None:
    facts = with_promises(here, [(18, 20)] * 8, [(9, 10)] * 6 + [(0, 4), (0, 0)])
    (shown,) = pictures.of(facts, COUNCIL)
    lines = shown.plot
    assert isinstance(lines, Lines)
    assert lines.marketing == (90.0,) * 6 + (None, None)  # four are too few, and nothing is no share at all
    assert lines.ends == ("90 %", "none due")
    assert lines.marketing_due == (10,) * 6 + (4, 0)
    assert shown.title == "In time: sales 18 of 20, marketing none due"
    assert shown.alt.startswith(f"{shown.title}. ") and "0 of 4, none due" in shown.alt and "%" not in shown.alt
    assert png(shown).startswith(b"\x89PNG")


def test_where_no_week_has_enough_there_is_no_picture_of_shares(here: World) -> None:
    assert pictures.of(with_promises(here, [(1, 2)] * 8, [(0, 4)] * 8), COUNCIL) == ()


def test_what_is_usual_is_marked_only_where_it_is_known(here: World) -> None:
    facts = with_promises(here, [(0, 0)] * 8, [(0, 0)] * 8)
    came = {**facts.flow.entered, "came": Count(weeks=(0, 0, 0, 4, 4, 4, 4, 9))}
    for compares, usual in ((True, 4.0), (False, None)):
        told = facts.model_copy(update={"compares": compares, "flow": facts.flow.model_copy(update={"entered": came})})
        (shown,) = pictures.of(told, COUNCIL)
        assert isinstance(shown.plot, Bars)
        assert (shown.plot.usual[0] if shown.plot.usual else None) == usual
        assert ("usually 4" in shown.alt) == compares
        assert png(shown).startswith(b"\x89PNG")
