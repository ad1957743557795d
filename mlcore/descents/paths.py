"""Descent paths on a surface: several rules from one start, with everything that each rule remembers.

All rules walk step by step together on one theta [R, 2], a row for each: one gradient serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.descents import basins
from mlcore.descents.basins import FATES, NEAR, Fate
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.families.surfaces import SURFACES, objective
from mlcore.training.descent import Moment, Walker, race

FLOATS = NDArray[np.float64]
RELATIVE = ("sgd", "momentum", "nesterov")  # rules whose steps are as long as the gradient


@dataclass(frozen=True)
class RuleSpec:
    """One rule in a race."""

    optimizer: str = specs.choice("adam", OPTIMIZERS, "opt")
    knobs: specs.Knobs = specs.knobs("optimizer", OPTIMIZERS, prefix="o_")
    lr: float = specs.number(Knob(0.1, 1e-7, 100.0, symbol=r"\eta", log=True), "lr")

    def __post_init__(self) -> None:
        specs.check(self)


USUAL = (
    RuleSpec("sgd", lr=0.002),
    RuleSpec("momentum", lr=0.002),
    RuleSpec("rmsprop", lr=0.05),
    RuleSpec("adam", lr=0.05),
)


@dataclass(frozen=True)
class PathSpec:
    """A surface, a start, and the rules that go down from there."""

    surface: str = specs.choice("beale", SURFACES, "surface")
    surface_knobs: specs.Knobs = specs.knobs("surface", SURFACES, prefix="f_")
    x: float = specs.number(Knob(1.0, -20.0, 20.0, symbol="x_0"), "x")
    y: float = specs.number(Knob(1.5, -20.0, 20.0, symbol="y_0"), "y")
    rules: tuple[RuleSpec, ...] = specs.several(RuleSpec, USUAL, "rule", most=8)
    schedule: str = specs.choice("constant", SCHEDULES, "sched")
    schedule_knobs: specs.Knobs = specs.knobs("schedule", SCHEDULES, prefix="s_")
    steps: int = specs.number(Knob(200, 1, 2000, symbol="T", log=True, integer=True), "steps")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True, eq=False)
class Path:
    """One rule's way: T = steps + 1 points, the start first."""

    rule: RuleSpec
    theta: FLOATS  # [T, 2]
    value: FLOATS  # [T]
    gradient: FLOATS  # [T, 2] at theta
    direction: FLOATS  # [T, 2] what the rule made of it; the step is -lr * direction
    lr: FLOATS  # [T] after the schedule
    state: dict[str, FLOATS]  # [T, 2] each: what the rule remembers after seeing the gradient
    distance: FLOATS  # [T] to the nearest minimum
    fate: Fate
    told: dict[str, float]  # what fills the sentence of the fate

    @property
    def norm(self) -> FLOATS:
        """[T] the length of the gradient."""
        return np.hypot(self.gradient[:, 0], self.gradient[:, 1])

    @property
    def rate(self) -> FLOATS:
        """[T, 2] the effective learning rate lr * d / g of each coordinate: what plain SGD would need."""
        with np.errstate(divide="ignore", invalid="ignore"):
            rates: FLOATS = self.lr[:, None] * self.direction / self.gradient
        return np.where(np.isfinite(rates), rates, np.nan)


@run.register
@computing()
def paths(spec: PathSpec, report: Report = silent) -> tuple[Path, ...]:
    """The paths of all rules of `spec`, in its order. A divergence is a fate, not an error."""
    if not spec.rules:
        return ()
    start = torch.tensor([[spec.x, spec.y]], dtype=torch.float64)
    theta = start.repeat(len(spec.rules), 1)  # [R, 2]
    walkers = [
        Walker(
            theta[i : i + 1],
            optimizer=rule.optimizer,
            knobs=dict(rule.knobs),
            lr=torch.full((1, 1), rule.lr, dtype=torch.float64),
            schedule=spec.schedule,
            schedule_knobs=dict(spec.schedule_knobs),
            steps=spec.steps,
        )
        for i, rule in enumerate(spec.rules)
    ]
    descend = objective(spec.surface, **dict(spec.surface_knobs))
    kept = [[_kept(walker.moment(t)) for walker in walkers] for t in race(walkers, descend, theta)]
    report(1.0, None)
    return tuple(_path(spec, i, np.stack([step[i] for step in kept])) for i in range(len(spec.rules)))


def _kept(moment: Moment) -> FLOATS:
    """[4 + states, 2]: theta, gradient, direction, lr twice, and the rule's state."""
    rows = (moment.theta, moment.gradient, moment.direction, moment.lr.expand(1, 2), *moment.state)
    return torch.cat(rows).numpy()


def _path(spec: PathSpec, i: int, kept: FLOATS) -> Path:
    rule = spec.rules[i]
    theta, gradient, direction, lr, *state = (kept[:, k] for k in range(kept.shape[1]))
    with torch.no_grad():
        value = objective(spec.surface, **dict(spec.surface_knobs))(torch.from_numpy(theta)).numpy()
    apart = basins.apart(theta, spec.surface)  # [T, minima]
    distance = apart.min(1)
    fate, told = _fate(spec, theta, value, apart)
    names = OPTIMIZERS[rule.optimizer].state
    remembered = dict(zip(names, state, strict=True))
    return Path(rule, theta, value, gradient, direction, lr[:, 0], remembered, distance, fate, told)


def _fate(spec: PathSpec, theta: FLOATS, value: FLOATS, apart: FLOATS) -> tuple[Fate, dict[str, float]]:
    """Reached: from some step on, within NEAR of a minimum."""
    surface = SURFACES[spec.surface]
    end = basins.ends(theta[-1:], spec.surface, spec.surface_knobs)
    fate, best = FATES[end.fate[0]], int(end.which[0])
    if fate is Fate.DIVERGED:
        return fate, {"step": float(basins.lost(theta, value, spec.surface).argmax())}
    if fate is Fate.REACHED:
        x, y = surface.minima[best]
        near = NEAR * basins.width(spec.surface)
        far = apart[:, best] > near
        since = float(len(far) - far[::-1].argmax() if far.any() else 0)
        return fate, {"x": x, "y": y, "near": near, "step": since}
    if fate is Fate.UNDERWAY:
        return fate, {"distance": float(apart[-1].min())}
    x, y = end.flat[0].tolist()
    return fate, {"x": x, "y": y, "gap": float(value[-1] - surface.value)}


def curvature(surface: str, knobs: specs.Knobs, x: float, y: float) -> FLOATS:
    """The Hessian [2, 2] at a point."""
    hessian: FLOATS = basins.curvature(np.array([[x, y]]), surface, knobs)[0]
    return hessian


def sharpness(surface: str, knobs: specs.Knobs, x: float, y: float) -> float:
    """lambda: the largest size of a curvature at a point. Plain descent is stable there below 2 / lambda."""
    return float(np.abs(np.linalg.eigvalsh(curvature(surface, knobs, x, y))).max())


def usual_rate(spec: PathSpec, optimizer: str) -> float:
    """A learning rate to begin with on this surface, rounded down to 1, 2 or 5 times a power of ten.

    For rules whose steps follow the length of the gradient half of 2 / lambda, the largest stable rate at
    the sharpest of the start and the minima; for those that normalize it one hundredth of the picture.
    """
    surface = SURFACES[spec.surface]
    if optimizer in RELATIVE:
        places = (surface.start, *surface.minima)
        wanted = 1 / max(sharpness(spec.surface, spec.surface_knobs, *place) for place in places)
    else:
        wanted = (surface.box[1] - surface.box[0]) / 100
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(max(m for m in (1, 2, 5) if m * power <= wanted * 1.0001) * power)
