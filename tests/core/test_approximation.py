"""Universal approximation: weights written down, bounds, what is trained, and what lies beyond the data."""

from __future__ import annotations

import itertools
import math
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from scipy.integrate import dblquad
from scipy.interpolate import interp1d
from scipy.linalg import orth
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LinearRegression, Ridge

from mlcore.base.experiment import Stopped, run
from mlcore.base.spec import SpecError
from mlcore.depth import approximation as core
from mlcore.depth import approximation_sweep as sweeps
from mlcore.depth.approximation import WIDTHS, bound, construct, errors, far_away, over_widths, pieces
from mlcore.depth.approximation_sweep import TRAINABLE, SweepSpec, Width
from mlcore.depth.approximation_targets import (
    LINE,
    PLANE,
    Target,
    TargetError,
    derivatives,
    grid,
    rate,
    steepness,
    target,
)
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network
from mlcore.figures import approximation as figures
from mlcore.formulas.formula import FormulaError
from mlcore.training.draws import generator

SINE = "sin(2*pi*x)"
SMALL = SweepSpec(steps=100, networks=2)
X = core.points(False)
NUMPY: dict[str, Any] = {
    "sine": lambda x: np.sin(2 * np.pi * x),
    "square": lambda x: x**2,
    "bump": lambda x: np.exp(-60 * (x - 0.5) ** 2),
    "chirp": lambda x: np.sin(20 * x**2),
    "kink": lambda x: np.abs(x - 0.3),
    "root": np.sqrt,
}


@pytest.fixture(scope="module")
def trained() -> dict[str, tuple[SweepSpec, tuple[Width, ...]]]:
    """Small trainings of every activation, on the line and in the plane."""
    texts = {False: SINE, True: PLANE["waves"]}
    specs = {
        f"{name} {plane}": SweepSpec(text, plane, name, steps=100, networks=3)
        for name in TRAINABLE
        for plane, text in texts.items()
    }
    return {name: (spec, run(spec)) for name, spec in specs.items()}


# ------------------------------------------------------------------ targets


@pytest.mark.parametrize("name", LINE)
def test_targets_are_what_they_are_called(name: str) -> None:
    np.testing.assert_allclose(target(LINE[name])(X), NUMPY[name](X[:, 0].numpy()), atol=1e-12)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (SINE, lambda x: 2 * np.pi * np.cos(2 * np.pi * x), lambda x: -4 * np.pi**2 * np.sin(2 * np.pi * x)),
        ("x^2", lambda x: 2 * x, lambda x: 2 + 0 * x),
        ("exp(3*x)", lambda x: 3 * np.exp(3 * x), lambda x: 9 * np.exp(3 * x)),
        ("x", lambda x: 1 + 0 * x, lambda x: 0 * x),
        ("3", lambda x: 0 * x, lambda x: 0 * x),
    ],
)
def test_derivatives_are_the_formulas(text: str, first: Any, second: Any) -> None:
    x = X[:, 0].numpy()
    found = derivatives(target(text), X)
    np.testing.assert_allclose(found[0], first(x), atol=1e-9)
    np.testing.assert_allclose(found[1], second(x), atol=1e-9)
    steep = steepness(text)
    assert steep.slope == pytest.approx(np.abs(first(x)).max(), rel=1e-6)
    assert steep.curvature == pytest.approx(np.abs(second(x)).max(), rel=1e-6)


@pytest.mark.parametrize(
    "text", ["abs(x - 0.3)", "abs(x - 1/pi)", "min(x, 0.7)", "relu(x - 0.4999)", "x^1.5"]
)
def test_a_kink_has_no_bound_wherever_it_lies(text: str) -> None:
    """Though the formula's second derivative is finite at nearly every point of every grid."""
    steep = steepness(text)
    assert steep.curvature is None
    assert steep.continuous
    assert steep.slope is not None
    place = {
        "abs(x - 0.3)": 0.3,
        "abs(x - 1/pi)": 1 / math.pi,
        "min(x, 0.7)": 0.7,
        "relu(x - 0.4999)": 0.4999,
    }
    assert steep.place == pytest.approx(place.get(text, 0.0), abs=3e-4)


def test_a_soft_kink_is_found_between_any_two_points() -> None:
    """|x - p|^1.5, whose second derivative is infinite at p alone, for p between two points of the grid."""
    for i in range(33):
        assert steepness(f"abs(x - {(3000 + i / 32) / 8192!r})^1.5").curvature is None, i


def test_the_root_rises_without_limit_and_is_continuous() -> None:
    steep = steepness("sqrt(x)")
    assert (steep.slope, steep.curvature, steep.continuous) == (None, None, True)


@pytest.mark.parametrize("text", ["1/(x - 1/3)", "tanh(1e9*(x - 1/3))", "(x - 1/3)/abs(x - 1/3)"])
def test_what_jumps_is_not_continuous(text: str) -> None:
    steep = steepness(text)
    assert not steep.continuous
    assert steep.place == pytest.approx(1 / 3, abs=3e-4)


@pytest.mark.parametrize(
    "text", [SINE, "sin(200*x)", "sigmoid(1000*(x - 0.5))", "x^2.5", "1/(x + 0.01)", "0*x"]
)
def test_what_is_smooth_has_bounds_however_steep(text: str) -> None:
    steep = steepness(text)
    assert steep.slope is not None
    assert steep.curvature is not None
    assert steep.continuous


@pytest.mark.parametrize(
    ("text", "plane", "code", "place"),
    [
        ("log(x - 0.5)", False, "hole", "x = 0"),
        ("sqrt(0.25 - x)", False, "hole", "x = 0.2501"),
        ("1/(x - 0.5)", False, "hole", "x = 0.5"),
        ("1/(x - y)", True, "hole", "x = 0, y = 0"),
        ("exp(20*x)", False, "large", "x = 1"),
    ],
)
def test_a_hole_gets_a_sentence(text: str, plane: bool, code: str, place: str) -> None:
    with pytest.raises(TargetError) as caught:
        target(text, plane)
    assert caught.value.code == code
    assert caught.value.values["place"] == place
    assert f"at {place}" in str(caught.value).lower()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.code, again.values, str(again)) == (code, caught.value.values, str(caught.value))


@pytest.mark.parametrize("text", ["", "y", "__import__('os')", "x +", "x; x"])
def test_what_is_no_formula_in_x_is_refused_by_the_parser(text: str) -> None:
    with pytest.raises(FormulaError):
        target(text)


# ------------------------------------------------------------------ the construction


@pytest.mark.parametrize("units", [1, 2, 3, 7, 16, 100, 256])
@pytest.mark.parametrize("name", LINE)
def test_relus_are_piecewise_linear_interpolation(name: str, units: int) -> None:
    f = target(LINE[name])
    made = construct(f, units)
    nodes = np.linspace(0, 1, units + 1)
    known = np.interp(X[:, 0].numpy(), nodes, NUMPY[name](nodes))
    np.testing.assert_allclose(made.network.predict(made.theta, X)[0, :, 0], known, atol=1e-11)
    linear = interp1d(nodes, NUMPY[name](nodes))(X[:, 0].numpy())
    np.testing.assert_allclose(core.hats(made.nodes, made.values, X[:, 0]).sum(0), linear, atol=1e-11)


def test_a_hat_is_three_relus() -> None:
    nodes, x = torch.linspace(0, 1, 5, dtype=torch.float64), X[:, 0]
    h = 0.25
    for i in range(5):
        r = [torch.relu(x - nodes[i] - k * h) for k in (-1, 0, 1)]
        one = core.hats(nodes, torch.eye(5, dtype=torch.float64)[i], x)[i]
        torch.testing.assert_close(one, (r[0] - 2 * r[1] + r[2]) / h, atol=1e-12, rtol=0)


def test_the_known_errors_of_the_sine() -> None:
    f, steep = target(SINE), steepness(SINE)
    for units, known in ((8, 0.0704), (16, 0.0188), (32, 0.00479), (64, 0.00120)):
        made = construct(f, units)
        found = float(errors(made.network, made.theta, f)[0])
        assert found == pytest.approx(known, rel=6e-3)
        limit = bound(steep, units, "hats", 1.0)
        assert limit == pytest.approx(4 * math.pi**2 / 8 / units**2, rel=1e-6)
        assert limit is not None
        assert found <= limit


def test_the_bound_is_reached_by_the_parabola() -> None:
    """f'' = 2 everywhere: every interval errs by h^2/4 in its middle."""
    curve = over_widths(target("x^2"), steepness("x^2"), "hats", 1.0)
    assert curve.bounds is not None
    for units, found, limit in zip(WIDTHS, curve.errors, curve.bounds, strict=True):
        assert found == pytest.approx(1 / (4 * units**2), rel=1e-9) == limit
    assert curve.rate == pytest.approx(-2, abs=1e-9)


@pytest.mark.parametrize("sharpness", [1.0, 3.0, 8.0, 100.0])
@pytest.mark.parametrize("way", core.WAYS)
@pytest.mark.parametrize("name", LINE)
def test_no_construction_errs_more_than_its_bound(name: str, way: str, sharpness: float) -> None:
    curve = over_widths(target(LINE[name]), steepness(LINE[name]), way, sharpness)
    if curve.bounds is not None:
        assert (np.array(curve.errors) <= np.array(curve.bounds) * (1 + 1e-9)).all()
    assert (curve.bounds is None) == (name == "root" or (name == "kink" and way == "hats"))


def test_the_error_is_no_artifact_of_the_points() -> None:
    """An optimizer, which is free to look anywhere, finds no larger one."""
    f, made = target(SINE), construct(target(SINE), 8)
    most = float(errors(made.network, made.theta, f)[0])

    def error(x: float) -> float:
        at = torch.tensor([[x]], dtype=torch.float64)
        return -abs(float(made.network.predict(made.theta, at)[0, 0, 0] - f(at)[0]))

    ends = np.linspace(0, 1, 9)
    found = max(
        -minimize_scalar(error, bounds=pair, method="bounded").fun for pair in itertools.pairwise(ends)
    )
    assert found == pytest.approx(most, rel=1e-4)


@pytest.mark.parametrize("units", [1, 4, 9])
def test_steep_sigmoids_are_the_nearest_value_looked_up(units: int) -> None:
    f = target(SINE)
    made = construct(f, units, "steps", 100.0)
    x = X[:, 0].numpy()
    nodes = np.linspace(0, 1, units + 1)
    away = np.abs((x * units) % 1 - 0.5) > 0.2  # from the middles, where the steps are
    known = interp1d(nodes, NUMPY["sine"](nodes), kind="nearest")(x)
    found = made.network.predict(made.theta, X)[0, :, 0].numpy()
    np.testing.assert_allclose(found[away], known[away], atol=1e-7)


@pytest.mark.parametrize("way", core.WAYS)
def test_units_are_added_from_the_left(way: str) -> None:
    f = target("exp(x)")
    made = construct(f, 6, way, 20.0)
    rows = made.grown(range(7))
    y = core.answers(made.network, rows, X).numpy()
    W, c, w, b = made.weights()
    hidden = ACTIVATIONS[core.WAYS[way]](X @ W[None] + c).numpy() * w.numpy()
    known = b + np.concatenate([np.zeros((1, len(X))), hidden.T.cumsum(0)])
    np.testing.assert_allclose(y, known, atol=1e-12)
    assert torch.equal(rows[-1:], made.theta)
    if way == "hats":
        until = X[:, 0] <= 0.5
        np.testing.assert_allclose(y[3][until], y[6][until], atol=1e-12)


@pytest.mark.parametrize("units", [1, 5, 16, 64])
def test_n_relus_make_at_most_n_plus_1_pieces(units: int) -> None:
    made = construct(target("exp(x)"), units)
    assert pieces(made.network, made.theta[0]) == units + 1
    assert pieces(made.network, made.theta[0], 0.0, 1.0) == units
    network = Network((1, units, 1), "relu")
    for seed in range(5):
        g = torch.Generator().manual_seed(seed)
        row = torch.randn(network.size, generator=g, dtype=torch.float64)
        W, c, w = row[:units], row[units : 2 * units], row[2 * units : 3 * units]
        places = -c / W
        inside = int(((places > -1) & (places < 2) & (w != 0)).sum())
        assert pieces(network, row) == inside + 1 <= units + 1


def test_a_straight_target_needs_one_unit_and_a_kink_two() -> None:
    made = construct(target("2*x - 1"), 8)
    assert pieces(made.network, made.theta[0]) == 2
    assert float(errors(made.network, made.theta, target("2*x - 1"))[0]) < 1e-14
    kink = construct(target("abs(x - 0.5)"), 8)
    assert pieces(kink.network, kink.theta[0]) == 3
    assert float(errors(kink.network, kink.theta, target("abs(x - 0.5)"))[0]) < 1e-14


def test_slopes_over_widths() -> None:
    for text, way, slope in ((SINE, "hats", -2), ("exp(x)", "steps", -1), ("sqrt(x)", "hats", -0.5)):
        curve = over_widths(target(text), steepness(text), way, 8.0)
        assert curve.rate == pytest.approx(slope, abs=0.05)
    known = np.polyfit(np.log([8, 16, 32]), np.log([3.0, 1.0, 0.7]), 1)[0]
    assert rate([1, 8, 16, 32], [9.0, 3.0, 1.0, 0.7], 0.0) == pytest.approx(known)
    assert rate([8, 16, 32], [1.0, 0.0, 0.0], 0.0) is None
    assert rate([8, 16, 32, 64], [1.0, 1e-8, 1e-9, 2e-9], 0.0) is None  # no straight line


def test_a_jump_is_missed_by_half_of_it_at_every_width() -> None:
    text = "sigmoid(1e9*(x - 1/3))"
    curve = over_widths(target(text), steepness(text), "hats", 8.0)
    assert min(curve.errors) > 0.49


# ------------------------------------------------------------------ two inputs


@pytest.mark.parametrize(
    ("text", "units"),
    [("cos(pi*x)*cos(2*pi*y)", 2), ("2 + cos(3*pi*x) - 0.5*cos(pi*y)", 2), ("cos(pi*(3*x - 2*y))/4", 64)],
)
def test_what_is_a_few_cosines_is_written_down_exactly(text: str, units: int) -> None:
    f = target(text, True)
    network, theta = core.ridges(f, units)
    most = float(errors(network, theta, f)[0])
    if units == 2:
        assert most < 1e-12
        assert float(errors(*core.ridges(f, 1), f)[0]) > 0.4
    else:  # sines alone, whose even continuation has kinks: it converges all the same
        assert most < 0.1


def test_the_terms_of_the_cosine_series_are_integrals() -> None:
    """The largest terms of x y by scipy's quadrature."""
    f = target("x*y", True)
    network, theta = core.ridges(f, 40)
    hidden, last = network.blocks(theta[0])
    for unit in range(0, 40, 7):
        a, b = (hidden[:2, unit] / math.pi).tolist()
        scale = (1 if a == 0 else 2) * (1 if b == 0 else 2) / (2 if a and b else 1)

        def term(y: float, x: float, a: float = a, b: float = b) -> float:
            return x * y * math.cos(math.pi * a * x) * math.cos(math.pi * b * y)

        known = scale * dblquad(term, 0, 1, 0, 1)[0]
        assert float(last[unit, 0]) == pytest.approx(known, abs=2e-4)
    assert float(last[-1, 0]) == pytest.approx(0.25)


@pytest.mark.parametrize("name", PLANE)
def test_more_ridges_come_nearer(name: str) -> None:
    curve = core.ridges_over_widths(target(PLANE[name], True))
    assert curve.errors[-1] < 0.35 * curve.errors[0]
    x = core.points(True)
    network, theta = core.ridges(target(PLANE[name], True), 64)
    known = float((network.predict(theta, x)[0, :, 0] - target(PLANE[name], True)(x)).abs().max())
    assert curve.errors[6] == pytest.approx(known)


# ------------------------------------------------------------------ beyond the data


@pytest.mark.parametrize("name", TRAINABLE)
def test_far_away_a_network_is_the_line_it_is_said_to_be(
    name: str, trained: dict[str, tuple[SweepSpec, tuple[Width, ...]]]
) -> None:
    spec, parts = trained[f"{name} False"]
    for part in parts:
        network, theta = part.network(spec), torch.from_numpy(part.theta).clone()
        network.blocks(theta)[0][0, 0, 0] = 0  # a unit that does not look at x
        lines = far_away(network, theta)
        for side, at in ((0, -1e5), (1, 1e5)):
            x = torch.tensor([[at], [1.1 * at]], dtype=torch.float64)
            y = network.predict(theta, x)[..., 0]
            known = lines[:, side, :1] * x.T + lines[:, side, 1:]
            torch.testing.assert_close(y, known, rtol=1e-6, atol=1e-6)
        assert name == "relu" or (lines[..., 0] == 0).all()


def test_the_constructed_networks_go_on_as_their_ends_say() -> None:
    f = target("exp(x)")
    hats, steps = construct(f, 8), construct(f, 8, "steps", 8.0)
    ((left, level), (slope, _)) = far_away(hats.network, hats.theta)[0].tolist()
    assert (left, level) == (0, 1)
    assert slope == pytest.approx((math.e - math.exp(7 / 8)) * 8)
    torch.testing.assert_close(
        far_away(steps.network, steps.theta)[0],
        torch.tensor([[0, 1], [0, math.e]], dtype=torch.float64),
    )


# ------------------------------------------------------------------ a polynomial activation


@pytest.mark.parametrize("degree", [2, 3, 9])
def test_a_polynomial_activation_stays_a_polynomial(degree: int) -> None:
    """With enough units the fit is the best polynomial, and no unit more changes it."""
    f, some = target(SINE), slice(None, None, core.ASKED // core.FITTED)
    x = X[:, 0].numpy()
    best = np.polynomial.Polynomial.fit(x[some], f(X).numpy()[some], degree)(x)
    for units in (degree + 1, 32, 256):
        np.testing.assert_allclose(core.polynomial(f, units, degree), best, atol=1e-6)
    few = core.polynomial(f, 1, degree).numpy()
    assert np.square(few - f(X).numpy())[some].sum() > np.square(best - f(X).numpy())[some].sum()


def test_what_is_a_polynomial_is_found_exactly() -> None:
    assert float((core.polynomial(target("x^2 - x"), 8, 2) - target("x^2 - x")(X)).abs().max()) < 1e-12


# ------------------------------------------------------------------ training


def f_of(spec: SweepSpec) -> Target:
    return target(spec.target, spec.plane)


@pytest.mark.parametrize("name", [f"{a} {plane}" for a in TRAINABLE for plane in (False, True)])
def test_errors_are_those_of_the_networks(
    name: str, trained: dict[str, tuple[SweepSpec, tuple[Width, ...]]]
) -> None:
    spec, parts = trained[name]
    assert [part.units for part in parts] == list(WIDTHS)
    x = core.points(spec.plane)
    for part in parts:
        y = part.network(spec).predict(torch.from_numpy(part.theta), x)[..., 0]
        np.testing.assert_allclose(part.errors, (y - f_of(spec)(x)).abs().amax(1), rtol=1e-12)
        assert part.theta.shape == (3, part.network(spec).size)
        assert len(np.unique(part.errors)) == 3  # every seed is a network of its own
    assert np.median(parts[-1].errors) < np.median(parts[0].errors)


def test_training_is_gradient_descent_as_torch_does_it() -> None:
    """Adam with a cosine on the same standardized data, by torch's modules, from the same start."""
    spec = SweepSpec(steps=100, networks=2, lr=0.02)
    f, network = target(SINE), Network((1, 4, 1), "relu")
    found = sweeps.train(network, f, spec)
    x = torch.linspace(0, 1, 257, dtype=torch.float64)[:, None]
    y = torch.sin(2 * torch.pi * x)
    level, size = y.mean(), y.std()
    for row in range(2):
        theta = network.init(sweeps.INIT, [generator(spec.seed + row, "width 4")])[0]
        leaf = theta.clone().requires_grad_()
        adam = torch.optim.Adam([leaf], lr=spec.lr)
        for t in range(spec.steps):
            adam.param_groups[0]["lr"] = spec.lr * 0.5 * (1 + math.cos(math.pi * t / spec.steps))
            adam.zero_grad()
            out = network.predict(leaf[None], math.sqrt(12) * (x - 0.5))[0]
            loss = (out - (y - level) / size).square().mean() / 2
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()
        with torch.no_grad():
            known = network.predict(leaf[None], math.sqrt(12) * (x - 0.5)) * size + level
        torch.testing.assert_close(network.predict(found[row : row + 1], x), known, atol=2e-4, rtol=0)


@pytest.mark.parametrize("inputs", [1, 2])
def test_units_are_taken_back(inputs: int) -> None:
    network = Network((inputs, 3, 1), "tanh")
    g = torch.Generator().manual_seed(0)
    theta = torch.randn(2, network.size, generator=g, dtype=torch.float64)
    x = torch.rand(9, inputs, generator=g, dtype=torch.float64)
    wanted = 3 * network.predict(theta, sweeps.STRETCH * (x - 0.5)) + 5
    torch.testing.assert_close(network.predict(sweeps.in_units(network, theta, 5.0, 3.0), x), wanted)


@pytest.mark.parametrize("plane", [False, True])
@pytest.mark.parametrize("name", TRAINABLE)
def test_the_solved_layer_is_least_squares(name: str, plane: bool) -> None:
    f = target(PLANE["product"] if plane else SINE, plane)
    network = Network((1 + plane, 6, 1), name)
    theta = sweeps.solved(network, f, 3)
    x = grid(plane, sweeps.FITTED_SIDE if plane else sweeps.FITTED)
    hidden, _ = network.blocks(theta)
    h = ACTIVATIONS[name](x @ hidden[0, :-1] + hidden[0, -1:]).numpy()
    y = f(x).numpy()
    q = orth(np.column_stack([h, np.ones(len(h))]), rcond=1e-12)
    least = float(np.square(y - q @ (q.T @ y)).sum())
    residual = network.predict(theta, x)[0, :, 0].numpy() - y
    assert np.square(residual).sum() == pytest.approx(least, rel=1e-6, abs=1e-12)
    others = Ridge(1e-9).fit(h, y).predict(h), LinearRegression().fit(h, y).predict(h)
    assert all(np.square(residual).sum() <= np.square(y - other).sum() * (1 + 1e-9) for other in others)
    drawn = network.init(sweeps.INIT, [generator(3, "width 6")])
    torch.testing.assert_close(hidden[0, :-1], sweeps.STRETCH * network.blocks(drawn)[0][0, :-1])


def test_descent_stops_far_above_what_exists() -> None:
    """The claim of the room at its own settings: wide layers have weights that descent did not find."""
    parts = run(SweepSpec())
    made = over_widths(target(SINE), steepness(SINE), "hats", 8.0).errors
    assert np.median(parts[-1].errors) > 10 * made[-1]
    tanh = run(SweepSpec(activation="tanh"))
    assert np.median(tanh[-1].errors) > 1e4 * tanh[-1].solved_error


def test_the_same_spec_gives_the_same_bits_and_reports_its_parts() -> None:
    seen: list[tuple[float, Any]] = []
    one, other = run(SMALL, lambda share, part: seen.append((share, part))), run(SMALL)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a.theta, b.theta)
        np.testing.assert_array_equal(a.solved, b.solved)
    assert [part.units for _, part in seen if part is not None] == list(WIDTHS)
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_it_stops_when_nobody_waits() -> None:
    def report(share: float, part: Any) -> None:
        if share > 0.1:
            raise Stopped

    with pytest.raises(Stopped):
        run(SMALL, report)


def test_a_constant_and_a_hole_can_be_asked_for() -> None:
    parts = run(SweepSpec("2", activation="tanh", steps=100, networks=1))
    assert parts[-1].solved_error < 1e-9
    assert np.isfinite([part.errors for part in parts]).all()
    with pytest.raises(TargetError):
        run(SweepSpec("log(x)"))
    with pytest.raises(SpecError):
        SweepSpec(activation="sine")


# ------------------------------------------------------------------ pictures


@pytest.mark.parametrize("way", core.WAYS)
@pytest.mark.parametrize("units", [1, 8, 100, 256])
def test_the_construction_is_drawn_as_computed(units: int, way: str) -> None:
    f = target(SINE)
    made = construct(f, units, way)
    grown = figures.growth(made, f)
    assert grown.counts[0] == 0
    assert grown.counts[-1] == units
    assert len(grown.counts) <= figures.MOST_FRAMES
    picture = figures.built(made, grown)
    known = made.network.predict(made.theta, torch.from_numpy(grown.x)[:, None])[0, :, 0]
    np.testing.assert_allclose(picture.data[figures.NETWORK].y, known, atol=1e-5)
    np.testing.assert_allclose(picture.data[0].y, np.sin(2 * np.pi * grown.x), atol=1e-6)
    at = np.abs(grown.x[:, None] - made.nodes.numpy()).min(0)
    assert at.max() < 1e-12  # every corner is drawn
    missed = figures.missed(grown, 0.5)
    np.testing.assert_allclose(missed.data[figures.ERROR].y, grown.network[-1] - grown.target, atol=1e-5)
    for t in range(1, len(grown.counts)):
        if grown.counts[t] == grown.counts[t - 1] + 1:
            np.testing.assert_allclose(grown.unit[t], grown.network[t] - grown.network[t - 1], atol=1e-9)
    assert (grown.unit[0] == 0).all()
    assert (len(picture.data) == 5) == (way == "hats" and units <= figures.MOST_HATS)


def test_errors_are_drawn_on_logarithmic_axes(
    trained: dict[str, tuple[SweepSpec, tuple[Width, ...]]],
) -> None:
    _, parts = trained["tanh False"]
    curves = {way: over_widths(target("x"), steepness("x"), way, 8.0) for way in core.WAYS}
    picture = figures.over_widths(curves, parts, "trained", target("x").rounding)
    assert picture.layout.xaxis.type == picture.layout.yaxis.type == "log"
    lines = {trace.name: trace for trace in picture.data if trace.mode == "lines+markers"}
    assert np.isnan(lines["hats"].y).all()  # a straight line is met exactly: 0 has no place on the axis
    np.testing.assert_allclose(lines["trained"].y, [np.median(part.errors) for part in parts], rtol=1e-6)
    np.testing.assert_allclose(lines["steps"].y, curves["steps"].errors, rtol=1e-6)


def test_beyond_the_data_holes_are_gaps(trained: dict[str, tuple[SweepSpec, tuple[Width, ...]]]) -> None:
    spec, parts = trained["relu False"]
    made = construct(target("sqrt(x)"), 8)
    picture = figures.beyond(target("sqrt(x)"), spec, parts[3], [("hats", made)])
    x, y = np.array(picture.data[0].x), np.array(picture.data[0].y)
    assert (np.isnan(y) == (x < 0)).all()
    assert len(picture.data[2].x) == 3 * (901 + 1)


def test_maps_are_turned_the_right_way(trained: dict[str, tuple[SweepSpec, tuple[Width, ...]]]) -> None:
    spec, parts = trained["tanh True"]
    surface, network, difference = (one.data[0] for one in figures.surfaces(f_of(spec), spec, parts[4], 1))
    x, y = np.meshgrid(surface.x, surface.y)
    np.testing.assert_allclose(surface.z, np.sin(2 * np.pi * x) * np.cos(np.pi * y), atol=1e-5)
    np.testing.assert_allclose(difference.z, np.array(network.z) - np.array(surface.z), atol=1e-5)
    assert np.abs(difference.z).max() == pytest.approx(parts[4].errors[1], rel=1e-4)
