"""How often networks solve their task: the trainings behind it, equal costs, and what is counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mlcore.base.experiment import run
from mlcore.escapes.success_rates import BATCHES, MOST_STEPS, USUAL, WIDTHS, Solved, SolveSpec, solve
from mlcore.training.tasks import prepare
from mlcore.training.training import train
from mlcore.training.verdict import judge

QUICK = SolveSpec(examples=40, steps=50, replicas=20)
BATCH = replace(QUICK, along="batch")


def test_shares_count_the_replicas_of_one_training() -> None:
    found = solve(QUICK)
    assert [part.place for part in found.parts] == list(WIDTHS)
    part = found.parts[4]
    trained, task = train(QUICK.at(part.place)), prepare(QUICK.at(part.place))
    accuracy = trained.records.train_score[-1]
    np.testing.assert_array_equal(part.accuracy, accuracy)
    largest = np.bincount(task.data.y.numpy()).max() / len(task.x)
    for goal in (0.5, 0.7, 0.9):  # of the gap between chance, the largest class, and 1
        for other in solve(replace(QUICK, goal=goal)).parts:
            assert other.solved.hits == (other.accuracy >= largest + goal * (1 - largest) - 1e-6).sum()
    assert part.learned.hits == sum(verdict.learned for verdict in judge(trained, task))
    assert part.solved.of == part.learned.of == 20
    assert part.size == (2 + 1) * part.place + part.place + 1


def test_a_lower_goal_is_met_more_often() -> None:
    strict, mild = (solve(replace(QUICK, goal=goal)).parts for goal in (1.0, 0.5))
    hits = [[part.solved.hits for part in parts] for parts in (strict, mild)]
    assert (np.array(hits[0]) <= hits[1]).all()
    assert sum(hits[0]) < sum(hits[1])


def test_one_unit_cannot_solve_xor_and_many_can() -> None:
    """A single ReLU unit bends the plane along one line: its best on XOR is three of four corners."""
    parts = {part.place: part for part in solve(SolveSpec(examples=80, steps=300, replicas=40)).parts}
    assert parts[1].solved.hits == 0
    assert parts[1].accuracy.max() < 0.9
    assert parts[32].solved.hits == 40
    assert parts[2].solved.hits < parts[8].solved.hits


def test_batch_sizes_end_with_all_examples() -> None:
    count = len(prepare(BATCH.at(1)).x)
    assert BATCH.trained == count
    assert BATCH.places == (*(b for b in BATCHES if b < count), count)
    every = train(replace(BATCH.at(count), batch_size=0)).records.train_score[-1]
    np.testing.assert_array_equal(solve(BATCH).parts[-1].accuracy, every)


@pytest.mark.parametrize("equal", ["steps", "examples"])
@pytest.mark.parametrize("steps", [50, 400, 1200])
def test_what_is_said_to_be_equal_is_equal(equal: str, steps: int) -> None:
    spec = replace(BATCH, equal=equal, steps=steps)
    trainings = [(place, spec.at(place)) for place in spec.places]
    assert all(training.steps <= MOST_STEPS for _, training in trainings)
    assert {training.model.widths for _, training in trainings} == {(3,)}
    seen = [training.steps * place for place, training in trainings]
    if equal == "steps":
        assert {training.steps for _, training in trainings} == {steps}
    else:
        np.testing.assert_allclose(seen, USUAL * steps, atol=max(spec.places) / 2)


def test_places_arrive_one_after_the_other() -> None:
    told: list[tuple[float, Any]] = []
    found = solve(QUICK, lambda share, part: told.append((share, part)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    parts = [part for _, part in told if part is not None]
    assert all(isinstance(part, Solved) for part in parts)
    assert [part.place for part in parts] == [part.place for part in found.parts]


def test_an_experiment_is_found_by_its_spec() -> None:
    assert run(BATCH).spec == BATCH
