"""Families of models with a complexity, each fitted to S training sets at once.

    for prediction in family(sets, at, grid, tick, **knobs)        one [S, M, K] for each complexity in `grid`

`at` [S, M, D] are the points where each member answers. Members answer with values, or for classes with
probabilities. What can share work between complexities does: one QR serves all degrees, one SVD all
penalties, one sort all k, one tree all depths, one training all lengths. `tick()` is called now and then
and may raise `Stopped`.

Facts: `grid`, the complexities that are tried, those alone that `fits(complexity, N, D)`; `symbol` of the
complexity; `usual`, where a page begins; `rising`, whether more of it makes a model more complex.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from mlcore.complexity import networks, trees
from mlcore.models import MOST_FEATURES, ModelSpec, columns, powers
from mlcore.registry import Knob, Registry

Tick = Callable[[], None]
FAMILIES: Registry[Callable[..., Iterator[Tensor]]] = Registry("family")
FLOOR = 0.01  # the least probability that clipped scores and counts of neighbors can become
WIDEST = 400  # random features
DEPENDENT = 1e-10  # of the largest: a column that adds less to those before it is left out


@dataclass(frozen=True, eq=False)
class Sets:
    """S training sets of N examples."""

    x: Tensor  # [S, N, D] float64
    y: Tensor  # [S, N, K] float64: a value, or a one-hot row
    classes: int = 0  # K, or 0 for regression
    seed: int = 0  # of what members draw themselves: weights, features, noise

    def generators(self) -> list[Generator]:
        """One for each member: what it draws depends on its own number alone."""
        return [Generator().manual_seed(self.seed * 10_007 + 17 + s) for s in range(len(self.x))]


def probable(scores: Tensor, sets: Sets) -> Tensor:
    """Scores fitted to one-hot labels as probabilities: clipped to [FLOOR, 1] and divided by their sum."""
    if not sets.classes:
        return scores
    clipped = scores.clamp(FLOOR, 1)
    return clipped / clipped.sum(-1, keepdim=True)


# ---------------------------------------------------------------- least squares


def features(x: Tensor, degree: int) -> Tensor:
    """[S, N, D] -> [S, N, 1 + columns]: 1 and all monomials up to `degree`, in the order of their degree."""
    flat = x.flatten(0, 1)
    wide = powers(flat, degree) if degree else flat[:, :0]
    return torch.cat([torch.ones_like(flat[:, :1]), wide], 1).view(*x.shape[:2], -1)


def spans(degree: float, n: int, d: int) -> bool:
    """Whether N examples determine a polynomial of this degree in D variables."""
    return columns(d, int(degree)) < min(n, MOST_FEATURES)


@FAMILIES.add(
    title="Polynomial",
    formula=r"\hat y = \sum_{j \le d} w_j x^j, \quad \min_w |Xw - y|^2",
    source="least squares by QR: Golub and Van Loan 2013, 5.3",
    grid=tuple(range(16)), usual=3, symbol="d", rising=True, fits=spans,
)  # fmt: skip
def polynomial(sets: Sets, at: Tensor, grid: Sequence[float], tick: Tick) -> Iterator[Tensor]:
    degree, d = int(max(grid)), sets.x.shape[2]
    Q, R = torch.linalg.qr(features(sets.x, degree))
    size = R.diagonal(dim1=1, dim2=2)
    fine = size.abs() > DEPENDENT * size.abs().amax(1, keepdim=True)
    R = R + torch.diag_embed((~fine).double())
    # In the basis of Q's columns, what a lower degree answers is the beginning of the same sum
    basis = torch.linalg.solve_triangular(R, features(at, degree), upper=True, left=False) * fine[:, None]
    share = Q.mT @ sets.y  # [S, P, K]
    terms = basis[..., None] * share[:, None]  # [S, M, P, K]
    total = torch.zeros_like(terms[:, :, 0])
    done = 0
    for value in grid:
        upto = 1 + columns(d, int(value))
        total = total + terms[:, :, done:upto].sum(2)
        done = upto
        yield probable(total, sets)


def shrunk(F: Tensor, y: Tensor, at: Tensor, penalties: Sequence[float]) -> Iterator[Tensor]:
    """Ridge on features F [S, N, P] for every penalty: min |F w + b - y|^2 / N + lambda |w|^2, b free.

    At lambda = 0 the solution of least norm. at [S, M, P] -> [S, M, K] each. One SVD serves them all.
    """
    middle, mean = F.mean(1, keepdim=True), y.mean(1, keepdim=True)
    U, s, Vh = torch.linalg.svd(F - middle, full_matrices=False)
    s = torch.where(s > 1e-10 * s.amax(1, keepdim=True), s, 0.0)
    there, share = (at - middle) @ Vh.mT, U.mT @ (y - mean)
    for penalty in penalties:
        factor = torch.where(s > 0, s / (s.square() + F.shape[1] * penalty), 0.0)
        yield (there * factor[:, None]) @ share + mean


@FAMILIES.add(
    title="Ridge",
    formula=r"\min_w \tfrac{1}{N} |Xw + b - y|^2 + \lambda |w|^2, \quad X \text{ of degree } d",
    source="Hoerl and Kennard 1970; scikit-learn's Ridge with alpha = N lambda",
    knobs={"degree": Knob(12, 1, 15, symbol="d", help="highest power of x", integer=True)},
    grid=tuple(10.0**e for e in np.arange(-8, 1.5, 0.5)), usual=1e-3, symbol=r"\lambda", rising=False,
    fits=lambda value, n, d: True,
)  # fmt: skip
def ridge(sets: Sets, at: Tensor, grid: Sequence[float], tick: Tick, degree: float) -> Iterator[Tensor]:
    d, power = sets.x.shape[2], int(degree)
    while power > 1 and columns(d, power) > MOST_FEATURES:
        power -= 1
    F, there = features(sets.x, power)[..., 1:], features(at, power)[..., 1:]
    for prediction in shrunk(F, sets.y, there, grid):
        yield probable(prediction, sets)


@FAMILIES.add(
    title="Random ReLU features",
    formula=r"\hat y = \sum_{j \le p} w_j \max(0, a_j^\top x + b_j) + w_0, \quad a, b \text{ never trained}",
    source="Rahimi and Recht 2008; least norm where there are several solutions",
    knobs={"penalty": Knob(0.0, 0.0, 1.0, symbol=r"\lambda", help="the ridge on w")},
    grid=(1, 2, 3, 5, 8, 12, 16, 20, 25, 30, 35, 40, 50, 70, 100, 200, WIDEST), usual=8,
    symbol="p", rising=True,
    fits=lambda value, n, d: True,
)  # fmt: skip
def random_features(
    sets: Sets, at: Tensor, grid: Sequence[float], tick: Tick, penalty: float
) -> Iterator[Tensor]:
    d, most = sets.x.shape[2], int(max(grid))
    many = max(most, WIDEST)  # drawn always: the same features, whatever else is in the grid
    rows = [torch.randn(many, d + 1, generator=g, dtype=torch.float64)[:most] for g in sets.generators()]
    drawn = torch.stack(rows)
    A = drawn[:, :, :-1].mT / d**0.5  # [S, D, P]
    F, there = ((x @ A + drawn[:, None, :, -1]).clamp_min(0) for x in (sets.x, at))
    for value in grid:
        tick()
        p = int(value)
        (prediction,) = shrunk(F[..., :p], sets.y, there[..., :p], [penalty])
        yield probable(prediction, sets)


# ---------------------------------------------------------------- neighbors and trees


def smoothed(counts: Tensor, number: Tensor | float) -> Tensor:
    """Counts of classes [..., K] among `number` examples as probabilities: none is quite 0."""
    prior = FLOOR * counts.shape[-1]
    return (counts / number) * (1 - prior) + FLOOR


@FAMILIES.add(
    title="k nearest neighbors",
    formula=r"\hat y(x) = \tfrac{1}{k} \sum_{i \in N_k(x)} y_i",
    source="Hastie et al. 2009, 2.3.2",
    grid=(1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 70, 100), usual=4, symbol="k", rising=False,
    fits=lambda value, n, d: value <= n,
)  # fmt: skip
def nearest(sets: Sets, at: Tensor, grid: Sequence[float], tick: Tick) -> Iterator[Tensor]:
    few = max(1, 4_000_000 // (at.shape[1] * sets.x.shape[1] * sets.y.shape[2]))
    sums = []
    ks = torch.tensor([int(k) for k in grid])
    for first in range(0, len(at), few):
        tick()
        x, y, points = (v[first : first + few] for v in (sets.x, sets.y, at))
        apart = torch.cdist(
            points, x, compute_mode="donot_use_mm_for_euclid_dist"
        )  # equal points, equal bits
        order = apart.argsort(dim=-1, stable=True)[..., : int(ks.max())]  # [s, M, k]
        near = torch.take_along_dim(y[:, None], order[..., None], 2)
        sums.append(near.cumsum(2)[:, :, ks - 1])  # [s, M, C, K]
    every = torch.cat(sums)
    for i, k in enumerate(ks.tolist()):
        yield smoothed(every[:, :, i], k) if sets.classes else every[:, :, i] / k


@FAMILIES.add(
    title="Decision tree",
    formula=r"\hat y(x) = \text{the mean label of the leaf of } x",
    source="CART: Breiman et al. 1984; scikit-learn",
    grid=tuple(range(13)), usual=3, symbol="h", rising=True, fits=lambda value, n, d: True,
)  # fmt: skip
def tree(sets: Sets, at: Tensor, grid: Sequence[float], tick: Tick) -> Iterator[Tensor]:
    depths = [int(h) for h in grid]
    forest = trees.grow(sets.x, sets.y, max(depths), tick)
    for answer in trees.answer(forest, at, depths):
        yield smoothed(answer, 1.0) if sets.classes else answer


# ---------------------------------------------------------------- networks

_LR = Knob(0.01, 1e-4, 1.0, symbol=r"\eta", help="learning rate of Adam", log=True)
_L2 = Knob(0.0, 0.0, 1.0, symbol=r"\lambda_2", help="the L2 penalty on the weights")
_JITTER = Knob(0.0, 0.0, 1.0, symbol=r"\sigma_x", help="noise on x, drawn anew at every step")
_STEPS = Knob(1000, 10, 5000, symbol="T", help="steps of training", log=True, integer=True)
_WIDTH = Knob(32, 1, 128, symbol="h", help="hidden units", log=True, integer=True)


def network(sets: Sets, width: int) -> networks.Network:
    spec = ModelSpec(widths=(width,), activation="tanh", init="xavier")
    return spec.network(sets.x.shape[2], sets.y.shape[2])


@FAMILIES.add(
    title="MLP: width",
    formula=r"\hat y = W_2^\top [\tanh(W_1^\top [x, 1]), 1], \quad W_1 \in \mathbb{R}^{(D + 1) \times h}",
    source="slide MLP; full batch, Adam",
    knobs={"steps": _STEPS, "lr": _LR, "l2": _L2, "jitter": _JITTER},
    grid=(1, 2, 4, 8, 32), usual=8, symbol="h", rising=True, fits=lambda value, n, d: True,
)  # fmt: skip
def mlp_width(
    sets: Sets,
    at: Tensor,
    grid: Sequence[float],
    tick: Tick,
    steps: float,
    lr: float,
    l2: float,
    jitter: float,
) -> Iterator[Tensor]:
    for width in grid:
        every = networks.fit(
            network(sets, int(width)), sets.x, sets.y, at, sets.generators(), [int(steps)], tick,
            classes=sets.classes, lr=lr, l2=l2, jitter=jitter,
        )  # fmt: skip
        yield from every


@FAMILIES.add(
    title="MLP: training time",
    formula=r"\theta_{t + 1} = \theta_t - \eta \, d_t, \quad t < T",
    source="early stopping: Goodfellow et al. 2016, 7.8",
    knobs={"width": _WIDTH, "lr": _LR, "l2": _L2, "jitter": _JITTER},
    grid=(0, 3, 10, 30, 60, 100, 200, 300, 500, 700, 1000, 1500, 2000), usual=700, symbol="T", rising=True,
    fits=lambda value, n, d: True,
)  # fmt: skip
def mlp_steps(
    sets: Sets,
    at: Tensor,
    grid: Sequence[float],
    tick: Tick,
    width: float,
    lr: float,
    l2: float,
    jitter: float,
) -> Iterator[Tensor]:
    yield from networks.fit(
        network(sets, int(width)), sets.x, sets.y, at, sets.generators(), [int(t) for t in grid], tick,
        classes=sets.classes, lr=lr, l2=l2, jitter=jitter,
    )  # fmt: skip
