"""From a `DataSpec` to what a model sees: draw, thin out, mislabel, split, fill, standardize.

    draw -> imbalance -> label noise -> split -> (medians into missing cells) -> standardize

Each of the first four has its own generator, seeded from `spec.seed` and its name: turning label noise on
moves no point and leaves the split as it was, more imbalance takes away from what less of it had left.
What is learned from data (medians, means, standard deviations) is learned from the training rows alone.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache

import torch
from torch import Generator, Tensor

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.families.datasets import DATASETS, truth_of
from mlcore.families.real_sets import names, some_rows
from mlcore.files import examples, records, store, tables
from mlcore.files.store import DataError

__all__ = ["Data", "DataError", "DataSpec", "load", "stream"]
Notes = tuple[tuple[str, Mapping[str, object]], ...]
TASKS = ("auto", "classification", "regression")
OF_TABLES, OF_CLASSES = ("table", "target", "task"), ("label_noise", "imbalance")


@dataclass(frozen=True)
class DataSpec:
    """A data set and what is done to it. Fields that do not apply are set back to their defaults.

    `examples` is how many are used, test included: of a real set or a table it has no more than there are,
    and fewer are drawn from it with the seed. `target` is the column of a table, -1 for the last.
    """

    name: str = specs.choice("moons", DATASETS, "data")
    examples: int = specs.number(Knob(300, 20, 5000, symbol="n", log=True, integer=True), "n")
    test_share: float = specs.number(Knob(0.3, 0.1, 0.5), "test")
    label_noise: float = specs.number(Knob(0.0, 0.0, 0.5, symbol="p"), "flip")
    imbalance: float = specs.number(Knob(0.0, 0.0, 0.95), "imb")
    standardize: bool = specs.flag(True, "std")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "dseed")
    table: str = specs.digest("table")
    target: int = specs.number(Knob(-1, -1, records.MAX_COLUMNS - 1, integer=True), "target")
    task: str = specs.choice("auto", TASKS, "task")
    knobs: specs.Knobs = specs.knobs("name", DATASETS, prefix="d_")

    def __post_init__(self) -> None:
        specs.check(self)
        variant = DATASETS[self.name]
        task = self.task if self.name == "csv" else variant.task
        idle = (() if self.name == "csv" else OF_TABLES) + (OF_CLASSES if task == "regression" else ())
        for f in fields(self):  # equal experiments are equal specs
            if f.name in idle:
                object.__setattr__(self, f.name, f.default)
        object.__setattr__(self, "examples", min(self.examples, variant.facts.get("examples", self.examples)))


@dataclass(frozen=True, eq=False)
class Data:
    """The examples exactly as a model sees them, float64 on the CPU. All who ask share them: do not write."""

    spec: DataSpec
    task: str  # "classification" or "regression"
    classes: int  # K, 0 for regression
    feature_names: tuple[str, ...]  # [D]
    class_names: tuple[str, ...]  # [K]
    x: Tensor  # [N, D]
    y: Tensor  # [N] int64 classes, or float64
    x_test: Tensor  # [M, D]
    y_test: Tensor  # [M]
    clean: Tensor  # [N] y before label noise: an example was mislabeled where y != clean
    clean_test: Tensor  # [M]
    x_mean: Tensor  # [D] of the training rows, 0 where not standardized
    x_std: Tensor  # [D] dividing by N; 1 where not standardized or constant
    y_mean: float  # 0 and 1 for classes
    y_std: float
    train_rows: Tensor  # [N] int64, which examples of the data set (rows of the table) these are
    test_rows: Tensor  # [M]
    notes: Notes  # (code, values) of what was done that its owner should know

    def raw(self, x: Tensor) -> Tensor:
        """Points as the model sees them [..., D] in the units of the data set."""
        return x * self.x_std + self.x_mean

    def label(self, y: Tensor) -> Tensor:
        """Values as the model sees them in the units of the data set; classes stay as they are."""
        return y if self.task == "classification" else y * self.y_std + self.y_mean

    @property
    def truth(self) -> Callable[[Tensor], Tensor] | None:
        """The noise-free x [M, D] -> y [M] in the units that the model sees, where it is known."""
        return self._truth if "truth" in DATASETS[self.spec.name].facts else None

    def _truth(self, x: Tensor) -> Tensor:
        y = truth_of(self.spec.name, dict(self.spec.knobs))(self.raw(x))
        return (y - self.y_mean) / self.y_std


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


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # whoever asks first: it is kept for those who differentiate, too
def load(spec: DataSpec) -> Data:
    """The data of `spec`: same spec, same bits. Raises `DataError` or `tables.TableError`."""
    drawn = draw(spec)
    y, kept, notes = relabel(spec, drawn)
    train, test = split(kept, spec.test_share, generator(spec.seed, "split"))
    x = drawn.x
    if x.isnan().any():
        x = torch.from_numpy(examples.fill(x.numpy(), train.numpy()))
    x_mean, x_std = torch.zeros_like(x[0]), torch.ones_like(x[0])
    y_mean, y_std, clean = 0.0, 1.0, drawn.y
    if spec.standardize:
        x_mean, x_std = moments(x[train])
        x = (x - x_mean) / x_std
    if spec.standardize and drawn.task == "regression":
        y_mean, y_std = map(float, moments(y[train]))
        y = clean = (y - y_mean) / y_std
    notes += tuple(
        ("class_untrained", {"cls": c}) for k, c in enumerate(drawn.class_names) if k not in y[train]
    )
    return Data(
        spec, drawn.task, len(drawn.class_names), drawn.feature_names, drawn.class_names,
        x[train], y[train], x[test], y[test], clean[train], clean[test],
        x_mean, x_std, y_mean, y_std, drawn.rows[train], drawn.rows[test], notes,
    )  # fmt: skip


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
    x, y = variant(spec.examples, generator(spec.seed, "draw"), **dict(spec.knobs))
    if not variant.real:
        feature_names = tuple(f"x{i + 1}" for i in range(variant.features))
        class_names = tuple(map(str, range(variant.classes)))
        return Drawn(x, y, torch.arange(len(x)), variant.task, feature_names, class_names)
    again = generator(spec.seed, "draw")  # the same rows that the function took
    rows = some_rows(variant.examples, spec.examples, again)
    return Drawn(x, y, rows, variant.task, *names(spec.name), notes=_subset(rows, variant.examples))


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


def relabel(spec: DataSpec, drawn: Drawn) -> tuple[Tensor, Tensor, Notes]:
    """y [n] with label noise, which examples to keep [n], and the notes. Both are for classes alone."""
    if drawn.task == "classification":
        classes = len(drawn.class_names)
        kept = long_tail(drawn.y, classes, spec.imbalance, generator(spec.seed, "imbalance"))
        y = mislabel(drawn.y, classes, spec.label_noise, generator(spec.seed, "label noise"))
        return y, kept, drawn.notes
    # A spec drops them where it knows the task; that of a table may turn out only now.
    ignored: Notes = (("classes_only", {}),) if spec.label_noise or spec.imbalance else ()
    return drawn.y, torch.ones(len(drawn.y), dtype=torch.bool), drawn.notes + ignored


def long_tail(y: Tensor, classes: int, p: float, g: Generator) -> Tensor:
    """Which of y [n] to keep, bool [n]: of class k the share (1 - p)^(k / (K - 1)), and at least one."""
    kept, order = torch.zeros(len(y), dtype=torch.bool), torch.randperm(len(y), generator=g)
    for k in range(classes):
        members = order[y[order] == k]
        share = (1 - p) ** (k / (classes - 1))
        kept[members[: max(1, math.floor(share * len(members) + 0.5))]] = True
    return kept


def mislabel(y: Tensor, classes: int, p: float, g: Generator) -> Tensor:
    """y [n] with each label replaced with probability p by another class, all others equally likely."""
    wrong = torch.rand(len(y), generator=g, dtype=torch.float64) < p
    return (y + wrong * torch.randint(1, classes, (len(y),), generator=g)) % classes


def split(kept: Tensor, test_share: float, g: Generator) -> tuple[Tensor, Tensor]:
    """Positions to train on and to test on, shuffled, from those kept [n]. Raises `DataError` if too few."""
    order = torch.randperm(len(kept), generator=g)
    order = order[kept[order]]
    tests = max(1, round(test_share * len(order)))
    if len(order) - tests < 2:
        raise DataError("too_few", examples=len(order))
    return order[tests:], order[:tests]


def moments(values: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation over the examples [N, ...], dividing by N; 1 where all values are equal."""
    mean, std = values.mean(0), values.std(0, correction=0)
    level = (values == values[0]).all(0) | (std == 0)  # the std of equal values is seldom exactly 0
    return mean, torch.where(level, 1.0, std)
