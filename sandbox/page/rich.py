"""Rich text, Markdown and tables as HTML. Pure."""

import html
from typing import Any

from markdown_it import MarkdownIt

from sandbox.page import mrkdwn
from sandbox.page.mrkdwn import Reading

Json = dict[str, Any]
MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
STYLES = {"bold": "b", "italic": "i", "strike": "s", "underline": "u", "code": "code"}


def from_markdown(text: str) -> str:
    """Standard Markdown, as the `markdown` block and `markdown_text` take it; HTML in it stays text."""
    return str(MARKDOWN.render(text))


def from_rich_text(block: Json, reading: Reading) -> str:
    return "".join(_part(part, reading) for part in block.get("elements", []))


def from_table(block: Json, reading: Reading) -> str:
    """A `table` block: its first row is its heading."""
    settings = block.get("column_settings") or []
    rows = ["".join(_cell(cell, number, settings, reading) for number, cell in enumerate(row)) for row in block["rows"]]
    head, *body = rows or [""]
    head = head.replace("<td", "<th").replace("</td>", "</th>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in body)}</tbody></table>"


def _cell(cell: Json, number: int, settings: list[Json | None], reading: Reading) -> str:
    setting = settings[number] if number < len(settings) and settings[number] else {}
    align = (setting or {}).get("align", "left")
    if cell["type"] == "rich_text":
        told = from_rich_text(cell, reading)
    else:
        told = mrkdwn.plain(str(cell.get("text", cell.get("value", ""))))
    return f'<td class="{html.escape(align)}">{told}</td>'


def _part(part: Json, reading: Reading) -> str:
    inside = "".join(_inline(element, reading) for element in part.get("elements", []) if "elements" not in element)
    match part["type"]:
        case "rich_text_section":
            return f"<p>{inside}</p>"
        case "rich_text_preformatted":
            return f"<pre>{inside}</pre>"
        case "rich_text_quote":
            return f"<blockquote>{inside}</blockquote>"
        case "rich_text_list":
            tag = "ol" if part.get("style") == "ordered" else "ul"
            items = "".join(f"<li>{_part(item, reading)}</li>" for item in part["elements"])
            return f'<{tag} class="indent{int(part.get("indent", 0))}">{items}</{tag}>'
    return ""


def _inline(element: Json, reading: Reading) -> str:
    told = _said(element, reading)
    for style, on in (element.get("style") or {}).items():
        if on and style in STYLES:
            told = f"<{STYLES[style]}>{told}</{STYLES[style]}>"
    return told


def _said(element: Json, reading: Reading) -> str:
    match element["type"]:
        case "text":
            return html.escape(element["text"]).replace("\n", "<br>")
        case "link":
            return mrkdwn.anchor(element["url"], element.get("text") or element["url"])
        case "emoji":
            return mrkdwn.emoji_alone(element["name"])
        case "user":
            return mrkdwn.mention(element["user_id"], reading)
        case "channel":
            return mrkdwn.to_html(f"<#{element['channel_id']}>", reading)
        case "broadcast":
            return mrkdwn.to_html(f"<!{element['range']}>", reading)
        case "date":
            token = f"!date^{element['timestamp']}^{element['format']}"
            return mrkdwn.to_html(f"<{token}|{element.get('fallback', '')}>", reading)
        case "color":
            return f"<code>{html.escape(element['value'])}</code>"
    return ""
