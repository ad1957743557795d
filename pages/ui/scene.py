"""A run as pictures and frames: what the training page plays, built once for everybody who looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.figures import training as figures
from mlcore.training import inspection
from mlcore.training.class_scores import ClassScores
from mlcore.training.inspection import Layers
from mlcore.training.tasks import Task, prepare
from mlcore.training.training import Run
from mlcore.training.verdict import Chance, Verdict, chance_of, judge
from pages.ui import plot
from pages.ui.text import t


@dataclass(frozen=True)
class Scene:
    """Everything about one run in one language. The first figures are played together."""

    run: Run
    task: Task
    chance: Chance
    verdicts: Sequence[Verdict]
    scores: ClassScores | None  # of the test examples after the last step, where there are classes
    layers: Layers
    weights: go.Figure
    figures: Sequence[go.Figure]
    alt: Sequence[str]
    frames: plot.Frames


@st.cache_resource(max_entries=24, show_spinner=False)
def scene(key: str, language: str, _run: Run) -> Scene:
    """The scene of a run; `key` names the run and what of it is there."""
    run = _run
    task = prepare(run.spec)
    layers, level = inspection.layers(run, task), chance_of(run, task)
    shown, updates, alt = picture(run, task)
    costs = figures.costs(run, level.test_cost, log=_spans_decades(run), say=t)
    scores = figures.scores(run, level.test_score, say=t)
    norms = figures.gradient_norms(run, layers, say=t)
    for figure in (costs, scores, norms):
        figure.update_layout(shapes=[])  # the player draws a cursor of its own, which moves
    frames = plot.Frames(
        steps=run.records.step.tolist(), updates=updates, cursors=[1, 2, 3], readout=_readout(run)
    )
    weights = figures.weights(run, layers, say=t)
    alts = [t(f"training.alt.{name}") for name in (alt, "costs", "scores", "gradients")]
    named = None
    if task.data.task == "classification":
        named = ClassScores(inspection.confusion(run, task)[-1])
    pictures = [shown, costs, scores, norms]
    return Scene(run, task, level, judge(run, task), named, layers, weights, pictures, alts, frames)


def picture(run: Run, task: Task) -> tuple[go.Figure, list[plot.Update], str]:
    """The picture that the data calls for, what of it moves, and the key of its alt text."""
    data = task.data
    if data.task == "regression":
        if data.x.shape[1] == 1:
            curve = inspection.curve(run, task)
            moving = plot.Update(0, 0, "y", curve.y)
            return figures.fit(data, curve, say=t), [moving], "fit"
        values = inspection.estimates(run, task)
        return figures.agreement(data, values, say=t), [plot.Update(0, 0, "y", values)], "agreement"
    if data.x.shape[1] == 2:
        decision = inspection.decision(run, task)
        shown = figures.boundary(data, decision, say=t)
        updates = [plot.Update(0, 0, "z", **plot.one_byte(decision.value, 0, max(1, data.classes - 1)))]
        if decision.line is not None:
            updates.append(plot.Update(0, len(shown.data) - 1, "z", decision.line))
        return shown, updates, "boundary"
    matrix = inspection.confusion(run, task)
    return (
        figures.confusion(matrix, data.class_names, say=t),
        [plot.Update(0, 0, "z", matrix)],
        "confusion",
    )


def _spans_decades(run: Run) -> bool:
    """Whether the costs need a logarithmic axis: the largest finite one is 50 times the smallest."""
    costs = np.concatenate([run.records.train_cost.ravel(), run.records.test_cost.ravel()])
    seen = costs[np.isfinite(costs) & (costs > 0)]
    return bool(len(seen) and seen.max() > 50 * seen.min())


def _readout(run: Run) -> dict[str, list[str]]:
    """The first replica's numbers at every recorded step."""
    records = run.records
    columns = {
        "training.train_cost": records.train_cost,
        "training.test_cost": records.test_cost,
        "training.train_score": records.train_score,
        "training.test_score": records.test_score,
        "training.step_gradient": records.gradient_norm,
    }
    return {t(name): [f"{value:.4g}" for value in values[:, 0]] for name, values in columns.items()}
