"""Colors of figures against both grounds of the page, by the formula of WCAG 2.2."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

from mlcore import figures
from mlcore.figures.contrast import MARKS, PAPER, WORDS, contrast, deep
from mlcore.figures.theme import COLORS, GRAY, Role, of_class

MODULES = [
    importlib.import_module(f"mlcore.figures.{found.name}")
    for found in pkgutil.iter_modules(figures.__path__)
]


def roles(value: Any) -> Iterator[Role]:
    """Every role within a constant."""
    if isinstance(value, Role):
        yield value
    elif isinstance(value, dict):
        yield from roles(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from roles(item)


def test_the_formula_gives_what_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # the lightest gray for words


@pytest.mark.parametrize("paper", PAPER)
def test_every_color_with_a_meaning_is_seen_by_day_and_by_night(paper: str) -> None:
    found = {(m.__name__, role.color) for m in MODULES for value in vars(m).values() for role in roles(value)}
    found |= {("theme", color) for color in (*COLORS, GRAY)}
    assert len(found) > 60
    faint = {
        named: round(contrast(named[1], paper), 2) for named in found if contrast(named[1], paper) < MARKS
    }
    assert faint == {}


@pytest.mark.parametrize("color", [*COLORS, GRAY])
def test_white_words_can_be_read_on_deep_colors_which_stay_seen(color: str) -> None:
    ground = deep(color)
    assert contrast("#ffffff", ground) >= WORDS
    assert contrast(ground, PAPER[1]) >= min(MARKS, contrast(color, PAPER[1]))
    assert deep(ground) == ground
    assert (ground == color) == (contrast("#ffffff", color) >= WORDS), "no darker than it must be"


def test_classes_differ_by_more_than_their_color() -> None:
    looks = [of_class(k) for k in range(10)]
    assert len({look.symbol for look in looks}) == 10
    assert all(a.dash != b.dash for a, b in itertools.pairwise(looks))
