"""Ways out of a local minimum, from the same starts with the same number of gradients.

Every method is a plan (`ways_out`) for the rows of S seeds. All plans that go downhill walk together on one
theta, so that one gradient serves them all; each looks at T gradients a seed. Learning rates are in units of
1/lambda, temperatures in heights of a bump (`grounds`). Chance is drawn beforehand, from each seed alone: a
run does not depend on who runs beside it.

A run succeeds if plain descent with small steps, from where it ended, comes to a global minimum. That last
descent measures, and is not counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent, within
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.escapes.escape_methods import USUAL, MethodSpec, Plan
from mlcore.escapes.multimodal import Multimodal, MultimodalSpec, multimodal, reached
from mlcore.training.descent import Walker, slope
from mlcore.training.draws import generator

SEEN, FRAMES = 60, 60  # runs whose way is kept, and at how many moments of it
LOOK = 50  # steps between two reports
F64 = torch.float64


@dataclass(frozen=True)
class EscapeSpec:
    """A landscape, the methods, and what each of them may spend on each of the seeds."""

    landscape: MultimodalSpec = specs.part(MultimodalSpec)
    methods: tuple[MethodSpec, ...] = specs.several(MethodSpec, USUAL, "m", most=9)
    steps: int = specs.number(Knob(300, 20, 2000, symbol="T", log=True, integer=True), "spend")
    rate: float = specs.number(Knob(1.0, 0.02, 2.0, symbol=r"\eta \lambda", log=True), "eta")
    runs: int = specs.number(Knob(300, 20, 1000, symbol="S", log=True, integer=True), "runs")
    seed: int = specs.number(Knob(0, 0, 8999, integer=True), "eseed")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def seeds(self) -> Sequence[int]:
        return range(self.seed, self.seed + self.runs)

    @property
    def seconds(self) -> float:
        """About how long all its runs take."""
        return self.steps * (2e-4 + 2.3e-7 * self.runs * len(self.methods)) * self.landscape.effort


@dataclass(frozen=True, eq=False)
class Escape:
    """What one method made of S runs."""

    method: MethodSpec
    end: NDArray[np.float64]  # [S, 2]
    reached: NDArray[np.bool_]  # [S]
    lost: int  # runs that left every bound, or fell into a hole
    step: NDArray[np.int64]  # [F]
    track: NDArray[np.float32]  # [F, SEEN, 2] where the first runs were
    gradients: int  # looked at, by each run
    values: int  # looked at without their gradient, by each run

    @property
    def nbytes(self) -> int:
        return self.end.nbytes + self.reached.nbytes + self.track.nbytes

    @property
    def share(self) -> Share:
        return Share(int(self.reached.sum()), len(self.reached))


# ---------------------------------------------------------------- the runs


@dataclass(frozen=True)
class Chance:
    """What chance gives each of S seeds, each from generators of its own."""

    seeds: Sequence[int]
    steps: int

    def starts(self, count: int) -> Tensor:
        """[count, S, 2] in the unit square. The first are the same for every method."""
        return self._drawn("start", lambda g: torch.rand(count, 2, generator=g, dtype=F64))

    def noise(self) -> Tensor:
        """[T, S, 2] standard normal."""
        return self._drawn("noise", lambda g: torch.randn(self.steps, 2, generator=g, dtype=F64))

    def luck(self) -> Tensor:
        """[T, S] uniform."""
        return self._drawn("luck", lambda g: torch.rand(self.steps, generator=g, dtype=F64))

    def _drawn(self, purpose: str, draw: Callable[[Generator], Tensor]) -> Tensor:
        rows = [draw(generator(seed, purpose)) for seed in self.seeds]
        return torch.stack(rows, dim=1)


class Runner:
    """One plan on its own rows theta [S, 2], which it moves in place: begin, look, move, T times."""

    def __init__(
        self, spec: EscapeSpec, known: Multimodal, chance: Chance, plan: Plan, theta: Tensor
    ) -> None:
        self.plan, self.known, self.theta, self.steps = plan, known, theta, spec.steps
        self.starts = known.place(chance.starts(min(plan.starts, spec.steps)))  # [K, S, 2]
        self.each = spec.steps // len(self.starts)  # steps from each start; the last takes what is left
        self.noise = chance.noise() if plan.heat else None
        self.luck = chance.luck() if plan.reach else None
        rate = plan.rate * spec.rate / known.curvature
        period = max(1, spec.steps // max(plan.cycles, 1))
        self.walker = Walker(
            theta, optimizer=plan.optimizer, knobs=plan.knobs, lr=theta.new_full((len(theta), 1), rate),
            schedule="warm_restarts" if plan.cycles else "constant",
            schedule_knobs={"period": period, "mult": 1} if plan.cycles else {}, steps=spec.steps,
        )  # fmt: skip
        self.kick = math.sqrt(2 * known.bumps / rate)  # with it, lr times noise has the variance 2 lr tau
        self.best = theta.new_full(theta.shape, math.nan)
        self.lowest = theta.new_full((len(theta),), math.inf)
        self.gradients = self.values = 0
        self.kept: list[Tensor] = []

    def begin(self, t: int) -> None:
        """Before step t: a new start, where one is due."""
        self.kept.append(self.theta[:SEEN].clone())
        which, due = divmod(t, self.each)
        if due == 0 and which < len(self.starts):
            if which:
                self.compare()
            self.theta.copy_(self.starts[which])
            self.kept[-1] = self.theta[:SEEN].clone()

    def compare(self) -> None:
        """Remember where the rows are, if it is lower than the ends before, and not far away: where the
        ground falls without end, sliding would always be lowest."""
        value = self.known.objective(self.theta)
        self.values += 1
        lower = (value < self.lowest) & (self.known.away(self.theta) <= 1)
        self.best = torch.where(lower[:, None], self.theta, self.best)
        self.lowest = torch.where(lower, value, self.lowest)

    def look(self, t: int, gradient: Tensor) -> None:
        self.gradients += 1
        if self.plan.heat and self.noise is not None:
            gradient = gradient + self.kick * math.sqrt(self.plan.heat(t / self.steps)) * self.noise[t]
        self.walker.look(t, gradient)

    def move(self) -> None:
        self.walker.move()

    def end(self) -> Tensor:
        """[S, 2] where the runs ended; the lowest of their ends, where they had several."""
        self.kept.append(self.theta[:SEEN].clone())
        if len(self.starts) > 1:
            self.compare()
            return self.best
        return self.theta.clone()


class Jumper(Runner):
    """Looks at values alone: proposes a place, and takes it if it is lower, or by luck (Metropolis 1953)."""

    def look(self, t: int, gradient: Tensor) -> None:
        """Value t of T, that of the start included."""
        self.values += 1
        if t == 0:
            self.height = self.known.objective(self.theta)
            return
        if self.noise is None or self.luck is None or self.plan.heat is None:
            raise ValueError("a plan with a reach needs a temperature")
        place = self.theta + self.plan.reach * self.known.width * self.noise[t]
        there, tau = self.known.objective(place), self.plan.heat(t / self.steps) * self.known.bumps
        taken = (self.luck[t] < torch.exp((self.height - there) / tau)) | torch.isnan(self.height)
        self.theta.copy_(torch.where(taken[:, None], place, self.theta))
        self.height = torch.where(taken, there, self.height)

    def move(self) -> None:
        """It has moved already."""


@run.register
@computing()
def escape(spec: EscapeSpec, report: Report = silent) -> tuple[Escape, ...]:
    """The runs of every method of `spec`, in its order. Raises `formula.FormulaError`."""
    known, chance, size = multimodal(spec.landscape.alone), Chance(spec.seeds, spec.steps), spec.runs
    plans = [method.plan for method in spec.methods]
    order = sorted(range(len(plans)), key=lambda i: plans[i].reach > 0)  # those that need gradients first
    theta = torch.empty(len(plans) * size, 2, dtype=F64)
    runners = {
        i: (Jumper if plans[i].reach else Runner)(spec, known, chance, plans[i], part)
        for i, part in zip(order, theta.split(size), strict=bool(plans))  # type: ignore[no-untyped-call]
    }
    downhill = theta[: size * sum(plan.reach == 0 for plan in plans)]
    for t in range(spec.steps):
        if t % LOOK == 0:
            report(0.9 * t / spec.steps, None)
        for runner in runners.values():
            runner.begin(t)
        gradients = slope(known.objective, downhill).view(-1, size, 2)
        for k, runner in enumerate(runners.values()):
            runner.look(t, gradients[k] if k < len(gradients) else theta)
        for runner in runners.values():
            runner.move()
    ends = torch.cat([runners[i].end() for i in range(len(plans))]) if plans else theta
    # of all at once: what takes its time is the number of steps
    low = reached(known, ends, within(report, 0.9, 1.0)).reshape(-1, size)
    return tuple(
        _ended(method, runners[i], end, low[i])
        for i, (method, end) in enumerate(zip(spec.methods, ends.split(size), strict=bool(plans)))  # type: ignore[no-untyped-call]
    )


def _ended(method: MethodSpec, runner: Runner, end: Tensor, low: NDArray[np.bool_]) -> Escape:
    step = np.unique(np.linspace(0, runner.steps, FRAMES + 1).round().astype(np.int64))
    track = torch.stack([runner.kept[t] for t in step]).float().numpy()
    lost = int((~(runner.known.away(end) < 10)).sum())
    return Escape(method, end.numpy(), low, lost, step, track, runner.gradients, runner.values)
