"""What a trained row says: predictions, boundaries, curves, confusion and layers at every recorded step.

Each function is pure and cheap (milliseconds for the default runs): it reads the rows of theta that a run
recorded and asks the network again, so a picture can never disagree with the run it shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.families.losses import cost_gradient
from mlcore.families.networks import with_ones
from mlcore.training.tasks import Task
from mlcore.training.training import UNIT, Run

FLOATS = NDArray[np.float32]
MARGIN = 0.15  # of the data's extent, around it
NEARBY = 4  # points of a grid to either side
LEVELS = (5, 25, 50, 75, 95)  # percentiles of a layer's weights


def path(run: Run, replica: int = 0) -> Tensor:
    """theta [T, P] of one recorded replica."""
    return torch.from_numpy(run.records.theta[:, replica])


def predict(run: Run, task: Task, x: Tensor, replica: int = 0) -> Tensor:
    """What replica `replica` says of points x [M, D], in the model's units, at every step: [T, M, K].

    Raw outputs: logits for classification.
    """
    network, features, theta = task.network, task.features(x), path(run, replica)
    rows = UNIT * max(1, 500_000 // (UNIT * len(x) * max(network.sizes)))  # bounds memory
    return torch.cat([network.predict(theta[i : i + rows], features) for i in range(0, len(theta), rows)])


def probabilities(outputs: Tensor) -> Tensor:
    """Logits [..., K] -> class probabilities [..., K]; a single logit is that of class 1 of two."""
    if outputs.shape[-1] == 1:
        one = torch.sigmoid(outputs)
        return torch.cat([1 - one, one], dim=-1)
    return torch.softmax(outputs, dim=-1)


def classes(outputs: Tensor) -> Tensor:
    """The class that the model chooses: [..., K] -> [...]."""
    return (outputs[..., 0] > 0).long() if outputs.shape[-1] == 1 else outputs.argmax(-1)


def axis(values: Tensor, count: int) -> Tensor:
    """`count` points over the range of values and a margin around it."""
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low or 1.0)
    return torch.linspace(low - margin, high + margin, count, dtype=torch.float64)


@dataclass(frozen=True, eq=False)
class Decision:
    """A classifier over the plane of its two features, in the data set's own units."""

    a: NDArray[np.float64]  # [A]
    b: NDArray[np.float64]  # [B]
    value: FLOATS  # [T, B, A]: P(class 1) for two classes, else the chosen class
    line: NDArray[np.int8] | None = None  # [T, B, A] for two classes: zero where both are as probable


def decision(run: Run, task: Task, count: int = 61, replica: int = 0) -> Decision:
    """Where the model draws its line, for data of two features."""
    everything = torch.cat([task.data.x, task.data.x_test])
    a, b = (axis(everything[:, i], count) for i in (0, 1))
    grid = torch.stack(torch.meshgrid(a, b, indexing="xy"), dim=-1)  # [B, A, 2]
    outputs = predict(run, task, grid.view(-1, 2), replica)
    two, raw = task.data.classes == 2, task.data.raw(torch.stack([a, b], dim=-1)).numpy()
    value = probabilities(outputs)[..., 1] if two else classes(outputs).float()
    seen = value.view(-1, count, count).numpy()
    line = near_zero(log_odds(outputs).view(-1, count, count)).numpy() if two else None
    return Decision(raw[:, 0], raw[:, 1], seen, line)


def log_odds(outputs: Tensor) -> Tensor:
    """Logits [..., 1 or 2] -> log(P(class 1) / P(class 0)) [...]."""
    return outputs[..., 0] if outputs.shape[-1] == 1 else outputs[..., 1] - outputs[..., 0]


def near_zero(values: Tensor) -> Tensor:
    """Values [T, B, A] in 127ths of the largest nearby, as int8: where they are zero stays, to 0.1 of a cell.

    A line through probabilities is a staircase where they jump from 0 to 1 within a cell; logits have a
    slope everywhere, but span too much to be sent in a byte.
    """
    largest = torch.nn.functional.max_pool2d(values.abs(), 2 * NEARBY + 1, stride=1, padding=NEARBY)
    return torch.nan_to_num(127 * values / largest.clamp_min(1e-30)).round().to(torch.int8)


@dataclass(frozen=True, eq=False)
class Curve:
    """A fitted function of one feature, in the data set's own units."""

    x: NDArray[np.float64]  # [M]
    y: FLOATS  # [T, M]
    truth: NDArray[np.float64] | None  # [M] without noise, where it is known


def curve(run: Run, task: Task, count: int = 201, replica: int = 0) -> Curve:
    """The prediction over the line, for data of one feature."""
    data = task.data
    x = axis(torch.cat([data.x, data.x_test]), count)[:, None]
    y = data.label(predict(run, task, x, replica)[..., 0])
    truth = data.label(data.truth(x)).numpy() if data.truth else None
    return Curve(data.raw(x)[:, 0].numpy(), y.numpy(), truth)


def confusion(run: Run, task: Task, replica: int = 0) -> NDArray[np.int32]:
    """[T, K, K] test examples of class i (row) that were called j (column)."""
    data = task.data
    return matrices(data.y_test, classes(predict(run, task, data.x_test, replica)), data.classes)


def matrices(y: Tensor, called: Tensor, k: int) -> NDArray[np.int32]:
    """Confusion matrices [T, K, K] of the true classes y [M] and what they were called [T, M]."""
    counts = torch.stack([torch.bincount(row, minlength=k * k) for row in y * k + called])
    return counts.view(-1, k, k).int().numpy()


def estimates(run: Run, task: Task, replica: int = 0) -> FLOATS:
    """[T, M] predictions for the test examples of a regression, in the data set's own units."""
    values: FLOATS = task.data.label(predict(run, task, task.data.x_test, replica)[..., 0]).numpy()
    return values


@dataclass(frozen=True, eq=False)
class Layers:
    """Every layer at every recorded step."""

    weights: FLOATS  # [T, L, 5] percentiles (LEVELS) of the layer's weights
    gradient_norm: FLOATS  # [T, L] norm of d cost / d W_l over all training examples


def layers(run: Run, task: Task, replica: int = 0) -> Layers:
    """Weights and gradients, layer by layer. The gradient is that of the cost, penalties left out."""
    theta = path(run, replica)
    levels = torch.tensor(LEVELS) / 100
    blocks = task.network.blocks(theta)
    spread = torch.stack([torch.quantile(w[:, :-1].flatten(1), levels, dim=1).T for w in blocks], dim=1)
    norms = torch.stack(
        [block.flatten(1).norm(dim=1) for block in task.network.blocks(gradient(run, task, theta))]
    )
    return Layers(spread.numpy(), norms.T.numpy())


def gradient(run: Run, task: Task, theta: Tensor) -> Tensor:
    """d cost / d theta [T, P] over all training examples."""
    rows = UNIT * max(1, 1_000_000 // (UNIT * len(task.x) * max(task.network.sizes)))
    found = []
    for part in theta.split(rows):  # type: ignore[no-untyped-call]
        x1, y = (v.expand(len(part), -1, -1) for v in (with_ones(task.x), task.y))
        chain = task.network.chain(part, len(task.x))
        slope = cost_gradient(run.spec.loss, chain.forward(x1), y, **task.loss_knobs)
        found.append(chain.backward(slope))
    return torch.cat(found)
