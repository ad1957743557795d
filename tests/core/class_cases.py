"""Every figure of a class and of a prediction, drawn from small results, for the tests of all figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import plotly.graph_objects as go

from mlcore.base.experiment import run
from mlcore.classes.methods import EscapeActivity, EscapeAnswer, EscapeRowsSpec
from mlcore.classes.own_sets import SetsActivity, SetsAnswer, SetsRowsSpec
from mlcore.classes.starts import StartActivity, StartAnswer, StartRowsSpec, box
from mlcore.classes.trainings import TrainingActivity, TrainingAnswer, TrainingRowsSpec
from mlcore.complexity.generalization import BiasVarianceSpec
from mlcore.complexity.training_sets import SetsSpec
from mlcore.descents.paths import PathSpec, RuleSpec
from mlcore.escapes.escape_methods import METHODS
from mlcore.escapes.escaping import EscapeSpec
from mlcore.escapes.multimodal import MultimodalSpec, multimodal
from mlcore.escapes.multimodal import relief as landed
from mlcore.families.surfaces import relief
from mlcore.figures import classes as figures
from mlcore.figures import predictions, tallies
from mlcore.figures.words import Say
from mlcore.lessons.question import Question
from mlcore.lessons.tally import tally
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec

TRAIN = TrainingActivity(
    TrainSpec(DataSpec("sine", examples=60), loss="mse", optimizer="sgd", steps=20), width=True
)
RATES, CHANCES = replace(TRAIN, width=False), replace(TRAIN, width=False, rate=False, luck=True)
WIDE = replace(TRAIN, rate=False)
CHOSEN = tuple(TrainingAnswer(lr, width, 1) for lr, width in ((0.01, 4), (0.1, 8), (1.0, 4), (100.0, 8)))
TRAINED = run(TrainingRowsSpec(TRAIN, CHOSEN))
WALK = StartActivity(PathSpec("himmelblau", rules=(RuleSpec("sgd"),), steps=80))
PLACES = (StartAnswer(3.0, 3.0, 0.01), StartAnswer(-3.0, 3.0, 0.01), StartAnswer(0.0, 0.0, 1e-7),
          StartAnswer(4.0, 4.0, 1.0))  # fmt: skip
WALKED = run(StartRowsSpec(WALK, PLACES))
GROUND = relief("himmelblau", box(WALK), 21)
ESCAPE = EscapeActivity(EscapeSpec(MultimodalSpec("ackley"), steps=30))
ESCAPED = run(EscapeRowsSpec(ESCAPE, tuple(EscapeAnswer(name, 1) for name in METHODS)))
HILLS = multimodal(ESCAPE.base.landscape.alone)
SETS = SetsActivity(BiasVarianceSpec(SetsSpec(DataSpec("sine"), size=20)))
FITTED = run(SetsRowsSpec(SETS, tuple(map(SetsAnswer, range(4)))))
CALLED = {name: f"({name})" for name in METHODS}
OWN = 2

CHOICE = Question("choice", "Which?", ("left", "right"), 1)
NUMBER = Question("number", "How many?", low=0.0, high=10.0, unit="m")
SKETCH = Question("curve", "How?", x_high=10.0, x_label="m", y_label="s")
CURVE = ((0.0, 0.1), (5.0, 0.9), (10.0, 0.5))
SAID = {
    "choice": (CHOICE, [0, 1, 1], 1),
    "number": (NUMBER, [1.0, 2.0, 9.0], 2.0),
    "curve": (SKETCH, [CURVE, ((0.0, 0.0), (10.0, 1.0))], CURVE),
}


def names(rows: object) -> list[str]:
    return [f"({k})" for k in range(len(rows))]  # type: ignore[arg-type]


def seen(say: Say) -> go.Figure:
    return figures.curves(TRAINED, None, say)


CASES: dict[str, Callable[[Say], go.Figure]] = {
    "class costs": lambda say: figures.costs(TRAIN, TRAINED, names(TRAINED), OWN, say),
    "class costs of one width": lambda say: figures.costs(RATES, TRAINED, names(TRAINED), 3, say),
    "class costs over the width": lambda say: figures.costs(WIDE, TRAINED, names(TRAINED), None, say),
    "class costs by rank": lambda say: figures.costs(CHANCES, TRAINED, names(TRAINED), None, say),
    "class curves": lambda say: figures.curves(TRAINED, OWN, say),
    "class descents": lambda say: figures.descents(WALK, GROUND, WALKED, names(WALKED), OWN, say),
    "class touch": lambda say: figures.touch(WALK, GROUND, 1.0, 2.0, say),
    "class escaped": lambda say: figures.escaped(ESCAPED, CALLED, OWN, say),
    "class escape ends": lambda say: figures.escape_ends(
        HILLS, landed(HILLS, 21), ESCAPED, names(ESCAPED), OWN, say
    ),
    "class members": lambda say: figures.members(SETS, FITTED, OWN, say),
    "class parts": lambda say: figures.parts(SETS, FITTED, say),
    **{
        f"class said {kind}": lambda say, q=question, told=told, own=own: tallies.distribution(
            q, tally(q, told), own, say
        )
        for kind, (question, told, own) in SAID.items()
    },
    "prediction sheet": lambda say: predictions.sheet(SKETCH, CURVE, say),
    "prediction curve": lambda say: predictions.with_curve(seen(say), 0, CURVE, say),
    "prediction number": lambda say: predictions.with_number(seen(say), 0, 0.5, True, say),
}
