"""Backpropagation in matrices: deltas and gradients against autograd, lines against what they wrote."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Generator, Tensor
from torch.nn import functional

from mlcore.backpropagation.matrices import (
    Followed,
    Moment,
    Passes,
    PassSpec,
    both_ways,
    listing,
    rms,
)
from mlcore.backpropagation.sweeps import short
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.datasets import DATASETS
from mlcore.families.losses import LOSSES, suits
from mlcore.families.models import ModelSpec
from mlcore.families.networks import Backpropagation
from mlcore.figures import matrices as figures
from mlcore.training.data import DataSpec
from mlcore.training.stepping import StepSpec, look
from mlcore.training.tasks import TrainSpec, prepare

TORCH: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "leaky_relu": functional.leaky_relu,
    "elu": functional.elu, "gelu": functional.gelu, "silu": functional.silu, "softplus": functional.softplus,
    "sine": torch.sin, "identity": lambda z: z,
}  # fmt: skip
COSTS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": functional.cross_entropy,
    "binary_cross_entropy": functional.binary_cross_entropy_with_logits,
    "mse": functional.mse_loss,
    "half_mse": lambda p, y: functional.mse_loss(p, y) / 2,
    "mae": functional.l1_loss,
    "rmse": lambda p, y: functional.mse_loss(p, y).sqrt(),
    "huber": functional.huber_loss,
}
SETS = ("moons", "iris", "wine", "diabetes", "sine")
CASES = [
    *((data, loss, (5, 4), "tanh") for data in SETS for loss in LOSSES
      if suits(loss, DATASETS[data].task, 2 if data == "moons" else 3)),
    *(("wine", "cross_entropy", (6, 5, 4), name) for name in ACTIVATIONS),
    *(("diabetes", "mse", (8,) * depth, "relu") for depth in (0, 1, 6)),
]  # fmt: skip


def training(data: str, loss: str, widths: tuple[int, ...], activation: str) -> TrainSpec:
    return TrainSpec(DataSpec(data), ModelSpec(widths=widths, activation=activation), loss, batch_size=16)


@pytest.mark.parametrize(("data", "loss", "widths", "activation"), CASES)
def test_every_delta_and_every_gradient_is_that_of_autograd(
    data: str, loss: str, widths: tuple[int, ...], activation: str
) -> None:
    task = prepare(training(data, loss, widths, activation), torch.float64)
    theta = task.network.init("torch_default", [Generator().manual_seed(3)])
    x, y = task.x[None, :16], task.y[None, :16]
    found = Passes(task.network, theta, x, y, loss, **task.loss_knobs)

    W = [block[0].clone().requires_grad_() for block in task.network.blocks(theta)]
    h, z = [x[0]], []
    for k, block in enumerate(W):
        z.append(h[-1] @ block[:-1] + block[-1])
        if k < len(W) - 1:
            h.append(TORCH[activation](z[-1]))
    cost = COSTS[loss](z[-1], y[0])
    slopes = torch.autograd.grad(cost, [*z, *W])
    assert found.cost == pytest.approx(float(cost.detach()), rel=1e-13)
    pairs = [*zip(found.z, z, strict=True), *zip(found.h, h, strict=True)]
    pairs += [*zip(found.delta, slopes, strict=False), *zip(found.slopes, slopes[len(z) :], strict=True)]
    assert len(pairs) == 4 * len(W)
    for ours, true in pairs:
        torch.testing.assert_close(ours[0], true.detach(), rtol=1e-11, atol=1e-15)
    whole = torch.cat([slope.flatten() for slope in slopes[len(z) :]])
    torch.testing.assert_close(found.gradient[0], whole, rtol=1e-11, atol=1e-15)


def test_all_losses_and_activations_have_an_oracle() -> None:
    assert TORCH.keys() == set(ACTIVATIONS)
    assert {loss for _, loss, *_ in CASES} == COSTS.keys() == set(LOSSES)


WROTE = {  # what the line of the source says that wrote it
    ("z", True): "z = product(x1, self.first, self.z[0])",
    ("z", False): "z = product(h1, block, above)",
    ("h", False): "self.activate(z, h, room)",
    ("x", False): "def forward(self, x1: Tensor) -> Tensor:",
    ("cost", False): "return z",
    ("slope", True): "product(self.x1.mT, delta, self.parts[0])",
    ("slope", False): "product(h1_T, delta, part)",
    ("gradient", False): "return torch.cat(self.flat, dim=1, out=self.gradient)",
}


@pytest.mark.parametrize("depth", [0, 1, 2, 6])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_the_lines_are_those_of_the_source_in_the_order_in_which_they_run(
    activation: str, depth: int
) -> None:
    spec = PassSpec(training("iris", "cross_entropy", (4,) * depth, activation))
    found, lines, L = both_ways(spec), listing(), depth + 1
    up = [("z", 1), *(m for k in range(1, L) for m in (("h", k), ("z", k + 1)))]
    down = [m for k in range(L, 1, -1) for m in (("slope", k), ("delta", k - 1))]
    expected = [("x", 0), *up, ("cost", 0), ("delta", L), *down, ("slope", 1), ("gradient", 0)]
    assert [(m.what, m.layer) for m in found.moments] == expected
    for line, what, layer in found.moments:
        text = lines[line].strip()
        if what == "delta":
            arrives = layer == L
            assert text.startswith("def backward(" if arrives else "delta = self.through(chain(")
        else:
            assert text == WROTE[what, layer == 1 and what in ("z", "slope")]
    source = inspect.getsource(Backpropagation)
    assert all(line.strip() in source for line in lines)


def branching(numbers: Tensor, other: Tensor) -> Tensor:
    if numbers.sum() > 0:
        numbers.mul_(0)
        other.fill_(1)
    else:
        other.fill_(2)
    return other


@pytest.mark.parametrize(("sign", "ran", "wrote"), [(1, [0, 1, 2, 3, 6], 3), (-1, [0, 1, 5, 6], 5)])
def test_a_line_is_noted_if_it_runs_and_known_by_what_it_wrote(sign: int, ran: list[int], wrote: int) -> None:
    numbers, other = torch.full((2,), float(sign)), torch.empty(3, dtype=torch.float64)
    follow, before = Followed(branching, {("other", 4): other}, first=7), sys.gettrace()
    assert follow(numbers, other) is other
    assert sys.gettrace() is before
    assert [moment.line - 7 for moment in follow.lines] == ran
    assert follow.wrote() == [Moment(7 + wrote, "other", 4)]


def test_a_function_that_raises_leaves_no_trace() -> None:
    before = sys.gettrace()
    with pytest.raises(AttributeError):
        Followed(branching, {})(None, None)
    assert sys.gettrace() is before


@pytest.mark.parametrize("step", [0, 1, 37])
@pytest.mark.parametrize(
    "spec", [training("wine", "cross_entropy", (6, 5), "tanh"), training("diabetes", "huber", (7,), "relu")]
)
def test_the_minibatch_is_the_one_that_the_training_takes(spec: TrainSpec, step: int) -> None:
    found, taken = both_ways(PassSpec(spec, step)), look(StepSpec(spec, step))
    assert found.examples == 16
    assert found.cost == pytest.approx(taken.cost, rel=1e-5)
    assert found.norm == pytest.approx(float(np.linalg.norm(taken.gradient)), rel=1e-4)
    assert found.sizes.h[0] == pytest.approx(float(np.sqrt(np.square(taken.x).mean())), rel=1e-6)
    assert found.residual < 1e-13


def test_class_weights_are_in_the_cost_and_in_the_gradient() -> None:
    spec = replace(training("moons", "cross_entropy", (4,), "tanh"), class_weights=1.0)
    spec = replace(spec, data=replace(spec.data, imbalance=0.8))
    weighted, plain = (both_ways(PassSpec(s)) for s in (spec, replace(spec, class_weights=0.0)))
    assert weighted.residual < 1e-13
    assert weighted.cost != pytest.approx(plain.cost, rel=1e-3)


def test_a_step_beyond_the_training_is_its_last() -> None:
    spec = replace(training("iris", "mse", (3,), "tanh"), steps=5)
    assert PassSpec(spec, 900) == PassSpec(spec, 4)
    assert PassSpec(replace(spec, replicas=8), 2) == PassSpec(spec, 2), "the first replica alone"


@pytest.mark.parametrize(("residual", "normalized"), [(False, False), (True, False), (False, True)])
def test_what_autograd_trains_is_shown_as_the_plain_network(residual: bool, normalized: bool) -> None:
    model = ModelSpec("deep", layers=3, units=5, residual=residual, normalized=normalized)
    spec = replace(training("iris", "cross_entropy", (), "tanh"), model=model)
    found = both_ways(PassSpec(spec))
    same = both_ways(PassSpec(replace(spec, model=ModelSpec(widths=(5, 5, 5)))))
    assert found.plain == (not residual and not normalized)
    assert same.plain
    assert (found.widths, found.sizes, found.cost) == (same.widths, same.sizes, same.cost)


def test_a_diverged_training_is_drawn_all_the_same() -> None:
    spec = replace(training("diabetes", "mse", (4,), "identity"), optimizer="sgd", lr=100.0)
    found = both_ways(PassSpec(spec, 200))
    assert not math.isfinite(found.cost)
    assert len(figures.frames(found).values) == len(found.moments) == 10
    assert figures.drawing(found).data
    assert figures.layers(found).data


# ---- the picture -------------------------------------------------------------------------------------------

DRAWN = [(2, 16, 16, 2), (10, 1), (64, *(8,) * 6, 10), (4, *(4,) * 30, 3)]


def stand_in(widths: tuple[int, ...]) -> TrainSpec:
    shallow = len(widths) <= 8
    layers = (
        {"widths": widths[1:-1]} if shallow else {"layers": len(widths) - 2, "units": 4, "residual": False}
    )
    model = ModelSpec("mlp" if shallow else "deep", **layers)
    data = {2: "moons", 10: "diabetes", 64: "digits", 4: "iris"}[widths[0]]
    return TrainSpec(DataSpec(data), model, "mse" if data == "diabetes" else "cross_entropy")


@pytest.mark.parametrize("widths", DRAWN, ids=lambda w: f"{len(w) - 1} layers")
def test_no_two_nodes_stand_in_one_place_and_the_picture_stays_small(widths: tuple[int, ...]) -> None:
    plan = figures.Plan(widths, 32)
    places = list(plan.places.values())
    assert len(set(places)) == len(places)
    assert plan.rows <= figures.MOST + 1
    last = len(widths) - 1
    assert set(plan.drawn) - {0} <= set(range(1, last + 1))
    assert {1, last} <= set(plan.drawn)
    assert (0 in plan.drawn) == (last > figures.MOST)
    assert all(end in plan.places for edge in plan.edges for end in edge)
    heads = {head for _, head in plan.edges} | {tail for tail, _ in plan.edges}
    assert heads == set(plan.places), "nothing stands alone"


def test_the_shapes_on_the_edges_are_those_of_the_product() -> None:
    """A matrix on two edges that meet in a z can be multiplied, and gives what leaves it."""
    plan = figures.Plan((5, 7, 6, 3), 11)
    for k, (a, b) in enumerate(pairwise((5, 7, 6, 3)), 1):
        (rows, inner), (inner_W, columns) = (plan.edges[tail, ("z", k)] for tail in (("h", k - 1), ("W", k)))
        assert (rows, inner, inner_W, columns) == (11, a + 1, a + 1, b)
        (leaves,) = (shape for (tail, _), shape in plan.edges.items() if tail == ("z", k))
        assert leaves == (11, b)


@pytest.mark.parametrize("widths", DRAWN, ids=lambda w: f"{len(w) - 1} layers")
def test_numbers_come_up_as_they_are_computed(widths: tuple[int, ...]) -> None:
    found = both_ways(PassSpec(stand_in(widths)))
    plan, seen = figures.plan(found), figures.frames(found)
    nodes = list(plan.places)
    shown = [dict(zip(nodes, row, strict=True)) for row in seen.values]
    back = [dict(zip(nodes, row, strict=True)) for row in seen.gradients]
    for t, moment in enumerate(found.moments):
        node = (moment.what, moment.layer)
        if moment.what in ("z", "h") and node in plan.places:
            true = getattr(found.sizes, moment.what)[moment.layer - (moment.what == "z")]
            assert shown[t][node] == short(true)
            assert shown[t - 1][node] == figures.BLANK
        if moment.what in ("delta", "slope"):
            node = ("z" if moment.what == "delta" else "W", moment.layer)
            if node in plan.places:
                assert back[t][node] == short(getattr(found.sizes, moment.what)[moment.layer - 1])
                assert back[t - 1][node] == figures.BLANK
    assert shown[-1][("cost", 0)] == short(found.cost)
    assert all(text == figures.BLANK for text in seen.gradients[0])
    lit = {t: int(np.isnan(x).sum()) < len(x) for t, x in enumerate(seen.lit[0])}
    hidden = {m for m in found.moments if plan.seen((m.what, m.layer)) == figures.GAP}
    for t, moment in enumerate(found.moments):
        if moment.what not in ("x", "gradient") and moment not in hidden and moment.what != "slope":
            assert lit[t], moment


def test_a_line_says_signs_shapes_and_sizes() -> None:
    found = both_ways(PassSpec(TrainSpec(model=ModelSpec(widths=(16,)))))
    told, s = [figures.told(found, moment) for moment in found.moments], found.sizes

    def sizes(k: int) -> str:
        return f"rms {short(s.slope[k])}, ‖·‖ {short(s.norm[k])}"

    assert told == [
        f"x: [32, 2], rms {short(s.h[0])}",
        f"z₁ = [x, 1] W₁: [32, 3] · [3, 16] → [32, 16], rms {short(s.z[0])}",
        f"h₁ = f(z₁): [32, 16], rms {short(s.h[1])}",
        f"z₂ = [h₁, 1] W₂: [32, 17] · [17, 2] → [32, 2], rms {short(s.z[1])}",
        f"ŷ = z₂: [32, 2], C = {short(found.cost)}",
        f"δ₂ = ∂C/∂z₂: [32, 2], rms {short(s.delta[1])}",
        f"∂C/∂W₂ = [h₁, 1]ᵀ δ₂: [17, 32] · [32, 2] → [17, 2], {sizes(1)}",
        f"δ₁ = (δ₂ W₂ᵀ) ⊙ f′(z₁): [32, 2] · [2, 16] → [32, 16], rms {short(s.delta[0])}",
        f"∂C/∂W₁ = [x, 1]ᵀ δ₁: [3, 32] · [32, 16] → [3, 16], {sizes(0)}",
        f"∂C/∂θ = (∂C/∂W₁, …, ∂C/∂W₂): [{3 * 16 + 17 * 2}], ‖·‖ {short(found.norm)}",
    ]


def test_the_sizes_are_drawn_layer_by_layer() -> None:
    found = both_ways(PassSpec(stand_in(DRAWN[2])))
    for trace, values in zip(
        figures.layers(found).data, (found.sizes.z, found.sizes.delta, found.sizes.slope), strict=True
    ):
        np.testing.assert_array_equal(trace.x, range(1, 8))
        np.testing.assert_allclose(trace.y, values, rtol=1e-6)


def test_root_mean_squares_and_norms_are_those_of_numpy() -> None:
    values = torch.tensor([[3.0, -4.0], [0.0, 1.0]], dtype=torch.float64)
    assert rms(values) == pytest.approx(math.sqrt(26 / 4))
    found = both_ways(PassSpec(stand_in(DRAWN[0])))
    for norm, slope, (a, b) in zip(found.sizes.norm, found.sizes.slope, pairwise(found.widths), strict=True):
        assert norm == pytest.approx(slope * math.sqrt((a + 1) * b))
    assert found.norm == pytest.approx(math.hypot(*found.sizes.norm))
