"""Landscapes show the costs of the networks that they say, and lines the costs between two."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.interpolate import BarycentricInterpolator
from torch import Generator

from mlcore.base.experiment import Stopped, run
from mlcore.components.symmetry import permuted
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.losses import cost
from mlcore.families.models import ModelSpec
from mlcore.families.networks import Network
from mlcore.landscapes import landscape as landscapes
from mlcore.landscapes.evaluation import QUANTITIES, Curvature, Evaluator
from mlcore.landscapes.landscape import Landscape, LandscapeError, LandscapeSpec, landscape
from mlcore.landscapes.lines import LineSpec, lines, match
from mlcore.landscapes.planes import PLANES
from mlcore.training import cached as keeping
from mlcore.training.cached import trained
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import train
from tests.core.landscape_cases import CURVE, SMALL, TRAIN, lined, seen

ROOT = Path(__file__).parents[2]
SPECS = [replace(SMALL, plane=plane) for plane in PLANES]


def name(spec: Any) -> str:
    return str(spec.plane)


@pytest.mark.parametrize("spec", SPECS, ids=name)
def test_where_the_path_ends_the_plane_has_the_trained_cost(spec: LandscapeSpec) -> None:
    view, done = seen(spec), train(spec.train)
    np.testing.assert_allclose(view.trace.true, done.records.train_cost[:, 0], rtol=1e-5)
    np.testing.assert_allclose(view.trace.drawn[-1], done.records.train_cost[-1, 0], rtol=1e-5)
    assert np.abs(view.trace.ab[-1]).max() < 1e-5
    assert view.trace.off[-1] < 1e-5
    np.testing.assert_array_equal(view.trace.step, done.records.step)


def test_a_plane_through_two_solutions_holds_both_costs_and_the_start() -> None:
    view = seen(replace(SMALL, plane="pair"))
    both = train(replace(TRAIN, replicas=2)).records
    evaluator = Evaluator(prepare(TRAIN), TRAIN)
    costs = evaluator.all(view.plane.rows(view.plane.marks))
    np.testing.assert_allclose(costs, both.train_cost[-1], rtol=1e-4)
    assert view.trace.off[[0, -1]].max() < 1e-5  # both ends of the path, and not its middle
    assert view.trace.off.max() > 0.1
    np.testing.assert_allclose(view.trace.drawn[[0, -1]], view.trace.true[[0, -1]], rtol=1e-4)


@pytest.mark.parametrize("spec", [s for s in SPECS if s.plane in ("filter", "raw", "hessian")], ids=name)
def test_the_center_of_the_grid_is_the_trained_cost(spec: LandscapeSpec) -> None:
    assert seen(spec).value[7, 7] == pytest.approx(seen(spec).trace.true[-1], rel=1e-5)


@pytest.mark.parametrize("what", ["cost", "score", "gradient"])
@pytest.mark.parametrize("part", ["train", "test"])
@pytest.mark.parametrize("base", [TRAIN, CURVE], ids=["classes", "values"])
def test_values_are_those_of_autograd_and_of_the_records(base: TrainSpec, part: str, what: str) -> None:
    view, done, task = (
        seen(LandscapeSpec(base, what=what, part=part, resolution=11)),
        train(base),
        prepare(base),
    )
    if what != "gradient":
        np.testing.assert_allclose(view.trace.true, getattr(done.records, f"{part}_{what}")[:, 0], rtol=1e-4)
        return
    theta = torch.from_numpy(done.final).requires_grad_()
    x, y = (task.x, task.y) if part == "train" else (task.x_test, task.y_test)
    cost(base.loss, task.network.predict(theta, x), y[None], **dict(base.loss_knobs)).sum().backward()  # type: ignore[no-untyped-call]
    assert theta.grad is not None
    assert view.trace.true[-1] == pytest.approx(float(theta.grad.norm()), rel=1e-3)


def test_for_a_model_of_two_parameters_the_plane_is_the_whole_landscape() -> None:
    base = TrainSpec(DataSpec("line", examples=40), ModelSpec("linear"), loss="mse", steps=30)
    view, task = seen(LandscapeSpec(base, resolution=11)), prepare(base)
    assert view.plane.explained.sum() == pytest.approx(1)
    assert view.trace.off.max() < 1e-6
    np.testing.assert_allclose(view.trace.drawn, view.trace.true, rtol=1e-4, atol=1e-6)
    x, y = task.x[:, 0].double().numpy(), task.y[:, 0].double().numpy()
    for i, b in enumerate(view.b):
        for j, a in enumerate(view.a):
            w, bias = view.plane.origin + a * view.plane.u + b * view.plane.v
            assert view.value[i, j] == pytest.approx(np.mean((w * x + bias - y) ** 2), rel=1e-4)


# ---------------------------------------------------------------- coarse, exact, closer


def reported(spec: LandscapeSpec) -> tuple[list[Landscape], Landscape]:
    parts: list[Landscape] = []
    return parts, landscape(spec, lambda share, part: parts.append(part) if part is not None else None)


def test_a_view_is_coarse_and_then_exact() -> None:
    parts, view = reported(replace(SMALL, resolution=31))
    assert [part.exact for part in parts] == sorted({part.exact for part in parts})
    assert parts[0].exact == 0
    assert view.whole
    for part in parts:
        assert (part.value[: part.exact] == view.value[: part.exact]).all()
        assert part.error == view.error
    wrong = np.abs(parts[0].value - view.value) / np.ptp(view.value)
    assert 0 < view.error <= 1.05 * wrong.max()
    assert wrong.max() < 20 * view.error  # points that were looked at stand for all
    assert wrong.max() < 3e-3


@pytest.mark.parametrize("count", [9, 10, 17, 33])
def test_nodes_and_weights_are_those_of_chebyshev_interpolation(count: int) -> None:
    nodes, at = landscapes.chebyshev(-2.0, 3.0, count), np.linspace(-2, 3, 41)
    values = np.exp(np.sin(3 * nodes))
    theirs = BarycentricInterpolator(nodes, values)(at)
    np.testing.assert_allclose(landscapes.between(nodes, at) @ values, theirs, atol=1e-10)
    power, scale = count - 1, 3.0 ** (count - 1)  # a polynomial of the highest degree that fits
    np.testing.assert_allclose(
        landscapes.between(nodes, at) @ nodes**power / scale, at**power / scale, atol=1e-9
    )


@pytest.mark.parametrize("plane", ["path", "filter"])
def test_zooming_computes_the_part_that_is_seen(plane: str) -> None:
    whole = seen(replace(SMALL, plane=plane, resolution=41))
    part = seen(replace(SMALL, plane=plane, resolution=21, zoom=2.0, middle_a=0.5, middle_b=-0.5))
    np.testing.assert_allclose(part.a, whole.a[20:])
    np.testing.assert_allclose(part.b, whole.b[:21])
    np.testing.assert_allclose(part.value, whole.value[:21, 20:], rtol=1e-4)


@pytest.mark.parametrize("what", QUANTITIES)
def test_rows_go_a_few_at_a_time_and_do_not_depend_on_their_company(what: str) -> None:
    task = prepare(TRAIN)
    rows = np.random.default_rng(0).normal(size=(150, task.network.size))
    evaluator = Evaluator(task, TRAIN, what=what)
    assert 4 <= evaluator.rows <= 64
    together = evaluator.all(rows)
    for i in (0, 70, 149):
        np.testing.assert_allclose(evaluator(rows[i : i + 1])[0], together[i], rtol=1e-5)


MEMORY = """
import re, sys
from pathlib import Path
import torch
from mlcore.training.data import DataSpec
from mlcore.landscapes.landscape import LandscapeSpec, landscape
from mlcore.families.models import ModelSpec
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.cached import trained

def held(line):
    return int(re.search(rf"{line}:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

torch.set_num_threads(1)
train = TrainSpec(DataSpec("moons", examples=714), ModelSpec(widths=(64, 64)), steps=20)
assert len(prepare(train).x) == 500
trained(train)
Path("/proc/self/clear_refs").write_text("5")  # the highest mark begins anew
before = held("VmRSS")
view = landscape(LandscapeSpec(train, plane="filter", resolution=51, what=sys.argv[1]))
assert view.whole and view.value.shape == (51, 51)
print(held("VmHWM") - before)
"""


@pytest.mark.parametrize("what", QUANTITIES)
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells the highest mark")
def test_an_exact_plane_takes_little_memory(what: str) -> None:
    """51 x 51 points of a 2-64-64-2 network on 500 examples, everything included: at most 64 MiB more."""
    ran = subprocess.run([sys.executable, "-c", MEMORY, what], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    assert 0 < float(ran.stdout) < 64


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_costs_what_the_network_s_own_prediction_does(activation: str) -> None:
    spec = replace(TRAIN, model=ModelSpec(widths=(5, 4), activation=activation))
    task = prepare(spec)
    rows = torch.randn(6, task.network.size, generator=Generator().manual_seed(0))
    theirs = cost(spec.loss, task.network.predict(rows, task.x), task.y.expand(6, -1, -1))
    np.testing.assert_allclose(Evaluator(task, spec).all(rows.numpy()), theirs.numpy(), rtol=1e-5)


def test_a_training_is_kept_and_has_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[TrainSpec] = []

    def count(spec: TrainSpec, report: Any) -> Any:
        calls.append(spec)
        return train(spec, report)

    monkeypatch.setattr(keeping, "train", count)
    fresh = replace(TRAIN, seed=77)
    first, second = trained(fresh), trained(fresh)
    assert first is second
    assert calls == [fresh]
    np.testing.assert_array_equal(first.final, train(fresh).final)


def test_it_ends_when_nobody_waits() -> None:
    def report(share: float, part: Any) -> None:
        if share > 0.6:
            raise Stopped

    with pytest.raises(Stopped):
        landscape(replace(SMALL, resolution=51), report)


def test_what_cannot_be_is_a_sentence() -> None:
    wild = replace(
        TRAIN,
        optimizer="sgd",
        lr=100.0,
        loss="mse",
        steps=200,
        model=ModelSpec(widths=(9,), activation="relu"),
    )
    with pytest.raises(LandscapeError, match="diverged") as found:
        landscape(LandscapeSpec(wild))
    assert str(pickle.loads(pickle.dumps(found.value))) == str(found.value)
    with pytest.raises(LandscapeError, match="diverged"):
        lines(LineSpec(wild))


@pytest.mark.parametrize("plane", PLANES)
def test_weights_that_stay_0_span_no_plane_or_one_with_values(plane: str) -> None:
    """All units of a network that starts at 0 are the same; only the output's bias is ever moved."""
    model = replace(TRAIN.model, init="zeros")
    spec = replace(SMALL, plane=plane, train=replace(TRAIN, model=model, batch_size=0))
    if plane in ("filter", "layer", "solutions", "pair"):
        with pytest.raises(LandscapeError, match="lacks a direction") as found:
            landscape(spec)
        assert found.value.code == "flat"
    else:
        view = landscape(spec)
        assert np.isfinite(view.value).all()
        assert (np.diff(view.a) > 0).all()
        assert (np.diff(view.b) > 0).all()


def test_experiments_are_found_by_their_specs() -> None:
    assert run(replace(SMALL, resolution=11)).spec.resolution == 11
    assert len(run(LineSpec(TRAIN, pairs=1)).seeds) == 1


# ---------------------------------------------------------------- curvature


@pytest.mark.parametrize("activation", ["tanh", "softplus", "identity"])
@pytest.mark.parametrize("base", [TRAIN, CURVE], ids=["classes", "values"])
def test_curvatures_are_those_of_the_dense_hessian(base: TrainSpec, activation: str) -> None:
    spec = replace(base, model=ModelSpec(widths=(4,), activation=activation))
    task, theta = prepare(spec), train(spec).final[0].astype(np.float64)

    def f(row: torch.Tensor) -> torch.Tensor:
        prediction = task.network.predict(row[None], task.x.double())
        return cost(spec.loss, prediction, task.y.double()[None])[0]

    dense = torch.autograd.functional.hessian(f, torch.from_numpy(theta)).numpy()  # type: ignore[no-untyped-call]
    curvature = Curvature(task, spec, theta)
    vector = np.random.default_rng(0).normal(size=len(theta))
    np.testing.assert_allclose(
        curvature.product(vector), dense @ vector, atol=1e-5 * np.abs(dense).max() * 10
    )
    values, vectors = curvature.top()
    np.testing.assert_allclose(values, np.linalg.eigvalsh(dense)[::-1][:2], rtol=1e-4)
    np.testing.assert_allclose(dense @ vectors, vectors * values, atol=1e-3 * values[0])


# ---------------------------------------------------------------- lines


@pytest.mark.parametrize("what", ["cost", "score"])
@pytest.mark.parametrize("part", ["train", "test"])
def test_a_line_has_both_values_at_its_ends(what: str, part: str) -> None:
    found = lined(LineSpec(TRAIN, pairs=3, what=what, part=part))
    done = train(replace(TRAIN, replicas=4))
    values = getattr(done.records, f"{part}_{what}")[-1]
    zero, one = (int(np.argmin(np.abs(found.t - end))) for end in (0, 1))
    assert (found.t[zero], found.t[one]) == pytest.approx((0, 1))
    for line in (found.plain, found.matched):  # matching leaves the function as it was
        np.testing.assert_allclose(line[:, zero], values[0], rtol=1e-5)
        np.testing.assert_allclose(line[:, one], values[1:], rtol=1e-4, atol=1e-6)
    assert found.seeds == (1, 2, 3)
    assert (found.distance[:, 1] <= found.distance[:, 0] + 1e-6).all()
    assert (found.barrier(found.plain) >= -1e-6).all()  # the ends are on it


def test_a_barrier_is_the_rise_above_the_straight_connection() -> None:
    found = lined(LineSpec(TRAIN, pairs=3))
    t = found.t
    bent = np.stack([2 * t, 3 * t + 5 * np.sin(np.pi * t), 1 - 4 * t * (1 - t)]).astype(np.float32)
    np.testing.assert_allclose(found.barrier(bent), [0, 5, 0], atol=0.01)


@pytest.mark.parametrize("sizes", [(2, 7, 3), (2, 6, 5, 1)])
def test_shuffled_units_are_put_back(sizes: tuple[int, ...]) -> None:
    network, g = Network(sizes, "tanh"), Generator().manual_seed(0)
    first = torch.randn(network.size, generator=g, dtype=torch.float64)
    second = first[None]
    for layer, width in enumerate(sizes[1:-1]):
        second = permuted(network, second, layer, torch.randperm(width, generator=g))
    found, moved = match(network, first, second[0])
    torch.testing.assert_close(found, first)
    assert moved > 0
    assert match(network, first, first)[1] == 0


def test_no_layer_alone_can_be_ordered_better() -> None:
    network, g = Network((2, 5, 4, 2), "tanh"), Generator().manual_seed(1)
    first, second = torch.randn(2, network.size, generator=g, dtype=torch.float64)
    found, _ = match(network, first, second)
    best = float((found - first).norm())
    assert best < float((second - first).norm())
    for layer, width in enumerate((5, 4)):
        for _ in range(200):
            other = permuted(network, found[None], layer, torch.randperm(width, generator=g))[0]
            assert float((other - first).norm()) >= best - 1e-9


def test_a_linear_model_has_no_barrier() -> None:
    base = TrainSpec(DataSpec("gaussians", examples=60), ModelSpec("linear"), steps=30)
    found = lines(LineSpec(base, pairs=2))
    assert found.barrier(found.plain).max() < 1e-5
    np.testing.assert_array_equal(found.plain, found.matched)
