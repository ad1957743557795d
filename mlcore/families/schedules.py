"""Schedules: the factor by which the learning rate of step t (from 0, of T steps) is multiplied."""

from __future__ import annotations

import math
from collections.abc import Callable

from mlcore.base.registry import Knob, Registry

SCHEDULES: Registry[Callable[..., float]] = Registry("schedule")


def _steps(default: int, symbol: str, help: str) -> Knob:
    return Knob(default, 1, 20_000, symbol=symbol, help=help, log=True, integer=True)


@SCHEDULES.add(title="Constant", formula=r"1")
def constant(t: int, T: int) -> float:
    return 1.0


@SCHEDULES.add(
    title="Step decay",
    formula=r"\gamma^{\lfloor t / k \rfloor}",
    source="torch.optim.lr_scheduler.StepLR",
    knobs={
        "every": _steps(200, "k", "steps between two drops"),
        "gamma": Knob(0.5, 0.01, 1.0, symbol=r"\gamma", help="factor of a drop"),
    },
)
def step(t: int, T: int, every: float, gamma: float) -> float:
    return gamma ** (t // int(every))


@SCHEDULES.add(
    title="Exponential decay",
    formula=r"\gamma^{t}",
    source="torch.optim.lr_scheduler.ExponentialLR",
    knobs={"gamma": Knob(0.998, 0.9, 1.0, symbol=r"\gamma", help="factor of every step")},
)
def exponential(t: int, T: int, gamma: float) -> float:
    return gamma**t


@SCHEDULES.add(
    title="Cosine",
    formula=r"r + (1 - r) \tfrac{1}{2} (1 + \cos(\pi t / T))",
    source="Loshchilov and Hutter 2017, SGDR, eq. 5",
    knobs={"floor": Knob(0.0, 0.0, 1.0, symbol="r", help="share of the learning rate left at the end")},
)
def cosine(t: int, T: int, floor: float) -> float:
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * t / max(T, 1)))


@SCHEDULES.add(
    title="Cosine with warm restarts",
    formula=r"r + (1 - r) \tfrac{1}{2} (1 + \cos(\pi t_i / T_i)), \; T_{i+1} = m T_i",
    source="Loshchilov and Hutter 2017, SGDR, eq. 5",
    knobs={
        "period": _steps(100, "T_0", "steps until the first restart"),
        "mult": Knob(2, 1, 4, symbol="m", help="each period is m times the last", integer=True),
        "floor": Knob(0.0, 0.0, 1.0, symbol="r", help="share of the learning rate left before a restart"),
    },
)
def warm_restarts(t: int, T: int, period: float, mult: float, floor: float) -> float:
    length = int(period)
    if mult == 1:
        t %= length
    while t >= length:
        t -= length
        length *= int(mult)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * t / length))


@SCHEDULES.add(
    title="Warm-up",
    formula=r"\min(1, (t + 1) / w)",
    source="Goyal et al. 2017, 2.2",
    knobs={"steps": _steps(100, "w", "steps until the full learning rate")},
)
def warm_up(t: int, T: int, steps: float) -> float:
    return min(1.0, (t + 1) / steps)
