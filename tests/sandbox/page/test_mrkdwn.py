"""mrkdwn as HTML: what Slack marks is marked, and nothing that came from outside comes alive."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.page.mrkdwn import Reading, plain, plain_object, to_html

READING = Reading("Europe/Berlin", 1_764_000_000.0, {"U1": "Ana Costa", "U2": "Ben <Roth>"}, {"C1": "leads"}, "U1")
TAGS = {"b", "i", "s", "code", "pre", "a", "span", "time", "blockquote", "br"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*Wed 09:12* Answer", "<b>Wed 09:12</b> Answer"),
        ("_soft_ and ~gone~", "<i>soft</i> and <s>gone</s>"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("* not bold *", "* not bold *"),
        ("`*plain*` here", "<code>*plain*</code> here"),
        ("```\n<b>*x*</b>\n```", "<pre>&lt;b&gt;*x*&lt;/b&gt;\n</pre>"),
        ("one\ntwo", "one<br>two"),
        ("> said\n> again\nafter", "<blockquote>said<br>again</blockquote>after"),
        ("&gt; said", "<blockquote>said</blockquote>"),
        ("a &amp; b &lt;c&gt;", "a &amp; b &lt;c&gt;"),
        ("&copy; stays as typed", "&amp;copy; stays as typed"),
        ("<@U1>", '<span class="mention mine">@Ana Costa</span>'),
        ("<@U2>", '<span class="mention">@Ben &lt;Roth&gt;</span>'),
        ("<#C1>", '<span class="mention">#leads</span>'),
        ("<!here>", '<span class="mention">@here</span>'),
        (
            "<https://a.example/?x=1&amp;y=2|see *it*>",
            '<a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener">see *it*</a>',
        ),
        ("<tel:+4930|+49 30>", '<a href="tel:+4930" target="_blank" rel="noopener">+49 30</a>'),
        ("<mailto:a@b.example>", '<a href="mailto:a@b.example" target="_blank" rel="noopener">a@b.example</a>'),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        (":tada: :no_such_emoji:", "🎉 :no_such_emoji:"),
    ],
)
def test_what_slack_marks_is_marked(text: str, html: str) -> None:
    assert to_html(text, READING) == html


def test_a_date_shows_in_the_readers_own_zone() -> None:
    text = "<!date^1764000000^{date_short_pretty} at {time}|24 November>"
    berlin, boston = to_html(text, READING), to_html(text, Reading("America/New_York", READING.now))
    assert berlin == '<time title="24 November">Today at 17:00</time>'
    assert boston == '<time title="24 November">Today at 11:00</time>'


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [str(value) for name, value in attrs if name == "href"]


HOSTILE = st.text(st.sampled_from("<>&;:/|\"'`*_~\n@#!^{}=ab1jsx "), max_size=80) | st.text(max_size=60)


@given(HOSTILE)
def test_nothing_from_outside_becomes_a_tag_an_attribute_or_a_script(text: str) -> None:
    seen = Seen()
    for made in (to_html(text, READING), plain(text)):
        seen.feed(made)
    assert seen.tags <= TAGS
    assert seen.attributes <= {"class", "href", "target", "rel", "title"}
    assert all(link.startswith(("http://", "https://", "mailto:", "tel:")) for link in seen.links)


@given(st.text(st.characters(exclude_characters="*_~`<>&:\n\r\x02\x03", exclude_categories=["Cs"]), max_size=60))
def test_text_without_marks_stays_as_it_is(text: str) -> None:
    assert to_html(text, READING) == text.replace('"', "&quot;").replace("'", "&#x27;")


@pytest.mark.parametrize("token", ["<!date^1>", "<!date^x^{time}|then>", "<!date^99999999999999999^{date}|then>"])
def test_what_is_no_date_shows_its_fallback(token: str) -> None:
    assert to_html(token, READING) in ("then", "")


def test_a_plain_text_may_leave_emoji_names_alone() -> None:
    assert plain_object({"text": ":fire: <b>", "emoji": False}) == ":fire: &lt;b&gt;"
    assert plain_object({"text": ":fire:"}) == "🔥"
