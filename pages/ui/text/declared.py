"""English that the core declares where it belongs, under the keys by which other languages translate it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.backpropagation.expressions import ExpressionError
from mlcore.base.grids import GridError
from mlcore.base.masks import MaskError
from mlcore.base.pixels import PixelError
from mlcore.base.points import PointsError
from mlcore.base.registry import Registry
from mlcore.base.spec import ALLOWED
from mlcore.capture.control_flow import ControlError
from mlcore.capture.process import CaptureError
from mlcore.classes.kinds import ClassError
from mlcore.classes.own_sets import SetsError
from mlcore.complexity.cures import CURES
from mlcore.complexity.decomposition import DecompositionError
from mlcore.complexity.families import FAMILIES
from mlcore.depth.approximation_targets import TargetError
from mlcore.depth.bending import Kind
from mlcore.depth.xor import Reason
from mlcore.descents.basins import Fate
from mlcore.embeddings.pair_losses import PAIR_LOSSES
from mlcore.engine import engine, job
from mlcore.escapes.escape_methods import METHODS
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.datasets import DATASETS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.losses import LOSSES
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.families.surfaces import SURFACES
from mlcore.figures.words import ENGLISH
from mlcore.files.picture import PictureError
from mlcore.files.store import DataError
from mlcore.files.table_problems import NOTES, PROBLEMS
from mlcore.formulas.formula import FormulaError
from mlcore.landscapes.landscape import LandscapeError
from mlcore.lessons.problems import LessonError
from mlcore.store import StoreError
from mlcore.tasks.boxes import BOX_LOSSES
from mlcore.tasks.learners import LearnError
from mlcore.tasks.masks import MASK_LOSSES
from mlcore.tasks.own_digit import DigitError
from mlcore.training.descent import Status
from mlcore.training.tasks import TrainingError

REGISTRIES: tuple[Registry[Any], ...] = (
    DATASETS, ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES, SURFACES,
    FAMILIES, CURES, METHODS, BOX_LOSSES, PAIR_LOSSES, MASK_LOSSES,
)  # fmt: skip

SENTENCES: dict[str, Mapping[str, str]] = {  # problems.<part>.<code>
    "table": PROBLEMS,
    "note": NOTES,
    "data": DataError.SENTENCES,
    "training": TrainingError.SENTENCES,
    "decomposition": DecompositionError.SENTENCES,
    "landscape": LandscapeError.SENTENCES,
    "formula": FormulaError.SENTENCES,
    "expression": ExpressionError.SENTENCES,
    "capture": CaptureError.SENTENCES,
    "points": PointsError.SENTENCES,
    "control": ControlError.SENTENCES,
    "approximation": TargetError.SENTENCES,
    "grid": GridError.SENTENCES,
    "mask": MaskError.SENTENCES,
    "pixels": PixelError.SENTENCES,
    "learn": LearnError.SENTENCES,
    "picture": PictureError.SENTENCES,
    "digit": DigitError.SENTENCES,
    "store": StoreError.SENTENCES,
    "lesson": LessonError.SENTENCES,
    "class": ClassError.SENTENCES,
    "sets": SetsError.SENTENCES,
    "spec": ALLOWED,
    "state": {state.name: state.value for state in job.State},
    "status": {status.name: status.value for status in Status},
    "xor": {reason.name: reason.value for reason in Reason},
    "fate": {fate.name: fate.value for fate in Fate},
    "end": {kind.name: kind.value for kind in Kind},
    "engine": {
        "no_answer": engine.NO_ANSWER,
        "no_workers": engine.NO_WORKERS,
        "killed": engine.KILLED,
        "incompatible": engine.INCOMPATIBLE,
        "mistake": engine.MISTAKE,
        "unsendable": engine.UNSENDABLE,
        "closed": job.CLOSED,
        "gone": job.GONE,
        "unsteady": job.UNSTEADY,
        "overlong": job.OVERLONG,
        "mine": job.MINE,
        "full": job.NO_ROOM,
    },
}


def declared() -> dict[str, str]:
    """Labels of figures, names of variants, help of knobs, sentences about problems."""
    texts = dict(ENGLISH)
    for registry in REGISTRIES:
        for variant in registry.variants():
            texts[f"variants.{registry.family}.{variant.name}"] = variant.title
            for name, knob in variant.knobs.items():
                if texts.setdefault(f"variants.knob.{name}", knob.help) != knob.help:
                    texts[f"variants.knob.{variant.name}.{name}"] = knob.help
    for part, sentences in SENTENCES.items():
        texts |= {f"problems.{part}.{code}": sentence for code, sentence in sentences.items()}
    return texts
