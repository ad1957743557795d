"""Where data come from: functions of the family, a typed formula, a drawing, scikit-learn, a table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Generator, Tensor

from mlcore.base import points
from mlcore.families import datasets
from mlcore.families.datasets import DATASETS, Function
from mlcore.families.real_sets import names, some_rows
from mlcore.files import examples, store, tables
from mlcore.files.store import DataError
from mlcore.formulas.formula import Formula, parse
from mlcore.training.data_spec import DataSpec

Notes = tuple[tuple[str, Mapping[str, object]], ...]
LARGEST = 1e6  # of a typed formula


@dataclass(frozen=True, eq=False)
class Drawn:
    """The examples of a spec before anything is done to them; x may have NaN where a cell is missing."""

    x: Tensor  # [n, D]
    y: Tensor  # [n]
    rows: Tensor  # [n] int64
    task: str
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    notes: Notes = ()


def stream(seed: int, name: str) -> int:
    """The seed of one purpose, hashed: no two purposes, nor the model's own seed, draw the same numbers."""
    return int.from_bytes(hashlib.sha256(f"data/{name}/{seed}".encode()).digest()[:4], "big")


def generator(seed: int, name: str) -> Generator:
    return Generator().manual_seed(stream(seed, name))


def draw(spec: DataSpec) -> Drawn:
    """The points that `spec` names, from a formula, scikit-learn or the table of a person."""
    if spec.name == "csv":
        return _from_table(spec)
    variant = DATASETS[spec.name]
    if "drawn" in variant.facts:
        return _by_hand(spec)
    x, y = generate(spec, spec.examples, generator(spec.seed, "draw"))
    if not variant.real:
        feature_names = tuple(f"x{i + 1}" for i in range(variant.features))
        class_names = tuple(map(str, range(variant.classes)))
        return Drawn(x, y, torch.arange(len(x)), variant.task, feature_names, class_names)
    again = generator(spec.seed, "draw")  # the same rows that the function took
    rows = some_rows(variant.examples, spec.examples, again)
    return Drawn(x, y, rows, variant.task, *names(spec.name), notes=_subset(rows, variant.examples))


def _by_hand(spec: DataSpec) -> Drawn:
    """What a person drew. Classes without a point are none: those that are there are counted from 0."""
    variant = DATASETS[spec.name]
    xy, cls = drawn_points(spec)
    if not len(xy):
        raise DataError("nothing_drawn")
    present, y = torch.unique(cls, return_inverse=True)
    if variant.task == "classification" and len(present) < 2:
        raise DataError("one_class")
    if variant.task == "regression":
        xy, y, present = xy[:, :1], xy[:, 1], present[:0]
    x, y = variant(spec.examples, generator(spec.seed, "draw"), xy, y)
    feature_names = tuple(f"x{i + 1}" for i in range(variant.features))
    return Drawn(x, y, torch.arange(len(x)), variant.task, feature_names, tuple(map(str, present.tolist())))


def drawn_points(spec: DataSpec) -> tuple[Tensor, Tensor]:
    """The drawn points of `spec`, in their order: [n, 2] float64, and their classes [n] int64."""
    found = points.read(spec.points or DATASETS[spec.name].example)
    xy = torch.tensor([point[:2] for point in found], dtype=torch.float64).reshape(-1, 2)
    return xy, torch.tensor([point[2] for point in found], dtype=torch.int64)


def generate(spec: DataSpec, n: int, g: Generator) -> tuple[Tensor, Tensor]:
    """n points of `spec` from the generator g. Raises `FormulaError`, and `DataError` for a hole in it."""
    known = {"f": whole(function(spec))} if "typed" in DATASETS[spec.name].facts else {}
    x, y = DATASETS[spec.name](n, g, **dict(spec.knobs), **known)
    return x, y


def function(spec: DataSpec) -> Formula:
    """The typed formula, x [M, D] -> [M]. Raises `FormulaError`."""
    variant = DATASETS[spec.name]
    return parse(spec.formula or variant.example, variant.typed)


def whole(f: Function) -> Function:
    """The same, which refuses points where it has no value, or one too large to learn."""

    def checked(x: Tensor) -> Tensor:
        y = f(x)
        if not bool((y.abs() <= LARGEST).all()):
            raise DataError("hole", largest=LARGEST)
        return y

    return checked


def truth_of(spec: DataSpec) -> Function:
    """The noise-free x [M, 1] -> y [M] of a curve. A typed one may have holes."""
    if "typed" in DATASETS[spec.name].facts:
        return function(spec)
    return datasets.truth_of(spec.name, dict(spec.knobs))


def _from_table(spec: DataSpec) -> Drawn:
    table, prepared = prepared_table(spec.table, spec.target, spec.task)
    every = torch.from_numpy(prepared.x), torch.from_numpy(prepared.y)
    x, y = DATASETS["csv"](spec.examples, generator(spec.seed, "draw"), *every)
    rows = some_rows(len(prepared.x), spec.examples, generator(spec.seed, "draw"))
    notes = tuple((note.code, note.values) for note in (*table.notes, *prepared.notes))
    return Drawn(
        x, y, torch.from_numpy(prepared.rows)[rows], prepared.task,
        prepared.feature_names, prepared.class_names, notes + _subset(rows, len(prepared.x)),
    )  # fmt: skip


def _subset(rows: Tensor, count: int) -> Notes:
    return (("subset", {"examples": len(rows), "all": count}),) if len(rows) < count else ()


@lru_cache(maxsize=4)
@torch.inference_mode(False)
def prepared_table(digest: str, target: int, task: str) -> tuple[tables.Table, examples.Prepared]:
    if not digest:
        raise DataError("no_table")
    table = tables.read(store.get(digest))
    if target >= len(table.columns):
        raise DataError("target", columns=len(table.columns), target=target)
    return table, examples.prepare(table, table.columns[target].name, task)
