"""Data sets drawn by hand: every point is used, classes are those drawn, and the script has them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mlcore.base import points
from mlcore.base import spec as specs
from mlcore.base.experiment import run
from mlcore.complexity import training_sets
from mlcore.complexity.training_sets import SetsSpec
from mlcore.families.datasets import DATASETS
from mlcore.script import write
from mlcore.training.data import Data, DataError, DataSpec, load
from mlcore.training.tasks import TrainSpec

DRAWN = ("drawn_plane", "drawn_curve")


def scattered(count: int, classes: tuple[int, ...] = (0,)) -> list[points.Point]:
    r = random.Random(count)
    return [
        (r.randint(-2000, 2000) / 1000, r.randint(-2000, 2000) / 1000, classes[i % len(classes)])
        for i in range(count)
    ]


def everything(data: Data) -> list[tuple[float, ...]]:
    order = torch.cat([data.train_rows, data.test_rows]).argsort()
    x, y = torch.cat([data.x, data.x_test])[order], torch.cat([data.y, data.y_test])[order]
    return [(*row, label) for row, label in zip(x.tolist(), y.tolist(), strict=True)]


@pytest.mark.parametrize("count", [3, 19, 20, 21, 300])
def test_every_point_of_a_plane_is_an_example(count: int) -> None:
    drawn = scattered(count, (0, 1, 2, 3))
    data = load(DataSpec("drawn_plane", examples=20, points=points.write(drawn), standardize=False))
    assert everything(data) == drawn
    assert data.class_names == tuple("0123"[: min(4, count)])


@pytest.mark.parametrize("count", [3, 21, 300])
def test_every_point_of_a_curve_is_an_example(count: int) -> None:
    drawn = scattered(count)
    data = load(DataSpec("drawn_curve", points=points.write(drawn), standardize=False))
    assert everything(data) == [(x, y) for x, y, _ in drawn]
    assert (data.task, data.classes, data.truth) == ("regression", 0, None)


def test_only_classes_that_were_drawn_are_classes() -> None:
    data = load(DataSpec("drawn_plane", points=points.write(scattered(30, (1, 3))), standardize=False))
    assert data.class_names == ("1", "3")
    assert [label for *_, label in everything(data)] == [0, 1] * 15


@pytest.mark.parametrize("name", DRAWN)
def test_the_example_is_the_default_and_leaves_the_link(name: str) -> None:
    assert DataSpec(name, points=DATASETS[name].example) == DataSpec(name)
    assert specs.to_query(DataSpec(name)) == {"data": name}
    assert DataSpec("moons", points=points.EMPTY) == DataSpec("moons")
    assert load(DataSpec(name)).classes == DATASETS[name].classes


@pytest.mark.parametrize("name", DRAWN)
def test_a_link_and_a_file_carry_the_drawing(name: str) -> None:
    spec = DataSpec(name, points=points.write(scattered(300, (0, 2))))
    assert specs.from_query(DataSpec, specs.to_query(spec)) == (spec, [])
    assert specs.from_json(DataSpec, specs.to_json(spec)) == (spec, [])


@pytest.mark.parametrize("text", ["gA", "gAgA" * 301, "nan", "<script>", "\x00", ".9gAgA", "A" * 10**5])
def test_a_broken_drawing_in_a_link_is_said_and_the_example_stands(text: str) -> None:
    spec, (problem,) = specs.from_query(DataSpec, {"data": "drawn_plane", "pts": text})
    assert spec == DataSpec("drawn_plane")
    assert (problem.code, problem.reason, problem.values) == ("pts", "points", {"most": points.MOST})


@pytest.mark.parametrize(
    ("name", "drawn", "code"),
    [
        ("drawn_plane", [], "nothing_drawn"),
        ("drawn_curve", [], "nothing_drawn"),
        ("drawn_plane", scattered(30, (2,)), "one_class"),
        ("drawn_plane", scattered(2, (0, 1)), "too_few"),
        ("drawn_curve", scattered(2), "too_few"),
    ],
)
def test_too_little_to_learn_from_is_refused(name: str, drawn: list[points.Point], code: str) -> None:
    with pytest.raises(DataError) as caught:
        load(DataSpec(name, points=points.write(drawn)))
    assert caught.value.code == code


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_is_resampled_as_real_data_are(name: str) -> None:
    drawn = training_sets.draw(SetsSpec(DataSpec(name), size=20, sets=5))
    assert drawn.truth is None
    assert drawn.data is not None
    known = {tuple(row) for row in drawn.data.x.tolist()}
    assert {tuple(row) for row in drawn.sets.x.reshape(-1, drawn.sets.x.shape[-1]).tolist()} <= known


@pytest.mark.parametrize(
    "spec",
    [
        TrainSpec(DataSpec("drawn_plane", points=points.write(scattered(40, (0, 1, 3)))), steps=30),
        TrainSpec(DataSpec("drawn_curve", points=points.write(scattered(40))), loss="mse", steps=30),
    ],
    ids=DRAWN,
)
def test_the_script_has_the_points_and_ends_as_the_page(spec: TrainSpec, tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text(write(spec))
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    said = json.loads(done.stdout.splitlines()[-1])
    trained = run(spec)
    assert said["train cost"] == pytest.approx(float(trained.records.train_cost[-1, 0]), rel=1e-4)
