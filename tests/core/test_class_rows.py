"""A class as rows: the same answer gives the same row whoever is there, and that of a person alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from mlcore.base.experiment import run
from mlcore.classes import methods, own_sets, starts, trainings
from mlcore.classes.methods import EscapeActivity, EscapeAnswer, EscapeRowsSpec
from mlcore.classes.own_sets import SetsActivity, SetsAnswer, SetsError, SetsRowsSpec
from mlcore.classes.starts import StartActivity, StartAnswer, StartRowsSpec
from mlcore.classes.trainings import TrainingActivity, TrainingAnswer, TrainingRowsSpec
from mlcore.complexity import generalization, training_sets
from mlcore.complexity.generalization import BiasVarianceSpec
from mlcore.complexity.training_sets import SetsSpec
from mlcore.descents.paths import PathSpec, RuleSpec, paths
from mlcore.escapes.escape_methods import METHODS
from mlcore.escapes.escaping import EscapeSpec
from mlcore.escapes.multimodal import MultimodalSpec
from mlcore.families.models import ModelSpec
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec

TRAIN = TrainingActivity(TrainSpec(DataSpec(examples=90), ModelSpec(widths=(16, 16)), steps=30), width=True)
WALK = StartActivity(PathSpec("himmelblau", rules=(RuleSpec("momentum"),), steps=60))
WAVES = StartActivity(PathSpec("levy13", rules=(RuleSpec("momentum"),), steps=300))  # of sines
ESCAPE = EscapeActivity(EscapeSpec(MultimodalSpec("ackley"), steps=60))
SETS = SetsActivity(BiasVarianceSpec(SetsSpec(DataSpec("sine"), size=20)))
NETWORKS = replace(SETS, base=replace(SETS.base, family="mlp_width"))


def of_trainings(r: random.Random) -> TrainingAnswer:
    return TrainingAnswer(10 ** r.uniform(-3, 0), r.choice([1, 4, 16, 33]), r.randrange(10_000))


def of_starts(r: random.Random) -> StartAnswer:
    return StartAnswer(r.uniform(-5, 5), r.uniform(-5, 5), 10 ** r.uniform(-4, -1))


def of_methods(r: random.Random) -> EscapeAnswer:
    return EscapeAnswer(r.choice(list(METHODS)), r.randrange(10_000))


def of_sets(r: random.Random) -> SetsAnswer:
    return SetsAnswer(r.randrange(10_000))


CASES: dict[str, tuple[Any, Any, Callable[[random.Random], Any]]] = {
    "training": (TrainingRowsSpec, TRAIN, of_trainings),
    "descent": (StartRowsSpec, WALK, of_starts),
    "waves": (StartRowsSpec, WAVES, of_starts),
    "escape": (EscapeRowsSpec, ESCAPE, of_methods),
    "sets": (SetsRowsSpec, SETS, of_sets),
    "networks": (SetsRowsSpec, NETWORKS, of_sets),
}


def arrays(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def same(one: Any, other: Any) -> None:
    for name, value in arrays(one).items():
        assert np.array_equal(value, getattr(other, name), equal_nan=isinstance(value, float | np.ndarray)), (
            name
        )


@pytest.mark.parametrize("case", CASES)
def test_an_answer_gives_the_same_bits_whoever_else_is_in_the_class(case: str) -> None:
    kind, activity, draw = CASES[case]
    r = random.Random(case)
    answers = [draw(r) for _ in range(21)]
    rows = run(kind(activity, tuple(answers)))
    assert [row.answer for row in rows] == answers
    for i in r.sample(range(21), 3):
        (alone,) = run(kind(activity, (answers[i],)))
        same(alone, rows[i])
    few = [answers[i] for i in r.sample(range(21), 5)]
    for answer, row in zip(few, run(kind(activity, tuple(few))), strict=True):
        same(row, rows[answers.index(answer)])


def test_a_student_s_dot_is_the_training_that_the_room_shows() -> None:
    r = random.Random(1)
    answers = tuple(of_trainings(r) for _ in range(9))
    for answer, row in zip(answers, run(TrainingRowsSpec(TRAIN, answers)), strict=True):
        alone = run(trainings.alone(TRAIN, answer))
        assert np.array_equal(row.train_cost, alone.records.train_cost[:, 0], equal_nan=True)
        assert np.array_equal(row.test_cost, alone.records.test_cost[:, 0], equal_nan=True)
        assert row.status is alone.status[0]


def test_what_a_phone_may_not_choose_stays_as_the_lecturer_has_it() -> None:
    fixed = TrainingActivity(TRAIN.base, rate=False, width=False, luck=False)
    answers = (TrainingAnswer(0.5, 3, 8), TrainingAnswer(0.001, 60, 9))
    one, other = run(TrainingRowsSpec(fixed, answers))
    assert np.array_equal(one.train_cost, other.train_cost)
    assert trainings.alone(fixed, answers[0]) == TRAIN.base
    place = StartActivity(WALK.base, place=False, rate=False)
    assert starts.alone(place, StartAnswer(1, 2, 3)) == WALK.base
    assert not TrainingActivity(TrainSpec(model=ModelSpec("linear")), width=True).width


def test_a_student_s_descent_is_the_path_that_the_room_draws() -> None:
    r = random.Random(2)
    answers = tuple(of_starts(r) for _ in range(9))
    for answer, row in zip(answers, run(StartRowsSpec(WALK, answers)), strict=True):
        (path,) = paths(starts.alone(WALK, answer))
        assert row.fate is path.fate
        if np.isfinite(path.theta).all() and abs(path.theta).max() < 100:
            assert row.theta[-1] == pytest.approx(path.theta[-1], abs=1e-6)
            assert len(row.theta) == WALK.base.steps + 1


def test_a_run_escapes_as_the_room_counts_it() -> None:
    """The room's runs have consecutive seeds: a class with these seeds is its first method."""
    base = replace(ESCAPE.base, runs=20, seed=500)
    answers = tuple(EscapeAnswer("fading_noise", seed) for seed in base.seeds)
    rows = run(EscapeRowsSpec(ESCAPE, answers))
    (room,) = run(replace(base, methods=(ESCAPE.methods["fading_noise"],)))
    assert [row.reached for row in rows] == room.reached.tolist()
    assert methods.shares(rows)["fading_noise"] == room.share
    assert 0 < room.share.hits < 20


def test_the_class_s_own_bias_and_variance_add_up_to_its_error() -> None:
    rows = run(SetsRowsSpec(SETS, tuple(SetsAnswer(seed) for seed in range(17))))
    for some in (rows, rows[:2], rows[:1]):
        parts = own_sets.taken_apart(SETS, some)
        assert abs(parts.residual).max() < 1e-12
    curves = np.stack([row.curve for row in rows])
    assert own_sets.taken_apart(SETS, rows).variance == pytest.approx(curves.var(0))


def test_members_are_those_of_the_room_on_the_same_sets() -> None:
    rows = run(SetsRowsSpec(SETS, (SetsAnswer(7), SetsAnswer(8))))
    spec = replace(SETS.base, sets=replace(SETS.base.sets, seed=7, sets=2))
    drawing = training_sets.draw(spec.sets)
    assert np.array_equal(rows[0].x, drawing.sets.x[0, :, 0].numpy())
    fits = generalization.bias_variance(spec).fits
    (fit,) = (fit for fit in fits if fit.complexity == SETS.chosen)
    assert rows[0].curve == pytest.approx(fit.answers[0, :, 0], abs=1e-4)


def test_members_draw_their_own_weights_by_their_seed() -> None:
    one, other = (own_sets.joined(SETS.base.sets, seeds) for seeds in ([4, 9], [9, 4]))
    drawn = [torch.randn(1, generator=g).item() for sets in (one, other) for g in sets.generators()]
    assert drawn[0] == drawn[3] != drawn[1] == drawn[2]


def test_data_without_a_curve_is_refused() -> None:
    with pytest.raises(SetsError):
        run(SetsRowsSpec(SetsActivity(BiasVarianceSpec(SetsSpec(DataSpec("moons")))), (SetsAnswer(1),)))


def test_nobody_is_no_row() -> None:
    for kind, activity, _ in CASES.values():
        assert run(kind(activity, ())) == ()
