"""What could not be done, and what was done unasked, as sentences in the language of this run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from mlcore.backpropagation.expressions import ExpressionError
from mlcore.base import meter
from mlcore.base.grids import GridError
from mlcore.base.masks import MaskError
from mlcore.base.pixels import PixelError
from mlcore.base.points import PointsError
from mlcore.base.refusal import Refusal
from mlcore.base.spec import Problem
from mlcore.capture.control_flow import ControlError
from mlcore.capture.process import CaptureError
from mlcore.classes.kinds import ClassError
from mlcore.classes.own_sets import SetsError
from mlcore.complexity.decomposition import DecompositionError
from mlcore.depth.approximation_targets import TargetError
from mlcore.engine.jobs import Snapshot
from mlcore.files.escape import plain
from mlcore.files.picture import PictureError
from mlcore.files.store import DataError
from mlcore.files.table_problems import TableError
from mlcore.formulas.formula import FormulaError
from mlcore.landscapes.landscape import LandscapeError
from mlcore.lessons.problems import LessonError
from mlcore.store import StoreError
from mlcore.tasks.learners import LearnError
from mlcore.tasks.own_digit import DigitError
from mlcore.training.tasks import TrainingError
from pages.ui.text import Text, catalog, t

_PARTS: dict[type[Refusal], str] = {
    TrainingError: "training", DataError: "data", TableError: "table", DecompositionError: "decomposition",
    FormulaError: "formula", LandscapeError: "landscape", ExpressionError: "expression",
    PointsError: "points", CaptureError: "capture", ControlError: "control", TargetError: "approximation",
    GridError: "grid", MaskError: "mask", LearnError: "learn", PixelError: "pixels", PictureError: "picture",
    DigitError: "digit", StoreError: "store", LessonError: "lesson",
    ClassError: "class", SetsError: "sets",
}  # fmt: skip
REFUSALS = tuple(_PARTS)


def refusal(error: Refusal) -> Text:
    """Why data, a training or a decomposition cannot be."""
    meter.tell("refused", kind=f"{meter.kind(error)}.{error.code}")
    values = dict(error.values)
    if (task := f"variants.task.{values.get('task')}") in catalog("en"):
        values["task"] = t(task)
    return t(f"problems.{_PARTS[type(error)]}.{error.code}", **values)


def note(code: str, values: Mapping[str, object]) -> Text:
    """Something done to the data that their owner should know."""
    return t(f"problems.note.{code}", **values)


def not_taken(problem: Problem) -> Text:
    """One value that a link, a file or a person gave, and what is allowed instead."""
    if problem.reason == "repeated":
        return t("frame.repeated", code=problem.code)
    if problem.reason == "unknown":
        return t("frame.unknown", code=problem.code)
    known = f"problems.spec.{problem.reason}"
    if problem.code == "file":
        return t("frame.bad_file", allowed=t(known))
    allowed = t(known, **problem.values) if problem.reason else problem.allowed
    return t("frame.bad_link", code=problem.code, given=problem.given or t("frame.nothing"), allowed=allowed)


def unavailable(view: Snapshot) -> Text:
    """Why a computation has no result."""
    return refusal(view.refusal) if view.refusal else t("frame.unavailable", problem=retold(view.problem))


def retold(sentence: str) -> Text:
    """A sentence of the engine, which comes without a code: found by its English."""
    for key, pattern in _sentences():
        if found := pattern.fullmatch(sentence):
            return t(key, **found.groupdict())
    return Text(plain(sentence, limit=400))


@cache
def _sentences() -> list[tuple[str, re.Pattern[str]]]:
    def pattern(text: str) -> re.Pattern[str]:
        words = re.split(r"{(\w+)}", text)  # text, name, text, name, ..., text
        named = (f"(?P<{word}>.+)" if i % 2 else re.escape(word) for i, word in enumerate(words))
        return re.compile("".join(named))

    return [(key, pattern(text)) for key, text in catalog("en").items() if key.startswith("problems.engine.")]
