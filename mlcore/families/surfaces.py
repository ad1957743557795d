"""Surfaces: objectives of two parameters whose minima are known.

Each variant is f(x, y) on tensors of any shape, element by element, and declares its `minima` ((x, y), ...),
their common `value`, the `box` (x from, x to, y from, y to) that a picture shows, a `start` from which a
descent has something to tell, and perhaps `saddles`. Minima are published numbers, polished by Newton's
method to float64; the tests hold every one of them to a zero gradient and positive curvature. `gradient` is
(df/dx, df/dy) by hand, in a third of the time of autograd, to which the tests hold it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base.registry import Knob, Registry

SURFACES: Registry[Callable[..., Tensor]] = Registry("surface")


@dataclass(frozen=True, eq=False)
class Surface:
    """A surface with its knobs set, as something to descend: theta [..., 2] -> value [...]."""

    value: Callable[..., Tensor]
    slopes: Callable[..., tuple[Tensor, Tensor]]
    knobs: dict[str, float]

    def __call__(self, theta: Tensor) -> Tensor:
        return self.value(*theta.unbind(-1), **self.knobs)

    def gradient(self, theta: Tensor) -> Tensor:
        """[..., 2] -> [..., 2], in closed form."""
        return torch.stack(self.slopes(*theta.unbind(-1), **self.knobs), dim=-1)


def objective(name: str, **knobs: float) -> Surface:
    """The surface of this name with these knobs; all of them have to be given."""
    return Surface(SURFACES[name].function, SURFACES[name].gradient, knobs)


@dataclass(frozen=True, eq=False)
class Relief:
    """A surface over a grid, for pictures."""

    x: NDArray[np.float64]  # [A]
    y: NDArray[np.float64]  # [B]
    value: NDArray[np.float64]  # [B, A]
    lowest: float  # the value of the minima

    @property
    def height(self) -> NDArray[np.float64]:
        """[B, A] log10 (1 + (f - f*) / s), with a hundredth of the grid below s: valleys show."""
        return np.log10(1 + np.maximum(self.value - self.lowest, 0) / self.unit)

    @property
    def unit(self) -> float:
        """s, in the units of f."""
        return float(np.nanquantile(self.value - self.lowest, 0.01)) or 1.0  # a hole has no height


def relief(name: str, box: Sequence[float], count: int, **knobs: float) -> Relief:
    """The surface over count x count points of a box (x from, x to, y from, y to)."""
    return sampled(objective(name, **knobs), box, count, SURFACES[name].value)


def sampled(
    values: Callable[[Tensor], Tensor], box: Sequence[float], count: int, lowest: float = 0.0
) -> Relief:
    """The same of any objective: rows theta [R, 2] -> [R]."""
    x, y = (torch.linspace(box[i], box[i + 1], count, dtype=torch.float64) for i in (0, 2))
    value = values(torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1).flatten(0, 1))
    return Relief(x.numpy(), y.numpy(), value.reshape(count, count).numpy(), lowest)


@SURFACES.add(
    title="Bowl",
    formula=r"a x^2 + b y^2",
    source="d2l 12.6 (a = 0.1, b = 2)",
    minima=((0.0, 0.0),),
    value=0.0,
    box=(-6.0, 6.0, -3.0, 3.0),
    start=(-5.0, -2.0),
    knobs={
        "a": Knob(0.1, 0.01, 10.0, symbol="a", help="half the curvature along x", log=True),
        "b": Knob(2.0, 0.01, 10.0, symbol="b", help="half the curvature along y", log=True),
    },
    gradient=lambda x, y, a, b: (2.0 * a * x, 2.0 * b * y),
)
def bowl(x: Tensor, y: Tensor, a: float, b: float) -> Tensor:
    return a * x * x + b * y * y


@SURFACES.add(
    title="Double well",
    formula=r"\tfrac{1}{4} x^4 - \tfrac{1}{2} x^2 + \tfrac{1}{2} y^2",
    source="a saddle between two minima",
    minima=((1.0, 0.0), (-1.0, 0.0)),
    saddles=((0.0, 0.0),),
    value=-0.25,
    box=(-2.0, 2.0, -1.5, 1.5),
    start=(0.001, 1.2),
    gradient=lambda x, y: (x * (x * x - 1.0), y),
)
def double_well(x: Tensor, y: Tensor) -> Tensor:
    return 0.25 * x**4 - 0.5 * x * x + 0.5 * y * y


@SURFACES.add(
    title="Booth",
    formula=r"(x + 2y - 7)^2 + (2x + y - 5)^2",
    source="Jamil and Yang 2013",
    minima=((1.0, 3.0),),
    value=0.0,
    box=(-10.0, 10.0, -10.0, 10.0),
    start=(-8.0, -6.0),
    gradient=lambda x, y: (10.0 * x + 8.0 * y - 34.0, 8.0 * x + 10.0 * y - 38.0),
)
def booth(x: Tensor, y: Tensor) -> Tensor:
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


@SURFACES.add(
    title="Matyas",
    formula=r"0.26 (x^2 + y^2) - 0.48 x y",
    source="Jamil and Yang 2013",
    minima=((0.0, 0.0),),
    value=0.0,
    box=(-10.0, 10.0, -10.0, 10.0),
    start=(-9.0, -3.0),
    gradient=lambda x, y: (0.52 * x - 0.48 * y, 0.52 * y - 0.48 * x),
)
def matyas(x: Tensor, y: Tensor) -> Tensor:
    return 0.26 * (x * x + y * y) - 0.48 * x * y


@SURFACES.add(
    title="Rosenbrock",
    formula=r"(1 - x)^2 + 100 (y - x^2)^2",
    source="Rosenbrock 1960",
    minima=((1.0, 1.0),),
    value=0.0,
    box=(-2.0, 2.0, -1.0, 3.0),
    start=(-1.2, 1.0),
    gradient=lambda x, y: (2.0 * (x - 1.0) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)),
)
def rosenbrock(x: Tensor, y: Tensor) -> Tensor:
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def beale_slope(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    yy = y * y
    p, q, r = y - 1.0, yy - 1.0, yy * y - 1.0  # a number minus a tensor takes torch twice as long
    a, b, c = x * p + 1.5, x * q + 2.25, x * r + 2.625
    return 2.0 * (a * p + b * q + c * r), 2.0 * x * (a + 2.0 * y * b + 3.0 * yy * c)


@SURFACES.add(
    title="Beale",
    formula=r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
    source="Beale 1958",
    minima=((3.0, 0.5),),
    saddles=((0.0, 1.0),),
    value=0.0,
    box=(-1.0, 4.5, -2.0, 2.5),
    start=(1.0, 1.5),
    gradient=beale_slope,
)
def beale(x: Tensor, y: Tensor) -> Tensor:
    return (1.5 - x * (1 - y)) ** 2 + (2.25 - x * (1 - y * y)) ** 2 + (2.625 - x * (1 - y**3)) ** 2


def himmelblau_slope(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    a, b = x * x + y - 11.0, x + y * y - 7.0
    return 4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b


@SURFACES.add(
    title="Himmelblau",
    formula=r"(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    source="Himmelblau 1972",
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ),
    value=0.0,
    box=(-5.0, 5.0, -5.0, 5.0),
    start=(-0.5, -1.0),
    gradient=himmelblau_slope,
)
def himmelblau(x: Tensor, y: Tensor) -> Tensor:
    return (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2


@SURFACES.add(
    title="Rastrigin",
    formula=r"2A + x^2 - A \cos 2\pi x + y^2 - A \cos 2\pi y, \quad A = 10",
    source="Rastrigin 1974",
    minima=((0.0, 0.0),),
    value=0.0,
    box=(-5.12, 5.12, -5.12, 5.12),
    start=(3.4, -2.6),
    gradient=lambda x, y: (
        2.0 * x + 20.0 * math.pi * torch.sin(2.0 * math.pi * x),
        2.0 * y + 20.0 * math.pi * torch.sin(2.0 * math.pi * y),
    ),
)
def rastrigin(x: Tensor, y: Tensor) -> Tensor:
    return 20 + x * x - 10 * torch.cos(2 * math.pi * x) + y * y - 10 * torch.cos(2 * math.pi * y)


def ackley_slope(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    half = 0.5 * (x * x + y * y)
    radius = torch.where(half > 0, half, 1.0).sqrt()
    cone = 2.0 * (half > 0) * torch.exp(-0.2 * radius) / radius  # at the tip the slope is taken as 0
    u, v = 2.0 * math.pi * x, 2.0 * math.pi * y
    waves = math.pi * torch.exp(0.5 * (torch.cos(u) + torch.cos(v)))
    return cone * x + waves * torch.sin(u), cone * y + waves * torch.sin(v)


@SURFACES.add(
    title="Ackley",
    formula=r"-20 e^{-0.2 \sqrt{(x^2 + y^2) / 2}} - e^{(\cos 2\pi x + \cos 2\pi y) / 2} + e + 20",
    source="Ackley 1987",
    minima=((0.0, 0.0),),
    value=0.0,
    kink=True,  # a cone at the minimum: the slope there is no number, and is taken as 0
    box=(-5.0, 5.0, -5.0, 5.0),
    start=(3.6, 2.7),
    gradient=ackley_slope,
)
def ackley(x: Tensor, y: Tensor) -> Tensor:
    half = 0.5 * (x * x + y * y)
    radius = torch.where(half > 0, half, 1.0).sqrt() * (half > 0)  # autograd of sqrt(0) is NaN
    waves = 0.5 * (torch.cos(2 * math.pi * x) + torch.cos(2 * math.pi * y))
    return 20 * (1 - torch.exp(-0.2 * radius)) + math.e - torch.exp(waves)


@SURFACES.add(
    title="Styblinski-Tang",
    formula=r"\tfrac{1}{2} (x^4 - 16 x^2 + 5x + y^4 - 16 y^2 + 5y)",
    source="Styblinski and Tang 1990",
    minima=((-2.903534027771177, -2.903534027771177),),
    value=-78.33233140754282,
    box=(-5.0, 5.0, -5.0, 5.0),
    start=(0.5, -4.5),
    gradient=lambda x, y: (2.0 * x**3 - 16.0 * x + 2.5, 2.0 * y**3 - 16.0 * y + 2.5),
)
def styblinski_tang(x: Tensor, y: Tensor) -> Tensor:
    return 0.5 * (x**4 - 16 * x * x + 5 * x + y**4 - 16 * y * y + 5 * y)


def goldstein_price_slope(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    w, v = x + y, 2.0 * x - 3.0 * y  # both factors depend on x and y through these alone
    u, p, q = w + 1.0, 19.0 + w * (3.0 * w - 14.0), 18.0 + v * (3.0 * v - 16.0)
    along_u = (2.0 * u * p + u * u * (6.0 * w - 14.0)) * (30.0 + v * v * q)
    along_v = (1.0 + u * u * p) * (2.0 * v * q + v * v * (6.0 * v - 16.0))
    return along_u + 2.0 * along_v, along_u - 3.0 * along_v


@SURFACES.add(
    title="Goldstein-Price",
    formula=r"\bigl(1 + (x + y + 1)^2 (19 - 14x + 3x^2 - 14y + 6xy + 3y^2)\bigr) "
    r"\bigl(30 + (2x - 3y)^2 (18 - 32x + 12x^2 + 48y - 36xy + 27y^2)\bigr)",
    source="Goldstein and Price 1971",
    minima=((0.0, -1.0),),
    value=3.0,
    box=(-2.0, 2.0, -3.0, 1.0),
    start=(-1.5, 0.5),
    gradient=goldstein_price_slope,
)
def goldstein_price(x: Tensor, y: Tensor) -> Tensor:
    first = 19 - 14 * x + 3 * x * x - 14 * y + 6 * x * y + 3 * y * y
    second = 18 - 32 * x + 12 * x * x + 48 * y - 36 * x * y + 27 * y * y
    return (1 + (x + y + 1) ** 2 * first) * (30 + (2 * x - 3 * y) ** 2 * second)


@SURFACES.add(
    title="Six-hump camel",
    formula=r"(4 - 2.1 x^2 + \tfrac{1}{3} x^4) x^2 + xy + (4y^2 - 4) y^2",
    source="Dixon and Szegö 1978",
    minima=((0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)),
    value=-1.031628453489877,
    box=(-2.0, 2.0, -1.1, 1.1),
    start=(-1.6, -0.3),
    gradient=lambda x, y: (x * (8.0 - 8.4 * x**2 + 2.0 * x**4) + y, x + y * (16.0 * y * y - 8.0)),
)
def six_hump_camel(x: Tensor, y: Tensor) -> Tensor:
    return (4 - 2.1 * x * x + x**4 / 3) * x * x + x * y + (4 * y * y - 4) * y * y


def levy13_slope(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    pi, u, v = math.pi, x - 1.0, y - 1.0
    steep = 3.0 * pi * torch.sin(6.0 * pi * x) + 2.0 * u * (1.0 + torch.sin(3.0 * pi * y) ** 2)
    rise = 2.0 * v * (1.0 + torch.sin(2.0 * pi * y) ** 2) + 2.0 * pi * v * v * torch.sin(4.0 * pi * y)
    return steep, rise + 3.0 * pi * u * u * torch.sin(6.0 * pi * y)


@SURFACES.add(
    title="Levy 13",
    formula=r"\sin^2 3\pi x + (x - 1)^2 (1 + \sin^2 3\pi y) + (y - 1)^2 (1 + \sin^2 2\pi y)",
    source="Levy and Montalvo 1985",
    minima=((1.0, 1.0),),
    value=0.0,
    box=(-4.0, 6.0, -4.0, 6.0),
    start=(-2.6, 4.2),
    gradient=levy13_slope,
)
def levy13(x: Tensor, y: Tensor) -> Tensor:
    return (
        torch.sin(3 * math.pi * x) ** 2
        + (x - 1) ** 2 * (1 + torch.sin(3 * math.pi * y) ** 2)
        + (y - 1) ** 2 * (1 + torch.sin(2 * math.pi * y) ** 2)
    )
