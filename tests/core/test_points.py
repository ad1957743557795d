"""Points as a link carries them and as people type them: there and back, and nothing else is taken."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.base import points
from mlcore.base.points import CLASSES, EMPTY, LONGEST, MOST, PointsError, listed, read, typed, write
from mlcore.base.refusal import readable

COORDINATES = st.integers(-2000, 2000).map(lambda n: n / 1000)
POINTS = st.lists(st.tuples(COORDINATES, COORDINATES, st.integers(0, CLASSES - 1)), max_size=MOST)
steady = settings(derandomize=True, database=None, deadline=None)


@given(POINTS)
@steady
def test_a_link_gives_the_points_back(drawn: list[points.Point]) -> None:
    text = write(drawn)
    assert read(text) == tuple(drawn)
    assert len(text) <= LONGEST
    assert set(text) <= {*points.SIGNS, "."}  # none of which is escaped in a link


@given(POINTS)
@steady
def test_lines_give_the_points_back(drawn: list[points.Point]) -> None:
    assert typed(listed(drawn, classes=True), classes=True) == tuple(drawn)
    flat = [(x, y, 0) for x, y, _ in drawn]
    assert typed(listed(flat, classes=False), classes=False) == tuple(flat)


def test_a_point_takes_four_signs_and_a_change_of_class_two() -> None:
    assert len(write([(0.1, 0.2, 0)] * MOST)) == 4 * MOST
    assert len(write([(0.1, 0.2, k % 2) for k in range(MOST)])) == LONGEST - 2
    assert write([]) == EMPTY
    assert read(EMPTY) == ()


@given(st.text(string.ascii_letters + string.digits + ".-_ ~%\x00é", max_size=40))
@steady
def test_a_text_is_read_only_if_it_is_the_one_for_its_points(text: str) -> None:
    if readable(points.read, text):
        assert write(read(text)) == text
    else:
        with pytest.raises(ValueError, match="point"):
            read(text)


@pytest.mark.parametrize(
    "text",
    ["", "..", ".0", ".0gAgA", ".4gAgA", "gA", "gAgAg", "gAgA.", "gAgA.0gAgA", "gAgA.1", "gAgA\n", "____",
     "AAAA", "gAgA gAgA", "gAgA" * (MOST + 1), "." * 5000, "ｇAgA", "nan,nan"],
)  # fmt: skip
def test_nothing_else_is_taken_from_a_link(text: str) -> None:
    assert not readable(points.read, text)


@pytest.mark.parametrize(
    "point", [(2.001, 0, 0), (0, -2.001, 0), (float("nan"), 0, 0), (0, float("inf"), 0), (0, 0, 4)]
)
def test_what_lies_outside_has_no_text(point: points.Point) -> None:
    with pytest.raises(ValueError, match="no point of the plane"):
        write([point])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0.5, -1.2, 3", [(0.5, -1.2, 3)]),
        ("0.5 -1.2", [(0.5, -1.2, 0)]),
        ("  .5\t−1.2;2 \n\n1,1", [(0.5, -1.2, 2), (1, 1, 0)]),
        ("1e-1, 2", [(0.1, 2, 0)]),
        ("0.12345, 0", [(0.123, 0, 0)]),
        ("", []),
    ],
)
def test_people_write_points_as_they_like(text: str, found: list[points.Point]) -> None:
    assert typed(text, classes=True) == tuple(found)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("0, 0\n1", "line", 2),
        ("1, 2, 3, 4", "line", 1),
        ("a, b", "line", 1),
        ("nan, 0", "line", 1),
        ("1_0, 0", "line", 1),
        ("٣, 0", "line", 1),
        ("\n\n0, 2.001", "outside", 3),
        ("1e300, 0", "outside", 1),
        ("1e999, 0", "outside", 1),
        ("0, 0, 4", "cls", 1),
        ("0, 0, 1.5", "cls", 1),
        ("0, 0, -1", "cls", 1),
    ],
)
def test_a_line_that_is_none_is_named(text: str, code: str, line: int) -> None:
    with pytest.raises(PointsError, match=f"Line {line}") as caught:
        typed(text, classes=True)
    assert caught.value.code == code


def test_a_curve_has_no_classes_and_too_many_points_are_counted() -> None:
    with pytest.raises(PointsError, match="Line 1"):
        typed("0, 0, 1", classes=False)
    with pytest.raises(PointsError, match="301"):
        typed("0, 0\n" * 301, classes=False)
