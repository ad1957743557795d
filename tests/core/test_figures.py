"""Figures as data: what is in which trace, that it is the result, and that everybody can tell it apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import sklearn.datasets
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_selection import f_classif, f_regression

from mlcore.base.points import read
from mlcore.families.datasets import DATASETS
from mlcore.families.models import ModelSpec
from mlcore.figures import data as data_figures
from mlcore.figures import drawing, features, history, theme, words
from mlcore.figures import training as training_figures
from mlcore.files import store
from mlcore.training import inspection
from mlcore.training.data import Data, DataSpec, load
from mlcore.training.descent import Status
from mlcore.training.tasks import Task, TrainSpec, prepare
from mlcore.training.training import Run, train
from mlcore.training.verdict import Kind
from tests.core import (
    backpropagation_cases,
    bias_variance_cases,
    capture_cases,
    class_cases,
    classification_task_cases,
    contrastive_cases,
    depth_cases,
    descent_cases,
    double_descent_cases,
    embedding_cases,
    escape_cases,
    fitting_cases,
    landscape_cases,
    linear_cases,
    loss_cases,
    mask_cases,
    model_cases,
    path_cases,
    race_cases,
    regression_task_cases,
    task_cases,
)

NASTY = ("<b>a</b>", "%{x}<extra>", "&lt;i&gt;")
NASTY_CSV = "<u>w</u>,%{y},kind\n" + "".join(
    f"{i % 7 + k},{i % 5 - k},{name}\n" for i in range(30) for k, name in enumerate(NASTY)
)
SMALL = TrainSpec(
    data=DataSpec("moons", examples=60, label_noise=0.2), model=ModelSpec(widths=(5, 4)), steps=30
)
CURVE = TrainSpec(data=DataSpec("sine", examples=60), loss="mse", model=ModelSpec(widths=(6,)), steps=30)


@pytest.fixture(scope="module", autouse=True)
def a_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCORE_STORE", str(tmp_path_factory.mktemp("tables")))
        yield


@cache
def trained(spec: TrainSpec) -> tuple[Run, Task]:
    return train(spec), prepare(spec)


@cache
def nasty() -> Data:
    return load(DataSpec("csv", table=store.put(NASTY_CSV.encode())))


@cache
def outliers() -> Data:
    return load(DataSpec("heavy_tail", knobs=(("dof", 1.0),)))


@cache
def sweep(name: str = "lr") -> Run:
    return train(replace(CURVE, replicas=12, sweep=name, sweep_low=1e-3, sweep_high=1.0))


@cache
def seeds() -> Run:
    return train(replace(SMALL, replicas=9))


def with_records(run: Run, lost: tuple[int, ...] = (), **columns: Any) -> Run:
    status = tuple(Status.DIVERGED if i in lost else s for i, s in enumerate(run.status))
    return replace(run, records=run.records._replace(**columns), status=status)


def diverged(run: Run, replica: int, worst: float = np.inf) -> Run:
    """The run with one replica that grows tenfold each record, overflows and is no number in the end."""
    train_cost, test_cost = run.records.train_cost.copy(), run.records.test_cost.copy()
    for cost in (train_cost, test_cost):
        growth = np.float32(10) ** np.arange(len(cost) - 1)
        cost[1:, replica] = cost[0, replica] * np.minimum(growth, np.float32(1e38) / 10)
        cost[-5:-2, replica] = worst
        cost[-2:, replica] = np.nan
    train_score, test_score = run.records.train_score.copy(), run.records.test_score.copy()
    train_score[-5:, replica] = test_score[-5:, replica] = np.nan
    return with_records(
        run, (replica,), train_cost=train_cost, test_cost=test_cost,
        train_score=train_score, test_score=test_score,
    )  # fmt: skip


def moons_boundary(say: words.Say) -> go.Figure:
    run, task = trained(SMALL)
    return training_figures.boundary(task.data, inspection.decision(run, task), say)


def nasty_boundary(say: words.Say) -> go.Figure:
    value = np.zeros((2, 4, 3), np.float32)
    value[-1] = np.arange(12).reshape(4, 3) % 3
    axes = np.linspace(-1, 8, 3), np.linspace(-3, 5, 4)
    return training_figures.boundary(nasty(), inspection.Decision(*axes, value), say)


def counts() -> np.ndarray[Any, Any]:
    return inspection.confusion(*trained(SMALL))


def of(spec: TrainSpec, draw: Callable[..., go.Figure], *more: Any) -> Callable[[words.Say], go.Figure]:
    return lambda say: draw(trained(spec)[0], *more, say=say)


def layers_of(draw: Callable[..., go.Figure]) -> Callable[[words.Say], go.Figure]:
    return lambda say: draw(trained(SMALL)[0], inspection.layers(*trained(SMALL)), say=say)


def of_data(name: str, *draws: Callable[..., go.Figure]) -> dict[str, Callable[[words.Say], go.Figure]]:
    def later(draw: Callable[..., go.Figure]) -> Callable[[words.Say], go.Figure]:
        return lambda say: draw(nasty() if name == "nasty" else load(DataSpec(name, examples=150)), say=say)

    return {f"{draw.__name__} {name}": later(draw) for draw in draws}


SPREAD = (data_figures.histograms, data_figures.pairs, data_figures.balance, data_figures.standardizing)
CASES: dict[str, Callable[[words.Say], go.Figure]] = {
    **of_data("nasty", data_figures.scatter, *SPREAD),
    **of_data("moons", data_figures.scatter, *SPREAD),
    **of_data("sine", data_figures.scatter, *SPREAD),
    **of_data("wine", *SPREAD),
    **of_data("diabetes", *SPREAD),
    **of_data("digits", data_figures.digits, *SPREAD),
    "board of classes": lambda say: drawing.board(read(DATASETS["drawn_plane"].example), True, say),
    "board of a curve": lambda say: drawing.board(read(DATASETS["drawn_curve"].example), False, say),
    "board empty": lambda say: drawing.board((), True, say),
    "scatter outliers": lambda say: data_figures.scatter(outliers(), say),
    "scatter mislabeled": lambda say: data_figures.scatter(trained(SMALL)[1].data, say),
    "boundary": moons_boundary,
    "boundary nasty": nasty_boundary,
    "fit": lambda say: training_figures.fit(trained(CURVE)[1].data, inspection.curve(*trained(CURVE)), say),
    "confusion": lambda say: training_figures.confusion(counts(), ("0", "1"), say),
    "confusion nasty": lambda say: training_figures.confusion(np.ones((2, 3, 3), np.int32), NASTY, say),
    "agreement": lambda say: training_figures.agreement(
        trained(CURVE)[1].data, inspection.estimates(*trained(CURVE)), say
    ),
    "agreement off": lambda say: training_figures.agreement(
        trained(CURVE)[1].data, np.full((2, 18), np.nan, np.float32), say
    ),
    "costs": of(SMALL, training_figures.costs, 0.69),
    "costs log": of(SMALL, training_figures.costs, 0.69, True),
    "costs seeds": lambda say: training_figures.costs(seeds(), 0.69, say=say),
    "costs lr": lambda say: training_figures.costs(sweep(), 1.0, True, say),
    "costs l2": lambda say: training_figures.costs(sweep("l2"), 1.0, False, say),
    "costs diverged": lambda say: training_figures.costs(diverged(seeds(), 2), 0.69, say=say),
    "costs one diverged": lambda say: training_figures.costs(diverged(trained(SMALL)[0], 0), 0.69, True, say),
    "scores": of(SMALL, training_figures.scores, 0.5),
    "scores r2": of(CURVE, training_figures.scores, 0.0),
    "scores diverged": lambda say: training_figures.scores(diverged(seeds(), 2), 0.5, say),
    "gradient_norms": layers_of(training_figures.gradient_norms),
    "weights": layers_of(training_figures.weights),
    "outcomes lr": lambda say: training_figures.outcomes(
        sweep(), ["learned", "overfit", "chance", "diverged"] * 3, say
    ),
    "outcomes l2": lambda say: training_figures.outcomes(sweep("l2"), ["learned"] * 12, say),
    "outcomes seed": lambda say: training_figures.outcomes(seeds(), ["chance"] * 9, say),
    "share": lambda say: training_figures.share(37, 50, 0.59, 0.86, say),
    **model_cases.CASES,
    **backpropagation_cases.CASES,
    **capture_cases.CASES,
    **loss_cases.CASES,
    **escape_cases.CASES,
    **path_cases.CASES,
    **bias_variance_cases.CASES,
    **double_descent_cases.CASES,
    **fitting_cases.CASES,
    **landscape_cases.CASES,
    **descent_cases.CASES,
    **race_cases.CASES,
    **depth_cases.CASES,
    **embedding_cases.CASES,
    **linear_cases.CASES,
    **task_cases.CASES,
    **regression_task_cases.CASES,
    **classification_task_cases.CASES,
    **contrastive_cases.CASES,
    **mask_cases.CASES,
    **class_cases.CASES,
}  # fmt: skip


@cache
def drawn(case: str) -> go.Figure:
    return CASES[case](words.english)


def texts(figure: go.Figure) -> list[str]:
    """Every string of the figure that is no array."""
    found: list[str] = []

    def visit(node: Any) -> None:
        if isinstance(node, str):
            found.append(node)
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            visit(child)

    plain = json.loads(figure.to_json())
    plain["layout"].pop("template")
    visit(plain)
    return found


def arrays(figure: go.Figure) -> Iterator[np.ndarray[Any, Any]]:
    for trace in figure.data:
        for name in ("x", "y", "z", "q1", "median", "q3", "lowerfence", "upperfence"):
            if getattr(trace, name, None) is not None and name in trace:
                yield np.asarray(trace[name])
        for dimension in getattr(trace, "dimensions", ()) or ():
            yield np.asarray(dimension["values"])


# ---------------------------------------------------------------- every figure


@pytest.mark.parametrize("case", CASES)
def test_every_figure_leaves_size_fonts_and_ground_to_the_page(case: str) -> None:
    layout = drawn(case).layout
    assert layout.width is None
    assert layout.height is None
    assert layout.font.color is None
    assert layout.font.family is None
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.uirevision
    assert "data" not in layout.template.to_plotly_json()  # no theme of Plotly's or Streamlit's


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_light_and_valid(case: str) -> None:
    figure = drawn(case)
    json.loads(figure.to_json())  # raises where an attribute does not exist
    kinds = {str(a.dtype) for a in arrays(figure) if a.dtype.kind in "fiu"}
    assert kinds <= {"float32", "int32", "uint16", "int8"}
    assert len(figure.to_json()) < 300_000


NAMES = ("standardizing", "cures", "class escaped", "class said choice")  # stand at the ticks of y
NO_AXES = ("digits", "embedding images", "legend", "mask image", "share", "network", "relief")


@pytest.mark.parametrize("case", [case for case in CASES if not case.startswith(NO_AXES)])
def test_every_axis_has_a_name(case: str) -> None:
    layout = drawn(case).layout.to_plotly_json()
    if "pairs" in case:
        assert all(d.label for trace in drawn(case).data for d in trace.dimensions)
        return
    named = [axis for axis in layout if axis.startswith("xaxis")]
    assert all(layout[axis]["title"]["text"] for axis in named)
    if not any(name in case for name in NAMES):
        assert any(layout[axis].get("title", {}).get("text") for axis in layout if axis.startswith("yaxis"))


def test_all_words_are_asked_for_and_all_keys_are_used() -> None:
    asked: set[str] = set()

    def say(key: str) -> str:
        asked.add(key)
        return words.english(key)

    for case in CASES.values():
        case(say)
    assert asked == set(words.ENGLISH)


@pytest.mark.parametrize("case", CASES)
def test_no_english_is_left_when_it_is_translated(case: str) -> None:
    """With every word "뜻", what letters remain are names of the data, marks and Plotly's own settings."""
    known = set(texts(CASES[case](lambda key: "뜻")))
    phrases = {
        word for word in words.ENGLISH.values() if " " in word or word in ("step", "cost", "chance", "test")
    }
    assert not known & phrases


@pytest.mark.parametrize("case", [case for case in CASES if "nasty" in case])
def test_names_of_users_are_no_markup(case: str) -> None:
    shown = " ".join(texts(drawn(case)))
    assert "‹" in shown or "standardizing" in case  # they are there, in a harmless form
    for evil in (*NASTY, "<u>", "%{y},", "<b>", "<i>", "&lt;"):
        assert evil not in shown.replace("%{z:.2f}<extra></extra>", "").replace("%{y}<br>", "")


# ---------------------------------------------------------------- colors


def linear(color: str) -> np.ndarray[Any, Any]:
    c = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """WCAG 2.2."""
    dark, light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    m = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
    t = np.array(m) @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


SEEN_BY = {  # Machado, Oliveira and Fernandes 2009, severity 1
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
}  # fmt: skip
ROLES = {r: getattr(theme, r) for r in ("TRAIN", "TEST", "CHANCE", "TRUTH", "MODEL", "RING")}


def difference(a: str, b: str, eyes: str) -> float:
    m = SEEN_BY[eyes]
    return float(np.linalg.norm(lab(m @ linear(a)) - lab(m @ linear(b))))


def test_the_oracles_know_black_white_red_and_green() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert difference("#000000", "#ffffff", "all cones") == pytest.approx(100, abs=0.01)
    assert difference("#cc0000", "#4d7300", "all cones") > 80
    assert difference("#cc0000", "#736900", "deuteranopia") < 25


@pytest.mark.parametrize("ground", ["#ffffff", "#0e1117"])
def test_colors_stand_out_from_both_grounds(ground: str) -> None:
    used = {role.color for role in (*ROLES.values(), *theme.VERDICTS.values())} | {
        *theme.COLORS,
        *theme.ORDER,
    }
    assert {c: r for c in used if (r := contrast(c, ground)) < 3} == {}


@pytest.mark.parametrize("eyes", SEEN_BY)
def test_colors_differ_for_everybody(eyes: str) -> None:
    """20 is ten times what is just noticeable."""
    for group in (theme.COLORS, theme.ORDER, [v.color for v in theme.VERDICTS.values()]):
        assert {(a, b): d for a, b in combinations(group, 2) if (d := difference(a, b, eyes)) < 20} == {}
    together = [ROLES[r].color for r in ("TRAIN", "TEST", "CHANCE", "TRUTH", "MODEL")]
    assert {(a, b): d for a, b in combinations(together, 2) if (d := difference(a, b, eyes)) < 20} == {}


def test_color_is_never_the_only_cue() -> None:
    assert len({r.dash for r in (theme.TRAIN, theme.TEST, theme.CHANCE, theme.TRUTH)}) == 4
    assert len({v.symbol for v in theme.VERDICTS.values()}) == len(theme.VERDICTS)
    looks = [theme.of_class(k) for k in range(70)]
    assert len({look.symbol for look in looks[:10]}) == 10
    assert len({(look.color, look.symbol) for look in looks}) == 70
    assert len({look.dash for look in looks[:6]}) == 6


def test_verdicts_are_those_of_the_core() -> None:
    assert set(theme.VERDICTS) == {kind.name.lower() for kind in Kind}


# ---------------------------------------------------------------- windows and axes


@given(st.floats(-6, 6), st.floats(1e-6, 8))
def test_a_scale_of_logarithms_has_numbers_that_tell_them_apart(low: float, wide: float) -> None:
    found = theme.log_ticks(low, low + wide)
    values = np.array([float(text) for text in found["ticktext"]])
    assert 3 <= len(values) <= 20
    assert (np.diff(values) > 0).all()
    np.testing.assert_allclose(np.log10(values), found["tickvals"], atol=1e-9)
    assert low - 1e-9 <= min(found["tickvals"]) <= max(found["tickvals"]) <= low + wide + 1e-9


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_a_window_shows_all_or_all_but_a_few(values: list[float]) -> None:
    low, high = theme.window(values)
    assert low < high
    inside = [v for v in values if low <= v <= high]
    assert len(inside) >= 0.9 * len(values) - 2


def test_a_window_ignores_what_is_far_off_and_no_number() -> None:
    values = np.linspace(-1, 1, 200)
    assert theme.window(values) == pytest.approx((-1.12, 1.12))
    low, high = theme.window([*values, 1e6, np.nan, -np.inf])
    assert -2.2 < low < -1
    assert 1 < high < 2.2
    assert theme.window([np.nan, np.inf]) == (0, 1)
    assert theme.window([3.0, 3.0]) == (1.5, 4.5)


def test_a_log_axis_shows_the_positive_values() -> None:
    axis = theme.log_axis([0.0, -1.0, np.nan, np.inf, 0.02, 10.0])
    low, high = axis["range"]
    assert -1.9 < low < np.log10(0.02)
    assert 1 < high < 1.2
    assert axis["dtick"] == "D2"
    assert "dtick" not in theme.log_axis([1e-9, 1e9])  # 36 labels would lie over each other
    assert theme.log_axis([0.0])["range"][0] < theme.log_axis([0.0])["range"][1]


def test_many_points_are_drawn_by_webgl() -> None:
    for count, kind in ((2000, "scatter"), (2001, "scattergl")):
        assert theme.points(np.zeros(count), np.zeros(count), theme.TRAIN, "").type == kind
    assert {t.type for t in data_figures.scatter(load(DataSpec("moons", examples=5000))).data} == {
        "scatter"
    }  # two classes, training: 1750 points a trace


def test_a_band_leaves_out_what_is_no_number() -> None:
    band = theme.band([0, 1, 2], [1, np.nan, 3], [4, 5, 6], "#000000", "")
    assert band.x.tolist() == [0, 2, 2, 0]
    assert band.y.tolist() == [1, 3, 6, 4]


# ---------------------------------------------------------------- the examples


def shown(trace: Any) -> np.ndarray[Any, Any]:
    return np.stack([trace.x, trace.y], axis=1)


def in_units(data: Data) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    return data.raw(data.x).numpy(), data.raw(data.x_test).numpy()


@pytest.mark.parametrize("name", ["moons", "nasty"])
def test_a_scatter_has_training_then_test_class_by_class(name: str) -> None:
    data = load(DataSpec("moons", examples=150)) if name == "moons" else nasty()
    traces, k = drawn(f"scatter {name}").data, data.classes
    assert len(traces) == 2 * k + 3
    for part, y, filled in zip((0, 1), (data.y, data.y_test), (True, False), strict=True):
        for cls in range(k):
            trace = traces[part * k + cls]
            assert np.allclose(shown(trace), in_units(data)[part][(y == cls).numpy()], rtol=1e-6)
            look = theme.of_class(cls)
            assert trace.marker.symbol == look.symbol
            assert (trace.marker.color if filled else trace.marker.line.color) == look.color
            assert trace.showlegend == filled
            assert trace.legendgroup == traces[cls].legendgroup  # one click hides both
    assert [t.name for t in traces[-2:]] == ["training", "test"]


def test_rings_are_around_wrong_labels_only() -> None:
    data = trained(SMALL)[1].data
    ring = drawn("scatter mislabeled").data[4]
    wrong = [x[(y != c).numpy()] for x, y, c in zip(
        in_units(data), (data.y, data.y_test), (data.clean, data.clean_test), strict=True
    )]  # fmt: skip
    assert np.allclose(shown(ring), np.concatenate(wrong), rtol=1e-6)
    assert 5 < len(ring.x) < 25
    assert ring.showlegend
    clean = drawn("scatter moons").data[4]
    assert len(clean.x) == 0
    assert not clean.showlegend


def test_a_curve_shows_truth_training_and_test_in_units() -> None:
    data = load(DataSpec("sine", examples=150))
    truth, training, test = drawn("scatter sine").data
    assert np.allclose(truth.y, np.sin(np.pi * truth.x.astype(float)), atol=1e-5)
    for trace, x, y in ((training, data.x, data.y), (test, data.x_test, data.y_test)):
        assert np.allclose(trace.x, data.raw(x)[:, 0], rtol=1e-6)
        assert np.allclose(trace.y, data.label(y), rtol=1e-6)


def test_outliers_are_counted_and_do_not_flatten_the_rest() -> None:
    figure = drawn("scatter outliers")
    low, high = figure.layout.yaxis.range
    y = np.concatenate([trace.y for trace in figure.data[1:]])
    outside = int(((y < low) | (y > high)).sum())
    assert 0 < outside < 15
    assert figure.layout.annotations[0].text == f"{outside} points lie outside"
    assert high - low < 0.5 * (y.max() - y.min())


def test_data_without_a_plane_cannot_be_scattered() -> None:
    with pytest.raises(ValueError, match="classification with 13 features: use pairs"):
        data_figures.scatter(load(DataSpec("wine")))


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes"])
@pytest.mark.parametrize("count", [1, 3])
def test_the_most_telling_features_are_those_of_scikit_learn(name: str, count: int) -> None:
    data = load(DataSpec(name, examples=2000))
    score = f_regression if data.task == "regression" else f_classif
    expected = np.argsort(score(data.x.numpy(), data.y.numpy())[0])[-count:]
    assert features.telling(data, count) == sorted(expected.tolist())


def test_telling_passes_over_features_that_never_change() -> None:
    data = load(DataSpec("digits", examples=300))
    chosen = features.telling(data, 12)
    assert len(chosen) == 12
    assert (data.x[:, chosen].std(0) > 0).all()


@pytest.mark.parametrize("name", ["moons", "nasty", "wine", "diabetes", "digits"])
def test_histograms_count_every_training_example_once(name: str) -> None:
    data = nasty() if name == "nasty" else load(DataSpec(name, examples=150))
    figure, kinds = drawn(f"histograms {name}"), max(1, data.classes)
    panels = len(figure.data) // kinds
    assert panels == min(12, data.x.shape[1] + (data.task == "regression"))
    for i, trace in enumerate(figure.data):
        members = len(data.y) if data.classes == 0 else int((data.y == i % kinds).sum())
        assert trace.y[1:-1].sum() == members
        assert trace.line.shape == "hv"  # the height belongs to the bin that begins there
        assert np.array_equal(trace.x, figure.data[i - i % kinds].x)  # the same bins in a panel


def test_a_histogram_is_that_of_numpy() -> None:
    values = np.array([0.0, 0.1, 0.1, 0.9, 0.5, 0.52])
    trace = features.steps(values, np.array([0, 0.5, 1.0]), theme.TRAIN, "")
    assert trace.x.tolist() == [0, 0, 0.5, 1]
    assert trace.y.tolist() == [0, 3, 3, 0]
    assert features.edges(np.array([1.0, 2, 4])).tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert len(features.edges(np.array([7.25, 7.25]))) > 2
    assert (np.diff(features.edges(np.array([7.25, 7.25]))) > 0).all()


def test_figures_say_how_many_features_they_leave_out() -> None:
    assert drawn("histograms digits").layout.title.text == "12 of 64 features"
    assert drawn("pairs diabetes").layout.title.text == "5 of 10 features"
    assert drawn("standardizing wine").layout.title.text == "12 of 13 features"
    assert not drawn("histograms moons").layout.title.text


def test_pairs_hold_the_training_examples_of_each_class() -> None:
    data = load(DataSpec("wine", examples=150))
    chosen = features.telling(data, 5)
    for k, trace in enumerate(drawn("pairs wine").data):
        expected = in_units(data)[0][(data.y == k).numpy()][:, chosen]
        found = np.stack([dimension["values"] for dimension in trace.dimensions], axis=1)
        assert np.allclose(found, expected, rtol=1e-6)
    target = drawn("pairs diabetes").data[0].dimensions[-1]
    assert target.label == "target"
    # Plotly fails on half of a matrix of two: all of it is drawn.
    assert drawn("pairs sine").data[0].showupperhalf
    assert not drawn("pairs wine").data[0].showupperhalf


def test_digits_are_the_images_with_their_labels() -> None:
    data = load(DataSpec("digits", examples=150))
    image, label = drawn("digits digits").data
    assert image.z.shape == (4 * 12, 90)
    tile = image.z[12:20, 27:35]  # second row, fourth column
    bunch = sklearn.datasets.load_digits()
    assert np.allclose(tile, bunch.images[data.train_rows[13]])
    assert label.text[13] == str(bunch.target[data.train_rows[13]])
    assert np.isnan(image.z[8:12]).all()
    assert len(data_figures.digits(data, 7).data[1].text) == 7
    with pytest.raises(ValueError, match="Only the digits"):
        data_figures.digits(load(DataSpec("iris")))


def test_mislabeled_digits_show_both_labels() -> None:
    data = load(DataSpec("digits", examples=150, label_noise=0.5))
    said = data_figures.digits(data).data[1].text
    for text, y, clean in zip(said, data.y.tolist(), data.clean.tolist(), strict=False):
        assert text == (str(y) if y == clean else f"{clean}→{y}")
    assert 5 < sum("→" in text for text in said) < 35


def test_balance_counts_both_parts() -> None:
    data = load(DataSpec("wine", examples=150))
    for bars, y in zip(drawn("balance wine").data, (data.y, data.y_test), strict=True):
        assert bars.y.tolist() == [int((y == k).sum()) for k in range(3)]
        assert list(bars.text) == bars.y.tolist()
    training, test = drawn("balance diabetes").data
    assert (training.y[1:-1].sum(), test.y[1:-1].sum()) == (105, 45)


@pytest.mark.parametrize("standardize", [True, False])
def test_standardizing_shows_both_whatever_the_model_sees(standardize: bool) -> None:
    spec = DataSpec("wine", examples=150, standardize=standardize)
    before, after = data_figures.standardizing(load(spec)).data
    x = sklearn.datasets.load_wine().data[load(spec).train_rows]
    widest = np.argsort(-x.std(0))
    assert np.allclose(before.upperfence[0], x[:, widest[0]].max())
    assert np.allclose(after.median[0], np.median((x - x.mean(0)) / x.std(0), axis=0)[widest[0]], atol=1e-5)
    assert len(before.q1) == 12
    ranges = [np.subtract(box.q3, box.q1) for box in (before, after)]
    assert ranges[0].max() / ranges[0].min() > 1000  # it is seen that the units differ,
    assert ranges[1].max() / ranges[1].min() < 4  # and that they agree


# ---------------------------------------------------------------- what the model says


def test_a_boundary_begins_with_the_last_decision() -> None:
    run, task = trained(SMALL)
    decision = inspection.decision(run, task)
    figure = drawn("boundary")
    ground = figure.data[0]
    assert ground.type == "heatmap"
    assert np.array_equal(ground.z, decision.value[-1])
    assert (ground.zmin, ground.zmax) == (0, 1)
    line = figure.data[-1]
    assert decision.line is not None
    assert np.array_equal(line.z, decision.line[-1])
    assert (line.contours.start, line.contours.end, line.contours.coloring) == (0, 0, "none")
    assert np.allclose(ground.x, decision.a)
    assert np.allclose(ground.y, decision.b)
    assert list(figure.layout.xaxis.range) == pytest.approx([decision.a[0], decision.a[-1]])
    for k in (0, 1):
        assert len(figure.data[1 + k].x) == int((task.data.y == k).sum())
        assert len(figure.data[3 + k].x) == int((task.data.y_test == k).sum())


@pytest.mark.parametrize("steep", [1e-3, 1.0, 1e6])
@pytest.mark.parametrize("growth", [0.0, 2.0])
def test_bytes_keep_where_a_function_is_zero(steep: float, growth: float) -> None:
    """f is steep, and grows over the plane e^8-fold; its zeros along every column are known."""
    a, cell = torch.linspace(-2, 2, 61), 4 / 60
    x, y = torch.meshgrid(a, a, indexing="xy")
    root = torch.sin(1.7 * a)
    code = inspection.near_zero((steep * torch.exp(growth * x) * (y - root))[None])[0].double()
    below = (code <= 0).long().sum(0) - 1  # [A] the last point under the line
    low, high = (code.gather(0, row[None])[0] for row in (below, below + 1))
    found = -2 + cell * (below - low / (high - low))
    assert float((found - root).abs().max()) < 0.1 * cell
    p = torch.sigmoid(1e6 * (y - root)) - 0.5  # what it is for: probabilities halve every cell
    assert float((p.diff(dim=0).abs() > 0.99).sum()) > 50


def test_log_odds_are_zero_where_both_classes_are_as_probable() -> None:
    outputs = torch.randn(100, 2, generator=torch.Generator().manual_seed(0))
    for logits in (outputs, outputs[:, :1]):
        p = inspection.probabilities(logits)
        np.testing.assert_allclose(inspection.log_odds(logits), (p[:, 1] / p[:, 0]).log(), atol=1e-5)


def test_the_default_boundary_is_small() -> None:
    spec = replace(TrainSpec(), steps=1)
    task = prepare(spec)
    figure = training_figures.boundary(task.data, inspection.decision(train(spec), task))
    assert len(figure.to_json()) < 50_000


def test_more_classes_have_one_pale_color_each() -> None:
    ground = drawn("boundary nasty").data[0]
    assert ground.type == "heatmap"
    assert (ground.zmin, ground.zmax) == (-0.5, 2.5)
    for k in range(3):  # halfway between two borders of the scale lies one class
        below, above = ground.colorscale[2 * k], ground.colorscale[2 * k + 1]
        assert below[0] < (k + 0.5) / 3 < above[0]
        assert below[1] == above[1] == theme.rgba(theme.of_class(k).color, 0.3)


def test_a_fit_begins_with_the_last_curve() -> None:
    run, task = trained(CURVE)
    curve = inspection.curve(run, task)
    figure = drawn("fit")
    model, truth, training, test = figure.data
    assert np.array_equal(model.y, curve.y[-1])
    assert np.allclose(truth.y, curve.truth)
    assert (len(training.x), len(test.x)) == (len(task.data.x), len(task.data.x_test))
    low, high = figure.layout.yaxis.range
    assert low < min(training.y) < max(training.y) < high
    unknown = training_figures.fit(task.data, replace(curve, truth=None))
    assert len(unknown.data[1].x) == 0
    assert not unknown.data[1].showlegend


def test_confusion_writes_the_last_counts_on_a_fixed_scale() -> None:
    matrix = np.array([[[5, 0], [3, 1]], [[2, 3], [0, 4]]], np.int32)
    figure = training_figures.confusion(matrix, ("no", "yes"))
    (heat,) = figure.data
    assert heat.z.tolist() == [[2, 3], [0, 4]]
    assert heat.texttemplate == "%{z}"
    assert (heat.zmin, heat.zmax) == (0, 5)
    assert list(figure.layout.yaxis.ticktext) == ["no", "yes"]
    assert figure.layout.yaxis.autorange == "reversed"  # the first class is the upper row
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("predicted", "true")
    assert figure.layout.yaxis.scaleanchor == "x"


def test_agreement_puts_predictions_over_truth() -> None:
    run, task = trained(CURVE)
    points, diagonal = drawn("agreement").data
    assert np.allclose(points.x, task.data.label(task.data.y_test), rtol=1e-6)
    assert np.array_equal(points.y, inspection.estimates(run, task)[-1])
    assert diagonal.x.tolist() == diagonal.y.tolist()
    assert drawn("agreement off").layout.annotations[0].text.startswith("18 points")


# ---------------------------------------------------------------- how the run went


def pieces(trace: Any) -> list[np.ndarray[Any, Any]]:
    """The curves of a trace in which NaN lifts the pen, each with its steps."""
    ends = np.flatnonzero(np.isnan(trace.y))
    both = np.stack([trace.x, trace.y])
    return [both[:, a:b] for a, b in zip([0, *(ends[:-1] + 1)], ends, strict=True)]


@pytest.mark.parametrize("case", ["costs", "costs seeds", "costs lr", "costs one diverged", "scores"])
def test_the_first_shape_is_the_cursor_at_the_last_step(case: str) -> None:
    cursor = drawn(case).layout.shapes[0]
    last = sweep().spec.steps
    assert (cursor.x0, cursor.x1, cursor.type) == (last, last, "line")
    assert (cursor.y0, cursor.y1, cursor.yref) == (0, 1, "y domain")


def test_one_replica_is_two_lines_and_chance() -> None:
    records = trained(SMALL)[0].records
    training, test, chance = drawn("costs").data
    assert np.array_equal(training.x, records.step)
    assert np.array_equal(training.y, records.train_cost[:, 0])
    assert np.array_equal(test.y, records.test_cost[:, 0])
    assert chance.y.tolist() == pytest.approx([0.69, 0.69])
    assert np.array_equal(drawn("scores").data[0].y, records.train_score[:, 0])
    assert np.array_equal(drawn("scores").data[1].y, records.test_score[:, 0])


def test_replicas_are_threads_with_their_median_and_middle_half() -> None:
    records = seeds().records
    traces = drawn("costs seeds").data
    assert len(traces) == 7
    for part, cost in enumerate((records.train_cost, records.test_cost)):
        threads = pieces(traces[part])
        assert len(threads) == 9
        for i, thread in enumerate(threads):
            assert np.array_equal(thread, np.stack([records.step, cost[:, i]]))
        low, median, high = np.quantile(cost, [0.25, 0.5, 0.75], axis=1)
        steps = len(records.step)
        assert np.allclose(traces[2 + part].y[:steps], low, rtol=1e-5)
        assert np.allclose(traces[2 + part].y[steps:], high[::-1], rtol=1e-5)
        assert np.allclose(traces[4 + part].y, median, rtol=1e-5)


def test_a_sweep_is_in_groups_from_low_to_high() -> None:
    records = sweep().records
    traces = drawn("costs lr").data
    assert len(traces) == 2 * 5 + 3
    for part, cost in enumerate((records.train_cost, records.test_cost)):
        threads = [thread for trace in traces[5 * part : 5 * part + 5] for thread in pieces(trace)]
        assert np.array_equal(np.stack([thread[1] for thread in threads], axis=1), cost)
    assert traces[0].name.startswith("η 0.001–")
    assert traces[4].name.endswith("–1")
    assert [t.line.dash for t in traces[:10]] == ["solid"] * 5 + ["dash"] * 5
    two = train(replace(CURVE, replicas=2, sweep="l2", sweep_low=1e-3, sweep_high=1.0))
    assert [t.name for t in training_figures.costs(two, 1.0).data[:2]] == ["λ₂ 0.001", "λ₂ 1"]


@pytest.mark.parametrize("worst", [np.inf, np.nan])
@pytest.mark.parametrize("log", [False, True])
def test_a_diverged_replica_leaves_the_axes_to_the_others(worst: float, log: bool) -> None:
    run = diverged(seeds(), 2, worst)
    figure = training_figures.costs(run, 0.69, log)
    low, high = (10**v for v in figure.layout.yaxis.range) if log else figure.layout.yaxis.range
    others = np.delete(seeds().records.train_cost, 2, axis=1)
    assert low <= others.min()
    assert others.max() <= high < 1.6 * max(0.69, others.max())
    assert figure.layout.annotations[0].text == "1 of 9 curves end outside"
    assert not any(np.isinf(trace.y).any() for trace in figure.data)
    assert np.isfinite(figure.data[4].y).all()  # the median of nine does not care for one


def test_the_median_goes_where_most_replicas_go() -> None:
    run = seeds()
    for replica in range(5):
        run = diverged(run, replica)
    median, quarter = (training_figures.costs(run, 0.69).data[k].y for k in (4, 2))
    assert np.isnan(median[-2:]).all()
    assert np.isfinite(median[:2]).all()
    steps = len(run.records.step)
    assert len(quarter) == 2 * steps  # its upper edge does not end: it leaves the picture
    assert quarter[steps] > training_figures.costs(run, 0.69).layout.yaxis.range[1]


def test_a_replica_without_a_score_counts_as_the_worst() -> None:
    run = seeds()
    for replica in range(5):
        run = diverged(run, replica)
    figure = training_figures.scores(run, 0.5)
    steps = len(run.records.step)
    low, high = figure.data[2].y[:steps], figure.data[2].y[steps:][::-1]
    assert np.isnan(figure.data[4].y[-5:]).all()
    assert (low[-5:] < figure.layout.yaxis.range[0]).all()
    expected = np.sort(run.records.train_score[-1, 5:])[1]  # the 7th of 9, the lost five below all others
    assert high[-1] == pytest.approx(expected)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_axes_are_finite_whatever_the_costs(value: float, log: bool) -> None:
    run = trained(SMALL)[0]
    flat = np.full_like(run.records.train_cost, value)
    lost = with_records(run, () if value == 0 else (0,), train_cost=flat, test_cost=flat)
    low, high = training_figures.costs(lost, 0.69, log).layout.yaxis.range
    assert np.isfinite([low, high]).all()
    assert low < high


def test_a_curve_that_rises_moderately_is_seen_in_full() -> None:
    run = trained(SMALL)[0]
    rising = np.geomspace(0.7, 4, len(run.records.step), dtype=np.float32)[:, None]
    figure = training_figures.costs(with_records(run, test_cost=rising), 0.69)
    assert figure.layout.yaxis.range[1] > 4
    assert not figure.layout.annotations
    spike = rising.copy()
    spike[3] = 1e6
    figure = training_figures.costs(with_records(run, test_cost=spike), 0.69)
    assert 4 < figure.layout.yaxis.range[1] < 15  # it leaves, and returns


def test_scores_are_named_by_what_they_are() -> None:
    assert drawn("scores").layout.yaxis.title.text == "accuracy"
    assert drawn("scores").layout.yaxis.range[0] == pytest.approx(-0.02)
    assert drawn("scores r2").layout.yaxis.title.text == "R²"
    run = trained(CURVE)[0]
    low = np.linspace(-50, 0.9, len(run.records.step), dtype=np.float32)[:, None]
    figure = training_figures.scores(with_records(run, train_score=low, test_score=low), 0.0)
    assert figure.layout.yaxis.range[0] == pytest.approx(-1.02)
    assert not figure.layout.annotations  # it began outside and ended inside
    assert drawn("scores diverged").layout.annotations[0].text == "1 of 9 curves end outside"


def test_quantiles_know_infinity() -> None:
    values = np.array([[1.0, 2, 3, np.inf], [-np.inf, 0, 1, 2], [1, 2, np.inf, np.inf]])
    low, median, high = history.quantiles(values, (0.25, 0.5, 0.75))
    assert low.tolist() == [1.75, -np.inf, 1.75]
    assert median.tolist() == [2.5, 0.5, np.inf]
    assert high.tolist() == [np.inf, 1.25, np.inf]


# ---------------------------------------------------------------- layers, and many replicas at their end


def test_gradient_norms_are_the_minibatch_and_each_layer() -> None:
    run, task = trained(SMALL)
    layers = inspection.layers(run, task)
    figure = drawn("gradient_norms")
    assert len(figure.data) == 1 + 3
    assert np.array_equal(figure.data[0].y, run.records.gradient_norm[:, 0])
    for k in range(3):
        assert np.array_equal(figure.data[1 + k].y, layers.gradient_norm[:, k])
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.shapes[0].x0 == SMALL.steps
    gone = layers.gradient_norm.copy()
    gone[3:], gone[1] = np.inf, 0
    broken = training_figures.gradient_norms(run, replace(layers, gradient_norm=gone))
    assert np.isfinite(broken.data[1].y).tolist()[:4] == [True, False, True, False]
    assert np.isfinite(broken.layout.yaxis.range).all()


def test_weights_fan_out_in_one_panel_a_layer() -> None:
    run, task = trained(SMALL)
    layers = inspection.layers(run, task)
    figure = drawn("weights")
    assert len(figure.data) == 3 * 3
    steps = len(run.records.step)
    for k in range(3):
        most, half, median = figure.data[3 * k : 3 * k + 3]
        for band, low, high in ((most, 0, 4), (half, 1, 3)):
            assert np.array_equal(band.y[:steps], layers.weights[:, k, low])
            assert np.array_equal(band.y[steps:], layers.weights[::-1, k, high])
        assert np.array_equal(median.y, layers.weights[:, k, 2])
    assert [shape.xref for shape in figure.layout.shapes] == ["x", "x2", "x3"]
    assert {shape.x0 for shape in figure.layout.shapes} == {SMALL.steps}
    wild = layers.weights.copy()
    wild[3:] = 1e30
    wild[-2:] = np.nan
    broken = training_figures.weights(run, replace(layers, weights=wild))
    assert np.abs(broken.layout.yaxis.range).max() < 32


def test_of_many_layers_nine_are_drawn_and_told_by_their_number() -> None:
    deep = TrainSpec(model=ModelSpec("deep", layers=64, units=3), batch_size=0, steps=4)
    run, task = trained(deep)
    layers = inspection.layers(run, task)
    norms, weights = (
        draw(run, layers) for draw in (training_figures.gradient_norms, training_figures.weights)
    )
    shown = [1, 9, 17, 25, 33, 41, 49, 57, 65]
    assert [trace.name for trace in norms.data[1:]] == [f"layer {k}" for k in shown]
    for k, line in zip(shown, norms.data[1:], strict=True):
        assert np.array_equal(line.y, layers.gradient_norm[:, k - 1])
    assert len(weights.data) == 3 * len(shown)
    assert np.array_equal(weights.data[5].y, layers.weights[:, 8, 2])


def test_outcomes_are_grouped_by_verdict() -> None:
    run = sweep()
    verdicts = (list(theme.VERDICTS) * 3)[:12]
    figure = training_figures.outcomes(run, verdicts)
    assert [trace.name for trace in figure.data] == [
        words.ENGLISH[f"figure.verdict.{kind}"] for kind in theme.VERDICTS
    ]
    along = run.spec.along("lr").numpy()
    for kind, trace in zip(theme.VERDICTS, figure.data, strict=True):
        mine = [i for i, verdict in enumerate(verdicts) if verdict == kind]
        assert np.allclose(trace.x, along[mine], rtol=1e-6)
        if kind != "diverged":
            assert np.allclose(trace.y, run.records.test_cost[-1, mine], rtol=1e-6)
    assert figure.layout.xaxis.type == "log"
    assert drawn("outcomes seed").layout.xaxis.type == "linear"
    assert [trace.showlegend for trace in drawn("outcomes l2").data] == [
        True,
        *[False] * (len(theme.VERDICTS) - 1),
    ]


def test_outcomes_that_are_no_number_stand_at_the_upper_edge() -> None:
    run = sweep()
    cost = run.records.test_cost.copy()
    cost[-1] = np.geomspace(1e-3, 1, 12)
    cost[-1, 9:] = [1e20, np.inf, np.nan]
    verdicts = ["learned"] * 9 + ["diverged"] * 3
    figure = training_figures.outcomes(with_records(run, test_cost=cost), verdicts)
    assert figure.layout.yaxis.type == "log"  # they span decades
    diverged = figure.data[list(theme.VERDICTS).index("diverged")].y
    low, high = figure.layout.yaxis.range
    assert len(set(diverged.tolist())) == 1
    assert np.log10(cost[-1, 8]) < np.log10(diverged[0]) < high
    assert low < -3
    assert drawn("outcomes seed").layout.yaxis.type == "linear"


def test_verdicts_must_be_known_and_one_each() -> None:
    with pytest.raises(ValueError, match="unknown: fine"):
        training_figures.outcomes(seeds(), ["fine"] * 9)
    with pytest.raises(ValueError, match="9 replicas need one verdict each"):
        training_figures.outcomes(seeds(), ["learned"])


def test_a_share_carries_its_interval() -> None:
    figure = drawn("share")
    (bar,) = figure.data
    assert bar.x.tolist() == pytest.approx([0.74])
    assert bar.y[0] == "37 of 50"
    assert bar.x[0] + bar.error_x.array[0] == pytest.approx(0.86)
    assert bar.x[0] - bar.error_x.arrayminus[0] == pytest.approx(0.59)
    assert figure.layout.xaxis.range[0] == 0
    assert training_figures.share(0, 0, 0, 1).data[0].x.tolist() == [0]
