"""The backpropagation room without a browser: expressions, values, nodes, and what a person types."""

from __future__ import annotations

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.backpropagation.expressions import EXAMPLES, ExpressionSpec
from mlcore.backpropagation.graph import build
from mlcore.backpropagation.moves import descend, input_gradient, nudge
from mlcore.base.numerals import numeral
from pages.rooms.backpropagation.room import VIEWS
from pages.ui.text import LANGUAGES, catalog, number
from tests.pages import rooms
from tests.pages.rooms import buttons, link_of, pictures, rerun, said, widget

opened = partial(rooms.opened, "backpropagation")
DRAWN = [view for view in VIEWS if view not in ("matrices", "products")]  # an expression


def values(at: AppTest) -> dict[str, float]:
    return {widget.label: widget.value for widget in at.number_input}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", DRAWN)
@pytest.mark.parametrize("example", EXAMPLES)
def test_every_view_of_every_example(example: str, view: str, lang: str) -> None:
    at = opened(expr=example, view=view, lang=lang)
    assert catalog(lang)[f"backpropagation.{view}.claim"] in said(at)
    assert [len(sent["figures"]) for sent in pictures(at).values()] == [1, 1] if view == "modes" else [1]
    assert not at.error
    assert not at.warning


def test_the_numbers_of_the_slide_stand_on_the_page() -> None:
    sent = pictures(opened())["graph"]
    final = sent["frames"]["updates"]
    texts = {u["trace"]: u["values"][-1] for u in final if u["attribute"] == "text"}
    graph = build("(x + a)*b + c", (1, 3, 2, 3))
    shown = dict(zip(graph.symbols, zip(texts[4], texts[5], strict=True), strict=True))
    assert {name: shown[name][1] for name in "xabc"} == {"x": "2", "a": "2", "b": "4", "c": "1"}
    assert shown["v3"] == ("11", "1")
    (lines,) = sent["frames"]["readout"].values()
    assert "← ∂v3/∂x = ∂v3/∂v1 · ∂v1/∂x = 2 · 1 = 2" in lines


def test_another_value_changes_the_link_and_everything() -> None:
    at = opened(expr="fork")
    at.number_input[0].set_value(5.0)
    rerun(at)
    assert link_of(at)["in"] == "5~3"
    slope = input_gradient(build("x*y + sin(x)", (5, 3)))[0]
    assert number(slope, 6) in said(at)


def agreed(at: AppTest, names: str) -> list[float]:
    """What the fields show, and their sliders, and the link."""
    typed, dragged = [w.value for w in at.number_input], [w.value for w in at.slider]
    assert typed == dragged
    assert [w.label for w in at.number_input] == list(names)
    assert link_of(at)["in"] == "~".join(f"{value:.10g}" for value in typed)
    assert all(w.min <= w.value <= w.max for w in at.slider)
    return typed


def test_a_value_is_typed_or_dragged_and_both_show_it() -> None:
    at = opened(expr="fork")
    at.slider[1].set_value(-0.55)
    assert agreed(rerun(at), "xy") == [2, -0.55]
    at.number_input[1].set_value(0.123456)  # between two steps of the slider
    assert agreed(rerun(at), "xy") == [2, 0.123456]
    assert (at.slider[0].min, at.slider[0].max) == (-5, 5)
    at.number_input[0].set_value(-37.5)
    assert agreed(rerun(at), "xy") == [-37.5, 0.123456]
    assert (at.slider[0].min, at.slider[0].max) == (-50, 50)
    at.slider[0].set_value(1.0)
    assert agreed(rerun(at), "xy") == [1, 0.123456]
    assert at.slider[0].max == 50, "it is still in the hand"
    at.slider[0].set_value(3.0)
    at.number_input[1].set_value(100.0)
    assert agreed(rerun(at), "xy") == [3, 100]
    assert number(build("x*y + sin(x)", (3, 100)).gradient[0], 6) in said(at)


def test_sliders_follow_another_link_and_another_example() -> None:
    at = opened(expr="fork", **{"in": "1.25~-80"})
    assert agreed(at, "xy") == [1.25, -80]
    at.query_params["in"] = "0.2~0.3"
    assert agreed(rerun(at), "xy") == [0.2, 0.3]
    widget(at, "backpropagation", "expr").set_value("neuron_loss")
    rerun(at)
    assert [w.value for w in at.slider] == list(ExpressionSpec("neuron_loss").point)
    assert {w.max for w in at.slider} == {5}


def test_another_example_starts_from_its_own_values() -> None:
    at = opened(expr="fork", **{"in": "5~3"})
    widget(at, "backpropagation", "expr").set_value("slide")
    rerun(at)
    assert link_of(at) == {}
    assert values(at) == {"x": 1, "a": 3, "b": 2, "c": 3}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", DRAWN)
@pytest.mark.parametrize("text", ["x +", "2*3", "", "__import__('os')", "a+b+c+d+f+g+h+i+j", "<b>x</b>"])
def test_nonsense_gets_a_sentence_and_a_graph(text: str, view: str, lang: str) -> None:
    at = opened(expr="own", ex=text, view=view, lang=lang)
    assert len(at.error) == 1
    assert pictures(at)
    assert "<b>" not in at.error[0].value


def test_an_expression_of_ones_own() -> None:
    at = opened(expr="own", ex="tanh(w*x)", **{"in": "2~0.5"})
    assert values(at) == {"w": 2, "x": 0.5}
    assert number(input_gradient(build("tanh(w*x)", (2, 0.5)))[0], 6) in said(at)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_dot_product_is_typed_and_written_out(lang: str) -> None:
    at = opened(expr="dot", lang=lang)
    assert "a1*b1 + a2*b2 + a3*b3" in said(at)
    widget(at, "backpropagation", "expr").set_value("own")
    rerun(at)
    assert link_of(at) == {"expr": "own", "ex": "dot(a, b)", "in": "1~4~2~5~3~6"}
    widget(at, "backpropagation", "ex").set_value("sigmoid(dot(w, x, 2) + b)")
    rerun(at)
    assert list(values(at)) == ["w1", "x1", "w2", "x2", "b"]
    assert "sigmoid((w1*x1 + w2*x2) + b)" in said(at)
    widget(at, "backpropagation", "ex").set_value("dot(w, x")
    rerun(at)
    assert len(at.error) == 1


def test_a_gradient_that_vanishes_is_not_called_zero() -> None:
    chain = "sigmoid(" * 30 + "x" + ")" * 30
    slope = input_gradient(build(chain, (1,)))[0]
    assert 0 < slope < 1e-15
    for view in ("sweeps", "modes"):
        told = said(opened(expr="own", ex=chain, view=view))
        assert told.count(f"**{numeral(slope, 6)}**") == 2


def test_a_hole_is_said_and_drawn() -> None:
    at = opened(expr="own", ex="log(x)", **{"in": "-1"})
    assert "v1" in at.warning[0].value
    assert len(pictures(at)) == 1


def tables(at: AppTest) -> list[list[list[str]]]:
    return [found.value.astype(str).to_numpy().tolist() for found in at.dataframe]


def test_two_modes_fill_one_jacobian() -> None:
    at = opened(expr="fork", view="modes", outs="2~3~4", back="2")
    assert "m × n = 3 × 2" in said(at)
    assert "sweeps 2, products **6**" in said(at)
    assert "sweeps 3, products **8**" in said(at)
    forward, reverse, _ = tables(at)
    assert forward == [["v1", "3", "2"], ["v2", "−0.4161", "0"], ["v3", "2.584", "2"], ["products", "4", "2"]]
    assert reverse == [["v1", "3", "2", "2"], ["v2", "−0.4161", "0", "1"], ["v3", "2.584", "2", "5"]]
    assert catalog("en")["backpropagation.modes.same"] in said(at)
    back = pictures(at)["reverse"]["figures"][0]["data"][5]["text"]
    assert back == ["3", "2", "1", "0", "0"]


def test_outputs_are_chosen_and_the_last_node_is_the_usual_one() -> None:
    at = opened(expr="slide", view="modes")
    assert "products **9**" in said(at)
    outputs = at.multiselect[0]
    assert outputs.value == [6]
    outputs.set_value([6, 2])
    rerun(at)
    assert link_of(at) == {"view": "modes", "outs": "2~6"}
    assert "m × n = 2 × 4" in said(at)
    at.multiselect[0].set_value([])
    rerun(at)
    assert link_of(at) == {"view": "modes"}
    assert at.multiselect[0].value == [6]
    at.query_params["outs"] = "4~55"  # there is no node 55
    rerun(at)
    assert at.multiselect[0].value == [4]
    assert "m × n = 1 × 4" in said(at)


def test_a_node_is_looked_into() -> None:
    at = opened(expr="chain")
    assert number(input_gradient(build(EXAMPLES["chain"].text, EXAMPLES["chain"].values))[0], 6) in said(at)
    nodes = widget(at, "backpropagation", "node")
    graph = build(EXAMPLES["chain"].text, EXAMPLES["chain"].values)
    nodes.set_value(str(graph.output))
    rerun(at)
    assert r"\sigma(a)" in said(at)
    assert link_of(at)["node"] == str(graph.output)


def test_nudge_and_descent_say_what_the_core_says() -> None:
    spec = ExpressionSpec("neuron_loss")
    at = opened(expr="neuron_loss", view="descent", nudge="0.1", blr="0.5", bsteps="40", learn="5")
    found = nudge(spec.text, spec.point, 0, 0.1)
    way = descend(spec.text, spec.point, (0, 2), 0.5, 40)
    for value in (found.change, found.predicted):
        assert number(value, 5) in said(at)
    assert number(way.outputs[-1], 4) in said(at)
    table = at.dataframe[0].value
    assert list(table.iloc[:, 2]) == [number(v, 4) for v in way.points[-1]]
    buttons(at)[0].click()
    rerun(at)
    went = dict(zip(spec.inputs, way.points[-1], strict=True))
    assert {name: values(at)[name] for name in went} == pytest.approx(went, rel=1e-6)


def test_inputs_are_chosen_by_hand_or_by_another_link() -> None:
    at = opened(expr="slide", view="kept")
    at.get("button_group")[-1].set_value(["x", "b"])
    rerun(at)
    assert link_of(at) == {"view": "kept", "req": "5"}
    at.query_params["req"] = "2"
    rerun(at)
    assert at.get("button_group")[-1].value == ["a"]
    assert at.dataframe[0].value.iloc[:, 1].tolist() == ["None", "2", "None", "None"]


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    at = opened(expr="everything", node="x", **{"in": "1~b"})
    assert len(at.warning) == 3
    assert "v3" in said(at)


def test_writing_ones_own_begins_with_the_example_that_was_there() -> None:
    at = opened(expr="fork", **{"in": "5~3"})
    widget(at, "backpropagation", "expr").set_value("own")
    rerun(at)
    assert link_of(at) == {"expr": "own", "ex": "x*y + sin(x)", "in": "5~3"}
    assert not at.error


def test_gradients_add_up_unless_they_are_forgotten() -> None:
    at = opened(view="kept", expr="slide", passes="3")
    assert at.dataframe[0].value.to_numpy().tolist()[0] == ["x", "2", "4", "6"]
    at = opened(view="kept", expr="slide", passes="3", zero="1")
    assert at.dataframe[0].value.to_numpy().tolist()[0] == ["x", "2", "2", "2"]
    assert at.dataframe[1].value.iloc[:, 2].tolist() == ["–", "2, 4", "–"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_requires_grad_there_is_nothing_to_go_back_to(lang: str) -> None:
    at = opened(view="kept", expr="slide", req="0", lang=lang)
    assert at.warning[0].value == catalog(lang)["backpropagation.kept.nothing"]
    assert set(at.dataframe[0].value.iloc[:, 1]) == {"None"}
