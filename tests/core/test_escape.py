"""Text of users stays text, on every surface.

The patterns are those of the renderers: what Streamlit 1.67 looks for in text that is parsed already
(StreamlitMarkdown.tsx, remark-emoji, mdast-util-gfm-autolink-literal), and what plotly.js 4.1 takes for
markup (svg_text_utils.js, lib/index.js).
"""

import re
import string
import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mlcore.files.escape import JOINER, line, plain, plotly

patient = settings(suppress_health_check=[HealthCheck.too_slow])  # busy machines

AFTER_PARSING = {
    r":material_\w+:": ":material_home:",
    r":streamlit:": "a :streamlit: b",
    r":\+1:|:-1:|:[\w-]+:": ":smile:",
    r"https?://[-.\w]+": "see http://example.com",
    r"www(?=\.)[-.\w]+": "www.example.com",
    r"[-.\w+]+@[-\w]+(\.[-\w]+)+": "a@b.co",
    r"(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)": "x -> y",
}
PLOTLY_MARKUP = {r"<[^<>]*>": "<b>", r"&(#\d+|#x[\da-fA-F]+|[A-Za-z]+);": "&lt;", r"%\{": "%{x}"}

NASTY = [
    "![t](http://x/y.png)",
    "[a](javascript:alert(1))",
    "<img src=http://x/y.png>",
    "<b>bold</b>",
    "$x^2$ and $$y$$",
    ":material/home: :material_home:",
    ":smile: :+1: :streamlit:",
    ":red[text] :blue-background[text] :green-badge[x] :help[x]",
    "`code` ```",
    "**b** __i__ ~~s~~ *e* _e_",
    "http://example.com/x www.example.com a@b.co mailto:a@b.co",
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    "# title",
    "> quote",
    "1. one",
    "- [ ] task",
    "| a | b |",
    "---",
    "&lt;b&gt; &#36; &amp;",
    "back\\slash\\",
    "%{x} %{meta[0]}",
    "[^1]: note",
]

letters = st.sampled_from(
    [*string.punctuation, *"aw1 \n\té한", "\u202e", "\x00", "http", "www.", "material_"]
)
nasty = st.lists(st.sampled_from(NASTY) | letters, max_size=12).map("".join)
any_text = st.text() | nasty


def parsed(source: str) -> str:
    """What a Markdown parser makes of source without a bare punctuation mark; fails where there is one."""
    escaped = re.compile(r"\\([" + re.escape(string.punctuation) + "])")
    assert not set(escaped.sub("", source)) & set(string.punctuation), source
    return escaped.sub(r"\1", source)


@patient
@given(any_text)
@example("![t](http://x/y.png)")
@example("\\")
def test_markdown_sees_no_markup(text: str) -> None:
    shown = parsed(plain(text, 300))
    assert shown.replace(JOINER, "") == line(text, 300)
    assert not [pattern for pattern in AFTER_PARSING if re.search(pattern, shown)]


@pytest.mark.parametrize("pattern", AFTER_PARSING)
def test_what_is_searched_for_after_parsing(pattern: str) -> None:
    text = AFTER_PARSING[pattern]
    assert re.search(pattern, text)
    assert not re.search(pattern, parsed(plain(text)))


@pytest.mark.parametrize("pattern", PLOTLY_MARKUP)
def test_what_plotly_takes_for_markup(pattern: str) -> None:
    text = PLOTLY_MARKUP[pattern]
    assert re.search(pattern, text)
    assert not re.search(pattern, plotly(text))


@patient
@given(any_text, any_text)
def test_plotly_sees_no_markup_even_where_two_texts_meet(first: str, second: str) -> None:
    shown = plotly(first) + plotly(second)
    assert not [pattern for pattern in PLOTLY_MARKUP if re.search(pattern, shown)]
    assert plotly(first).replace(JOINER, "") == line(first).replace("<", "‹")


@patient
@given(any_text, st.integers(1, 50))
@example("a\u200b\u0301", 10)  # an accent that composes only once what stood between is gone
def test_a_line_is_one_short_visible_line(text: str, limit: int) -> None:
    shown = line(text, limit)
    assert len(shown) <= limit
    assert shown == " ".join(shown.split())
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Co", "Cs", "Zl", "Zp"}
    assert line(shown, limit) == shown


@pytest.mark.parametrize("text", ["가격", "서울특별시 강남구", "é", "petal length", "家", "👨‍👩‍👧"])
def test_words_are_left_as_they_are(text: str) -> None:
    assert line(text) == plain(text) == plotly(text) == text


def test_korean_typed_on_a_mac_is_composed() -> None:
    assert line(unicodedata.normalize("NFD", "한국어")) == "한국어"


def test_bidirectional_overrides_and_controls_are_dropped() -> None:
    assert line("user\u202egnp.exe\u2066\u200b\x07\ufeff") == "usergnp.exe"
    assert line("a\x85b\u2028c\nd\te") == "a b c d e"
    assert line("icon \ue88a, half \ud800") == "icon , half"


def test_a_cut_text_ends_with_an_ellipsis_and_never_within_an_escape() -> None:
    assert line("x" * 81) == "x" * 79 + "…"
    assert line("x" * 80) == "x" * 80
    assert plain("[" * 100, 4) == "\\[\\[\\[…"
    assert plotly("&" * 100, 3) == ("&" + JOINER) * 2 + "…"
    assert line("가 나다", 3) == "가…"


def test_the_image_that_calls_a_server() -> None:
    assert plain("![t](http://x/y.png)") == (r"\!\[t\]\(http" + JOINER + r"\:\/\/x\/y" + JOINER + r"\.png\)")
