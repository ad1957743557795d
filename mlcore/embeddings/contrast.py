"""An encoder trained by contrast: its code over the steps, and what a linear probe can read from it.

The probe is compared with others that see as many numbers, the pixels themselves, an encoder that has not
learned, and a network of the same hidden layers that was trained with labels on the same views.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base.device import computing, on_device
from mlcore.base.experiment import Report, quiet, run, silent, within
from mlcore.base.shares import Share
from mlcore.embeddings.autoencoder import centered
from mlcore.embeddings.codes import pca
from mlcore.embeddings.contrastive import (
    FLOATS,
    INIT,
    Batches,
    ContrastiveSpec,
    Gauge,
    array,
    first_rows,
    trained,
)
from mlcore.embeddings.probes import probe, spread
from mlcore.families.losses import cost_gradient
from mlcore.families.networks import Network, with_ones
from mlcore.training.descent import adam
from mlcore.training.draws import generator

SHOWN = 400  # test examples whose codes are kept
READ = 5  # a probe at every so many recorded steps, and at the last
PARTS = (0.6, 0.85)  # shares of the time: contrast, labels, probes


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """One recorded step."""

    step: int
    cost: float  # of this step's views
    alignment: float  # of the test examples
    uniformity: float
    accuracy: float  # of a linear probe of the code; NaN where none was taken
    codes: FLOATS  # [M, d] unit vectors, of the first test examples


@dataclass(frozen=True)
class Probe:
    """What a linear classifier reads, and of how many numbers."""

    name: str
    numbers: int
    test: Share


@dataclass(frozen=True, eq=False)
class Contrast:
    checkpoints: tuple[Checkpoint, ...]
    probes: tuple[Probe, ...]
    labels: NDArray[np.int64]  # [M]
    chance: float  # the share of the most frequent class of the test examples
    silhouette: float  # of all test codes

    def probe(self, name: str) -> Probe:
        return next(one for one in self.probes if one.name == name)


@run.register
@computing()
def contrast(spec: ContrastiveSpec, report: Report = silent) -> Contrast:
    """Train the encoder, then a network with labels, then the probes; `report` gets every checkpoint."""
    gauge, found = Gauge(spec), list[Checkpoint]()
    labels = gauge.seen.data.y_test.numpy()
    theta = first_rows(spec, [spec.seed])
    start = on_device(theta, torch.float32)
    for moment in trained(spec, [spec.goal], [spec.seed], quiet(within(report, 0, PARTS[0]))):
        theta = moment.theta
        near, even = gauge.both(theta)
        codes = array(gauge.codes(theta, gauge.test[:SHOWN]))[0]
        cost = float(array(moment.cost)[0])
        asked = len(found) % READ == 0 or moment.step == spec.steps
        right = read(gauge, gauge.codes, theta).value if asked else float("nan")
        found.append(Checkpoint(moment.step, cost, float(near[0]), float(even[0]), right, codes))
        report(PARTS[0] * moment.step / spec.steps, found[-1])
    told = supervised(spec, quiet(within(report, *PARTS)))
    rivals = (*probes(gauge, start, theta), Probe("supervised", spec.units, told))
    most = float(np.bincount(labels).max() / len(labels))
    last = array(gauge.codes(theta, gauge.test))[0]
    return Contrast(tuple(found), rivals, labels[:SHOWN].copy(), most, spread(last, labels))


def probes(gauge: Gauge, start: Tensor, theta: Tensor) -> tuple[Probe, ...]:
    """Linear probes of the pixels, of principal components, and of both layers before and after."""
    seen, (*_, units, numbers) = gauge.seen, gauge.network.sizes
    axes, features = pca(seen), seen.train.shape[1]
    count, y, y_test = min(numbers, features), seen.data.y.numpy(), seen.data.y_test.numpy()
    flat = [axes.codes(x, count).numpy() for x in (seen.train, seen.test)]
    found = [
        Probe("raw", features, probe(seen.train.numpy(), y, seen.test.numpy(), y_test)),
        Probe("pca", count, probe(flat[0], y, flat[1], y_test)),
    ]
    for name, rows in (("untrained", start), ("learned", theta)):
        found.append(Probe(f"{name}_code", numbers, read(gauge, gauge.codes, rows)))
        found.append(Probe(f"{name}_hidden", units, read(gauge, gauge.hidden, rows)))
    return tuple(found)


def read(gauge: Gauge, layer: Callable[[Tensor, Tensor], Tensor], theta: Tensor) -> Share:
    """A probe of what `layer` of the first row gives."""
    data = gauge.seen.data
    train, test = (array(layer(theta[:1], x))[0] for x in (gauge.train, gauge.test))
    return probe(train, data.y.numpy(), test, data.y_test.numpy())


def supervised(spec: ContrastiveSpec, report: Report = silent) -> Share:
    """The same hidden layers with an output for each class, trained with labels on the same views as the
    encoder, by the same rule and for as many steps: the share of test examples told right."""
    seen = centered(spec.data)
    data, batches = seen.data, Batches(spec, seen, spec.seed)
    network = Network((data.x.shape[1], spec.units, spec.units, data.classes), "relu")
    start = network.init(INIT, [generator(spec.seed, "supervised")])
    theta = on_device(start.repeat(2, 1), torch.float32)  # two: see `trained`
    hot = on_device(torch.nn.functional.one_hot(data.y, data.classes), torch.float32)
    rows = on_device(batches.rows)
    chain = network.chain(theta, 2 * rows.shape[1])

    def gradient(t: int) -> Tensor:
        x = on_device(batches.next(t))
        said = chain.forward(with_ones(x).expand(2, -1, -1).contiguous())
        y = hot.index_select(0, rows[t]).repeat(2, 1).expand(2, -1, -1)
        return chain.backward(cost_gradient("cross_entropy", said, y))

    for _ in adam(theta, gradient, spec.lr, spec.steps, [spec.steps], report):
        pass
    test = on_device(seen.test, torch.float32)
    told = array(network.predict(theta[:1], test).argmax(-1))[0].astype(np.int64)
    return Share(int((told == data.y_test.numpy()).sum()), len(told))
