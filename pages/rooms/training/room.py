"""The training page from the run on: progress, verdict, player, one step, many models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
import torch

from mlcore.base import spec as specs
from mlcore.figures import training as figures
from mlcore.files.escape import line
from mlcore.training import verdict as verdicts
from mlcore.training.inspection import classes
from mlcore.training.stepping import Step, StepSpec
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import Records, Run
from pages.ui import frame, lessons, plot, waiting
from pages.ui.scene import Scene
from pages.ui.table import notes, unused
from pages.ui.text import Text, language, percent, t, tiny

SLOT = "training"
STEP = "k"  # in the link
SHOWN_ROWS = 12


def result(spec: TrainSpec) -> Run | None:
    """The run of `spec`, or what there is of it; None, with a sentence or progress, while there is none."""
    if not waiting.possible(spec):
        return None
    view = waiting.follow(spec, SLOT, show=partial(so_far, spec), stopped=partial(stopped, spec))
    if view.result is None and view.state.final and view.parts:
        return Run.partial(spec, view.parts)
    return view.result


def so_far(spec: TrainSpec, parts: Sequence[Records]) -> None:
    """The cost until now."""
    figure = sketch(specs.key(spec), len(parts), language(), spec, parts)
    plot.show(figure, key="progress", alt=t("training.alt.costs"), height=360)


def stopped(spec: TrainSpec, parts: Sequence[Records]) -> Text:
    step = int(parts[-1].step[-1]) if parts else 0
    return t("training.stopped", step=step, steps=spec.steps)


@st.cache_resource(max_entries=8, show_spinner=False)
def sketch(key: str, parts: int, language: str, _spec: TrainSpec, _parts: Sequence[Records]) -> go.Figure:
    """The cost until now; drawn once for all who wait for the same training."""
    run = Run.partial(_spec, _parts)
    level = verdicts.chance_of(run, prepare(_spec))
    return figures.costs(run, level.test_cost, log=False, say=t)


def verdict(seen: Scene) -> None:
    """One sentence on the first replica, with its rule."""
    first = seen.verdicts[0]
    kind = first.kind.name.lower()
    values = {name: four_digits(value) for name, value in first.values.items()}
    score = t("training.accuracy" if seen.task.data.task == "classification" else "training.r2")
    name = kind
    if "bound" in first.values and first.values["lr"] > first.values["bound"]:
        name = "diverged_bound"
        values["rule"] = r"$2/\lambda$" if seen.run.spec.optimizer == "sgd" else r"$2(1+\mu)/\lambda$"
    if "train_balanced" in first.values and kind in ("chance", "memorized"):
        name = f"{kind}_unbalanced"
    text = t(f"training.verdict.{name}").format(score=score, **values)
    show = {"learned": st.success, "diverged": st.error}.get(kind, st.warning)
    show(text)
    data = seen.task.data
    shape = "training.shape" if data.task == "classification" else "training.shape_regression"
    facts = t(shape, features=data.x.shape[1], classes=data.classes, train=len(data.x), test=len(data.x_test))
    count = t("training.parameters", count=f"{seen.task.network.size:,}")
    st.caption(f"{facts} · {count}", help=f"**{t('training.rule.label')}**  \n{t(f'training.rule.{kind}')}")
    if data.task == "regression" and data.spec.standardize:
        st.caption(t("training.cost_units"))
    notes(data.notes)


def four_digits(value: float) -> str:
    """A dash for what has no value, as R² of a single test example."""
    return "–" if math.isnan(value) else f"{value:.4g}"


def player(seen: Scene) -> None:
    plot.play(
        seen.figures,
        seen.frames,
        key="player",
        alt=seen.alt,
        labels=frame.play_labels(),
        columns=2,
        height=330,
    )


def layers(seen: Scene) -> None:
    """How the weights of every layer spread over the steps."""
    plot.show(seen.weights, key="layers", alt=t("training.alt.weights"))


def one_step(seen: Scene) -> None:
    """The numbers of a single step, computed again in a worker."""
    spec = seen.run.spec
    last = int(seen.run.records.step[-1]) - 1
    if last < 0:
        return
    k = _chosen(last)
    step: Step | None = waiting.follow(StepSpec(spec, int(k)), "step").result
    if step is None:
        return
    st.caption(t("training.step_intro", k=k))
    numbers = {
        "step_cost": step.cost,
        "step_after": step.cost_after,
        "step_gradient": np.linalg.norm(step.gradient),
        "step_update": np.linalg.norm(step.update),
    }
    for column, (name, value) in zip(st.columns(4), numbers.items(), strict=True):
        column.metric(t(f"training.{name}"), f"{value:.5g}")
    residual = np.abs(step.update + step.lr * step.direction).max()
    st.caption(
        t("training.step_check", residual=tiny(residual), cost=f"{step.cost:.5g}",
          penalty=f"{step.objective - step.cost:.5g}", objective=f"{step.objective:.5g}")
    )  # fmt: skip
    batch = len(step.rows)
    st.markdown(t("training.step_rows", shown=min(SHOWN_ROWS, batch), batch=batch))
    st.dataframe(_batch_table(seen, step), hide_index=True)


def _chosen(last: int) -> int:
    """Which step is looked at, of 0 to `last`; the link says it."""
    key = "_step"

    def write() -> None:
        st.query_params[STEP] = str(st.session_state[key])

    asked = st.query_params.get(STEP, lessons.usual(STEP, "0"))
    st.session_state[key] = min(int(asked), last) if asked.isdecimal() and len(asked) < 9 else 0
    return int(st.number_input(t("control.k"), 0, last, st.session_state[key], key=key, on_change=write))


def _batch_table(seen: Scene, step: Step) -> pd.DataFrame:
    data, rows = seen.task.data, slice(SHOWN_ROWS)
    table: dict[str, Any] = {t("training.step_example"): step.rows[rows]}
    if step.x.shape[1] <= 8:
        names = data.feature_names if len(data.feature_names) == step.x.shape[1] else ()
        for j, values in enumerate(step.x[rows].T):
            table[unused(line(names[j]) if names else f"x{j + 1}", table)] = np.round(values, 4)
    if data.task == "classification":
        labels = np.array([line(name) for name in data.class_names])
        table[t("training.step_target")] = labels[data.y[step.rows[rows]].numpy()]
        named = classes(torch.from_numpy(step.prediction[rows])).numpy()
        table[t("training.step_prediction")] = labels[named]
    else:
        table[t("training.step_target")] = np.round(step.target[rows, 0], 4)
        table[t("training.step_prediction")] = np.round(step.prediction[rows, 0], 4)
    table[t("training.step_loss")] = np.round(step.loss[rows], 5)
    return pd.DataFrame(table)


def many(seen: Scene) -> None:
    """Many replicas: the share that learned, and how each ended."""
    spec = seen.run.spec
    if spec.replicas == 1:
        st.info(t("training.many_hint"))
        return
    learned, of, low, high = verdicts.share(seen.verdicts)
    name = "many_seed" if spec.sweep == "seed" else "many_sweep"
    axis = t(f"variants.sweep.{spec.sweep}")
    st.markdown(
        t(
            f"training.{name}",
            learned=learned,
            of=of,
            low=percent(low),
            high=percent(high),
            axis=axis,
        )
    )
    kinds = [verdict.kind.name.lower() for verdict in seen.verdicts]
    pictures = [figures.outcomes(seen.run, kinds, say=t)]
    alts = [t("training.alt.outcomes")]
    if spec.sweep == "seed":
        pictures.append(figures.share(learned, of, low, high, say=t))
        alts.append(t("training.alt.share"))
    plot.show(pictures, key="many", alt=alts, columns=2, height=340)
    st.caption(t("training.many_first"))
