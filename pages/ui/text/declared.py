"""English that the core declares where it belongs, under the keys by which other languages translate it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.backpropagation.expressions import ExpressionError
from mlcore.base.registry import Registry
from mlcore.base.spec import ALLOWED
from mlcore.complexity.cures import CURES
from mlcore.complexity.decomposition import DecompositionError
from mlcore.complexity.families import FAMILIES
from mlcore.descents.basins import Fate
from mlcore.engine import engine, jobs
from mlcore.escapes.escape_methods import METHODS
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.datasets import DATASETS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.losses import LOSSES
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.families.surfaces import SURFACES
from mlcore.figures.words import ENGLISH
from mlcore.files.store import DataError
from mlcore.files.table_problems import NOTES, PROBLEMS
from mlcore.formulas.formula import FormulaError
from mlcore.landscapes.landscape import LandscapeError
from mlcore.training.descent import Status
from mlcore.training.tasks import TrainingError

REGISTRIES: tuple[Registry[Any], ...] = (
    DATASETS, ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES, SURFACES,
    FAMILIES, CURES, METHODS,
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
    "spec": ALLOWED,
    "state": {state.name: state.value for state in jobs.State},
    "status": {status.name: status.value for status in Status},
    "fate": {fate.name: fate.value for fate in Fate},
    "engine": {
        "no_answer": engine.NO_ANSWER,
        "no_workers": engine.NO_WORKERS,
        "killed": engine.KILLED,
        "incompatible": engine.INCOMPATIBLE,
        "mistake": engine.MISTAKE,
        "unsendable": engine.UNSENDABLE,
        "closed": jobs.CLOSED,
        "gone": jobs.GONE,
        "unsteady": jobs.UNSTEADY,
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
