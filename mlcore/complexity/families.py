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
from itertools import accumulate, pairwise

import numpy as np
import torch
from torch import Generator, Tensor

from mlcore.base.registry import Knob, Registry
from mlcore.complexity import networks, trees
from mlcore.complexity.least_squares import features, shrunk
from mlcore.families.models import MOST_FEATURES, ModelSpec, columns

Tick = Callable[[], None]
FAMILIES: Registry[Callable[..., Iterator[Tensor]]] = Registry("family")
FLOOR = 0.01  # the least probability that clipped scores and counts of neighbors can become
WIDEST = 400  # random features
AT_ONCE = 4_000_000  # float64 numbers that a family holds of all sets in work: 32 MB
DEPENDENT = 1e-10  # of the largest: a column that adds less to those before it is left out


@dataclass(frozen=True, eq=False)
class Sets:
    """S training sets of N examples."""

    x: Tensor  # [S, N, D] float64
    y: Tensor  # [S, N, K] float64: a value, or a one-hot row
    classes: int = 0  # K, or 0 for regression
    seed: int = 0  # of what members draw themselves: weights, features, noise
    own: tuple[int, ...] = ()  # [S] their numbers, where they are not counted from 0

    def generators(self) -> list[Generator]:
        """One for each member: what it draws depends on its own number alone."""
        return [Generator().manual_seed(self.seed * 10_007 + 17 + s) for s in self.own or range(len(self.x))]


def probable(scores: Tensor, sets: Sets) -> Tensor:
    """Scores fitted to one-hot labels as probabilities: clipped to [FLOOR, 1] and divided by their sum."""
    if not sets.classes:
        return scores
    clipped = scores.clamp(FLOOR, 1)
    return clipped / clipped.sum(-1, keepdim=True)


def portions(sets: Sets, each: int) -> list[slice]:
    """The sets that are in work together, to bound memory, where each of them takes `each` numbers.

    At least two: a batched product of one takes another path through the BLAS, and its bits differ.
    """
    count = len(sets.x)
    parts = max(1, min(-(-count * each // AT_ONCE), count // 2))
    return [slice(count * i // parts, count * (i + 1) // parts) for i in range(parts)]


# ---------------------------------------------------------------- least squares


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
    (_, n, d), degree = sets.x.shape, int(max(grid))
    sizes = [1 + columns(d, int(value)) for value in grid]  # P of every degree
    answers = []
    for some in portions(sets, (n + at.shape[1]) * max(sizes)):
        tick()
        Q, R = torch.linalg.qr(features(sets.x[some], degree))
        scale = R.diagonal(dim1=1, dim2=2)
        fine = scale.abs() > DEPENDENT * scale.abs().amax(1, keepdim=True)
        R = R + torch.diag_embed((~fine).double())
        # In the basis of Q's columns, what a lower degree answers is the beginning of the same sum
        basis = torch.linalg.solve_triangular(R, features(at[some], degree), upper=True, left=False)
        share = (Q.mT @ sets.y[some]) * fine[..., None]  # [s, P, K]
        terms = (basis[..., a:b] @ share[:, a:b] for a, b in pairwise([0, *sizes]))
        answers.append(torch.stack([*accumulate(terms)]))  # [C, s, M, K]
    for parts in zip(*answers, strict=True):
        yield probable(torch.cat(parts), sets)


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
    answers = []
    for some in portions(sets, (sets.x.shape[1] + at.shape[1]) * columns(d, power)):
        tick()
        F, there = (features(x[some], power)[..., 1:] for x in (sets.x, at))
        answers.append(torch.stack([*shrunk(F, sets.y[some], there, grid)]))  # [C, s, M, K]
    for parts in zip(*answers, strict=True):
        yield probable(torch.cat(parts), sets)


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
    (_, n, d), most = sets.x.shape, int(max(grid))
    many = max(most, WIDEST)  # drawn always: the same features, whatever else is in the grid
    rows = [torch.randn(many, d + 1, generator=g, dtype=torch.float64)[:most] for g in sets.generators()]
    drawn = torch.stack(rows)
    A, b = drawn[..., :-1].mT / d**0.5, drawn[:, None, :, -1]  # [S, D, P], [S, 1, P]
    for p in map(int, grid):
        answers: list[Tensor] = []
        for some in portions(sets, (n + at.shape[1]) * p):
            tick()
            F, there = ((x[some] @ A[some, :, :p] + b[some, :, :p]).clamp_min(0) for x in (sets.x, at))
            answers += shrunk(F, sets.y[some], there, [penalty])
        yield probable(torch.cat(answers), sets)


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
    sums = []
    ks = torch.tensor([int(k) for k in grid])
    for some in portions(sets, at.shape[1] * sets.x.shape[1] * sets.y.shape[2]):
        tick()
        x, y, points = (v[some] for v in (sets.x, sets.y, at))
        apart = torch.cdist(
            points, x, compute_mode="donot_use_mm_for_euclid_dist"
        )  # equal points, equal bits
        order = apart.argsort(dim=-1, stable=True)[..., : int(ks.max())]  # [s, M, k]
        near = torch.take_along_dim(y[:, None], order[..., None], 2)
        sums.append(near.cumsum(2)[:, :, ks - 1])  # [s, M, C, K]
    for i, k in enumerate(ks.tolist()):
        every = torch.cat([part[:, :, i] for part in sums])
        yield smoothed(every, k) if sets.classes else every / k


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
