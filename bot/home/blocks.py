"""The home tab in Block Kit."""

from collections.abc import Sequence
from datetime import datetime

from bot.council import blocks as council_blocks
from bot.council import dashboard_texts, lists
from bot.council import texts as council_texts
from bot.council.dashboards import Board
from bot.feedback.blocks import ways_to_report
from bot.home import texts
from bot.home.rules import Part
from bot.home.views import Dashboard, GoodView, HomeView, MineView, Page, TeamView
from bot.leads.blocks import mine_line, mine_rows
from bot.leads.overviews import MemberView
from bot.leads.views import Reader
from bot.outbox.kit import actions, button, context, divider, header, section
from bot.outbox.limits import most
from bot.outbox.templates import Json
from bot.wording import day_and_time
from config.settings import Commands

BACK, NEXT = "home_back", "home_next"
FEW_DECISIONS = 5


def home(view: HomeView, now: datetime, commands: Commands) -> list[Json]:
    """Every part that is for this person, one under the other; a sentence where none is."""
    parts, told = [], view.dashboard
    if view.owed:
        more = [context(texts.more_owed(commands.sla))] if view.owed.more else []
        parts.append([header(texts.OWED), *(block for row in view.owed.rows for block in row), *more])
    if view.mine:
        parts.append([*_mine(view.mine, view.reader, now), *([section(told.week)] if told.week else [])])
    elif told.week:
        parts.append([section(told.week)])
    if view.good:
        parts.append(_good(view.good, view.reader, now))
    parts += _of_others(told)
    if view.team:
        parts.append(_team(view.team, view.reader, now))
    if told.council:
        parts.append(_council(told.council))
    blocks = [block for number, part in enumerate(parts) for block in ([divider()] if number else []) + part]
    if view.quiet_until:
        blocks.insert(0, section(texts.quiet(day_and_time(view.quiet_until, view.reader.zone, now))))
    if view.reports:
        blocks.append(ways_to_report())
    as_of = context(texts.as_of(day_and_time(now, view.reader.zone, now)))
    return [*(_fitting(blocks, commands) or [section(texts.nothing_for_you(commands.tandem))]), as_of]


def _fitting(blocks: list[Json], commands: Commands) -> list[Json]:
    """What Slack takes of a home tab: of the last parts as much as there is room for, and where the rest is."""
    room = most("surface", "home.blocks") - 2
    if len(blocks) < room:
        return blocks
    return [*blocks[: room - 1], section(texts.more_elsewhere(commands.tandem))]


def board(view: Dashboard) -> list[Json]:
    """The week that runs, as a message."""
    parts = [[section(view.week)]] if view.week else []
    parts += [*_of_others(view), *([_council(view.council)] if view.council else [])]
    return [block for number, part in enumerate(parts) for block in ([divider()] if number else []) + part]


def _of_others(view: Dashboard) -> list[list[Json]]:
    """What resonates of one's marketing, and how one's people keep their promises."""
    told = ((dashboard_texts.RESONATES, view.resonates), (dashboard_texts.TEAM_PROMISES, view.promises))
    return [[header(title), section("\n".join(lines))] for title, lines in told if lines]


def _council(view: Board) -> list[Json]:
    """Goals, the scorecard of the week that runs, what is decided and open, the picture."""
    told: list[Json] = [header(f"{dashboard_texts.COUNCIL}: {view.title}")]
    if view.goals:
        told.append(section("\n".join([council_texts.GOALS, *view.goals])))
    told.append(council_blocks.table(council_blocks.COLUMNS, view.table))
    told.append(section(dashboard_texts.DECISIONS if view.decisions else dashboard_texts.NONE_DECIDED))
    told += lists.decision_rows(view.decisions, FEW_DECISIONS)
    if view.picture:
        told.append(council_blocks.picture(*view.picture))
    return told


def _mine(view: MineView, reader: Reader, now: datetime) -> list[Json]:
    rows = mine_rows(list(view.leads), reader, now) or [section(texts.NO_LEADS)]
    return [header(texts.MINE), *rows, *_pages(Part.MINE, view.page), divider(), *_done(view, reader, now)]


def _done(view: MineView, reader: Reader, now: datetime) -> list[Json]:
    done = view.done
    if not done.latest:
        return [section(texts.NOTHING_DONE)]
    lines = [
        texts.done(day_and_time(one.at, reader.zone, now), one.title, one.reason, accepted=one.accepted)
        for one in done.latest
    ]
    rest = done.accepted + done.sent_back - len(lines)
    lines += [texts.and_more(rest)] if rest else []
    return [section(texts.done_this_week(done.accepted, done.sent_back)), context("\n".join(lines))]


def _good(view: GoodView, reader: Reader, now: datetime) -> list[Json]:
    told, title = view.told, header(texts.GOOD_OF_TEAM if view.of_team else texts.GOOD)
    if not (told.accepted or told.came_back or told.waiting):
        return [title, section(texts.NOTHING_CAME)]
    good = [
        section(texts.good(one.title, one.campaign, one.by, day_and_time(one.at, reader.zone, now), one.reasons))
        for one in told.good
    ]
    return [
        title,
        section(texts.in_a_fortnight(told.accepted, told.came_back, told.waiting)),
        *([section(texts.made_good(told.made_good))] if told.made_good else []),
        *(good or [section(texts.NONE_GOOD)]),
        *_pages(Part.GOOD, view.page),
        divider(),
        *_back(view),
    ]


def _back(view: GoodView) -> list[Json]:
    if not view.told.back:
        return [section(texts.NONE_BACK)]
    reasons = []
    for one in view.told.back:
        words = [texts.in_their_words(who, sentence) for who, sentence in one.said]
        reasons.append(section("\n".join([texts.back(one.reason, one.count, one.titles), *words])))
    return [section(texts.CAME_BACK), *reasons]


def _team(view: TeamView, reader: Reader, now: datetime) -> list[Json]:
    if not view.members:
        return [header(texts.TEAM), section(texts.NO_TEAM)]
    members = [section(_member(one, reader, now)) for one in view.members]
    total = section(texts.team_total(view.total, view.late))
    return [header(texts.TEAM), total, *members, *_pages(Part.TEAM, view.page)]


def _member(one: MemberView, reader: Reader, now: datetime) -> str:
    lines = [texts.member(one.name, one.open, one.late, one.qualified)]
    lines += [mine_line(lead, reader, now) for lead in one.first]
    rest = one.open - one.qualified - len(one.first)
    return "\n".join([*lines, texts.and_more(rest)] if rest else lines)


def _pages(part: Part, page: Page) -> Sequence[Json]:
    """Which of them these are, and a way to the others; nothing where all are shown."""
    if page.total <= page.size:
        return []
    first, last = page.number * page.size + 1, min((page.number + 1) * page.size, page.total)
    taps = []
    if page.number:
        taps.append(button(texts.BACK, BACK, f"{part}:{page.number - 1}"))
    if last < page.total:
        taps.append(button(texts.NEXT, NEXT, f"{part}:{page.number + 1}"))
    return [context(texts.shown(first, last, page.total)), actions(taps, block_id=f"pages-{part}")]
