"""Data sets: points in a plane, curves with noise, and five real ones that come with scikit-learn.

    generate(n, g, **knobs) -> x [n, D] float64, y [n] int64 or float64

Every draw comes from the CPU generator `g`, and how many are drawn does not depend on the knobs: turning the
noise moves the points, it does not deal new ones. A function uses `torch`, `math` and its `helpers`, so that
`listing(name)` runs by itself in a script.

Facts of each variant: `task`, `classes` (0 for regression), `features`, `real`, `helpers`; a curve has
`truth`, its noise-free x [M, 1] -> y [M], and maybe `bends`, the knobs that truth takes, too (`truth_of`
sets them); one of a typed formula has `typed`, the formula's variables, an `example` of it, and
takes it as `f`; one that is `drawn` by hand takes its points as x and y, has an `example` of them, as
`mlcore.base.points` writes them, and as many classes as they have; a real set has `examples`, how many there
are. Of `csv` alone task, classes and features are unknown ("auto", 0, 0) until `mlcore.training.data` has
read the table.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor

from mlcore.base import points
from mlcore.base.registry import Knob, Registry
from mlcore.families.real_sets import bundled, some_rows

Points = tuple[Tensor, Tensor]
Function = Callable[[Tensor], Tensor]  # x [M, D] -> [M]
DATASETS: Registry[Callable[..., Points]] = Registry("dataset")

PLANE: dict[str, Any] = {"task": "classification", "classes": 2, "features": 2, "real": False}
CURVE: dict[str, Any] = {"task": "regression", "classes": 0, "features": 1, "real": False}


def spread(default: float, high: float) -> Knob:
    return Knob(default, 0.0, high, symbol=r"\sigma", help="standard deviation of the noise")


OUTLIERS = Knob(0.0, 0.0, 0.6, symbol=r"\varepsilon", help="share of examples with a gross error upward")


# ---------------------------------------------------------------- two classes in a plane


def scatter(centers: Tensor, noise: float, g: Generator) -> Tensor:
    """Gaussian noise around every row of centers [n, 2]."""
    return centers + noise * torch.randn(centers.shape, generator=g, dtype=torch.float64)


@DATASETS.add(
    title="Two Gaussians",
    formula=r"x \mid y \sim \mathcal{N}\left(\pm \tfrac{d}{2 \sqrt 2} (1, 1), \; \sigma^2 I\right)",
    source="Bishop 2006, 4.2.1",
    knobs={
        "separation": Knob(4.0, 0.0, 8.0, symbol="d", help="distance between the two means"),
        "noise": spread(0.8, 4.0),
    },
    helpers=(scatter,),
    **PLANE,
)
def gaussians(n: int, g: Generator, separation: float, noise: float) -> Points:
    y = torch.arange(n) % 2
    along = (y.double() - 0.5) * separation / math.sqrt(2)
    return scatter(torch.stack([along, along], 1), noise, g), y


def bayes_accuracy(separation: float, noise: float) -> float:
    """What no classifier of the two Gaussians can beat on average: Phi(d / (2 sigma))."""
    if noise == 0:
        return 1.0 if separation > 0 else 0.5
    return 0.5 * math.erfc(-separation / (2 * math.sqrt(2) * noise))


@DATASETS.add(
    title="Two circles",
    formula=r"x = r_y (\cos \varphi, \sin \varphi) + \sigma \epsilon, \quad r_0 = 1, \; r_1 = \tfrac{1}{2}",
    source="scikit-learn make_circles, factor 0.5",
    knobs={"noise": spread(0.08, 1.0)},
    helpers=(scatter,),
    **PLANE,
)
def circles(n: int, g: Generator, noise: float) -> Points:
    y = torch.arange(n) % 2
    angle = 2 * math.pi * torch.rand(n, generator=g, dtype=torch.float64)
    radius = 1 - 0.5 * y.double()
    return scatter(torch.stack([radius * angle.cos(), radius * angle.sin()], 1), noise, g), y


@DATASETS.add(
    title="XOR",
    formula=r"x = (a, b) + \sigma \epsilon, \quad y = a \oplus b, \quad a, b \in \{0, 1\}",
    source="Goodfellow et al. 2016, 6.1",
    knobs={"noise": spread(0.15, 1.0)},
    helpers=(scatter,),
    **PLANE,
)
def xor(n: int, g: Generator, noise: float) -> Points:
    a, b = torch.arange(n) // 2 % 2, torch.arange(n) % 2
    return scatter(torch.stack([a, b], 1).double(), noise, g), a ^ b


@DATASETS.add(
    title="Two spirals",
    formula=r"x = r \, (\cos \varphi, \sin \varphi) + \sigma \epsilon, \quad \varphi = 2 \pi \tau r + \pi y",
    source="Lang and Witbrock 1988; sqrt(u) spreads the points evenly",
    knobs={
        "turns": Knob(1.0, 0.25, 3.0, symbol=r"\tau", help="how often each arm goes around"),
        "noise": spread(0.03, 0.5),
    },
    helpers=(scatter,),
    **PLANE,
)
def spirals(n: int, g: Generator, turns: float, noise: float) -> Points:
    y = torch.arange(n) % 2
    radius = torch.rand(n, generator=g, dtype=torch.float64).sqrt()
    angle = 2 * math.pi * turns * radius + math.pi * y
    return scatter(torch.stack([radius * angle.cos(), radius * angle.sin()], 1), noise, g), y


@DATASETS.add(
    title="Two moons",
    formula=r"x = (\cos t, \sin t) \text{ or } (1 - \cos t, \tfrac{1}{2} - \sin t), \; + \, \sigma \epsilon",
    source="scikit-learn make_moons; here t is drawn from U(0, pi)",
    knobs={"noise": spread(0.1, 1.0)},
    helpers=(scatter,),
    **PLANE,
)
def moons(n: int, g: Generator, noise: float) -> Points:
    y = torch.arange(n) % 2
    t = math.pi * torch.rand(n, generator=g, dtype=torch.float64)
    upper, lower = torch.stack([t.cos(), t.sin()], 1), torch.stack([1 - t.cos(), 0.5 - t.sin()], 1)
    return scatter(torch.where(y[:, None] == 0, upper, lower), noise, g), y


@DATASETS.add(
    title="Checkerboard",
    formula=r"x = (i, j) + u + \sigma \epsilon, \; y = (i + j) \bmod 2, \; u \sim U(-0.4, 0.4)^2",
    source="every tile gets as many points as the next, a fifth of its width stays free",
    knobs={
        "tiles": Knob(3, 2, 8, symbol="m", help="tiles along each side", integer=True),
        "noise": spread(0.0, 1.0),
    },
    helpers=(scatter,),
    **PLANE,
)
def checkerboard(n: int, g: Generator, tiles: float, noise: float) -> Points:
    tile = torch.arange(n) % int(tiles) ** 2
    i, j = tile // int(tiles), tile % int(tiles)
    within = 0.8 * (torch.rand(n, 2, generator=g, dtype=torch.float64) - 0.5)
    return scatter(torch.stack([i, j], 1) + within, noise, g), (i + j) % 2


# ---------------------------------------------------------------- curves: x ~ U(-1, 1), y = f(x) + noise


def inputs(n: int, g: Generator) -> Tensor:
    return 2 * torch.rand(n, 1, generator=g, dtype=torch.float64) - 1


def measure(y: Tensor, g: Generator, noise: float, outliers: float) -> Tensor:
    """Gaussian noise on every y [n]; a share of them is also too large, by something between 2 and 6."""
    error = noise * torch.randn(y.shape, generator=g, dtype=torch.float64)
    wrong = torch.rand(y.shape, generator=g, dtype=torch.float64) < outliers
    return y + error + wrong * (2 + 4 * torch.rand(y.shape, generator=g, dtype=torch.float64))


def line_truth(x: Tensor) -> Tensor:
    return 1 + 2 * x[:, 0]


def sine_truth(x: Tensor, frequency: float = 1.0) -> Tensor:
    return torch.sin(math.pi * frequency * x[:, 0])


def step_truth(x: Tensor) -> Tensor:
    return (x[:, 0] >= 0).double()


@DATASETS.add(
    title="Line",
    formula=r"y = 1 + 2 x + \sigma \epsilon",
    source="slide Linear Model",
    knobs={"noise": spread(0.3, 3.0), "outliers": OUTLIERS},
    truth=line_truth,
    helpers=(inputs, measure, line_truth),
    **CURVE,
)
def line(n: int, g: Generator, noise: float, outliers: float) -> Points:
    x = inputs(n, g)
    return x, measure(line_truth(x), g, noise, outliers)


@DATASETS.add(
    title="Sine",
    formula=r"y = \sin(f \pi x) + \sigma \epsilon",
    source="Abu-Mostafa et al. 2012, example 2.8",
    knobs={
        "noise": spread(0.2, 3.0),
        "outliers": OUTLIERS,
        "frequency": Knob(1.0, 0.5, 6.0, symbol="f", help="half waves between 0 and 1"),
    },
    truth=sine_truth,
    bends=("frequency",),
    helpers=(inputs, measure, sine_truth),
    **CURVE,
)
def sine(n: int, g: Generator, noise: float, outliers: float, frequency: float) -> Points:
    x = inputs(n, g)
    return x, measure(sine_truth(x, frequency), g, noise, outliers)


@DATASETS.add(
    title="Step",
    formula=r"y = [x \ge 0] + \sigma \epsilon",
    source="a jump that no smooth model follows",
    knobs={"noise": spread(0.1, 3.0), "outliers": OUTLIERS},
    truth=step_truth,
    helpers=(inputs, measure, step_truth),
    **CURVE,
)
def step(n: int, g: Generator, noise: float, outliers: float) -> Points:
    x = inputs(n, g)
    return x, measure(step_truth(x), g, noise, outliers)


@DATASETS.add(
    title="Line with heavy-tailed noise",
    formula=r"y = 1 + 2 x + \sigma t_\nu, \quad t_\nu = \cos(2 \pi v) \sqrt{\nu (u^{-2/\nu} - 1)}",
    source="Student's t from two uniform numbers: Bailey 1994",
    knobs={
        "dof": Knob(2.0, 1.0, 30.0, symbol=r"\nu", help="1: Cauchy, without a mean; 30: nearly Gaussian"),
        "noise": spread(0.3, 3.0),
        "outliers": OUTLIERS,
    },
    truth=line_truth,
    helpers=(inputs, measure, line_truth),
    **CURVE,
)
def heavy_tail(n: int, g: Generator, dof: float, noise: float, outliers: float) -> Points:
    x = inputs(n, g)
    u = 1 - torch.rand(n, generator=g, dtype=torch.float64)  # in (0, 1]: zero would be an infinite error
    v = torch.rand(n, generator=g, dtype=torch.float64)
    t = torch.cos(2 * math.pi * v) * torch.sqrt(dof * (u ** (-2 / dof) - 1))
    return x, measure(line_truth(x) + noise * t, g, 0.0, outliers)


# ---------------------------------------------------------------- formulas that people type


def wave(x: Tensor) -> Tensor:
    return torch.sin(3 * x[:, 0])


def disk(x: Tensor) -> Tensor:
    return 0.5 - x[:, 0] ** 2 - x[:, 1] ** 2


@DATASETS.add(
    title="Curve of your own",
    formula=r"y = f(x) + \sigma \epsilon, \quad -1 \le x \le 1",
    source="a typed formula",
    knobs={"noise": spread(0.2, 3.0), "outliers": OUTLIERS},
    truth=wave,
    typed=("x",),
    example="sin(3*x)",
    helpers=(inputs, measure, wave),
    **CURVE,
)
def typed_curve(n: int, g: Generator, noise: float, outliers: float, f: Function = wave) -> Points:
    x = inputs(n, g)
    return x, measure(f(x), g, noise, outliers)


@DATASETS.add(
    title="Classes of your own",
    formula=r"y = [\, g(x, y) > 0 \,], \quad -1 \le x, y \le 1",
    source="a typed formula",
    knobs={"noise": spread(0.0, 1.0)},
    typed=("x", "y"),
    example="1/2 - x^2 - y^2",
    helpers=(scatter, disk),
    **PLANE,
)
def typed_plane(n: int, g: Generator, noise: float, f: Function = disk) -> Points:
    x = 2 * torch.rand(n, 2, generator=g, dtype=torch.float64) - 1
    return scatter(x, noise, g), (f(x) > 0).long()


# ---------------------------------------------------------------- points that people draw


def island() -> str:
    """A class with another around it: the example on the drawing board."""
    rings = ((0.25, 6, 0), (0.7, 14, 0), (1.5, 30, 1))
    return points.write(
        (r * math.cos(a), r * math.sin(a), cls)
        for r, count, cls in rings
        for a in (2 * math.pi * k / count for k in range(count))
    )


def stroke() -> str:
    """A curve as a hand draws it: the example on the drawing board."""
    places = (-1.8 + 0.1 * k for k in range(37))
    return points.write((x, math.sin(2 * x) + 0.3 * x + 0.08 * math.sin(40 * x), 0) for x in places)


BY_HAND: dict[str, Any] = {"source": "drawn by hand", "real": True, "drawn": True, "helpers": (some_rows,)}


@DATASETS.add(title="Drawn classes", example=island(), **{**PLANE, **BY_HAND})
def drawn_plane(n: int, g: Generator, x: Tensor, y: Tensor) -> Points:
    rows = some_rows(len(x), n, g)
    return x[rows], y[rows]


@DATASETS.add(title="Drawn curve", example=stroke(), **{**CURVE, **BY_HAND})
def drawn_curve(n: int, g: Generator, x: Tensor, y: Tensor) -> Points:
    rows = some_rows(len(x), n, g)
    return x[rows], y[rows]


# ---------------------------------------------------------------- real sets, and the table of a person


def real(examples: int, features: int, classes: int) -> dict[str, Any]:
    task = "classification" if classes else "regression"
    sizes = {"examples": examples, "features": features, "classes": classes}
    return {"task": task, "real": True, "helpers": (some_rows, bundled), **sizes}


@DATASETS.add(title="Iris", source="Fisher 1936", **real(150, 4, 3))
def iris(n: int, g: Generator) -> Points:
    return bundled("iris", n, g)


@DATASETS.add(title="Wine", source="Aeberhard and Forina 1991, UCI", **real(178, 13, 3))
def wine(n: int, g: Generator) -> Points:
    return bundled("wine", n, g)


@DATASETS.add(title="Breast cancer", source="Wolberg et al. 1995, UCI", **real(569, 30, 2))
def breast_cancer(n: int, g: Generator) -> Points:
    return bundled("breast_cancer", n, g)


@DATASETS.add(
    title="Handwritten digits", source="Alpaydin and Kaynak 1998, UCI", side=8, **real(1797, 64, 10)
)
def digits(n: int, g: Generator) -> Points:
    return bundled("digits", n, g)


@DATASETS.add(title="Diabetes", source="Efron et al. 2004", **real(442, 10, 0))
def diabetes(n: int, g: Generator) -> Points:
    return bundled("diabetes", n, g)


@DATASETS.add(
    title="Your own table",
    source="a CSV file",
    **{**CURVE, "task": "auto", "features": 0, "real": True, "helpers": (some_rows,)},
)
def csv(n: int, g: Generator, x: Tensor, y: Tensor) -> Points:
    rows = some_rows(len(x), n, g)
    return x[rows], y[rows]


def truth_of(name: str, chosen: Mapping[str, float]) -> Callable[[Tensor], Tensor]:
    """The noise-free x [M, 1] -> y [M] of a curve, as the chosen knobs bend it."""
    variant = DATASETS[name]
    settings = variant.settings(chosen)
    return partial(variant.truth, **{knob: settings[knob] for knob in variant.facts.get("bends", ())})


def listing(name: str) -> str:
    """The code of one data set with all it needs, to be shown on a page or run in a script."""
    variant = DATASETS[name]
    sources = (inspect.getsource(f) for f in (*variant.helpers, variant.function))
    bodies = (source[source.index("def ") :] for source in sources)  # without the decorator
    head = (
        "import math\nfrom collections.abc import Callable\n\n"
        "import torch\nfrom torch import Generator, Tensor\n\n"
        "Points = tuple[Tensor, Tensor]\nFunction = Callable[[Tensor], Tensor]\n"
    )
    return "\n\n".join((head, *bodies))
