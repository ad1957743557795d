"""Ways out of local minima: equal budgets, the registry's own rules, seeds that stand alone, known theory."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import brentq
from scipy.stats import binom

from mlcore.base.experiment import Report, run
from mlcore.base.shares import Share
from mlcore.escapes import escaping
from mlcore.escapes.escape_methods import METHODS, USUAL, MethodSpec
from mlcore.escapes.escaping import Chance, EscapeSpec, escape
from mlcore.escapes.multimodal import Multimodal, MultimodalSpec, multimodal
from mlcore.escapes.restarts import RestartSpec, chance, needed, restarts
from mlcore.figures.escaping import compared
from mlcore.training.descent import descend

F64 = torch.float64
SMALL = EscapeSpec(MultimodalSpec("ackley"), USUAL, steps=60, runs=24)


class Counted:
    """A landscape that counts who looks at it, row by row."""

    def __init__(self, known: Multimodal) -> None:
        self.inner, self.gradients, self.values = known.objective, 0, 0

    def __call__(self, theta: torch.Tensor) -> torch.Tensor:
        self.values += theta[..., 0].numel()
        return self.inner(theta)

    def gradient(self, theta: torch.Tensor) -> torch.Tensor:
        self.gradients += len(theta)
        return self.inner.gradient(theta)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("steps", [20, 61])
def test_every_method_spends_what_it_says_and_no_more(
    name: str, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = multimodal(SMALL.landscape)
    counted = Counted(known)
    monkeypatch.setattr(escaping, "multimodal", lambda spec: replace(known, objective=counted))
    spent = {}

    def stop(known: Multimodal, theta: torch.Tensor, report: Report) -> np.ndarray:
        spent.update(gradients=counted.gradients, values=counted.values)
        return np.zeros(len(theta), dtype=bool)

    monkeypatch.setattr(escaping, "reached", stop)
    (result,) = escape(replace(SMALL, methods=(MethodSpec(name),), steps=steps))
    assert spent["gradients"] == result.gradients * SMALL.runs
    assert spent["values"] == result.values * SMALL.runs
    budget = result.values if name == "annealing" else result.gradients
    assert budget == steps
    assert result.gradients == 0 or result.values == (10 if name == "random_restarts" else 0)


def test_a_run_stands_alone() -> None:
    """Its numbers do not depend on which methods and how many seeds run beside it."""
    together = escape(SMALL)
    for method, result in zip(SMALL.methods, together, strict=True):
        (alone,) = escape(replace(SMALL, methods=(method,), runs=20, seed=4))
        np.testing.assert_array_equal(alone.end, result.end[4:])
        np.testing.assert_array_equal(alone.reached, result.reached[4:])


def test_all_methods_start_at_the_same_places() -> None:
    first = [result.track[0] for result in escape(SMALL)]
    for other in first[1:]:
        np.testing.assert_array_equal(other, first[0])
    again = escape(replace(SMALL, methods=SMALL.methods[:1], seed=1))[0].track[0]
    np.testing.assert_array_equal(again[:-1], first[0][1:])


@pytest.mark.parametrize(
    ("method", "rule"),
    [
        (MethodSpec("plain"), {}),
        (MethodSpec("momentum", (("inertia", 0.8),)), {"optimizer": "momentum", "knobs": {"momentum": 0.8}}),
        (
            MethodSpec("warm_restarts", (("peak", 3.0), ("cycles", 4.0))),
            {"schedule": "warm_restarts", "schedule_knobs": {"period": 15, "mult": 1}},
        ),
    ],
)
def test_without_noise_a_method_is_the_descent_of_the_registry(method: MethodSpec, rule: dict) -> None:
    (result,) = escape(replace(SMALL, methods=(method,), rate=0.7))
    known = multimodal(SMALL.landscape)
    start = known.place(Chance(SMALL.seeds, SMALL.steps).starts(1)[0])
    lr = 0.7 * dict(method.knobs).get("peak", 1.0) / known.curvature
    theirs = descend(known.objective, start, lr=lr, steps=60, every=60, **rule)
    np.testing.assert_allclose(result.end, theirs.theta[-1], rtol=1e-12, atol=1e-12)


def test_noise_has_the_temperature_that_is_said() -> None:
    """On a bowl Langevin's runs end with variance tau / lambda (1 / (1 - eta lambda / 2) of it)."""
    bowl = MultimodalSpec("own", "x^2 + y^2")
    known, heat = multimodal(bowl), 0.01
    method = MethodSpec("noise", (("heat", heat),))
    (result,) = escape(EscapeSpec(bowl, (method,), steps=200, rate=0.1, runs=1000))
    tau = heat * known.bumps
    expected = tau / 2 / (1 - 0.1 / 2)
    assert result.end.var() == pytest.approx(expected, rel=0.1)


def test_fading_noise_ends_in_rest() -> None:
    bowl = MultimodalSpec("own", "x^2 + y^2")
    spec = EscapeSpec(bowl, (MethodSpec("noise"), MethodSpec("fading_noise")), steps=400, rate=0.2, runs=200)
    steady, fading = (result.end.var() for result in escape(spec))
    assert fading < 0.1 * steady


def test_annealing_follows_boltzmann_while_it_is_warm() -> None:
    """Metropolis' rule leaves exp(-f / tau) as it is: so many runs are in the left of two wells."""
    wells = MultimodalSpec("own", "4*(x^2 - 1)^2 + x/2 + 4*y^2", -2, 2, -2, 2)
    known = multimodal(wells)
    runner = escaping.Jumper
    plan = replace(MethodSpec("annealing").plan, heat=lambda share: 1 / known.bumps, reach=0.25)
    spec = EscapeSpec(wells, (), steps=300, runs=1000)
    theta = torch.empty(1000, 2, dtype=F64)
    jumper = runner(spec, known, Chance(spec.seeds, 300), plan, theta)
    for t in range(300):
        jumper.begin(t)
        jumper.look(t, theta)
    x = np.linspace(-3, 3, 4001)
    weight = np.exp(-(4 * (x * x - 1) ** 2 + x / 2))
    expected = weight[x < 0].sum() / weight.sum()
    share = Share(int((theta[:, 0] < 0).sum()), 1000)
    assert share.interval[0] < expected < share.interval[1]


def test_of_several_starts_the_lowest_end_counts() -> None:
    known = multimodal(MultimodalSpec("rastrigin"))
    spec = EscapeSpec(
        MultimodalSpec("rastrigin"), (MethodSpec("random_restarts", (("starts", 5.0),)),), 200, runs=50
    )
    (result,) = escape(spec)
    starts = known.place(Chance(spec.seeds, 200).starts(5))
    ends = [descend(known.objective, s, lr=1 / known.curvature, steps=40, every=40) for s in starts]
    value = np.stack([end.value[-1] for end in ends])
    lowest = np.stack([end.theta[-1] for end in ends])[value.argmin(0), np.arange(50)]
    np.testing.assert_allclose(result.end, lowest, atol=1e-12)


def test_runs_that_leave_are_counted_and_do_not_get_there() -> None:
    spec = EscapeSpec(
        MultimodalSpec("styblinski_tang"), (MethodSpec("warm_restarts", (("peak", 50.0),)),), runs=50
    )
    (result,) = escape(spec)
    assert result.lost == 50
    assert result.share.hits == 0


def test_an_experiment_is_found_by_its_spec() -> None:
    spec = replace(SMALL, methods=SMALL.methods[:2])
    assert [r.method for r in run(spec)] == list(spec.methods)
    assert escape(replace(SMALL, methods=())) == ()


def test_on_ackley_noise_helps_and_a_verdict_needs_disjoint_intervals() -> None:
    spec = EscapeSpec(
        MultimodalSpec("ackley"), (MethodSpec("plain"), MethodSpec("fading_noise")), steps=300, runs=100
    )
    plain, noise = (result.share for result in escape(spec))
    assert compared(noise, plain) == 1
    assert compared(plain, noise) == -1
    assert compared(Share(10, 100), Share(12, 100)) == 0


# ---------------------------------------------------------------- restarts


def exact_p() -> float:
    """The share of Rastrigin's global basin: a square, up to the first maximum of x^2 - 10 cos(2 pi x)."""
    edge = brentq(lambda x: 2 * x + 20 * math.pi * math.sin(2 * math.pi * x), 0.4, 0.6)
    return float((edge / 5.12) ** 2)


def test_p_of_rastrigin_is_the_published_number() -> None:
    assert exact_p() == pytest.approx(0.009634, abs=5e-7)
    found = restarts(RestartSpec(MultimodalSpec("rastrigin"), 20_000))
    low, high = binom.interval(0.999, found.single.of, exact_p())
    assert low <= found.single.hits <= high
    assert needed(exact_p()) == 310


@pytest.mark.parametrize("name", ["rastrigin", "styblinski_tang"])
def test_groups_succeed_as_theory_says(name: str) -> None:
    found = restarts(RestartSpec(MultimodalSpec(name), 20_000))
    p = {"rastrigin": exact_p(), "styblinski_tang": (5.156731 / 10) ** 2}[name]
    assert list(found.k)[:2] == [1, 2]
    assert len(found.k) > 5
    for k, share in zip(found.k, found.groups, strict=True):
        assert share.of == 15_000 // k
        low, high = binom.interval(0.999, share.of, chance(p, k))
        assert low <= share.hits <= high, k


def test_theory_is_the_power_of_failures() -> None:
    p, k = np.array([0.0, 1e-9, 0.01, 0.5, 1.0])[:, None], np.array([1, 2, 310])
    np.testing.assert_allclose(chance(p, k), 1 - (1 - p) ** k, rtol=1e-7, atol=1e-12)
    for p_one in (0.9, 0.5, 0.27, 0.01, 1e-4):
        k_one = needed(p_one)
        assert chance(p_one, k_one) >= 0.95 - 1e-12
        assert k_one == 1 or chance(p_one, k_one - 1) < 0.95
    assert needed(0.0) == math.inf


def test_where_nobody_succeeds_nothing_is_promised() -> None:
    found = restarts(RestartSpec(MultimodalSpec("own", "x + y"), 2000))
    assert found.p == 0
    assert found.needed == math.inf
    assert all(share.hits == 0 for share in found.groups)


def test_of_several_starts_none_that_slides_away_is_the_lowest() -> None:
    """Beyond |x| = 2.2 f falls for ever, soon below its minimum; nearly half of the starts are within."""
    land = MultimodalSpec("own", "min(x^2, 9 - 2*abs(x)) + y^2")
    plain, many = escape(EscapeSpec(land, (MethodSpec("plain"), MethodSpec("random_restarts")), runs=100))
    assert 0.3 < plain.share.value < 0.7
    assert many.share.value > 0.9


def test_starts_that_are_all_lost_end_nowhere() -> None:
    (found,) = escape(EscapeSpec(MultimodalSpec("own", "x/0"), (MethodSpec("random_restarts"),), runs=20))
    assert np.isnan(found.end).all()
    assert (found.lost, found.share.hits) == (20, 0)
