"""From a table to examples: which column is the target, and what the others become as features.

Text becomes columns of 0 and 1, holes stay NaN until `fill` closes them with what the training rows know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.files.escape import line
from mlcore.files.table_problems import Note, TableError
from mlcore.files.tables import MAX_NAME, Cells, Floats, Table, distinct, unused

AUTO_CLASSES = 10  # of whole numbers that are still taken for classes
MAX_LEVELS = 8  # of a text feature, one 0/1 feature each
MAX_CLASSES = 20
MIN_ROWS = 10  # with a target


@dataclass(frozen=True, eq=False)
class Prepared:
    """The examples of a table. Missing numbers are NaN: `fill` them once the training rows are known."""

    x: Floats  # [N, D]
    y: NDArray[Any]  # [N], float64 for regression, int64 codes into class_names for classification
    feature_names: tuple[str, ...]  # [D]
    target: str
    task: Literal["classification", "regression"]
    class_names: tuple[str, ...]  # [K], empty for regression
    rows: NDArray[np.int64]  # [N], which rows of the table the examples are
    notes: tuple[Note, ...]


def prepare(table: Table, target: str | None = None, task: str = "auto") -> Prepared:
    """Choose features and target: the last column if none is named.

    `task="auto"` is classification if the target is text, or if it holds whole numbers, at most AUTO_CLASSES
    different ones and each twice on average; otherwise regression. Classes are numbered in sorted order.

    Number columns are features as they are. Text of at most MAX_LEVELS values becomes one 0/1 feature for
    each value, all 0 where it is missing. Constant columns and other text are left out, with a note.

    Raises TableError.
    """
    named = {column.name: i for i, column in enumerate(table.columns)}
    name = table.columns[-1].name if target is None else target
    if name not in named:
        raise TableError("unknown_column", name=name)
    rows = np.flatnonzero(~pd.isna(table.cells[named[name]]))
    if len(rows) < MIN_ROWS:
        raise TableError("too_few_rows", name=name, rows=len(rows), limit=MIN_ROWS)
    notes = []
    if dropped := table.rows - len(rows):
        notes.append(Note("rows_dropped", {"name": name, "count": dropped}))
    chosen, y, class_names, target_notes = _target(name, table.cells[named[name]][rows], task)
    features: list[tuple[str, Floats]] = []
    for column, cells in zip(table.columns, table.cells, strict=True):
        if column.name != name:
            made, made_notes = features_of(column.name, cells[rows])
            features += made
            notes += made_notes
    if not features:
        raise TableError("no_features", name=name, limit=MAX_LEVELS)
    x = np.column_stack([values for _, values in features])
    feature_names: list[str] = []
    for feature, _ in features:
        feature_names.append(unused(feature, feature_names))
    return Prepared(x, y, tuple(feature_names), name, chosen, class_names, rows, (*notes, *target_notes))


def fill(x: Floats, train_rows: NDArray[Any] | Sequence[int]) -> Floats:
    """x [N, D] with every NaN replaced by its column's median over `train_rows` (indices, or a mask [N]).

    The other rows have no say, so nothing of the test set leaks; 0 where the training rows have no value.
    """
    seen = [column[~np.isnan(column)] for column in x[np.asarray(train_rows)].T]
    medians = np.array([np.median(values) if len(values) else 0.0 for values in seen])  # [D]
    return np.where(np.isnan(x), medians, x)


def _target(
    name: str, cells: Cells, task: str
) -> tuple[Literal["classification", "regression"], NDArray[Any], tuple[str, ...], list[Note]]:
    """The task, y [N], the names of the classes and notes, from a target without missing cells [N]."""
    text = cells.dtype == object
    levels, codes, counts = np.unique(cells, return_inverse=True, return_counts=True)
    if task == "auto":
        few = len(levels) <= min(AUTO_CLASSES, len(cells) // 2)
        task = "classification" if text or (few and not np.any(cells % 1)) else "regression"
    if task not in ("classification", "regression"):
        raise TableError("unknown_task", task=task)
    if task == "regression" and text:
        raise TableError("text_target", name=name)
    if len(levels) < 2:
        raise TableError("constant_target", name=name)
    if task == "regression":
        return "regression", cells, (), []
    if len(levels) > MAX_CLASSES:
        raise TableError("too_many_classes", name=name, classes=len(levels), limit=MAX_CLASSES)
    class_names: list[str] = []
    for level in levels:
        class_names.append(unused(_label(level), class_names))
    rare = [Note("rare_class", {"label": class_names[k]}) for k in np.flatnonzero(counts == 1)]
    return "classification", codes.astype(np.int64), tuple(class_names), rare


def features_of(name: str, cells: Cells) -> tuple[list[tuple[str, Floats]], list[Note]]:
    """Names and values [N] of the features that one column gives."""
    levels = distinct(cells)
    if len(levels) < 2:
        return [], [Note("constant", {"name": name})]
    if cells.dtype == object:
        if len(levels) > MAX_LEVELS:
            return [], [Note("too_many_levels", {"name": name, "levels": len(levels), "limit": MAX_LEVELS})]
        made = [(f"{name}={_label(level)}", (cells == level).astype(np.float64)) for level in levels]
        return made, [Note("one_hot", {"name": name, "levels": len(levels)})]
    notes = []
    if missing := int(np.isnan(cells).sum()):
        notes.append(Note("filled", {"name": name, "count": missing}))
    if cells[0] in (0, 1) and np.array_equal(cells, np.arange(len(cells)) + cells[0]):
        notes.append(Note("row_number", {"name": name}))
    return [(name, cells)], notes


def _label(level: str | float) -> str:
    if isinstance(level, str):
        return line(level, MAX_NAME) or "?"  # nothing visible in it
    return str(int(level)) if float(level).is_integer() else repr(float(level))
