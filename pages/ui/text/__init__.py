"""Words: one TOML file per room and language; `t("training.stop")` reads the stop of training.toml.

English that the core declares (names of variants, figure labels, sentences about problems) comes from there:
see `declared`. A test fails when one language lacks something.
"""

from __future__ import annotations

import math
import re
import threading
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from mlcore.base import shares
from mlcore.base.numerals import numeral
from mlcore.base.registry import Variant
from mlcore.files.escape import plain
from pages.ui.text.declared import declared

LONGEST = 300  # characters of a value inside a sentence
LANGUAGES = {"en": "English", "ko": "한국어"}
_ENDS = re.compile(r"(\*\*[^*\n]*[^\w\s*\\])(?=\*\*\w)")

_run = threading.local()  # a thread runs one session's script, from `settle_language` to the next


def settle_language() -> str:
    """Find the language of this run: that of the link, else the last one chosen here, else the browser's.

    Call it first in a run: a page asks for a hundred texts, and the link is slow to read.
    """
    _run.language = found = _find_language()
    return found


def speak(code: str) -> None:
    """Take this language in a thread that runs no session's script."""
    _run.language = code


def language() -> str:
    """The language of this run."""
    return getattr(_run, "language", None) or settle_language()


def _find_language() -> str:
    for code in (st.query_params.get("lang"), st.session_state.get("_language")):
        if code in LANGUAGES:
            return str(code)
    return "ko" if (st.context.locale or "").lower().startswith("ko") else "en"


@cache
def catalog(code: str) -> Mapping[str, str]:
    """Every text of one language by its dotted key."""
    texts: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / code).glob("*.toml")):
        texts |= dict(_flat(path.stem, tomllib.loads(path.read_text(encoding="utf-8"))))
    if code == "en":
        texts |= declared()
    return texts


def _flat(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in table.items():
        key = f"{prefix}.{name}"
        pairs += _flat(key, value) if isinstance(value, dict) else [(key, str(value).strip())]
    return pairs


class Text(str):
    """A text of a catalog with its values escaped: inside another one it is not escaped again."""


def t(key: str, **values: object) -> Text:
    """The text of `key` in the language of this run, its {placeholders} filled; text values are escaped."""
    text = catalog(language())[key]
    return Text(close(text.format(**{name: _safe(v) for name, v in values.items()})) if values else text)


def close(text: str) -> str:
    """Emphasis that ends where it should, whatever a value ends with.

    Markdown takes the second ** of `**37%**입니다` for a beginning, as it stands between a sign and a
    letter. A word joiner, which has no width, is no sign.
    """
    return _ENDS.sub("\\1\u2060", text)


def number(value: float, digits: int = 3, rounding: float = 1e-12) -> Text:
    """A number as a person reads it; 0 for what is only rounding, a dash for what has no value."""
    return Text("0" if abs(value) < rounding else numeral(value, digits))


def percent(share: float) -> Text:
    """A share as a person reads it."""
    return Text(shares.percent(share))


def tiny(size: float) -> Text:
    """What is next to nothing, such as a difference by rounding alone, by its power of ten."""
    return Text(f"{abs(size):.1e}".replace("-", "−") if size else "0")


def power(value: float, digits: int = 2, most: float = 1e4) -> Text:
    """3.1 times ten to the -7 in LaTeX; from 0.001 to `most` the number itself, with three digits or more."""
    if value == 0 or not math.isfinite(value) or 1e-3 <= value < most:
        return Text(f"{value:.{max(digits, 3)}g}")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return Text(rf"{mantissa} \cdot 10^{{{int(exponent)}}}")


def _safe(value: object) -> object:
    if isinstance(value, tuple):
        return ", ".join(str(_safe(item)) for item in value)
    return plain(value, LONGEST) if isinstance(value, str) and not isinstance(value, Text) else value


def title(variant: Variant, family: str) -> Text:
    """What a variant of a registry is called."""
    return t(f"variants.{family}.{variant.name}")


def short(variant: Variant, family: str) -> Text:
    """The same where there is little room: without what stands in parentheses."""
    return Text(title(variant, family).partition(" (")[0])


def knob_name(name: str, variant: Variant) -> Text:
    """A short name for a knob."""
    return t(_knob("knob_name", name, variant))


def knob_help(name: str, variant: Variant) -> Text:
    """What a knob does, in a line."""
    return t(_knob("knob", name, variant))


def _knob(table: str, name: str, variant: Variant) -> str:
    """The key of a text about a knob: a few names mean something else in some variants."""
    special = f"variants.{table}.{variant.name}.{name}"
    return special if special in catalog(language()) else f"variants.{table}.{name}"
