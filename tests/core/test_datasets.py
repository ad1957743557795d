"""Every data set of the family: what it promises, its geometry without noise, and the laws of its noise."""

from __future__ import annotations

import ast
import inspect
import itertools
import math
import warnings

import numpy as np
import pytest
import scipy.stats
import sklearn.datasets
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from torch import Generator, Tensor

from mlcore.base.registry import Variant
from mlcore.families.datasets import DATASETS, bayes_accuracy, listing, measure, truth_of
from mlcore.families.real_sets import names, some_rows

GIVEN = ("csv", "drawn_plane", "drawn_curve")  # a person's table or drawing
OWN = [v for v in DATASETS.variants() if v.name not in GIVEN]  # those that need none
GENERATED = [v for v in OWN if not v.real]
REAL = [v for v in OWN if v.real]
PLANES = [v for v in GENERATED if v.task == "classification"]
CURVES = [v for v in GENERATED if v.task == "regression"]


def over(variants: list[Variant]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("variant", variants, ids=lambda v: v.name)


def sample(variant: Variant, n: int = 200, seed: int = 0, **knobs: float) -> tuple[Tensor, Tensor]:
    x, y = variant(n, Generator().manual_seed(seed), **variant.settings(knobs))
    return x, y


def test_the_family_is_complete() -> None:
    assert {v.name for v in PLANES} >= {"gaussians", "circles", "xor", "spirals", "moons", "checkerboard"}
    assert {v.name for v in CURVES} >= {"line", "sine", "step", "heavy_tail"}
    assert {v.name for v in REAL} >= {"iris", "wine", "breast_cancer", "digits", "diabetes"}


@over(OWN)
@pytest.mark.parametrize("n", [20, 73, 150])
def test_shapes_and_types(variant: Variant, n: int) -> None:
    x, y = sample(variant, n)
    assert x.shape == (n, variant.features)
    assert x.dtype == torch.float64
    assert y.shape == (n,)
    assert y.dtype == (torch.int64 if variant.task == "classification" else torch.float64)
    if variant.task == "classification":
        possible, there = set(range(variant.classes)), set(y.tolist())
        assert there <= possible
        if not variant.real or n == 150:  # a few real examples may leave a class out
            assert there == possible
    assert bool(x.isfinite().all())


@over(OWN)
def test_the_seed_decides(variant: Variant) -> None:
    (x, y), (again, same) = sample(variant, 100, seed=3), sample(variant, 100, seed=3)
    assert torch.equal(x, again)
    assert torch.equal(y, same)
    assert not torch.equal(x, sample(variant, 100, seed=4)[0])


@over(GENERATED)
def test_every_corner_of_the_knobs_gives_numbers(variant: Variant) -> None:
    for corner in itertools.product(*((k.low, k.high) for k in variant.knobs.values())):
        x, y = sample(variant, 50, **dict(zip(variant.knobs, corner, strict=True)))
        assert bool(x.isfinite().all()), corner
        assert bool(y.isfinite().all()), corner


@over(GENERATED)
def test_noise_moves_the_points_and_deals_no_new_ones(variant: Variant) -> None:
    """The difference to the noise-free set is proportional to the noise."""
    assert variant.knobs["noise"].low == 0
    others = {"outliers": 0.3} if "outliers" in variant.knobs else {}

    def at(noise: float) -> Tensor:
        return torch.cat([v.double().flatten() for v in sample(variant, noise=noise, **others)])

    assert float((at(0.1) - at(0.0)).abs().max()) > 0.05
    assert torch.allclose(at(0.3) - at(0.0), 3 * (at(0.1) - at(0.0)), rtol=0, atol=1e-12)


@over(PLANES)
def test_noise_in_the_plane_is_gaussian(variant: Variant) -> None:
    quiet, loud = sample(variant, 5000, noise=0.0)[0], sample(variant, 5000, noise=0.2)[0]
    assert scipy.stats.kstest(((loud - quiet) / 0.2).flatten().numpy(), "norm").pvalue > 1e-3


@over([v for v in PLANES if v.name != "typed_plane"])  # whose classes are as large as somebody's formula
def test_classes_are_balanced(variant: Variant) -> None:
    counts = torch.bincount(sample(variant, 180)[1])
    expected = [100, 80] if variant.name == "checkerboard" else [90, 90]  # 5 and 4 of 9 tiles
    assert counts.tolist() == expected


# ---------------------------------------------------------------- geometry, without noise


def test_gaussians_are_separated_by_d() -> None:
    x, y = sample(DATASETS["gaussians"], separation=3.0, noise=0.0)
    a, b = x[y == 0].unique(dim=0), x[y == 1].unique(dim=0)
    assert len(a) == len(b) == 1
    assert float((a - b).norm()) == pytest.approx(3.0, abs=1e-12)
    assert torch.allclose(a, -b, atol=1e-15)


def test_circles_have_their_radii() -> None:
    x, y = sample(DATASETS["circles"], noise=0.0)
    assert torch.allclose(x.norm(dim=1), torch.tensor([1.0, 0.5], dtype=torch.float64)[y], atol=1e-12)


def test_xor_without_noise_is_the_truth_table() -> None:
    x, y = sample(DATASETS["xor"], 20, noise=0.0)
    table = {(int(a), int(b)): int(k) for (a, b), k in zip(x.tolist(), y, strict=True)}
    assert table == {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}


@pytest.mark.parametrize("turns", [0.25, 1.0, 2.5])
def test_spirals_turn_with_their_radius(turns: float) -> None:
    x, y = sample(DATASETS["spirals"], 2000, turns=turns, noise=0.0)
    r = x.norm(dim=1)
    turned = torch.remainder(torch.atan2(x[:, 1], x[:, 0]) - 2 * math.pi * turns * r, 2 * math.pi)
    assert torch.allclose(torch.cos(turned), 1 - 2 * y.double(), atol=1e-9)  # arm 0 at angle 0, arm 1 at pi
    assert scipy.stats.kstest((r**2).numpy(), "uniform").pvalue > 1e-3


def test_moons_lie_on_those_of_scikit_learn() -> None:
    x, y = sample(DATASETS["moons"], 400, noise=0.0)
    fine, label = sklearn.datasets.make_moons(20_000, noise=None, shuffle=False)
    for k in (0, 1):
        nearest = torch.cdist(x[y == k], torch.from_numpy(fine[label == k])).min(1).values
        assert float(nearest.max()) < 2e-4  # half the distance between neighbors of 10,000 on a half circle


@pytest.mark.parametrize("tiles", [2, 3, 8])
def test_checkerboard_colors_its_tiles(tiles: int) -> None:
    x, y = sample(DATASETS["checkerboard"], 5 * tiles**2, tiles=tiles, noise=0.0)
    tile = x.round().long()
    assert torch.equal(tile.sum(1) % 2, y)
    assert torch.equal(tile.unique(dim=0, return_counts=True)[1], torch.full((tiles**2,), 5))
    assert float((x - tile).abs().max()) <= 0.4


# ---------------------------------------------------------------- curves


@over(CURVES)
def test_truth_is_the_label_without_noise(variant: Variant) -> None:
    x, y = sample(variant, noise=0.0, outliers=0.0)
    assert torch.equal(variant.truth(x), y)
    assert float(x.min()) >= -1
    assert float(x.max()) <= 1


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [("line", 0.5, 2.0), ("sine", 0.5, 1.0), ("sine", -0.5, -1.0), ("step", 0.0, 1.0), ("step", -0.1, 0.0)],
)
def test_truth_by_hand(name: str, at: float, value: float) -> None:
    assert float(DATASETS[name].truth(torch.tensor([[at]]).double())) == pytest.approx(value, abs=1e-15)


@over([v for v in CURVES if "bends" in v.facts])
def test_a_bent_truth_is_the_label_without_noise(variant: Variant) -> None:
    for knob in variant.bends:
        for value in (variant.knobs[knob].low, variant.knobs[knob].high):
            x, y = sample(variant, noise=0.0, outliers=0.0, **{knob: value})
            assert torch.equal(truth_of(variant.name, {knob: value})(x), y)
            assert not torch.allclose(truth_of(variant.name, {})(x), y)


@over(CURVES)
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_outliers_are_a_share_of_the_labels_and_point_upward(variant: Variant, share: float) -> None:
    n = 5000
    error = sample(variant, n, outliers=share)[1] - sample(variant, n, outliers=0.0)[1]
    wrong = error > 1e-9
    assert abs(int(wrong.sum()) - n * share) < 5 * math.sqrt(n * share * (1 - share))
    assert float(error[~wrong].abs().max()) == 0
    assert scipy.stats.kstest((error[wrong].numpy() - 2) / 4, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("dof", [1.0, 2.0, 7.5, 30.0])
def test_heavy_tail_is_student_t(dof: float) -> None:
    x, y = sample(DATASETS["heavy_tail"], 5000, dof=dof, noise=0.5)
    t = (y - DATASETS["heavy_tail"].truth(x)) / 0.5
    assert scipy.stats.kstest(t.numpy(), "t", args=(dof,)).pvalue > 1e-3
    if dof <= 2:
        assert scipy.stats.kstest(t.numpy(), "norm").pvalue < 1e-3  # the test can tell


def test_curve_noise_is_gaussian() -> None:
    y = measure(torch.zeros(5000).double(), Generator().manual_seed(0), 2.0, 0.0)
    assert scipy.stats.kstest(y.numpy() / 2, "norm").pvalue > 1e-3


# ---------------------------------------------------------------- how hard they are


@pytest.mark.parametrize(("separation", "noise"), [(4.0, 0.8), (2.0, 1.0), (1.0, 3.0), (0.0, 1.0)])
def test_nearest_mean_reaches_the_bayes_accuracy(separation: float, noise: float) -> None:
    n, expected = 200_000, bayes_accuracy(separation, noise)
    assert expected == pytest.approx(scipy.stats.norm.cdf(separation / (2 * noise)), abs=1e-14)
    x, y = sample(DATASETS["gaussians"], n, separation=separation, noise=noise)
    right = ((x.sum(1) > 0) == (y == 1)).double().mean()
    assert abs(float(right) - expected) < 5 * math.sqrt(expected * (1 - expected) / n)


def test_bayes_accuracy_without_noise() -> None:
    assert bayes_accuracy(1.0, 0.0) == 1.0
    assert bayes_accuracy(0.0, 0.0) == 0.5


@over(PLANES)
def test_a_small_network_learns_it_at_the_defaults(variant: Variant) -> None:
    x, y = sample(variant, 210)
    x_new, y_new = sample(variant, 2000, seed=1)
    mean, std = x.mean(0), x.std(0)
    model = MLPClassifier(
        (16, 16),
        activation="tanh",
        learning_rate_init=0.01,
        max_iter=300,
        n_iter_no_change=300,
        random_state=0,
    )
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):  # 300 epochs are meant
        model.fit(((x - mean) / std).numpy(), y.numpy())
    assert model.score(((x_new - mean) / std).numpy(), y_new.numpy()) > 0.95


# ---------------------------------------------------------------- real sets


@over(REAL)
def test_real_sets_are_those_of_scikit_learn(variant: Variant) -> None:
    bunch = getattr(sklearn.datasets, f"load_{variant.name}")()
    x, y = sample(variant, 5000)
    assert np.array_equal(x.numpy(), bunch.data)
    assert np.array_equal(y.numpy(), bunch.target)
    assert x.shape == (variant.examples, variant.features)
    assert variant.classes == (len(set(bunch.target)) if variant.task == "classification" else 0)
    feature_names, class_names = names(variant.name)
    assert len(feature_names) == variant.features
    assert len(class_names) == variant.classes
    assert all(isinstance(name, str) for name in feature_names + class_names)


@over(REAL)
def test_fewer_examples_are_drawn_without_replacement(variant: Variant) -> None:
    x, y = sample(variant, 60, seed=5)
    everything, labels = sample(variant, variant.examples)
    rows = some_rows(variant.examples, 60, Generator().manual_seed(5))
    assert len(set(rows.tolist())) == 60
    assert torch.equal(x, everything[rows])
    assert torch.equal(y, labels[rows])


# ---------------------------------------------------------------- the code that is shown


@over(OWN)
def test_listing_runs_by_itself_and_gives_the_same_bits(variant: Variant) -> None:
    namespace: dict[str, object] = {}
    code = listing(variant.name)
    exec(compile(code, variant.name, "exec"), namespace)
    function = namespace[variant.name]
    assert callable(function)
    x, y = function(80, Generator().manual_seed(7), **variant.settings({}))
    expected = sample(variant, 80, seed=7)
    assert torch.equal(x, expected[0])
    assert torch.equal(y, expected[1])
    imported = {
        a.name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import) for a in node.names
    }
    assert imported <= {"math", "torch", "sklearn.datasets"}


@over(DATASETS.variants())
def test_a_listing_is_short_enough_for_a_page(variant: Variant) -> None:
    lines = listing(variant.name).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 110
    assert "@" not in listing(variant.name)


@over(DATASETS.variants())
def test_every_variant_says_what_it_is(variant: Variant) -> None:
    assert variant.title
    assert variant.source
    assert variant.real or variant.formula
    assert (variant.classes > 0) == (variant.task == "classification")
    assert ("truth" in variant.facts) == (variant in CURVES)
    parameters = list(inspect.signature(variant.function).parameters)
    more = ["x", "y"] if variant.name in GIVEN else ["f"] if "typed" in variant.facts else []
    assert parameters[2:] == [*variant.knobs, *more]
    assert all(knob.help for knob in variant.knobs.values())
