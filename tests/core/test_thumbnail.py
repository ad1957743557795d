"""Thumbnails: the marks of a figure where the figure has them, and nothing else of it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import plotly.graph_objects as go
import pytest

from mlcore.figures import theme
from mlcore.figures.thumbnail import FRAMES, moments, svg
from mlcore.figures.thumbnail_axes import EDGE, HEIGHT, WIDTH

INNER = (WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE)


def drawn(*traces: object, **layout: object) -> ET.Element:
    return ET.fromstring(svg([theme.figure(traces, **layout)]))


def every(root: ET.Element, tag: str) -> list[ET.Element]:
    return [one for one in root.iter() if one.tag.endswith("}" + tag)]


def numbers(text: str) -> np.ndarray:
    return np.array(re.findall(r"-?[\d.]+", text), float)


def test_a_line_lies_where_the_axes_put_it() -> None:
    root = drawn(
        theme.line([0, 1, 2], [0, 4, 2], theme.MODEL, ""), xaxis={"range": [0, 2]}, yaxis={"range": [0, 4]}
    )
    way = numbers(every(root, "path")[0].attrib["d"]).reshape(-1, 2)
    wide, high = INNER
    assert np.allclose(way, [[0, high], [wide / 2, 0], [wide, high / 2]], atol=0.1)


def test_a_logarithmic_axis_is_one() -> None:
    line = theme.line([1, 10, 100], [1, 1, 1], theme.MODEL, "")
    way = numbers(every(drawn(line, xaxis={"type": "log", "range": [0, 2]}), "path")[0].attrib["d"]).reshape(
        -1, 2
    )
    assert np.allclose(way[:, 0], [0, INNER[0] / 2, INNER[0]], atol=0.1)


def test_a_gap_stays_a_gap_and_what_has_no_place_is_left_out() -> None:
    line = theme.line([0, 1, 2, 3, 4], [0, 1, np.nan, 1, np.inf], theme.MODEL, "")
    text = every(drawn(line, yaxis={"range": [0, 1]}), "path")[0].attrib["d"]
    assert text.count("M") == 2
    assert "nan" not in svg([theme.figure([line])]).lower()


def test_a_circle_stays_round() -> None:
    turn = np.linspace(0, 2 * np.pi, 60)
    circle = theme.line(np.cos(turn), np.sin(turn), theme.MODEL, "")
    way = numbers(every(drawn(circle, yaxis={"scaleanchor": "x"}), "path")[0].attrib["d"]).reshape(-1, 2)
    assert np.isclose(*np.ptp(way, axis=0), rtol=0.02)


def test_bars_begin_at_zero_and_are_as_long_as_their_values() -> None:
    root = drawn(go.Bar(x=["a", "b"], y=[1.0, 3.0]))
    heights = [float(one.attrib["height"]) for one in every(root, "rect")]
    assert np.isclose(heights[1] / heights[0], 3, rtol=0.02)


def test_two_panels_keep_their_places() -> None:
    upper = {"domain": [0.6, 1]}
    both = drawn(
        go.Scatter(x=[0, 1], y=[0, 1]), go.Scatter(x=[0, 1], y=[0, 1], xaxis="x2", yaxis="y2"),
        yaxis={"domain": [0, 0.4]}, yaxis2=upper, xaxis2={},
    )  # fmt: skip
    tops = [float(one.attrib["y"]) for one in every(both, "svg")[1:]]
    assert np.isclose(tops[0] - tops[1], 0.6 * INNER[1], atol=0.1)


def test_what_moves_is_a_frame_and_what_stays_is_drawn_once() -> None:
    stays = theme.line([0, 1], [0, 1], theme.TRUTH, "")
    figures = [theme.figure([stays, theme.line([0, 1], [k, 2], theme.MODEL, "")]) for k in range(3)]
    text = svg(figures)
    assert text.count(theme.TRUTH.color) == 1
    assert (text.count('class="frame"'), text.count('class="last"')) == (2, 1)
    assert [int(k) for k in re.findall(r"--k:(\d)", text)] == [0, 1, 2]


def test_no_text_of_a_figure_gets_into_the_page() -> None:
    bad = "<script>alert(1)</script>"
    line = go.Scatter(x=[0, 1], y=[0, 1], name=bad, text=[bad, bad], mode="lines+text", hovertext=bad)
    assert "script" not in svg([theme.figure([line], title=bad, annotations=[theme.note(bad)])])


def test_hidden_traces_are_not_drawn_and_an_empty_figure_is_refused() -> None:
    line = theme.line([0, 1], [0, 1], theme.MODEL, "", visible="legendonly")
    with pytest.raises(ValueError, match="nothing to draw"):
        svg([theme.figure([line])])


def test_thousands_of_points_and_lines_stay_small() -> None:
    rng = np.random.default_rng(0)
    many = theme.points(*rng.normal(size=(2, 5000)), theme.TRAIN, "")
    long = theme.line(np.arange(50_000.0), rng.normal(size=50_000), theme.TRAIN, "")
    assert len(svg([theme.figure([many])])) < 5_000
    assert len(svg([theme.figure([long])])) < 20_000


@pytest.mark.parametrize("count", [1, 2, FRAMES, FRAMES + 1, 50, 4001])
def test_moments_rise_from_the_first_to_the_last(count: int) -> None:
    found = moments(count)
    assert (found[0], found[-1]) == (0, count - 1)
    assert len(found) == min(count, FRAMES)
    assert found == sorted(set(found))
