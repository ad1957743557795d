"""Words: one TOML file per room and language; `t("training.stop")` reads the stop of training.toml.

English names of variants and figure labels come from where they are declared (registry, figures.theme);
Korean ones stand in ko/variants.toml and ko/figure.toml. A test fails when one language lacks something.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from mlcore.escape import plain
from mlcore.figures.theme import ENGLISH
from mlcore.registry import Knob, Variant

LANGUAGES = {"en": "English", "ko": "한국어"}


def language() -> str:
    """The language of this run: that of the link, else the last one chosen here, else the browser's."""
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
        texts |= ENGLISH
    return texts


def _flat(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in table.items():
        key = f"{prefix}.{name}"
        pairs += _flat(key, value) if isinstance(value, dict) else [(key, str(value).strip())]
    return pairs


def t(key: str, **values: object) -> str:
    """The text of `key` in the language of this run, its {placeholders} filled; text values are escaped."""
    text = catalog(language())[key]
    safe = {name: plain(value) if isinstance(value, str) else value for name, value in values.items()}
    return text.format(**safe) if values else text


def title(variant: Variant, family: str) -> str:
    """What a variant of a registry is called."""
    return catalog(language()).get(f"variants.{family}.{variant.name}", variant.title)


def knob_help(name: str, knob: Knob) -> str:
    return catalog(language()).get(f"variants.knob.{name}", knob.help)


def sentence(code: str, fallback: str, **values: object) -> str:
    """A problem of the core in the language of this run; its own English sentence where none is kept."""
    text = catalog(language()).get(f"problems.{code}")
    safe = {name: plain(value) if isinstance(value, str) else value for name, value in values.items()}
    return text.format(**safe) if text else plain(fallback, limit=400)
