"""Made depth maps, predictions that are wrong in a known way, and the measures of Eigen et al. 2014."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.registry import Knob

FLOATS = NDArray[np.float64]
ROWS, COLUMNS = 48, 64
NEAREST = 0.05  # meters: a depth is positive
CLOSE = 1.25  # of the ratio: near enough
MAPS = ("ramp", "sphere", "boxes")
MEASURES = ("rmse", "abs_rel", "silog", "delta")
SCALES = np.geomspace(0.5, 2.0, 61)


@dataclass(frozen=True)
class MapSpec:
    """A scene and what is wrong with the prediction: d_hat = (scale d + shift) exp(noise e), e normal."""

    scene: str = specs.choice("boxes", MAPS, "omap")
    scale: float = specs.number(Knob(1.5, 0.5, 2.0), "oscale")
    shift: float = specs.number(Knob(0.0, -2.0, 2.0), "oshift")
    noise: float = specs.number(Knob(0.0, 0.0, 0.5, symbol=r"\sigma"), "owobble")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "omapseed")

    def __post_init__(self) -> None:
        specs.check(self)


def depth_map(spec: MapSpec) -> FLOATS:
    """[ROWS, COLUMNS] in meters."""
    y, x = np.meshgrid(np.arange(ROWS), np.arange(COLUMNS), indexing="ij")
    if spec.scene == "ramp":  # a floor, near below
        return 2 + 8 * (1 - y / (ROWS - 1))
    if spec.scene == "sphere":  # of radius 3, its front 3 m away, before a wall
        across, down = (x - COLUMNS / 2 + 0.5) / 18, (y - ROWS / 2 + 0.5) / 18
        inside = 1 - across**2 - down**2
        return np.where(inside > 0, 6 - 3 * np.sqrt(np.maximum(inside, 0)), 8.0)
    draw = np.random.default_rng([spec.seed, 11])
    found = np.full((ROWS, COLUMNS), 9.0)
    for far in np.sort(draw.uniform(2, 7, 6))[::-1]:  # the near ones hide the far ones
        wide, high = draw.uniform(10, 24), draw.uniform(10, 24)
        left, top = draw.uniform(0, COLUMNS - wide), draw.uniform(0, ROWS - high)
        found[(x >= left) & (x < left + wide) & (y >= top) & (y < top + high)] = far
    return found


def predicted(spec: MapSpec, true: FLOATS) -> FLOATS:
    grain = np.random.default_rng([spec.seed, 12]).normal(size=true.shape)
    found: FLOATS = np.maximum(spec.scale * true + spec.shift, NEAREST) * np.exp(spec.noise * grain)
    return np.maximum(found, NEAREST)


# ---------------------------------------------------------------- measures


def rmse(found: FLOATS, true: FLOATS) -> float:
    return float(np.sqrt(np.square(found - true).mean()))


def abs_rel(found: FLOATS, true: FLOATS) -> float:
    return float((np.abs(found - true) / true).mean())


def silog(found: FLOATS, true: FLOATS, share: float = 1.0) -> float:
    """The root of the scale-invariant error, mean(g^2) - share mean(g)^2 with g = log d_hat - log d.

    With the share 1 it is the standard deviation of g; trainings in the paper take 1/2.
    """
    g = np.log(found) - np.log(true)
    return float(np.sqrt(max(np.square(g).mean() - share * g.mean() ** 2, 0.0)))


def delta(found: FLOATS, true: FLOATS) -> float:
    """The share of pixels whose ratio to the truth, or its inverse, is below CLOSE."""
    return float((np.maximum(found / true, true / found) < CLOSE).mean())


def measures(found: FLOATS, true: FLOATS) -> dict[str, float]:
    every = {"rmse": rmse, "abs_rel": abs_rel, "silog": silog, "delta": delta}
    return {name: every[name](found, true) for name in MEASURES}


def rescaled(found: FLOATS, true: FLOATS) -> FLOATS:
    """The prediction with the scale that suits it best in log space."""
    return found * float(np.exp((np.log(true) - np.log(found)).mean()))


@dataclass(frozen=True, eq=False)
class Compared:
    """A prediction, the same after its best scale, and one depth for all pixels."""

    true: FLOATS  # [ROWS, COLUMNS]
    found: FLOATS
    best: FLOATS
    flat: FLOATS  # the mean depth, which has the least RMSE of all constants
    measures: dict[str, dict[str, float]]  # "found", "best", "flat" -> name -> value

    @property
    def far_share(self) -> float:
        """Which share of the squared error the farthest quarter of the pixels has."""
        return _share(np.square(self.found - self.true), self.true)

    @property
    def far_share_log(self) -> float:
        """The same of squared differences of logarithms."""
        return _share(np.square(np.log(self.found / self.true)), self.true)


def _share(error: FLOATS, true: FLOATS) -> float:
    order = np.argsort(true, axis=None, kind="stable")
    far = order[-(order.size // 4) :]
    total = float(error.sum())
    return float(error.ravel()[far].sum()) / total if total > 0 else float("nan")


def compare(spec: MapSpec) -> Compared:
    true = depth_map(spec)
    found = predicted(spec, true)
    kinds = {"found": found, "best": rescaled(found, true), "flat": np.full_like(true, true.mean())}
    return Compared(true, **kinds, measures={name: measures(own, true) for name, own in kinds.items()})


def over_scales(spec: MapSpec) -> dict[str, FLOATS]:
    """Every measure of the prediction times each of SCALES; the RMSE as a share of the mean depth."""
    true = depth_map(spec)
    found = predicted(spec, true)
    every = [measures(scale * found, true) for scale in SCALES]
    rows = {name: np.array([one[name] for one in every]) for name in MEASURES}
    return rows | {"rmse": rows["rmse"] / true.mean()}
