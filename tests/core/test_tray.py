"""Pins: bounded, compared by what differs, and written to files in which no text is anything but text."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import plotly.graph_objects as go
import pytest

from mlcore.figures.overlay import overlay
from mlcore.tray.export import Section, Shown, report, table
from mlcore.tray.pictures import first_lines, lines, pack, unpack
from mlcore.tray.pins import NOTE, SENTENCES, Pin, body, differing, ordered, pin_of

EVIL = "</script><script>alert(1)</script><img src=http://x.y/z onerror=alert(1)>"


def curve(name: str = "cost", size: int = 50, seed: int = 0) -> go.Figure:
    y = np.random.default_rng(seed).normal(size=size)
    figure = go.Figure(go.Scatter(x=np.arange(size), y=y, mode="lines", name=name))
    return figure.update_layout(xaxis_title="step", yaxis_type="log", template=None)


def test_pictures_come_back_in_float32() -> None:
    figure = curve()
    (back,) = unpack(pack([figure.to_json()])[0])
    (line,) = lines(back)
    np.testing.assert_array_equal(line.y, np.asarray(figure.data[0].y, np.float32))
    assert back["data"][0]["y"]["dtype"] == "f4"
    assert back["layout"]["yaxis"]["type"] == "log"


def test_equal_pictures_are_kept_once_and_large_ones_left_out() -> None:
    small, large = curve().to_json(), curve(size=100_000).to_json()
    packed, places = pack([small, large, small, curve("other").to_json()], most=20_000)
    assert places == (0, 3)
    assert len(packed) <= 20_000
    assert len(unpack(packed)) == 2


def test_only_pictures_of_curves_are_overlaid() -> None:
    surface = json.loads(go.Figure(go.Heatmap(z=[[1, 2], [3, 4]])).to_json())
    circle = json.loads(go.Figure(go.Scatter(x=[0, 1, 0], y=[0, 1, 2], mode="lines")).to_json())
    plain = json.loads(curve().to_json())
    assert lines(surface) == ()
    assert lines(circle) == (), "not over an axis"
    found = first_lines([surface, circle, plain])
    assert found is not None
    assert found[0] == 2
    together = overlay([("#1", found[1]), ("#2", found[1])], plain)
    assert [trace.name for trace in together.data] == ["#1 cost", "#2 cost"]
    assert together.data[0].line.color != together.data[1].line.color
    assert together.layout.yaxis.type == "log"


def test_only_settings_that_differ_within_a_room_are_told() -> None:
    pins = [
        Pin("a", "", {}, {"lr": "0.1", "seed": "0", "h": "8"}),
        Pin("a", "", {}, {"lr": "0.2", "seed": "0"}),
        Pin("b", "", {}, {"seed": "7"}),
    ]
    assert differing(pins) == ["lr", "h"]
    assert differing(pins[1:]) == []


def test_an_order_may_name_pins_that_are_gone_and_lack_new_ones() -> None:
    assert ordered([1, 2, 4, 5], [4, 3, 1]) == [4, 1, 2, 5]


def test_what_is_kept_is_bounded_and_read_back_from_any_version() -> None:
    pin = Pin("a", "v", {"x" * 99: "y" * 9999}, {}, said=["s" * 9999] * 99, note="n" * 9999)
    kept = json.loads(json.dumps(body(pin)))
    assert len(kept["said"]) == SENTENCES
    assert len(kept["note"]) == NOTE
    assert len(json.dumps(kept)) < 20_000
    assert pin_of(kept | {"of_a_later_version": 1}).room == "a"
    assert pin_of({}) == Pin("", "", {}, {})


@pytest.fixture
def shown() -> list[Shown]:
    figures = unpack(pack([curve().to_json()])[0])
    pins = [Pin("a", "", {}, {"lr": f"0.{i}", "act": "=1+1"}, said=["learned"], note=EVIL) for i in (1, 2)]
    return [Shown(i, pin, figures, "A room", "http://here/a?lr=1") for i, pin in enumerate(pins, 1)]


def test_the_table_has_a_row_a_pin_with_settings_and_last_values(shown: list[Shown]) -> None:
    names = dict.fromkeys(("number", "title", "said", "note", "link", "last"), "") | {"lr": "rate"}
    names = {name: word or name for name, word in names.items()}
    rows = list(csv.DictReader(io.StringIO(table(shown, names))))
    assert [row["rate [lr]"] for row in rows] == ["0.1", "0.2"]
    assert float(rows[0]["last: cost"]) == pytest.approx(np.asarray(curve().data[0].y)[-1], rel=1e-6)
    assert rows[0]["act [act]"] == "'=1+1", "no spreadsheet takes it for a formula"
    assert rows[0]["note"] == EVIL


def test_in_the_report_every_text_is_text(shown: list[Shown]) -> None:
    figure = json.loads(curve(EVIL).to_json())
    section = Section(EVIL, [EVIL], f"http://here/?a={EVIL}", [[EVIL], [EVIL]], [figure], [EVIL + '"'])
    page = report(EVIL, "en", [section], "/* plotly </script> */")
    assert page.count("<script") == page.count("</script>") == 3
    assert "<img" not in page
    assert 'label="&lt;/script' in page
    assert "default-src 'none'" in page
