from typing import Any

from sandbox.page.mrkdwn import Reading
from sandbox.page.rich import from_markdown, from_rich_text, from_table

READING = Reading("Europe/Berlin", 1_764_000_000.0, {"U1": "Ana Costa"}, {"C1": "leads"})


def rich(*parts: dict[str, Any]) -> str:
    return from_rich_text({"type": "rich_text", "elements": list(parts)}, READING)


def text(said: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": said, **({"style": style} if style else {})}


def test_rich_text_keeps_styles_lists_quotes_and_names() -> None:
    section = {"type": "rich_text_section", "elements": [text("Hello ", bold=True), {"type": "user", "user_id": "U1"}]}
    assert rich(section) == '<p><b>Hello </b><span class="mention">@Ana Costa</span></p>'
    item = {"type": "rich_text_section", "elements": [text("<one>")]}
    listed = {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [item]}
    assert rich(listed) == '<ol class="indent1"><li><p>&lt;one&gt;</p></li></ol>'
    assert rich({"type": "rich_text_quote", "elements": [text("said")]}) == "<blockquote>said</blockquote>"
    assert rich({"type": "rich_text_preformatted", "elements": [text("x < y")]}) == "<pre>x &lt; y</pre>"


def test_links_emoji_dates_and_channels_are_shown() -> None:
    parts: list[dict[str, Any]] = [
        {"type": "link", "url": "https://a.example", "text": "here"},
        {"type": "link", "url": "javascript:alert(1)", "text": "no"},
        {"type": "emoji", "name": "wave"},
        {"type": "channel", "channel_id": "C1"},
        {"type": "broadcast", "range": "channel"},
        {"type": "date", "timestamp": 1764000000, "format": "{time}"},
    ]
    made = rich({"type": "rich_text_section", "elements": parts})
    assert '<a href="https://a.example"' in made
    assert "javascript" not in made
    assert "👋" in made and "#leads" in made and "@channel" in made and ">17:00</time>" in made


def test_markdown_is_drawn_and_html_in_it_stays_text() -> None:
    made = from_markdown("# Week 47\n\n**Both** teams\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>x</script>")
    assert "<h1>Week 47</h1>" in made and "<strong>Both</strong>" in made and "<td>1</td>" in made
    assert "<script>" not in made


def test_a_table_has_a_heading_and_aligned_columns() -> None:
    def cell(said: str) -> dict[str, Any]:
        return {"type": "raw_text", "text": said}

    block = {"rows": [[cell(""), cell("Sales")], [cell("In time"), cell("58 of <64>")]]}
    made = from_table({**block, "column_settings": [None, {"align": "right"}]}, READING)
    assert '<th class="right">Sales</th>' in made
    assert '<td class="right">58 of &lt;64&gt;</td>' in made
