"""The digest as one HTML file that needs nothing else: for an e-mail, a printer, or whoever has no Slack."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from html import escape

from bot.council import texts
from bot.council.blocks import LINK
from bot.council.details import Detail
from bot.council.pictures import Shown
from bot.council.views import DigestView

ANCHOR = r'<a href="\1">\2</a>'
STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --soft: #5b6774; --line: #d5dce3; --paper: #fff; --accent: #0072b2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8edf2; --soft: #a9b4bf; --line: #3a4550; --paper: #14191f; --accent: #56b4e9; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 44rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.1rem; color: var(--soft); margin: 0; font-weight: 600; }
.headline { font-size: 1.5rem; line-height: 1.25; font-weight: 700; margin: .25rem 0 1.5rem; }
h2 { font-size: 1rem; margin: 1.75rem 0 .4rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line); }
ul, ol { margin: .3rem 0; padding-left: 1.3rem; }
blockquote { margin: .5rem 0; padding-left: .9rem; border-left: 3px solid var(--accent); }
blockquote footer { color: var(--soft); font-size: .9rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: right; padding: .35rem .25rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; font-weight: 600; }
figure { margin: 1rem 0; } img { max-width: 100%; height: auto; border-radius: 6px; }
figcaption, .corrected { color: var(--soft); font-size: .9rem; }
"""


def html(
    view: DigestView, parts: Sequence[Detail], pictures: Sequence[Shown], draw: Callable[[Shown], bytes], company: str
) -> str:
    """The whole page. What the views hold is escaped already; only what is put beside it is escaped here."""
    body = "\n".join([*_page(view), *_pictures(pictures, draw), *_details(parts)])
    title = f"{escape(company)}, {view.title}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _page(view: DigestView) -> Iterator[str]:
    yield f'<h1>{view.title}</h1>\n<p class="headline">{view.headline}</p>'
    for line in view.corrections:
        yield f'<p class="corrected">{line}</p>'
    if view.quotes:
        yield _heading(texts.SAID)
        for quote in view.quotes:
            yield f"<blockquote>“{quote.said}”<footer>{quote.who}</footer></blockquote>"
    if view.goals:
        yield _heading(texts.GOAL if len(view.goals) == 1 else texts.GOALS)
        yield _list("ul", [goal.replace("\n", "<br>") for goal in view.goals])
    yield _heading(texts.CHANGED)
    yield _list("ol", view.changed) if view.changed else f"<p>{view.unchanged}</p>"
    if view.decide:
        yield _heading(texts.DECIDE) + _list("ol", view.decide)
    if view.table:
        yield _table(view.table)
    told = [(texts.RUNNING, view.running), (texts.DECIDED, view.decided), *((texts.WON, win) for win in view.wins)]
    yield _list(
        "ul",
        [f"<strong>{name}:</strong> {line}" for name, line in told if line]
        + [line.replace("*", "") for line in view.due],
    )


def _heading(marked: str) -> str:
    return f"<h2>{marked.strip('*')}</h2>"


def _list(tag: str, lines: Sequence[str]) -> str:
    items = "".join(f"<li>{LINK.sub(ANCHOR, line)}</li>" for line in lines)
    return f"<{tag}>{items}</{tag}>" if items else ""


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in ("", "Sales", "Marketing"))
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _pictures(pictures: Sequence[Shown], draw: Callable[[Shown], bytes]) -> Iterator[str]:
    for shown in pictures:
        held = b64encode(draw(shown)).decode()
        alt = escape(shown.alt, quote=True)
        yield (
            f'<figure><img src="data:image/png;base64,{held}" alt="{alt}">'
            f"<figcaption>{escape(shown.alt)}</figcaption></figure>"
        )


def _details(parts: Sequence[Detail]) -> Iterator[str]:
    for part in parts:
        yield f"<h2>{part.heading}</h2>" + _list("ul", part.lines)
