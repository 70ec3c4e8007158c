"""Draw pictures with matplotlib: direct labels, each team's own colour and mark, readable at a phone's width.

Blue and vermillion of Okabe and Ito's palette, which people with any colour vision tell apart; and a line of its own
kind and mark for each team, so that colour is never all there is. Imported only where something is drawn.
"""

from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from bot.council import picture_texts as told
from bot.council.pictures import Bars, Lines, Rows, Shown

SALES, MARKETING, INK, PALE, USUAL = "#0072B2", "#D55E00", "#222222", "#B8C4CE", "#222222"
INCHES, DOTS = 4.0, 200  # 800 dots wide: twice a phone's width
SMALL, NORMAL, LARGE = 9, 10.5, 11
MARKS: dict[str, dict[str, Any]] = {
    "Sales": {"color": SALES, "marker": "o", "linestyle": "-"},
    "Marketing": {"color": MARKETING, "marker": "s", "linestyle": (0, (4, 2))},
}


def png(shown: Shown) -> bytes:
    """The picture as PNG."""
    plot = shown.plot
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08)
    figure = Figure(figsize=(INCHES, _height(plot)), dpi=DOTS, layout=layout)
    FigureCanvasAgg(figure)
    figure.suptitle(shown.title, x=0.02, ha="left", fontsize=LARGE, fontweight="bold", color=INK, wrap=True)
    if isinstance(plot, Bars):
        _bars(figure.subplots(), plot)
    elif isinstance(plot, Lines):
        _lines(figure.subplots(), plot)
    else:
        _rows(figure, plot)
    held = BytesIO()
    figure.savefig(held, format="png", facecolor="white", metadata={"Software": None})
    return held.getvalue()


def _height(plot: Bars | Lines | Rows) -> float:
    if isinstance(plot, Bars):
        return 1.1 + 0.36 * len(plot.names)
    return 3.2 if isinstance(plot, Lines) else 0.9 + 0.72 * len(plot.names)


def _bare(axes: Axes) -> None:
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelsize=NORMAL, labelcolor=INK)


def _bars(axes: Axes, plot: Bars) -> None:
    _bare(axes)
    places = range(len(plot.names))
    axes.barh(places, plot.now, color=SALES, height=0.62)
    marks = plot.usual or (0.0,) * len(plot.now)
    most = max([1, *plot.now, *marks])
    for place, (now, usual) in enumerate(zip(plot.now, marks, strict=True)):
        if plot.usual:
            axes.plot([usual, usual], [place - 0.36, place + 0.36], color=USUAL, linewidth=2)
        axes.text(max(now, usual) + most * 0.02, place, str(now), va="center", fontsize=NORMAL, color=INK)
    axes.set_yticks(places, plot.names)
    axes.set_xticks([])
    axes.set_xlim(0, most * 1.12)
    axes.invert_yaxis()
    if plot.usual:
        axes.set_xlabel(told.USUAL, fontsize=SMALL, color=INK, loc="left")


def _lines(axes: Axes, plot: Lines) -> None:
    _bare(axes)
    places = list(range(len(plot.weeks)))
    ends: list[tuple[float, str, str]] = []
    teams = (("Sales", plot.sales, plot.ends[0]), ("Marketing", plot.marketing, plot.ends[1]))
    for name, shares, newest in teams:
        points = [(place, share) for place, share in zip(places, shares, strict=True) if share is not None]
        if points:
            axes.plot([p for p, _ in points], [s for _, s in points], linewidth=2.2, markersize=5.5, **MARKS[name])
            ends.append((points[-1][1], name, newest))
    for height, (_, name, newest) in zip(_apart([share for share, *_ in ends]), ends, strict=True):
        axes.text(
            places[-1] + 0.25, height, f"{name}\n{newest}", va="center", fontsize=NORMAL, color=MARKS[name]["color"]
        )
    axes.set_ylim(-4, 108)
    axes.set_yticks([0, 50, 100], ["0 %", "50 %", "100 %"])
    axes.grid(axis="y", color=PALE, linewidth=0.6)
    below = zip(plot.weeks, plot.sales_due, plot.marketing_due, strict=True)
    axes.set_xticks(places, [f"{week}\n{sales}\n{marketing}" for week, sales, marketing in below], fontsize=SMALL)
    axes.set_xlim(-0.3, places[-1] + 2.5)
    axes.set_xlabel(told.WEEK_AND_DUE, fontsize=SMALL, color=INK, loc="left")


def _apart(heights: list[float]) -> list[float]:
    """Labels that would touch are moved from each other."""
    if len(heights) < 2 or abs(heights[0] - heights[1]) >= 22:
        return heights
    middle = min(88.0, max(12.0, sum(heights) / 2))
    low, high = middle - 11, middle + 11
    return [high, low] if heights[0] >= heights[1] else [low, high]


def _rows(figure: Figure, plot: Rows) -> None:
    found = figure.subplots(len(plot.names), 1, squeeze=False)
    most = max(max(counts) for counts in plot.counts) or 1
    last = len(plot.names) - 1
    for number, (name, counts) in enumerate(zip(plot.names, plot.counts, strict=True)):
        axes = found[number][0]
        _bare(axes)
        colors = [PALE] * (len(counts) - 1) + [SALES]
        axes.bar(range(len(counts)), counts, color=colors, width=0.7)
        for place, count in enumerate(counts):
            if count:
                weight = "bold" if place == len(counts) - 1 else "normal"
                axes.text(
                    place, count, str(count), ha="center", va="bottom", fontsize=SMALL, color=INK, fontweight=weight
                )
        axes.set_ylim(0, most * 1.45)
        axes.set_title(name, fontsize=NORMAL, color=INK, loc="left", pad=1)
        axes.set_yticks([])
        axes.set_xticks(range(len(counts)), plot.weeks if number == last else [""] * len(counts), fontsize=SMALL)
    found[last][0].set_xlabel(told.WEEK_FILLED, fontsize=SMALL, color=INK, loc="left")
