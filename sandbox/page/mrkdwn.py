"""Slack's mrkdwn as HTML. Pure; everything that is not a mark of mrkdwn is escaped.

https://docs.slack.dev/messaging/formatting-message-text
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import emoji

from sandbox.page import dates

FENCED, CODE = re.compile(r"```\n?(.*?)```", re.DOTALL), re.compile(r"`([^`\n]+)`")
ANGLED = re.compile(r"<([^<>]+)>")
EMOJI = re.compile(r":[a-z0-9_+'-]+:")
BEFORE, AFTER = r"(?<![\w{0}])", r"(?![\w{0}])"
MARKS = tuple(
    (re.compile(BEFORE.format(mark) + rf"{mark}(?=\S)([^\n]+?)(?<=\S){mark}" + AFTER.format(mark)), tag)
    for mark, tag in ((r"\*", "b"), ("_", "i"), ("~", "s"))
)
LINKS = ("https://", "http://", "mailto:", "tel:")
BROADCASTS = {"!here": "@here", "!channel": "@channel", "!everyone": "@everyone"}
HELD = re.compile("\x02(\\d+)\x03")


@dataclass(frozen=True)
class Reading:
    """Who reads, and what they know: names of people and channels by id, their zone, the present Unix second."""

    zone: str
    now: float
    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    me: str = ""


def plain(text: str, *, emoji_names: bool = True) -> str:
    """A plain text as HTML; `:names:` of emoji become pictures unless the text object says otherwise."""
    told = html.escape(text)
    return (_emoji(told) if emoji_names else told).replace("\n", "<br>")


def plain_object(text: Mapping[str, Any]) -> str:
    return plain(str(text["text"]), emoji_names=bool(text.get("emoji", True)))


def emoji_alone(name: str) -> str:
    return _emoji(f":{html.escape(name)}:")


def to_html(text: str, reading: Reading) -> str:
    """A mrkdwn text as HTML. Slack's own entities (`&amp; &lt; &gt;`) are read as what they stand for."""
    kept: list[str] = []

    def keep(made: str) -> str:
        kept.append(made)
        return f"\x02{len(kept) - 1}\x03"

    text = text.replace("\x02", "").replace("\x03", "")
    text = FENCED.sub(lambda m: keep(f"<pre>{_escaped(m[1])}</pre>"), text)
    text = CODE.sub(lambda m: keep(f"<code>{_escaped(m[1])}</code>"), text)
    text = ANGLED.sub(lambda m: keep(_angled(m[1], reading)), text)
    lines = _quoted([_marked(_emoji(_escaped(line))) for line in text.split("\n")])
    return _put_back(lines, kept)


def _put_back(text: str, kept: list[str]) -> str:
    """What was kept may hold what was kept before it."""
    return HELD.sub(lambda m: _put_back(kept[int(m[1])], kept), text)


def _escaped(text: str) -> str:
    return html.escape(unescaped(text))


def unescaped(text: str) -> str:
    """Only the three entities that Slack knows."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _marked(line: str) -> str:
    for pattern, tag in MARKS:
        line = pattern.sub(rf"<{tag}>\1</{tag}>", line)
    return line


def _quoted(lines: list[str]) -> str:
    """Lines that begin with `>` become one quote, line by line; the others end in a break."""
    told, quote = [], []
    for line in [*lines, ""]:
        if line.startswith("&gt;"):
            quote.append(line.removeprefix("&gt;").lstrip())
            continue
        if quote:
            told.append(f"<blockquote>{'<br>'.join(quote)}</blockquote>")
            quote = []
        told.append(line + "<br>")
    return "".join(told[:-1]).removesuffix("<br>")


def _emoji(text: str) -> str:
    return EMOJI.sub(lambda m: emoji.emojize(m[0], language="alias"), text)


def _angled(inside: str, reading: Reading) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return mention(target[1:], reading)
    if target.startswith("#"):
        return f'<span class="mention">#{_escaped(label or reading.channels.get(target[1:], target[1:]))}</span>'
    if target.startswith("!date^"):
        return _date(target, label, reading)
    if target.startswith("!"):
        known = BROADCASTS.get(target.partition("^")[0])
        return f'<span class="mention">{_escaped(known or label or target[1:])}</span>'
    if target.startswith(LINKS):
        return link(target, label or target.removeprefix("mailto:").removeprefix("tel:"))
    return _escaped(f"<{inside}>")


def mention(user: str, reading: Reading) -> str:
    mine = " mine" if user == reading.me else ""
    return f'<span class="mention{mine}">@{html.escape(reading.people.get(user, user))}</span>'


def link(url: str, label: str) -> str:
    """A link of mrkdwn, whose label holds Slack's own entities."""
    return anchor(unescaped(url), unescaped(label))


def anchor(url: str, label: str) -> str:
    shown = html.escape(label)
    if not url.startswith(LINKS):
        return shown
    return f'<a href="{html.escape(url)}" target="_blank" rel="noopener">{shown}</a>'


def _date(target: str, fallback: str, reading: Reading) -> str:
    """A date token; what is none shows its fallback, as in Slack."""
    at, pattern, url = (*target.split("^")[1:], "", "", "")[:3]
    if not pattern:
        return _escaped(fallback)
    try:
        told = dates.formatted(int(at), pattern, reading.zone, reading.now)
    except (ValueError, OverflowError, OSError):
        return _escaped(fallback)
    shown = link(url, told) if url else _escaped(told)
    return f'<time title="{_escaped(fallback)}">{shown}</time>'
