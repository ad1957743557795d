"""What activations bend: affine maps, polynomials of a known degree, ends, errors, against other ways."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from sklearn.linear_model import LinearRegression

from mlcore.components.untrained import draw, piecewise
from mlcore.depth.approximation_targets import LINE, target
from mlcore.depth.bending import (
    FAR,
    HIGHEST,
    NAMES,
    NEAR,
    NOTHING,
    SHOWN,
    SQUARE,
    WIDTHS,
    Kind,
    degree_of,
    distances,
    end,
    fitted,
    nature,
    one,
    stack,
)
from mlcore.depth.pieces import pieces
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.networks import Network

SHAPES = [(1, 1), (1, 8, 1), (1, *(6,) * 7, 1), (2, 8, 8, 2), (2, 7, 1, 7, 2), (3, 5, 4, 2)]


# ---------------------------------------------------------------- layers with and without an activation


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_without_activations_layers_are_one_affine_map(sizes: tuple[int, ...], activation: str) -> None:
    x = np.random.default_rng(0).uniform(-3, 3, (200, sizes[0]))
    found = stack(sizes, activation, "he", 1.0, 4, x)
    W, b = np.eye(sizes[0]), np.zeros(sizes[0])
    theta = draw(Network(sizes, "identity"), "he", [4], bias=1.0)
    for block in Network(sizes, "identity").blocks(theta):
        W, b = W @ block[0, :-1].numpy(), b @ block[0, :-1].numpy() + block[0, -1].numpy()
    np.testing.assert_allclose(found.weight, W, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.bias, b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.linear, x @ W + b, rtol=1e-10, atol=1e-10)
    assert found.residual < 1e-10
    assert found.rank == np.linalg.matrix_rank(W) == min(sizes)
    bent = Network(sizes, activation).predict(theta, torch.from_numpy(x))[0].numpy()
    np.testing.assert_allclose(found.bent, bent, rtol=1e-12, atol=1e-12)
    constant = np.ptp(found.bent, axis=0).max() < 1e-12
    assert found.explained == pytest.approx(1.0 if constant else 1 - unexplained(x, found.bent), abs=1e-9)
    assert np.allclose(found.bent, found.linear) == (activation == "identity" or len(sizes) == 2)


def unexplained(x: np.ndarray, y: np.ndarray) -> float:
    """scikit-learn's least squares."""
    left = y - LinearRegression().fit(x, y).predict(x)
    return float(np.square(left).sum() / np.square(y - y.mean(0)).sum())


# ---------------------------------------------------------------- polynomials


def exact(network: Network, row: torch.Tensor, x: Fraction) -> Fraction:
    """The network with f(z) = z^2, without rounding."""
    h = [x]
    blocks = network.blocks(row)
    for k, block in enumerate(blocks):
        columns = [[Fraction(v) for v in column] for column in block.T.tolist()]
        z = [sum((a * b for a, b in zip(h, column, strict=False)), column[-1]) for column in columns]
        h = [v * v for v in z] if k < len(blocks) - 1 else z
    return h[0]


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_the_square_makes_a_polynomial_of_degree_2_to_the_layers(layers: int) -> None:
    """Finite differences of fractions: those of order 2^L are one constant that is not 0."""
    network, row, f = one((3,) * layers, SQUARE, "he", 1.0, layers)
    values = [exact(network, row, Fraction(x)) for x in range(2**layers + 4)]
    for _ in range(2**layers):
        values = [b - a for a, b in pairwise(values)]
    assert len(set(values)) == 1
    assert values[0] != 0
    assert degree_of(f) == 2**layers
    y = f(np.arange(4.0))
    np.testing.assert_allclose(y, [float(exact(network, row, Fraction(x))) for x in range(4)], rtol=1e-9)


@pytest.mark.parametrize("init", [name for name in INITIALIZERS if name != "zeros"])
@pytest.mark.parametrize("width", [1, 8, 32])
@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_degrees_are_found_for_every_width_and_rule(init: str, width: int, layers: int) -> None:
    for seed in range(6):
        assert nature((width,) * layers, SQUARE, init, 1.0, seed).degree == 2**layers
        assert nature((width,) * layers, "identity", init, 1.0, seed).degree == 1


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "identity"])
@pytest.mark.parametrize("layers", [1, 2, 4])
def test_other_activations_make_no_polynomial(activation: str, layers: int) -> None:
    for seed in range(4):
        found = nature((8,) * layers, activation, "he", 1.0, seed)
        assert found.degree is None
        assert (found.pieces is None) != piecewise(activation)


def test_a_network_of_zeros_is_a_polynomial_of_degree_0() -> None:
    for name in NAMES:
        found = nature((4,), name, "zeros", 0.0, 0)
        assert found.degree == 0
        assert {one_end.kind for one_end in found.ends} == {Kind.CONSTANT}


def test_what_only_looks_like_a_polynomial_nearby_is_none() -> None:
    slow = [lambda x: np.sin(x / 1e4), lambda x: np.tanh(x / 3e4), lambda x: np.maximum(x, -5e3)]
    for f in slow:
        assert distances(f, NEAR).min() < NOTHING
        assert degree_of(f) is None


@pytest.mark.parametrize("degree", [0, 1, 5, 16, 40])
def test_a_chebyshev_polynomial_is_far_from_all_of_lower_degree(degree: int) -> None:
    """It is 1 away from them, its largest value, and 0 from those of its degree."""
    for reach in (SHOWN, NEAR, FAR):
        found = distances(lambda x, reach=reach: np.cos(degree * np.arccos(x / reach)), reach)
        np.testing.assert_allclose(found[:degree], 1, rtol=1e-3)
        assert found[degree:].max() < NOTHING
        assert len(found) == HIGHEST + 1


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "sine"])
def test_distances_are_near_those_of_the_best_polynomials(activation: str) -> None:
    """By a linear program: never below the best, and at most a few times as large."""
    _, _, f = one((6,), activation, "he", 1.0, 0)
    found = distances(f, SHOWN)
    x = np.linspace(-SHOWN, SHOWN, 601)
    y = f(x) / np.abs(f(SHOWN * np.cos(np.pi * (np.arange(1024) + 0.5) / 1024))).max()
    for degree in (0, 1, 3, 8):
        best = minimax(x / SHOWN, y, degree)
        assert best * (1 - 1e-2) <= found[degree] <= 3 * best


def minimax(x: np.ndarray, y: np.ndarray, degree: int) -> float:
    """The smallest largest error of a polynomial of this degree at these points of [-1, 1]."""
    design = np.polynomial.chebyshev.chebvander(x, degree)
    ones = np.ones((len(x), 1))
    rows = np.block([[design, -ones], [-design, -ones]])
    cost = np.zeros(degree + 2)
    cost[-1] = 1
    found = linprog(cost, A_ub=rows, b_ub=np.concatenate([y, -y]), bounds=(None, None))
    return float(found.fun)


# ---------------------------------------------------------------- far out


@pytest.mark.parametrize("layers", [1, 2, 4])
@pytest.mark.parametrize("seed", range(4))
def test_far_out_each_activation_is_what_it_must_be(layers: int, seed: int) -> None:
    for name in NAMES:
        found = nature((8,) * layers, name, "he", 1.0, seed)
        kinds = {side.kind for side in found.ends}
        if name in ("tanh", "sigmoid"):
            assert kinds == {Kind.CONSTANT}
        elif name == SQUARE:
            assert kinds == {Kind.POWER}
            assert all(side.value == pytest.approx(2**layers, abs=1e-3) for side in found.ends)
        elif name == "sine":
            assert kinds == {Kind.TURNS}
        else:
            assert kinds <= {Kind.LINE, Kind.CONSTANT}


@pytest.mark.parametrize("seed", range(6))
def test_the_lines_far_out_are_the_first_and_the_last_piece(seed: int) -> None:
    network, row, f = one((8, 8), "relu", "he", 1.0, seed)
    found = pieces(network, row)
    for side, out, k in ((0, -1e6, 0), (1, 1e6, -1)):
        told = nature((8, 8), "relu", "he", 1.0, seed).ends[side]
        if told.kind is Kind.LINE:
            assert told.value == pytest.approx(found.slope[k], rel=1e-6)
        else:
            assert found.slope[k] == 0
            assert told.value == pytest.approx(found.level[k])
        assert told == end(f, out)


def test_ends_of_known_functions() -> None:
    assert end(lambda x: 3 - 2 * x, 10.0).kind is Kind.LINE
    assert end(lambda x: 3 - 2 * x, 10.0).value == pytest.approx(-2)
    assert end(lambda x: 3 - 2 * x, -10.0).value == pytest.approx(-2)
    assert end(lambda x: 0 * x, 1.0).kind is Kind.CONSTANT
    assert end(lambda x: x**3, -1e3).value == pytest.approx(3)
    assert end(np.sin, 1e6).kind is Kind.TURNS


# ---------------------------------------------------------------- what width brings


@pytest.mark.parametrize("example", LINE)
@pytest.mark.parametrize(("activation", "degree"), [("identity", 1), (SQUARE, 2)])
def test_no_width_helps_a_polynomial(example: str, activation: str, degree: int) -> None:
    f = target(LINE[example])
    found = fitted(f, activation)
    some = torch.linspace(0, 1, 513, dtype=torch.float64)
    x = np.linspace(0, 1, 2049)
    best = np.polynomial.Polynomial.fit(some.numpy(), f(some[:, None]).numpy(), degree)
    known = np.abs(best(x) - f(torch.from_numpy(x)[:, None]).numpy()).max()
    enough = [k for k, units in enumerate(WIDTHS) if units >= degree]
    np.testing.assert_allclose(found[enough[1:]], known, rtol=1e-6, atol=1e-9)
    least = minimax(2 * x - 1, f(torch.from_numpy(x)[:, None]).numpy(), degree)
    assert (found >= least - 1e-9).all()


@pytest.mark.parametrize("example", LINE)
@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "identity"])
def test_width_helps_every_other_activation(example: str, activation: str) -> None:
    f = target(LINE[example])
    found = fitted(f, activation)
    assert found[-1] < 0.1 * min(fitted(f, "identity")[-1], fitted(f, "identity")[0])


def test_a_wider_layer_has_the_units_of_a_narrower_one() -> None:
    f = target(LINE["sine"])
    assert np.isclose(fitted(f, "relu", (4, 8))[0], fitted(f, "relu", (4,))[0], rtol=1e-9)
    assert not np.isclose(fitted(f, "relu", (8,), 1)[0], fitted(f, "relu", (8,), 0)[0])
