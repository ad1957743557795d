"""Several trainings side by side: asked for together, shown as they end, each with its score and size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.engine.engine import State
from mlcore.figures.panel import panel
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import Records, Run
from pages.ui import concurrent, plot, waiting
from pages.ui.scene import picture
from pages.ui.text import Text, language, t
from pages.ui.waiting import Views

Specs = Mapping[str, TrainSpec]


def runs(wanted: Specs, slot: str, titles: Mapping[str, str] | None = None) -> dict[str, Run]:
    """What is there of the runs of `wanted`, in its order; for the rest a line of progress with a stop.

    What cannot be trained is a sentence that begins with its title. A stopped run is there up to its stop.
    """
    named = {name: (titles or {}).get(name, name) for name in wanted}
    possible = {name: spec for name, spec in wanted.items() if waiting.possible(spec, title=named[name])}
    found: dict[str, Run] = {}
    for name, view in concurrent.follow(possible, slot, named, _running, t("compare.stopped")).items():
        if view.state is State.DONE and view.result is not None:
            found[name] = view.result
        elif view.state is State.STOPPED and view.parts:
            found[name] = Run.partial(possible[name], view.parts)
    return found


def pictures(found: Mapping[str, Run], titles: Mapping[str, str], key: str, height: int = 330) -> None:
    """The last step of every run as the picture that its data call for, with its scores and its size."""
    if not found:
        return
    drawn = [_panel(_key(run), language(), titles[name], run) for name, run in found.items()]
    plot.show(
        [figure for figure, _ in drawn], key=key, alt=[alt for _, alt in drawn], height=height,
        columns=min(3, len(drawn)),
    )  # fmt: skip
    data = prepare(next(iter(found.values())).spec).data
    plane = data.x.shape[1] == (2 if data.task == "classification" else 1)
    st.caption(t("compare.marks_plane" if plane else f"compare.marks_{data.task}"))


def scores(run: Run) -> tuple[Text, Text, Text]:
    """What is scored, and the score of the first replica on the training and on the test examples."""
    classes = prepare(run.spec).data.task == "classification"
    form = ".1%" if classes else ".3f"
    ends = (float(run.records.train_score[-1, 0]), float(run.records.test_score[-1, 0]))
    train, test = (Text(format(value, form) if np.isfinite(value) else "–") for value in ends)
    return t("training.accuracy" if classes else "training.r2"), train, test


@st.cache_resource(max_entries=48, show_spinner=False)
def _panel(key: str, language: str, title: str, _run: Run) -> tuple[go.Figure, str]:
    """The picture of one run and what it says in words."""
    last = replace(_run, records=Records._make(column[-1:] for column in _run.records))
    task = prepare(_run.spec)
    figure, _, alt = picture(last, task)
    score, train, test = scores(_run)
    told = t("compare.scores", score=score, train=train, test=test, count=task.network.size)
    return panel(figure, title, told), f"{title}. {t(f'training.alt.{alt}')} {told}"


def _key(run: Run) -> str:
    return f"{specs.key(run.spec)}/{len(run.records.step)}"


def _running(ended: int, of: int, views: Views) -> Text:
    return t("compare.running", done=ended, count=of, percent=concurrent.percent(ended, of, views))
