"""Update rules against torch.optim, pytorch_optimizer and the papers' pseudo-code, step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import pytorch_optimizer
import torch
from torch import Tensor

from mlcore.base.registry import Variant
from mlcore.families.optimizers import OPTIMIZERS

R, P, STEPS, LR = 4, 6, 200, 0.02
G = torch.Generator().manual_seed(7)
ROOTS = torch.randn(P, P, generator=G, dtype=torch.float64)
CURVATURE = ROOTS @ ROOTS.T / P + 0.1 * torch.eye(P, dtype=torch.float64)
EARLY = 50  # steps in which rounding has not grown to 1e-10, even where a walk is chaotic
START = 2 * torch.randn(R, P, generator=G, dtype=torch.float64)
Knobs = Mapping[str, float | Tensor]


def gradient(theta: Tensor) -> Tensor:
    """Of a valley with ripples, theta C theta / 2 + sum cos(3 theta) / 3: parameters meet, rows do not."""
    return theta @ CURVATURE - torch.sin(3 * theta)


def walk(name: str, start: Tensor, knobs: Knobs, lr: float | Tensor = LR) -> Tensor:
    """theta after every step [STEPS, R, P]."""
    rule, theta, path = OPTIMIZERS[name], start.clone(), []
    state = [torch.zeros_like(start) for _ in rule.state]
    for t in range(1, STEPS + 1):
        direction, *state = rule(gradient(theta), t, theta, *state, **knobs)
        theta = theta - lr * direction
        path.append(theta)
    return torch.stack(path)


def twin_walk(make: Callable[[list[Tensor]], torch.optim.Optimizer], beside: Tensor | None = None) -> Tensor:
    """The same walk by an optimizer of another library [STEPS, R, P]; its gradients are its own, or those
    of the walk `beside` it."""
    theta = START.clone().requires_grad_()
    optimizer, path = make([theta]), []
    for t in range(STEPS):
        here = theta.detach() if beside is None else beside[t - 1] if t else START
        theta.grad = gradient(here)
        optimizer.step()
        path.append(theta.detach().clone())
    return torch.stack(path)


def interior(variant: Variant) -> dict[str, float]:
    """Knobs away from their defaults: halfway to the low end, or to the high end on a logarithmic scale."""
    return {
        name: math.sqrt(knob.default * knob.high) if knob.log else (knob.default + knob.low) / 2 or 0.1
        for name, knob in variant.knobs.items()
    }


SETTINGS = [
    pytest.param(name, knobs, id=f"{name}-{label}")
    for name in OPTIMIZERS
    for label, knobs in (("default", OPTIMIZERS[name].settings({})), ("turned", interior(OPTIMIZERS[name])))
]
WITH_TWIN = [case for case in SETTINGS if "torch_optim" in OPTIMIZERS[case.values[0]].facts]  # type: ignore[index]


# ---------------------------------------------------------------- against other implementations


def translated(name: str, knobs: Mapping[str, float]) -> dict[str, Any]:
    """Our knobs under torch's names."""
    theirs = {k: v for k, v in knobs.items() if k not in ("beta1", "beta2", "decay")}
    if "beta1" in knobs:
        theirs["betas"] = (knobs["beta1"], knobs["beta2"])
    if "decay" in knobs:
        theirs["weight_decay"] = knobs["decay"]
    return theirs | ({"nesterov": True} if name == "nesterov" else {})


@pytest.mark.parametrize(("name", "knobs"), WITH_TWIN)
def test_every_rule_with_a_twin_makes_the_same_of_the_same_gradients(
    name: str, knobs: dict[str, float]
) -> None:
    """Each on its own gradients would not do: Adam with a short memory is chaotic, and a start 1e-15 away
    ends 1e-2 away."""
    twin = getattr(torch.optim, OPTIMIZERS[name].torch_optim)
    ours = walk(name, START, knobs)
    theirs = twin_walk(lambda theta: twin(theta, lr=LR, **translated(name, knobs)), beside=ours)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if "torch_optim" in OPTIMIZERS[name].facts])
def test_every_rule_with_a_twin_walks_to_the_same_place(name: str) -> None:
    """Each on its own gradients, with steps so small that rounding does not grow."""
    twin, knobs, lr = getattr(torch.optim, OPTIMIZERS[name].torch_optim), OPTIMIZERS[name].settings({}), 0.002
    theirs = twin_walk(lambda theta: twin(theta, lr=lr, **translated(name, knobs)))
    torch.testing.assert_close(walk(name, START, knobs, lr=lr), theirs, rtol=0, atol=1e-10)


def lion_by_hand(beta1: float, beta2: float, decay: float) -> Tensor:
    """Chen et al. 2023, algorithm 2, in plain numbers."""
    path, theta = [], START.tolist()
    m = [[0.0] * P for _ in range(R)]
    for _ in range(STEPS):
        g = gradient(torch.tensor(theta, dtype=torch.float64)).tolist()
        for r in range(R):
            for p in range(P):
                c = beta1 * m[r][p] + (1 - beta1) * g[r][p]
                sign = math.copysign(1.0, c) if c else 0.0
                theta[r][p] -= LR * (sign + decay * theta[r][p])
                m[r][p] = beta2 * m[r][p] + (1 - beta2) * g[r][p]
        path.append(torch.tensor(theta, dtype=torch.float64))
    return torch.stack(path)


def adopt_by_hand(beta1: float, beta2: float, eps: float) -> Tensor:
    """Taniguchi et al. 2024, algorithm 2: g_0 sets v_0, then for t = 1, 2, ... with clipping at t^(1/4)."""
    path, theta = [START], START.tolist()
    v = [[g * g for g in row] for row in gradient(START).tolist()]
    m = [[0.0] * P for _ in range(R)]
    for t in range(1, STEPS):
        g = gradient(torch.tensor(theta, dtype=torch.float64)).tolist()
        for r in range(R):
            for p in range(P):
                scaled = g[r][p] / max(math.sqrt(v[r][p]), eps)
                clipped = max(-(t**0.25), min(t**0.25, scaled))
                m[r][p] = beta1 * m[r][p] + (1 - beta1) * clipped
                theta[r][p] -= LR * m[r][p]
                v[r][p] = beta2 * v[r][p] + (1 - beta2) * g[r][p] ** 2
        path.append(torch.tensor(theta, dtype=torch.float64))
    return torch.stack(path)


@pytest.mark.parametrize("knobs", [{}, {"beta1": 0.5, "beta2": 0.8, "decay": 0.3}], ids=["default", "turned"])
def test_lion_is_that_of_the_paper_and_of_pytorch_optimizer(knobs: dict[str, float]) -> None:
    chosen = OPTIMIZERS["lion"].settings(knobs)
    ours = walk("lion", START, chosen)
    torch.testing.assert_close(ours, lion_by_hand(**chosen), rtol=0, atol=1e-10)
    theirs = twin_walk(lambda theta: pytorch_optimizer.Lion(theta, lr=LR, **translated("lion", chosen)))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("knobs", [{}, {"beta1": 0.5, "beta2": 0.8, "eps": 0.05}], ids=["default", "turned"])
def test_adopt_is_that_of_the_paper_and_of_pytorch_optimizer(knobs: dict[str, float]) -> None:
    chosen = OPTIMIZERS["adopt"].settings(knobs)
    ours = walk("adopt", START, chosen)
    torch.testing.assert_close(ours, adopt_by_hand(**chosen), rtol=0, atol=1e-10)
    # It counts the step that only sets the scale: its default clips at 2^(1/4) where the paper has 1.
    theirs = twin_walk(
        lambda theta: pytorch_optimizer.ADOPT(
            theta, lr=LR, clip_lambda=lambda step: (step - 1) ** 0.25, **translated("adopt", chosen)
        )
    )
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


def test_every_rule_is_compared_with_something() -> None:
    assert {name for name in OPTIMIZERS if "torch_optim" not in OPTIMIZERS[name].facts} == {"lion", "adopt"}


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize(("name", "knobs"), SETTINGS)
def test_rows_do_not_meet(name: str, knobs: dict[str, float]) -> None:
    together = walk(name, START, knobs)
    for r in range(R):
        alone = walk(name, START[r : r + 1], knobs)
        torch.testing.assert_close(together[:EARLY, r : r + 1], alone[:EARLY], rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if OPTIMIZERS[name].knobs])
def test_a_column_of_knobs_is_a_sweep(name: str) -> None:
    variant = OPTIMIZERS[name]
    default, turned = variant.settings({}), interior(variant)
    mixed = [
        {k: turned[k] if (r >> i) & 1 else v for i, (k, v) in enumerate(default.items())} for r in range(R)
    ]
    columns = {k: torch.tensor([[row[k]] for row in mixed], dtype=torch.float64) for k in default}
    rates = torch.tensor([[0.001], [0.01], [0.02], [0.05]], dtype=torch.float64)  # [R, 1]
    together = walk(name, START, columns, lr=rates)
    for r in range(R):
        alone = walk(name, START[r : r + 1], mixed[r], lr=rates[r].item())
        torch.testing.assert_close(together[:EARLY, r : r + 1], alone[:EARLY], rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rule_is_pure(name: str) -> None:
    rule = OPTIMIZERS[name]
    g, theta = gradient(START), START.clone()
    state = [torch.full_like(g, 0.5) for _ in rule.state]
    before = [t.clone() for t in (g, theta, *state)]
    first = rule(g, 3, theta, *state, **rule.settings({}))
    second = rule(g, 3, theta, *state, **rule.settings({}))
    assert len(first) == 1 + len(rule.state)
    assert all(torch.equal(a, b) for a, b in zip((g, theta, *state), before, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_ends_of_the_knobs_are_safe(name: str, end: str) -> None:
    """Also where a gradient is exactly zero: nothing may divide by nothing."""
    knobs = {k: getattr(knob, end) for k, knob in OPTIMIZERS[name].knobs.items()}
    start = START.clone()
    start[0] = 0.0  # where this gradient vanishes
    path = walk(name, start, knobs, lr=1e-3)
    assert path.isfinite().all()
    assert not path[:, 0].any()


# ---------------------------------------------------------------- what the lecture says


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_first_step_of_adam_is_lr_times_the_sign(scale: float) -> None:
    """Whatever the size of the gradient, as long as it is far above epsilon."""
    g = scale * gradient(START)
    adam = OPTIMIZERS["adam"]
    zeros = torch.zeros_like(g)
    direction, *_ = adam(g, 1, START, zeros, zeros, **adam.settings({"eps": 1e-12}))
    assert (g.abs() > 1e-8).all()
    torch.testing.assert_close(direction, g.sign(), rtol=0, atol=1e-4)  # eps / |g|


def test_momentum_without_memory_is_sgd() -> None:
    for name in ("momentum", "nesterov"):
        torch.testing.assert_close(
            walk(name, START, {"momentum": 0.0}), walk("sgd", START, {}), rtol=0, atol=1e-12
        )


def test_weight_decay_of_adamw_shrinks_apart_from_the_gradient() -> None:
    adamw = OPTIMIZERS["adamw"]
    zeros = torch.zeros_like(START)
    direction, *_ = adamw(zeros, 1, START, zeros, zeros, **adamw.settings({"decay": 0.3}))
    torch.testing.assert_close(direction, 0.3 * START, rtol=1e-12, atol=0)


D2L = [  # printed after 20 steps from (-5, -2) on 0.1 x1^2 + 2 x2^2, with epsilon inside the root
    ("adagrad", {"eps": 1e-6}, 0.4, (-2.382563, -0.158591)),
    ("adagrad", {"eps": 1e-6}, 2.0, (-0.002295, 0.0)),
    ("rmsprop", {"eps": 1e-6, "alpha": 0.9}, 0.4, (-0.010599, 0.0)),
]


@pytest.mark.parametrize(("name", "knobs", "lr", "printed"), D2L, ids=["adagrad 0.4", "adagrad 2", "rmsprop"])
def test_the_numbers_that_d2l_prints(
    name: str, knobs: Knobs, lr: float, printed: tuple[float, float]
) -> None:
    """Dive into Deep Learning, 12.7 and 12.8. Where epsilon stands changes the sixth digit."""
    rule = OPTIMIZERS[name]
    theta = torch.tensor([[-5.0, -2.0]], dtype=torch.float64)
    s = torch.zeros_like(theta)
    for t in range(1, 21):
        direction, s = rule(theta * torch.tensor([0.2, 4.0]), t, theta, s, **knobs)
        theta = theta - lr * direction
    assert theta[0].tolist() == pytest.approx(printed, abs=1e-5)
