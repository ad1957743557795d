"""Same spec, same bits, wherever it is computed: here, in a worker, in a worker that was killed once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import psutil
import pytest
import torch

from mlcore.base.experiment import run
from mlcore.engine.engine import Engine, Snapshot, State
from mlcore.families.models import ModelSpec
from mlcore.training.data import DataSpec
from mlcore.training.stepping import StepSpec
from mlcore.training.tasks import TrainingError, TrainSpec
from mlcore.training.training import Run

PATIENCE = 300.0  # seconds, on a machine that is busy with other things
SPEC = TrainSpec(data=DataSpec("spirals"), model=ModelSpec(widths=(24, 24)), steps=400, replicas=20)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine(workers=1, patience=PATIENCE)
    yield made
    made.close()


def asked(engine: Engine, spec: object) -> Snapshot:
    view = engine.ask(spec, "s")
    return view if view.state.final else engine.wait(view.key, "s", PATIENCE)


def here(spec: TrainSpec) -> Run:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    result: Run = run(spec)
    torch.set_num_threads(before)
    return result


def same(a: Run, b: Run) -> bool:
    return all(
        np.array_equal(x, y) for x, y in zip((*a.records, a.final), (*b.records, b.final), strict=True)
    )


def test_a_worker_computes_the_same_bits_and_its_parts_are_the_run(engine: Engine) -> None:
    view = asked(engine, SPEC)
    assert view.state is State.DONE
    assert same(view.result, here(SPEC))
    assert np.array_equal(Run.partial(SPEC, view.parts).records.test_cost, view.result.records.test_cost)


def test_one_step_of_a_worker_is_the_step_of_the_run(engine: Engine) -> None:
    spec = replace(SPEC, replicas=1, steps=30)
    step, whole = asked(engine, StepSpec(spec, 0)).result, here(spec)
    assert np.array_equal(step.theta.astype(np.float32), whole.records.theta[0, 0])
    assert step.lr * step.direction == pytest.approx(-step.update, abs=1e-7)


def test_a_refusal_crosses_as_its_sentence(engine: Engine) -> None:
    impossible = TrainSpec(data=DataSpec("sine"))
    with pytest.raises(TrainingError) as refusal:
        run(impossible)
    view = asked(engine, impossible)
    assert view.state is State.FAILED
    assert view.problem == str(refusal.value)


def test_a_killed_worker_costs_a_retry_and_the_same_numbers(engine: Engine) -> None:
    spec = replace(SPEC, steps=3000, seed=5)
    engine.ask(spec, "s")
    while len((view := engine.look(spec, "s")).parts) < 5:
        assert not view.state.final
        engine.wait(view.key, "s", 0.05)
    leaves = [p for p in psutil.Process().children(recursive=True) if not p.children()]
    busiest = max(leaves, key=lambda p: p.cpu_percent(0.2))  # the one worker, in the middle of it
    os.kill(busiest.pid, signal.SIGKILL)
    view = engine.wait(view.key, "s", PATIENCE)
    assert view.state is State.DONE
    assert same(view.result, here(spec))
    assert len(view.parts) == len(view.result.records.step)
