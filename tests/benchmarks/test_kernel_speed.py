"""Batched training against a kernel in C that is written for one network: `make bench`.

The kernel shows what the processor could do without torch between: `kernel.c`, built here where there is a
compiler. It does the same work, so the same weights come out, to rounding.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from mlcore.base.experiment import run
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import minibatch_rows
from tests.benchmarks.test_training_speed import SPEC
from tests.benchmarks.timing import alternate

LANES, H = 16, 32
COMPILER = shutil.which("cc") or shutil.which("gcc")
OPTIONS = ("-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-shared", "-fPIC")
FLOATS = NDArray[np.float32]
pytestmark = [pytest.mark.bench, pytest.mark.skipif(COMPILER is None, reason="needs a C compiler")]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    library = tmp_path_factory.mktemp("kernel") / "kernel.so"
    source = Path(__file__).with_name("kernel.c")
    assert COMPILER
    subprocess.run([COMPILER, *OPTIONS, str(source), "-o", str(library), "-lm"], check=True)
    return ctypes.CDLL(str(library))


def aligned(values: FLOATS) -> FLOATS:
    """A copy that starts where a vector may: at a multiple of 64 bytes."""
    room = np.empty(values.size + LANES, np.float32)
    first = -room.ctypes.data % 64 // 4
    copy = room[first : first + values.size].reshape(values.shape)
    copy[:] = values
    return copy


def middle_turned(theta: FLOATS) -> FLOATS:
    """Rows [R, P] with the weights between the hidden layers [input, output] as [output, input], or back."""
    rows = theta.copy()
    weights = rows[:, 2 * H : 2 * H + H * H].reshape(-1, H, H)
    rows[:, 2 * H : 2 * H + H * H] = weights.transpose(0, 2, 1).reshape(len(rows), -1)
    return rows


def by_kernel(kernel: ctypes.CDLL, spec: TrainSpec) -> Callable[[], FLOATS]:
    """The same training; made beforehand are the first weights and the examples of every step."""
    task, seeds = prepare(spec), spec.seeds()
    theta = task.network.init(spec.model.init, [torch.Generator().manual_seed(s) for s in seeds]).numpy()
    n = spec.batch_size or len(task.x)
    x, y = task.x[:, 0].numpy(), task.y[:, 0].numpy()
    groups = []
    for first in range(0, len(seeds), LANES):
        lanes = [min(i, len(seeds) - 1) for i in range(first, first + LANES)]
        rows = (
            np.stack([minibatch_rows(len(x), n, spec.steps, seeds[i]).numpy() for i in lanes], axis=-1)
            if spec.batch_size
            else np.arange(n)[:, None].repeat(LANES, axis=1)
        )
        start = middle_turned(theta[lanes].astype(np.float32)).T
        groups.append((start, *(aligned(values[rows]) for values in (x, y))))

    def work() -> FLOATS:
        final = []
        for start, xs, ys in groups:
            w, m, v = (aligned(np.ascontiguousarray(part)) for part in (start, 0 * start, 0 * start))
            pointers = [ctypes.c_void_p(part.ctypes.data) for part in (xs, ys, w, m, v)]
            kernel.train(spec.steps, n, n if spec.batch_size else 0, *pointers, ctypes.c_float(spec.lr))
            final.append(middle_turned(w.T))
        return np.concatenate(final)[: len(seeds)]

    return work


@pytest.mark.parametrize(("batch", "share"), [(0, 0.3), (16, 0.15)])
def test_a_share_of_what_the_processor_can_do(kernel: ctypes.CDLL, batch: int, share: float) -> None:
    spec = replace(SPEC, model=replace(SPEC.model, activation="tanh"), batch_size=batch)
    few = replace(spec, steps=20)
    np.testing.assert_allclose(run(few).final, by_kernel(kernel, few)(), rtol=0, atol=1e-5)
    times = alternate(ours=lambda: run(spec), kernel=by_kernel(kernel, spec))
    found = times["kernel"] / times["ours"]
    print(f"\n200 x 1-32-32-1, tanh, batch {batch or 'full'}: ours {times['ours']:.2f} s, a kernel in C "
          f"{times['kernel']:.2f} s: {found:.0%} of its speed")  # fmt: skip
    assert found >= share
