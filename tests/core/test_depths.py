"""Depth: trainings over it, signals against the product formula, saw-teeth and the square exactly."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Generator, nn

from mlcore.base.device import computing
from mlcore.base.experiment import Stopped, run
from mlcore.base.shares import Share
from mlcore.depth import depth_signals, depths, sawtooth
from mlcore.depth.depth_signals import LayersSpec
from mlcore.depth.depths import DEPTHS, KINDS, NORMS, Depth, DepthSpec, answer
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.networks import Network
from mlcore.figures import depth as figures
from mlcore.training.tasks import prepare
from mlcore.training.training import train
from tests.core.test_deep import torch_predict

SMALL = DepthSpec(examples=60, units=8, steps=40, networks=10)


# ---------------------------------------------------------------- the sweep


@pytest.fixture(scope="module")
def swept() -> tuple[Depth, ...]:
    found: tuple[Depth, ...] = run(SMALL)
    return found


def test_every_depth_of_every_kind_shallow_ones_first(swept: tuple[Depth, ...]) -> None:
    assert [(one.depth, one.kind) for one in swept] == list(itertools.product(DEPTHS, KINDS))
    for one in swept:
        assert one.size == prepare(SMALL.training(one.depth, one.kind)).network.size
        assert (one.steps, len(one.train), one.learned.of) == (40, 10, 10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("depth", [1, 8, 64])
def test_each_can_be_trained_alone_with_the_same_end(swept: tuple[Depth, ...], depth: int, kind: str) -> None:
    (among,) = (one for one in swept if (one.depth, one.kind) == (depth, kind))
    for network in (0, 7):
        alone = train(SMALL.one(depth, kind, network)).records
        assert alone.train_cost[-1, 0] == among.train[network] or not np.isfinite(among.train[network])
        assert alone.test_cost[-1, 0] == among.test[network] or not np.isfinite(among.test[network])


def test_with_one_layer_there_is_nothing_to_add_to(swept: tuple[Depth, ...]) -> None:
    one = {part.kind: part for part in swept if part.depth == 1}
    np.testing.assert_allclose(one["plain"].train, one["residual"].train, rtol=1e-4)
    np.testing.assert_allclose(one["plain_norm"].train, one["residual_norm"].train, rtol=1e-4)


def test_deep_plain_networks_end_higher_on_their_own_examples_and_normalized_residual_ones_learn() -> None:
    """Degradation (He et al. 2016, figure 1), at this room's defaults: by the rule, and by counting."""
    spec = DepthSpec(seed=300)
    parts = [
        depths._trained(spec, depth, kind, lambda share, part: None)
        for depth in (8, 64)
        for kind in ("plain", "residual_norm")
    ]
    plain, residual = answer("plain", parts), answer("residual_norm", parts)
    assert plain.worse_from == 64
    assert residual.worse_from is None or residual.deepest_cost < 0.05
    assert residual.learned.hits == 20
    shallow, deep = (part for part in parts if part.kind == "plain")
    assert (deep.train > shallow.train).sum() >= 18
    assert np.median(deep.train) > 100 * np.median(shallow.train)


def test_it_stops_and_leaves_what_is_done() -> None:
    got: list[Depth] = []

    def report(share: float, part: Depth | None) -> None:
        got.extend([part] if part else [])
        if len(got) == 6:
            raise Stopped

    with pytest.raises(Stopped):
        depths.depths(SMALL, report)
    assert [one.depth for one in got] == [1, 1, 1, 1, 2, 2]


def test_shares_of_the_work_grow_to_one() -> None:
    shares: list[float] = []
    depths.depths(replace(SMALL, steps=20, normalization="without"), lambda share, part: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


@pytest.mark.parametrize("data", depths.DATA)
@pytest.mark.parametrize("units", [2, 32])
def test_equal_work_means_equal_products_of_steps_and_parameters(data: str, units: int) -> None:
    spec = DepthSpec(data, units=units, steps=500, equal="work")
    works = [spec.steps_at(d) * spec.model(d, "plain").size(*spec.ends) for d in DEPTHS]
    assert works[2] == 500 * spec.model(4, "plain").size(*spec.ends)
    assert max(works) / min(works) < 1.05
    for depth in (1, 64):  # all of them can be trained
        prepare(spec.training(depth, "residual_norm"))
    assert {replace(spec, equal="steps").steps_at(d) for d in DEPTHS} == {500}


@pytest.mark.parametrize("data", depths.DATA)
def test_features_and_classes_are_those_of_the_data(data: str) -> None:
    spec = DepthSpec(data, units=3)
    for depth in (1, 4):
        training = spec.training(depth, "plain")
        assert prepare(training).network.size == training.model.size(*spec.ends)


# ---------------------------------------------------------------- the answer


def made(depth: int, cost: object, hits: int = 20) -> Depth:
    values = np.broadcast_to(np.asarray(cost, float), 20).copy()
    return Depth(depth, "plain", 1, 1, values, values, Share(hits, 20), 0.7)


def test_the_answer_of_made_costs() -> None:
    rng = np.random.default_rng(0)
    noise = rng.uniform(0, 0.01, 20)
    parts = [made(1, 0.3 + noise), made(2, 0.1 + noise), made(4, 0.1 + rng.permutation(noise)), made(8, 0.5)]
    found = answer("plain", parts)
    assert found.best in (2, 4)
    assert (found.deepest, found.worse_from, found.lost_from) == (8, 8, None)
    assert found.worse == Share(10, 10)
    assert answer("plain", [*parts, made(16, 0.1 + rng.permutation(noise))]).worse_from is None
    lost = [made(1, 0.1), made(2, 0.5, hits=20), made(4, np.inf, hits=4), made(8, np.inf, hits=0)]
    assert (answer("plain", lost).worse_from, answer("plain", lost).lost_from) == (2, 4)
    assert answer("plain", [made(1, np.inf), made(2, np.inf)]).worse == Share(0, 0)
    assert answer("plain", [made(1, np.inf), made(2, np.inf)]).worse_from is None


def test_the_seeds_that_choose_do_not_compare() -> None:
    """The best is chosen by the first half alone, and all that is said comes from the second."""
    shallow, deep = np.r_[np.full(10, 0.2), np.full(10, 0.5)], np.r_[np.full(10, 0.3), np.full(10, 0.1)]
    found = answer("plain", [made(1, shallow), made(2, deep)])
    assert (found.best, found.best_cost, found.deepest_cost) == (1, 0.5, 0.1)
    assert found.worse == Share(0, 10)


def test_among_equals_hardly_any_depth_is_called_worse() -> None:
    """Seven depths without a difference, a thousand times: "surely worse at the deepest" is rare."""
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(1000):
        parts = [made(depth, rng.normal(size=20)) for depth in DEPTHS]
        wrong += answer("plain", parts).worse_from is not None
    assert wrong < 40  # of ten seeds nine or ten: 1.1 %


# ---------------------------------------------------------------- signals


def test_torch_says_the_same_of_states_and_gradients() -> None:
    """States and gradients by torch.nn's layers in a row, whose gradients autograd keeps."""
    for residual, normalized in KINDS.values():
        spec = LayersSpec(activation="tanh", layers=5, width=6, networks=2)
        kind = next(k for k, v in KINDS.items() if v == (residual, normalized))
        network = spec.network(kind)
        theta = network.init("he", [Generator().manual_seed(3)])
        x, delta = torch.randn(2, 1, 4, 6, dtype=torch.float64, generator=Generator().manual_seed(1))
        with computing():
            signal, gradient = depth_signals.measured(network, theta, x, delta)
        norm = nn.LayerNorm(6, elementwise_affine=False) if normalized else nn.Identity()
        h = x[0]
        states: list[torch.Tensor] = []
        for block in network.blocks(theta):
            read = torch.tanh(norm(h)) if states else h
            step = read @ block[0, :-1] + block[0, -1]
            h = h + step if residual and states else step
            h.requires_grad_().retain_grad()
            states.append(h)
        (states[-1] * delta[0]).sum().backward()
        kept = [s.grad for s in states[:-1] if s.grad is not None]
        np.testing.assert_allclose(signal[0], [float(s.square().mean().detach()) for s in states[:-1]])
        np.testing.assert_allclose(gradient[0], [float(g.square().mean()) for g in kept], rtol=1e-9)
        if not residual:  # what is measured is the network of the trainings
            close = torch_predict(network, theta[0], x[0])
            torch.testing.assert_close(states[-1].detach(), close)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("activation", "init"), [("relu", "he"), ("tanh", "xavier"), ("sigmoid", "xavier"),
                                                  ("gelu", "he"), ("tanh", "torch_default")])  # fmt: skip
def test_wide_layers_follow_the_product_formula(activation: str, init: str, kind: str) -> None:
    """Ten layers, 32 networks of 128 units: within the spread of 32 networks, for every kind and layer."""
    spec = LayersSpec("both", activation, init, layers=10, width=128, networks=32)
    (found,) = (one for one in run(spec) if one.kind == kind)
    for measured, theory in (
        (found.signal, found.signal_theory),
        (found.gradient, found.gradient_theory),
    ):
        ratio = measured / theory
        error = ratio.std(0) / math.sqrt(len(ratio))
        assert (np.abs(ratio.mean(0) - 1) < 4 * error + 0.1).all()
        assert (error < 0.12).all()


def test_he_doubles_in_every_residual_block_and_keeps_in_plain_layers() -> None:
    spec = LayersSpec("both", "relu", "he", layers=12, width=128, networks=32)
    found = {one.kind: one for one in run(spec)}
    np.testing.assert_allclose(found["residual"].signal_theory, 2.0 ** np.arange(1, 13), rtol=1e-5)
    np.testing.assert_allclose(found["residual"].gradient_theory, 2.0 ** np.arange(12, 0, -1), rtol=1e-5)
    np.testing.assert_allclose(found["plain"].signal_theory, 2.0, rtol=1e-5)
    np.testing.assert_allclose(found["plain"].gradient_theory, 1.0, rtol=1e-5)
    np.testing.assert_allclose(found["residual_norm"].signal_theory, 2.0 + np.arange(12), rtol=1e-5)
    np.testing.assert_allclose(found["plain_norm"].signal_theory[1:], 1.0, rtol=1e-5)
    steps = found["residual"].signal[:, 1:] / found["residual"].signal[:, :-1]
    np.testing.assert_allclose(steps.mean(0), 2, rtol=0.06)
    kept = found["plain"].signal[:, 1:] / found["plain"].signal[:, :-1]
    np.testing.assert_allclose(kept.mean(0), 1, rtol=0.08)


@pytest.mark.parametrize("init", [name for name in INITIALIZERS if name != "zeros"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_first_two_layers_of_every_variant_are_foreseen(activation: str, init: str) -> None:
    """The second layer is Gaussian given the first, for every activation and every rule."""
    spec = LayersSpec("without", activation, init, layers=2, width=128, networks=16)
    for found in run(spec):
        np.testing.assert_allclose(found.signal.mean(0), found.signal_theory, rtol=0.15)


def test_zeros_leave_nothing_to_measure() -> None:
    for found in run(LayersSpec(init="zeros", layers=4, width=8, networks=2)):
        assert np.isnan(found.signal).all()
        assert figures.sizes([found])


def test_ten_sigmoids_multiply_a_gradient_by_at_most_4_to_the_minus_10() -> None:
    assert ACTIVATIONS["sigmoid"].steepest == pytest.approx(0.25, abs=1e-12)
    assert ACTIVATIONS["tanh"].steepest == pytest.approx(1, abs=1e-12)
    network = Network((1,) * 12, "sigmoid")  # ten sigmoids, eleven weights
    theta = 3 * torch.randn(500, network.size, dtype=torch.float64, generator=Generator().manual_seed(0))
    x = torch.zeros(500, 1, 1, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(network.predict(theta, x).sum(), x)
    weights = theta[:, network.is_weight() == 1].prod(1)
    assert (gradient.flatten().abs() <= 4.0**-10 * weights.abs() * (1 + 1e-12)).all()
    biases = theta.clone()  # all slopes at their steepest: z = 0 everywhere
    for block in network.blocks(biases):
        block[:, 1] = -block[:, 0] / 2
    network.blocks(biases)[0][:, 1] = 0
    (gradient,) = torch.autograd.grad(network.predict(biases, x).sum(), x)
    torch.testing.assert_close(gradient.flatten(), 4.0**-10 * weights, rtol=1e-12, atol=0)


# ---------------------------------------------------------------- saw-teeth and the square


def tent(x: np.ndarray) -> np.ndarray:
    return np.where(x <= 0.5, 2 * x, 2 - 2 * x)


@pytest.mark.parametrize("layers", range(1, sawtooth.DEEPEST + 1))
def test_two_units_a_layer_make_two_to_the_l_pieces(layers: int) -> None:
    x = sawtooth.grid(layers)
    expected = x
    for _ in range(layers):
        expected = tent(expected)
    deep, wide = sawtooth.deep(layers), sawtooth.shallow(layers)
    assert (sawtooth.values(deep, x) == expected).all()
    assert (sawtooth.values(wide, x) == expected).all()
    assert sawtooth.pieces(x, sawtooth.values(deep, x)) == 2**layers
    assert sawtooth.units(layers) == (2 * layers, 2**layers - 1, 2**layers)
    assert deep[0].sizes == (1, *(2,) * layers, 1)
    anywhere = np.random.default_rng(layers).uniform(0, 1, 500)
    np.testing.assert_allclose(sawtooth.values(deep, anywhere), sawtooth.values(wide, anywhere), atol=1e-9)


@pytest.mark.parametrize("units", [1, 2, 5, 9])
def test_one_hidden_layer_has_at_most_one_piece_more_than_units(units: int) -> None:
    """Random dyadic networks, counted by the same exhaustion: the bound holds and is reached."""
    rng, x, most = np.random.default_rng(units), np.linspace(0, 1, 2**10 + 1), 0
    for _ in range(60):
        bends = rng.choice(np.arange(1, 2**8), units, replace=False) / 2**8
        way, size = rng.choice([-1.0, 1.0], units), rng.choice([-2.0, -1.0, 1.0, 2.0], units)
        y = (size * np.maximum(0, way * (x[:, None] - bends))).sum(1)
        most = max(most, sawtooth.pieces(x, y))
        assert sawtooth.pieces(x, y) <= units + 1
    assert most == units + 1


def test_three_units_do_not_make_four_teeth_of_the_tent() -> None:
    """2^L - 1 is the least by counting pieces; the saw-tooth itself needs one more, whatever the directions:
    with a unit at every bend its slope at 0 would be a multiple of twice what it must be."""
    x = sawtooth.grid(2)
    y = sawtooth.values(sawtooth.deep(2), x)
    for way in itertools.product([-1.0, 1.0], repeat=3):
        design = np.maximum(0, np.array(way) * (x[:, None] - np.array([0.25, 0.5, 0.75])))
        columns = np.column_stack([design, np.ones(len(x))])
        residual = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
        assert np.abs(residual).max() > 0.1


@pytest.mark.parametrize("terms", range(1, sawtooth.DEEPEST + 1))
def test_the_square_by_tents_errs_by_exactly_yarotskys_bound(terms: int) -> None:
    assert sawtooth.square_error(terms) == float(sawtooth.bound(terms)) == 2.0 ** (-2 * terms - 2)
    ends = np.linspace(0, 1, 2**terms + 1)
    assert (sawtooth.square(terms, ends) == ends**2).all()
    x = np.random.default_rng(terms).uniform(0, 1, 2000)
    interpolated = np.interp(x, ends, ends**2)
    np.testing.assert_allclose(sawtooth.square(terms, x), interpolated, atol=1e-12)


def test_the_first_errors_are_those_of_the_paper() -> None:
    assert [sawtooth.square_error(m) for m in (1, 2, 3)] == [0.0625, 0.015625, 0.00390625]


# ---------------------------------------------------------------- pictures


def test_costs_are_drawn_as_they_came(swept: tuple[Depth, ...]) -> None:
    for of in ("train", "test"):
        picture = figures.costs(swept, of)
        assert [trace.name for trace in picture.data[2::2]] == [
            "plain",
            "residual",
            "plain + LN",
            "residual + LN",
        ]
        for kind, line in zip(KINDS, picture.data[2::2], strict=True):
            own = np.stack([getattr(one, of) for one in swept if one.kind == kind])
            assert list(line.x) == list(DEPTHS)
            below, above = (np.quantile(own, q, axis=1, method="nearest") for q in (0.25, 0.75))
            y = np.asarray(line.y, float)
            low, high = below.clip(figures.NOTHING) * (1 - 1e-5), above.clip(figures.NOTHING) * (1 + 1e-5)
            assert ((y >= low) & (y <= high) | ~np.isfinite(y)).all()


def test_a_cost_that_is_no_number_leaves_a_gap_and_the_axis_alone() -> None:
    parts = [made(1, 0.2), made(2, np.inf), made(4, [0.1] * 11 + [np.inf] * 9)]
    picture = figures.costs(parts, "train")
    y = np.asarray(picture.data[2].y, float)
    assert np.isnan(y[1])
    assert np.isfinite(y[[0, 2]]).all()
    assert np.isfinite(picture.layout.yaxis.range).all()


@pytest.mark.parametrize("layers", [1, 4, 10])
def test_saw_units_square_and_errors_are_drawn(layers: int) -> None:
    saw = figures.saw(layers)
    assert len(saw.data[0].y) == 2**layers + 1
    assert list(saw.data[0].y) == [i % 2 for i in range(2**layers + 1)]
    needed = figures.needed(layers)
    assert list(needed.data[1].y) == [2 * L for L in range(1, 11)]
    assert list(needed.data[0].y) == [2**L - 1 for L in range(1, 11)]
    difference, bound = figures.errors(layers).data
    assert max(difference.y) == bound.y[0] == np.float32(2.0 ** (-2 * layers - 2))
    assert len(figures.square(layers).data) == 2


@pytest.mark.parametrize("normalization", NORMS)
def test_only_the_chosen_kinds_are_trained_and_looked_at(normalization: str) -> None:
    found = run(LayersSpec(normalization, layers=3, width=4, networks=2))
    assert (
        tuple(one.kind for one in found)
        == NORMS[normalization]
        == DepthSpec(normalization=normalization).kinds
    )
    signal, gradient = figures.sizes(found)
    assert len(signal.data) == len(gradient.data) == 3 * len(found) + 1
