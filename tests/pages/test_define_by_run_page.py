"""The room "Define and run, define by run" without a browser: graphs, frozen branches, costs, history."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from mlcore.backpropagation.expressions import ExpressionSpec
from mlcore.capture import captures, process
from mlcore.capture.captures import CaptureSpec
from mlcore.capture.control_flow import ControlSpec
from mlcore.capture.cost import Cost, Costs, CostSpec
from mlcore.capture.recorders import RECORDERS
from pages.rooms.define_by_run.control import program
from pages.rooms.define_by_run.cost import duration, pays
from pages.rooms.define_by_run.history import MILESTONES
from pages.rooms.define_by_run.room import VIEWS
from pages.ui.text import LANGUAGES, Text, catalog, number
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
opened = partial(rooms.opened, "define_by_run", arr="100")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"define_by_run.{view}.claim"] in said(page)
    assert not page.error
    assert len(pictures(page)) == {"graphs": 2, "control": 1, "cost": 1, "history": 0}[view]
    assert not any("{" in found.value for kind in ("markdown", "caption") for found in getattr(page, kind))


@pytest.mark.parametrize("recorder", RECORDERS[1:])
def test_every_recorder_shows_its_graph_and_its_words(recorder: str) -> None:
    page = opened(rec=recorder, expr="fork")
    known = {one.recorder: one for one in captures.capture(CaptureSpec(ExpressionSpec("fork")))}
    assert set(pictures(page)) == {"eager0", f"{recorder}0"}
    drawn = pictures(page)[f"{recorder}0"]["figures"][0]["data"][1]
    assert len(drawn["text"]) == len(known[recorder].diagrams[0].nodes)
    assert known[recorder].text in [code.value for code in page.code]
    table = page.dataframe[0].value
    assert table["operations"].tolist() == [str(known[name].operations) for name in RECORDERS]
    assert set(table["value"]) == {number(known["eager"].value or 0, 6)}


def test_another_expression_is_recorded_and_nonsense_gets_a_sentence() -> None:
    page = opened(expr="own", ex="tanh(w*x)")
    assert not page.error
    widget(page, "define_by_run", "ex").set_value("__import__('os')")
    rerun(page)
    assert len(page.error) == 1
    assert "tanh(w*x)" in said(page)
    assert set(pictures(page)) == {"eager0", "export0"}


def test_ones_own_expression_begins_with_the_one_that_was_there() -> None:
    page = opened(expr="fork")
    widget(page, "define_by_run", "expr").set_value("own")
    rerun(page)
    assert link_of(page)["ex"] == "x*y + sin(x)"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_frozen_branch_is_told_with_its_numbers(lang: str) -> None:
    page = opened(view="control", lang=lang)
    assert len(page.warning) == 1
    assert "**[−3, −3]**" in said(page)
    assert "**[−2, −2]**" in said(page)
    verdicts = page.dataframe[0].value.iloc[:, 3].tolist()
    words = {key: catalog(lang)[f"define_by_run.verdict.{key}"] for key in ("right", "wrong", "refused")}
    kinds = "right wrong refused refused right refused right right"
    assert verdicts == [words[kind] for kind in kinds.split()]


def test_inputs_on_one_side_of_the_branch_are_right_by_luck() -> None:
    page = opened(view="control", unseen="2~1")
    assert not page.warning
    assert "by luck" in page.info[0].value
    page = opened(view="control")
    fields = [found for found in page.number_input if ".unseen." in found.key]
    fields[0].set_value(5.0)
    rerun(page)
    assert link_of(page)["unseen"] == "5~-1"
    assert "by luck" in page.info[0].value


@pytest.mark.parametrize("told", ["trace", "symbolic", "export", "dynamo", "jaxpr", "cond", "jax_cond"])
@pytest.mark.parametrize("flow", ["branch", "loop"])
def test_one_can_look_into_every_outcome(flow: str, told: str) -> None:
    page = opened(view="control", flow=flow, told=told)
    assert not page.error
    refused = told in ("symbolic", "export", "jaxpr")
    assert len(pictures(page)) == (0 if refused else 1)
    assert ("refuses" in said(page)) == refused
    if told == "dynamo":
        assert "Graphs made: 2, breaks: " in said(page)
        assert any("size mismatch" in code.value for code in page.code)
        widget(page, "define_by_run", "graph").set_value("2")
        rerun(page)
        assert link_of(page)["graph"] == "2"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "link",
    [{"flow": "loop", "body": "2*x"}, {"then": "log(-x)"}, {"then": "3"}, {"when": "sum(x)"},
     {"else": "<b>x</b>"}, {"when": ""}],
)  # fmt: skip
def test_what_cannot_be_run_gets_a_sentence(link: dict[str, Any], lang: str) -> None:
    page = opened(view="control", lang=lang, **link)
    assert len(page.error) == 1
    assert "<b>" not in page.error[0].value


def test_the_program_is_what_a_student_would_write() -> None:
    assert program(ControlSpec()) == "def f(x):\n    if sum(x) > 0:\n        return 3*x\n    return x - 1"
    assert program(ControlSpec("loop")) == (
        "def f(x):\n    while sum(abs(x) - 1) > 0:\n        x = x/2\n    return x"
    )


def test_the_costs_on_the_page_are_those_that_were_measured() -> None:
    page = opened(view="cost", expr="neuron")
    table = page.dataframe[0].value
    assert table["way"].tolist()[:2] == ["PyTorch, eager", "torch.jit.trace"]
    assert "JAX" not in "".join(info.value for info in page.info)
    names = [trace["name"] for trace in pictures(page)["totals"]["figures"][0]["data"] if trace["name"]]
    assert names == table["way"].tolist()


@pytest.mark.parametrize(
    ("seconds", "told"), [(12.3, "12.3 s"), (0.0123, "12.3 ms"), (1.23e-5, "12.3 µs"), (1e-9, "0.001 µs")]
)
def test_durations_have_the_unit_that_suits(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_it_is_said_from_which_run_on_it_pays_and_when_never(monkeypatch: pytest.MonkeyPatch) -> None:
    quick, slow = Cost("jit", 0.01, 5e-4), Cost("compile", 5.0, 2e-3)
    found = Costs(CostSpec(), (Cost("eager", 0.0, 1e-3), quick, slow), 1.0)
    assert "2 times as fast. It pays from run **20** on" in pays(found, quick, Text("jit"))
    assert pays(found, quick, Text("jit")).startswith(
        "**jit**: building takes 10 ms, a run 500 µs instead of 1 ms"
    )
    assert "never pays" in pays(found, slow, Text("compile"))


def test_what_the_server_lacks_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.ui import waiting

    ways = (Cost("eager", 0.0, 1e-3), Cost("compile", missing="compiler"), Cost("jit", missing="jax"),
            Cost("trace", problem="no such thing"))  # fmt: skip
    view = type("View", (), {"result": Costs(CostSpec(), ways, 0.0)})
    monkeypatch.setattr(waiting, "follow", lambda *given: view)
    page = opened(view="cost")
    assert "C++ compiler" in page.info[0].value
    assert "pip install jax" in page.info[1].value
    assert "**torch.jit.trace refuses this function.**" in said(page)
    assert "no such thing" in [code.value for code in page.code]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_compiler_that_hangs_or_crashes_is_a_sentence(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlcore.engine.jobs import Snapshot, State
    from pages.ui import compute

    for error in (process.CaptureError("slow", seconds="60"), process.CaptureError("crashed")):
        failed = Snapshot("key", State.FAILED, problem=str(error), refusal=error)
        monkeypatch.setattr(compute, "ask", lambda *given, failed=failed: failed)
        page = opened(lang=lang)
        assert len(page.error) == 1
        assert not page.exception


def test_the_history_has_a_source_for_every_line() -> None:
    page = opened(view="history")
    table = next(found.value for found in page.markdown if found.value.startswith("|"))
    assert table.count("\n") == len(MILESTONES) + 1
    for milestone in MILESTONES:
        assert f"({milestone.link})" in table
    assert [one.year for one in MILESTONES] == sorted(one.year for one in MILESTONES)


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(view="control", told="everyone", seen="a~b", flow="goto")
    assert len(page.warning) == 4  # three sentences, and the frozen trace
