"""A fair race of rules on a surface: the same starts, as many gradients for each, every rate tried for each.

Every (rule, rate, start) is a row of one batch. The first half of the starts chooses a rate for each rule,
that of the least median gap; on the other half it is shown and compared, for the least of many numbers is too
good by luck. Gaps are those of the last point; below SOLVED they count as alike, and who came there first is
ahead. Quantiles are order statistics, without an average of two, since some gaps are infinite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.descents import basins
from mlcore.descents.paths import PathSpec, usual_rate
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.surfaces import SURFACES, objective
from mlcore.training import descent as descents
from mlcore.training.descent import Walker

FLOATS = NDArray[np.float64]
N = TypeVar("N", bound=np.generic)
SOLVED = 1e-8  # the target of the COCO benchmarks (Hansen et al. 2021)
GOOD = 10.0  # times its best gap: so much worse, a rate is still good
RECORDS = 100  # moments of a race that are kept


@dataclass(frozen=True)
class Entrant:
    """One rule in a race; its rate is found there."""

    optimizer: str = specs.choice("adam", OPTIMIZERS, "opt")
    knobs: specs.Knobs = specs.knobs("optimizer", OPTIMIZERS, prefix="o_")

    def __post_init__(self) -> None:
        specs.check(self)


USUAL = tuple(map(Entrant, ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")))


@dataclass(frozen=True)
class RaceSpec:
    """E rules, L rates for each, S starts for every rate, T gradients for every row."""

    surface: str = specs.choice("beale", SURFACES, "surface")
    surface_knobs: specs.Knobs = specs.knobs("surface", SURFACES, prefix="f_")
    rules: tuple[Entrant, ...] = specs.several(Entrant, USUAL, "rule", most=len(OPTIMIZERS))
    starts: int = specs.number(Knob(64, 8, 128, symbol="S", integer=True), "starts")
    rates: int = specs.number(Knob(13, 3, 21, symbol="L", integer=True), "rates")
    decades: float = specs.number(Knob(6.0, 1.0, 12.0), "decades")
    budget: int = specs.number(Knob(200, 10, 2000, symbol="T", log=True, integer=True), "budget")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "draw")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def tuning(self) -> int:
        """How many of the starts choose the rates; the rest is for comparing."""
        return self.starts // 2


@dataclass(frozen=True, eq=False)
class Race:
    """What became of every row. H = S - S // 2 starts that no rate was chosen on."""

    spec: RaceSpec
    rate: FLOATS  # [E, L]
    gap: FLOATS  # [E, L, S] f - f* at the end, SOLVED at least, infinite where the row diverged
    solved: FLOATS  # [E, L, S] gradients until the gap was SOLVED, infinite where it never was
    which: NDArray[np.int64]  # [E, L, S] the global minimum that was reached, or -1
    best: NDArray[np.int64]  # [E] the chosen rate
    step: NDArray[np.int64]  # [T] recorded
    curve: FLOATS  # [E, T, H] the gap on the way, at the chosen rate
    track: NDArray[np.float32]  # [E, T, H, 2] and where the row was

    def shown(self, values: NDArray[N]) -> NDArray[N]:
        """[E, L, S] -> [E, H]: at the chosen rates, on the starts that did not choose them."""
        return values[np.arange(len(self.best)), self.best, self.spec.tuning :]


def starts(surface: str, count: int, seed: int) -> Tensor:
    """[count, 2] uniformly in the surface's box; the first ones are the same for any count."""
    left, right, low, high = SURFACES[surface].box
    u = torch.rand(count, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.tensor([left, low]) + u * torch.tensor([right - left, high - low])


def rates(spec: RaceSpec, optimizer: str) -> FLOATS:
    """[L] by equal ratios, around the rate that is usual for this rule on this surface."""
    usual = usual_rate(PathSpec(spec.surface, spec.surface_knobs), optimizer)
    reach = np.linspace(-spec.decades / 2, spec.decades / 2, spec.rates)
    found: FLOATS = usual * 10.0**reach
    return found


@run.register
@computing()
def race(spec: RaceSpec, report: Report = silent) -> Race:
    """Let all rows go at once; then choose a rate for each rule, and keep how those went.

    Raises ValueError where there is no rule.
    """
    if not spec.rules:
        raise ValueError("A race needs at least one rule.")
    rules, width = len(spec.rules), spec.rates * spec.starts
    rate = np.array([rates(spec, rule.optimizer) for rule in spec.rules]).reshape(rules, spec.rates)
    start = starts(spec.surface, spec.starts, spec.seed)
    theta = start.repeat(rules * spec.rates, 1)  # [E * L * S, 2]
    own = theta.view(rules, width, 2)
    column = torch.from_numpy(rate.repeat(spec.starts, axis=1))[..., None]  # [E, L * S, 1]
    walkers = [
        Walker(rows, optimizer=rule.optimizer, knobs=dict(rule.knobs), lr=lr, steps=spec.budget)
        for rule, rows, lr in zip(spec.rules, own, column, strict=True)
    ]
    descend = objective(spec.surface, **dict(spec.surface_knobs))
    step = np.unique(np.linspace(0, spec.budget, RECORDS + 1).round().astype(int))
    gaps, tracks = [], []
    for t in descents.race(walkers, descend, theta):
        if t in step:
            gaps.append(_gap(spec, theta, descend(theta)))
            tracks.append(theta.float().numpy())
            report(t / spec.budget, None)
    shape = (rules, spec.rates, spec.starts)
    gap = np.array(gaps).reshape(-1, *shape)  # [T, E, L, S]
    track = np.array(tracks).reshape(-1, *shape, 2)
    there = gap <= SOLVED
    solved = np.where(there.any(0), step[there.argmax(0)], np.inf)
    best = choose(gap[-1, ..., : spec.tuning], solved[..., : spec.tuning])
    mine = np.arange(rules), best
    curve, way = (np.swapaxes(v[:, *mine, spec.tuning :], 0, 1) for v in (gap, track))
    which = basins.reached(theta, spec.surface).reshape(shape)
    return Race(spec, rate, gap[-1], solved, which, best, step, curve, way)


def _gap(spec: RaceSpec, theta: Tensor, value: Tensor) -> FLOATS:
    """[rows] above the minimum, SOLVED at least; infinite where a row is lost."""
    gap = value.numpy() - SURFACES[spec.surface].value
    gone = basins.lost(theta.numpy(), gap, spec.surface)
    found: FLOATS = np.where(gone, np.inf, np.maximum(gap, SOLVED))
    return found


def quantile(values: NDArray[Any], share: float) -> FLOATS:
    """Along the last axis, which goes: the order statistic, so that infinities may be among the values."""
    found: FLOATS = np.quantile(values, share, axis=-1, method="inverted_cdf")
    return found


def choose(gap: FLOATS, solved: FLOATS) -> NDArray[np.int64]:
    """[E, L, S] twice -> [E]: the rate of the least median gap; of equal ones the one sooner solved."""
    middle, soon = quantile(gap, 0.5), quantile(solved, 0.5)
    best: NDArray[np.int64] = np.lexsort((soon, middle), axis=-1)[:, 0]
    return best


# ---------------------------------------------------------------- what a race says


@dataclass(frozen=True)
class Standing:
    """How one rule did at its chosen rate, on the starts that did not choose it."""

    rule: Entrant
    rate: float
    edge: bool  # the rate is the first or the last of the sweep: a better one may lie beyond
    tuned: float  # the median gap on the starts that chose the rate
    gap: tuple[float, float, float]  # lower quartile, median, upper quartile on the others
    solved: float  # the median of gradients until the gap was SOLVED; infinite
    good: tuple[float, float]  # from where to where rates are good, next to the chosen one
    open: tuple[bool, bool]  # whether they go on beyond the sweep
    reached: Share  # a global minimum
    lost: Share

    @property
    def decades(self) -> float:
        """How many powers of ten the good rates span."""
        return float(np.log10(self.good[1] / self.good[0]))


def standings(found: Race) -> list[Standing]:
    """One for each rule, in the order of the spec."""
    half, told = found.spec.tuning, []
    gap, solved, which = (found.shown(v) for v in (found.gap, found.solved, found.which))
    tuned = quantile(found.gap[..., :half], 0.5)  # [E, L]
    for e, rule in enumerate(found.spec.rules):
        best, last = int(found.best[e]), found.spec.rates - 1
        first, final = good(quantile(found.gap[e, :, half:], 0.5), best, GOOD)
        low, middle, high = (float(quantile(gap[e], share)) for share in (0.25, 0.5, 0.75))
        told.append(
            Standing(
                rule,
                float(found.rate[e, best]),
                best in (0, last),
                float(tuned[e, best]),
                (low, middle, high),
                float(quantile(solved[e], 0.5)),
                (float(found.rate[e, first]), float(found.rate[e, final])),
                (first == 0, final == last),
                Share(int((which[e] >= 0).sum()), which.shape[-1]),
                Share(int(np.isinf(gap[e]).sum()), gap.shape[-1]),
            )
        )
    return told


def good(middle: FLOATS, best: int, times: float) -> tuple[int, int]:
    """The first and the last rate around the chosen one whose median [L] is at most so many times its own."""
    fine = middle <= times * middle[best]
    first = last = best
    while first > 0 and fine[first - 1]:
        first -= 1
    while last < len(fine) - 1 and fine[last + 1]:
        last += 1
    return first, last


def order(found: Race) -> list[int]:
    """The rules from best to worst, by the starts that chose their rates: the others then judge."""
    at = np.arange(len(found.best)), found.best, slice(found.spec.tuning)
    return ranks(found.gap[at], found.solved[at])


def ranks(gap: FLOATS, solved: FLOATS) -> list[int]:
    """[E, H] twice: by median gap; of equal ones by which was sooner solved."""
    found: list[int] = np.lexsort((quantile(solved, 0.5), quantile(gap, 0.5))).tolist()
    return found


def ahead(gap: FLOATS, solved: FLOATS, a: int, b: int) -> tuple[Share, int]:
    """[E, H] twice: on how many of the decided starts rule a ended below rule b, or both SOLVED and a sooner.

    And how many starts decide nothing.
    """
    level = gap[a] == gap[b]
    timed = level & (gap[a] == SOLVED)
    wins = (gap[a] < gap[b]) | (timed & (solved[a] < solved[b]))
    ties = level & ~(timed & (solved[a] != solved[b]))
    return Share(int(wins.sum()), int((~ties).sum())), int(ties.sum())
