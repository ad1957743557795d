"""Ways out of a local minimum, each a plan for moving rows: a rule, a schedule, noise, new starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcore.base import spec as specs
from mlcore.base.registry import Knob, Registry


@dataclass(frozen=True)
class Plan:
    """How rows are moved. `heat(share of steps taken)` is a temperature, `rate` a factor of the common."""

    optimizer: str = "sgd"
    knobs: Mapping[str, float] = field(default_factory=dict)
    rate: float = 1.0
    cycles: int = 0  # times that the learning rate falls from its peak to 0; 0: it is constant
    heat: Callable[[float], float] | None = None
    starts: int = 1  # that share the steps
    reach: float = 0.0  # of a step that is proposed and perhaps taken, in widths of the box; 0: go downhill


METHODS: Registry[Callable[..., Plan]] = Registry("method")
_HEAT: dict[str, Any] = {"symbol": r"\tau", "help": "temperature, in heights of a bump", "log": True}


@METHODS.add(title="Plain descent", formula=r"\theta \leftarrow \theta - \eta g", source="Cauchy 1847")
def plain() -> Plan:
    return Plan()


@METHODS.add(
    title="Momentum",
    formula=r"v \leftarrow \mu v + g, \quad \theta \leftarrow \theta - \eta v",
    source="Polyak 1964",
    knobs={"inertia": Knob(0.95, 0.0, 0.999, symbol=r"\mu", help="share of the last velocity that is kept")},
)
def momentum(inertia: float) -> Plan:
    return Plan("momentum", {"momentum": inertia})


@METHODS.add(
    title="Gradient noise",
    formula=r"\theta \leftarrow \theta - \eta g + \sqrt{2 \eta \tau} \, \xi, \quad \xi \sim N(0, I)",
    source="Langevin 1908; Welling and Teh 2011",
    knobs={"heat": Knob(0.5, 0.01, 10.0, **_HEAT)},
)
def noise(heat: float) -> Plan:
    return Plan(heat=lambda share: heat)


@METHODS.add(
    title="Fading noise",
    formula=r"\theta \leftarrow \theta - \eta g + \sqrt{2 \eta \tau_t} \, \xi, \quad \tau_t = \tau (1 - t/T)",
    source="Gelfand and Mitter 1991; Neelakantan et al. 2015",
    knobs={"heat": Knob(1.0, 0.01, 10.0, **_HEAT)},
)
def fading_noise(heat: float) -> Plan:
    return Plan(heat=lambda share: heat * (1 - share))


@METHODS.add(
    title="Warm restarts",
    formula=r"\eta_t = \tfrac{1}{2} p \, \eta \, (1 + \cos(\pi t_i / T_i)), \quad T_i = T / c",
    source="Loshchilov and Hutter 2017, SGDR",
    knobs={
        "peak": Knob(
            10.0,
            0.5,
            100.0,
            symbol="p",
            help="how many times the learning rate each cycle begins with",
            log=True,
        ),
        "cycles": Knob(5, 1, 50, symbol="c", help="times that the learning rate is raised", integer=True),
    },
)
def warm_restarts(peak: float, cycles: float) -> Plan:
    return Plan(rate=peak, cycles=int(cycles))


@METHODS.add(
    title="Random restarts",
    formula=r"\theta_1, \dots, \theta_k \sim U, \quad T_j = T / k, \quad f(\theta) = \min_j f(\theta_j)",
    source="Rinnooy Kan and Timmer 1987",
    knobs={
        "starts": Knob(10, 1, 100, symbol="k", help="starts that share the budget", log=True, integer=True)
    },
)
def random_restarts(starts: float) -> Plan:
    return Plan(starts=int(starts))


@METHODS.add(
    title="Simulated annealing",
    formula=r"\theta' = \theta + s \, \xi, \quad "
    r"\Pr(\theta \leftarrow \theta') = \min(1, e^{-(f' - f) / \tau_t})",
    source="Kirkpatrick, Gelatt and Vecchi 1983",
    knobs={
        "heat": Knob(0.2, 0.01, 10.0, **_HEAT),
        "reach": Knob(
            0.1, 0.005, 1.0, symbol="s", help="length of a proposed step, in widths of the box", log=True
        ),
    },
)
def annealing(heat: float, reach: float) -> Plan:
    return Plan(heat=lambda share: heat * (1 - share), reach=reach)


@dataclass(frozen=True)
class MethodSpec:
    """One method in the comparison."""

    name: str = specs.choice("momentum", METHODS, "way")
    knobs: specs.Knobs = specs.knobs("name", METHODS, prefix="w_")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def plan(self) -> Plan:
        plan: Plan = METHODS[self.name](**dict(self.knobs))
        return plan


USUAL = tuple(MethodSpec(name) for name in METHODS)
