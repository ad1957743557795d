"""Make text that people typed or uploaded harmless, for each surface that shows it.

A column named `![t](http://somewhere/t.png)` makes every viewer's browser call that server wherever Streamlit
reads Markdown. Seen in Chromium with Streamlit 1.67 and plotly.js 4.1:

`plain`, for Markdown: `st.markdown`, `st.write`, titles, captions, alerts, toasts, `help=` (of columns too);
    the label of every widget, tab, expander, popover, dialog and progress bar; options and captions of radio,
    pills, segmented control and select slider; label, value and delta of `st.metric`; `st.table`.
`plotly`, for figures: titles, axes (3-D too), ticks, legends, annotations, hover text and templates.
`line`, where text is shown as it is: headers and cells of `st.dataframe` and `st.data_editor`, options of
    selectbox and multiselect, `st.text`, `st.code`, `st.json`, placeholders, page titles, `alt=` of a chart.

None of them makes text safe between backticks, as the target of a link, inside a formula, in `st.badge`
(which escapes in its own way) or with `unsafe_allow_html`. `plotly` counts on MathJax not being loaded.
"""

import unicodedata

JOINER = "\u2060"  # WORD JOINER: no width, no glyph, no line break
MAX_SHOWN = 80  # characters of one name or cell
_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji are misspelled without them
_DROPPED = ("Cc", "Cf", "Co", "Cs")  # control, format (bidi, zero width), private use (icons), surrogate

# A backslash before every ASCII punctuation mark stops what works on the source: links, images, HTML, code,
# emphasis, `$`, `:red[...]`, tables, lists, entities. Streamlit then searches the parsed text, where no
# backslash is left, for emoji and icons between colons, bare addresses and arrows: the joiner breaks these.
_BY_BACKSLASH = "!\"#$%&'()*+,/;<>?[\\]^_`{|}~"
_BY_JOINER = ":@.-="
_MARKDOWN = str.maketrans({c: "\\" + c for c in _BY_BACKSLASH} | {c: JOINER + "\\" + c for c in _BY_JOINER})

# Entities will not do: 3-D axes show them undecoded, and hover boxes cut names to 15 characters of source.
_PLOTLY = str.maketrans({"<": "‹", "&": "&" + JOINER, "%": "%" + JOINER})


def line(text: str, limit: int = MAX_SHOWN) -> str:
    """The text as one visible line of at most `limit` characters, an ellipsis where it was cut.

    Composes Korean letters typed on a Mac (NFC), drops control, bidirectional, private-use and other
    invisible characters, and turns runs of white space into one space. Cleans, does not escape.
    """
    head = text[: 8 * limit + 64]  # a long cell costs no more than a short one
    seen = (" " if c.isspace() else c for c in head if c.isspace() or _visible(c))
    clean = " ".join(unicodedata.normalize("NFC", "".join(seen)).split())
    return clean if len(clean) <= limit else clean[: max(limit - 1, 0)].rstrip() + "…"


def plain(text: str, limit: int = MAX_SHOWN) -> str:
    """Source that Streamlit's Markdown shows as the characters of `line(text, limit)` and as nothing else."""
    return line(text, limit).translate(_MARKDOWN)


def plotly(text: str, limit: int = MAX_SHOWN) -> str:
    """Text that Plotly shows as it is: no tag (`<` becomes `‹`), no entity, no `%{template}`."""
    return line(text, limit).translate(_PLOTLY)


def _visible(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _DROPPED
