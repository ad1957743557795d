"""Small gray images in a link and as typed lines: what is written is read, and nothing else."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.base import pixels
from mlcore.base.pixels import PixelError
from mlcore.base.refusal import readable
from mlcore.base.spec import Problem, from_query, to_query
from pages.rooms.classification_tasks.room import RoomSpec

IMAGES = st.lists(st.integers(0, pixels.MOST), min_size=64, max_size=64)


@given(IMAGES)
def test_what_is_written_is_read(values: list[int]) -> None:
    assert pixels.read(pixels.write(values)) == tuple(values)
    assert pixels.typed(pixels.listed(values)) == tuple(values)


@given(st.text(max_size=70))
def test_a_text_is_read_only_if_it_would_be_written(text: str) -> None:
    if readable(pixels.read, text):
        assert pixels.write(pixels.read(text)) == text


@given(st.text(alphabet=pixels.SIGNS, min_size=64, max_size=64))
def test_every_text_of_64_signs_is_an_image(text: str) -> None:
    assert pixels.write(pixels.read(text)) == text


@given(st.text(max_size=300))
def test_typed_text_is_an_image_or_refused(text: str) -> None:
    with suppress(PixelError):
        assert len(pixels.typed(text)) == 64


@pytest.mark.parametrize("separator", [", ", ";", "\t", "  "])
def test_values_are_parted_as_people_do(separator: str) -> None:
    row = [0, 1, 2, 3, 12, 14, 15, 16]
    lines = "\n\n".join(separator.join(map(str, row)) for _ in range(8))
    assert pixels.typed(lines) == tuple(row * 8)


@pytest.mark.parametrize(
    ("spoiled", "code", "told"),
    [
        (lambda rows: rows[:7], "rows", {"count": 7}),
        (lambda rows: [*rows, rows[0]], "rows", {"count": 9}),
        (lambda rows: [*rows[:2], "1 2 3", *rows[3:]], "columns", {"line": 3, "count": 3}),
        (lambda rows: [*rows[:7], "0 0 0 0 0 0 0 17"], "value", {"line": 8, "text": "17"}),
        (lambda rows: ["0 0 0 -1 0 0 0 0", *rows[1:]], "value", {"line": 1, "text": "-1"}),
        (lambda rows: ["0 0 0 1.5 0 0 0 0", *rows[1:]], "value", {"line": 1, "text": "1.5"}),
        (lambda rows: ["0 0 0 ٣ 0 0 0 0", *rows[1:]], "value", {"line": 1, "text": "٣"}),
    ],
)
def test_what_is_wrong_is_said(spoiled, code, told) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(PixelError) as refused:
        pixels.typed("\n".join(spoiled(["0 " * 8] * 8)))
    assert refused.value.code == code
    assert told.items() <= refused.value.values.items()


@pytest.mark.parametrize("values", [[0] * 63, [0] * 65, [17] * 64, [-1] * 64])
def test_what_is_no_image_is_not_written(values: list[int]) -> None:
    with pytest.raises(ValueError, match="no image"):
        pixels.write(values)


@given(IMAGES)
def test_a_link_carries_an_image(values: list[int]) -> None:
    spec = RoomSpec(pixels=pixels.write(values))
    assert from_query(RoomSpec, to_query(spec)) == (spec, [])


@pytest.mark.parametrize("text", ["0" * 63, "h" * 64, "G" * 64, "0" * 65, " " * 64])
def test_a_link_with_another_text_is_refused_in_words(text: str) -> None:
    spec, problems = from_query(RoomSpec, {"cpixels": text})
    assert spec == RoomSpec()
    assert [type(problem) for problem in problems] == [Problem]
    assert "64 signs from 0 to g" in problems[0].allowed
