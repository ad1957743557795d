"""The four components of the lecture as controls: data, model, objective, optimization."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.families.datasets import DATASETS
from mlcore.families.losses import LOSSES, suits, weighs
from mlcore.families.models import ModelSpec
from mlcore.training.data import DataSpec, load
from mlcore.training.presets import PRESETS
from mlcore.training.tasks import TrainSpec
from pages.ui import drawing, table
from pages.ui.controls import Controls
from pages.ui.sources import narrow
from pages.ui.text import language, t, title
from pages.ui.text.problems import REFUSALS

Form = Controls[TrainSpec]
OFFERED = ("linear", "polynomial", "mlp")  # kinds of models: the pages that train explain these
DEEP = (*OFFERED, "deep")
ALL = (*DEEP, "convolution")


class Trains:
    """A room whose spec has a training: the controls of its components read their part of that."""

    train: TrainSpec

    @property
    def data(self) -> DataSpec:
        """The data of the training, which other rooms may show as well."""
        return self.train.data

    @property
    def model(self) -> ModelSpec:
        return self.train.model

    @property
    def loss(self) -> str:
        return self.train.loss


def presets(
    load: Callable[[TrainSpec], None], own: Mapping[str, TrainSpec] | None = None, **names: str
) -> None:
    """Trainings known to work. A room may have `own` ones, with `names` if they are no data set's."""
    offered = PRESETS | dict(own or {})

    def choose() -> None:
        if name := st.session_state["_preset"]:
            load(offered[name])
        st.session_state["_preset"] = None

    st.selectbox(
        t("training.presets"), list(offered), index=None, key="_preset", on_change=choose,
        help=t("training.preset_help"), placeholder=t("training.preset_none"),
        format_func=lambda name: names.get(name) or title(DATASETS[name], "dataset"),
    )  # fmt: skip


def components(
    controls: Controls[Any],
    optimizer: Callable[[Controls[Any]], None] | None = None,
    offered: Iterable[str] = OFFERED,
) -> None:
    """One under the other, in the lecture's order. A room without an `optimizer` draws that otherwise."""
    parts: dict[str, Callable[[Controls[Any]], None]] = {
        "data": data,
        "model": partial(model, offered=offered),
        "objective": objective,
    }
    if optimizer:
        parts["optimizer"] = optimizer
    for number, (name, draw) in enumerate(parts.items(), 1):
        with st.container(border=True):
            st.markdown(f"**{number} · {t(f'training.{name}')}**")
            draw(controls)


def in_training(training: TrainSpec, label: str) -> None:
    """A link that opens this very network in the training room."""
    link = {"lang": language(), **specs.to_query(training)}
    st.page_link("pages/training.py", label=label, query_params=link)


def folded(name: str, more: Callable[[], None]) -> None:
    """More settings, drawn when somebody looks: a browser takes longer over widgets than over pictures."""
    fold = st.expander(t("training.more"), on_change="rerun", key=fold_key(name))
    if fold.open:
        with fold:
            more()


def fold_key(name: str) -> str:
    return f"_more_{name}"


def side_by_side(controls: Controls[Any], *codes: str, **kwargs: Any) -> None:
    """Numbers that belong together."""
    for column, code in zip(st.columns(len(codes)), codes, strict=True):
        with column:
            controls.number(code, **kwargs)


def data_set(controls: Controls[Any], now: DataSpec) -> None:
    """A table of one's own is offered where the link already has one."""
    names = [name for name in DATASETS if name != "csv" or now.table]
    controls.choice("data", "dataset", names, on_change=partial(forget, controls, now))
    brought(controls)


def brought(controls: Controls[Any], height: int = 270) -> None:
    """What a person brings to a data set: its formula or its points. A board has this `height`."""
    variant = DATASETS[controls.state["data"]]
    if "drawn" in variant.facts:
        drawing.board(controls, drawing.of(variant), height)
    if "typed" in variant.facts:
        told = t(f"data.formula_help.{variant.name}")
        controls.text("fx", placeholder=variant.example, help=told)


def forget(controls: Controls[Any], before: DataSpec) -> None:
    """That a small set had no more examples is no wish for the next one, nor is a formula or a drawing."""
    controls.state.pop("fx", None)
    drawing.leave(controls, before)
    if before.examples == DATASETS[before.name].facts.get("examples"):
        controls.state.pop("n", None)


def examples(controls: Controls[Any], of: DataSpec) -> None:
    """How many examples, of as many as the data set has."""
    if (most := _most(of)) > 20:
        count = Knob(min(300, most), 20, most, symbol="n", log=True, integer=True)
        controls.number("n", count, owner=f"{of.name} {most}")


def _most(of: DataSpec) -> int:
    if "drawn" in DATASETS[of.name].facts:
        return 0  # all of them
    if of.name != "csv":
        return int(DATASETS[of.name].facts.get("examples", table.MOST))
    try:
        return min(table.MOST, table.opened(of.table).rows)
    except REFUSALS:
        return table.MOST


def architecture(
    controls: Controls[Any],
    now: Callable[[], ModelSpec],
    activated: bool = True,
    offered: Iterable[str] = OFFERED,
) -> None:
    """The kind of model and what shapes it; `now` tells what is chosen so far."""
    controls.choice("model", "kind", offered)
    kind = now().kind
    if kind == "deep":
        side_by_side(controls, "layers", "units")
        controls.choice("act", "activation")
        controls.flag("skip")
        controls.flag("norm")
    if kind == "mlp":
        controls.sizes("h")
        if activated:
            controls.choice("act", "activation")
    if kind == "convolution":
        controls.sizes("ch")
        controls.choice("act", "activation")
    if kind == "polynomial":
        controls.number("deg")


def data(controls: Form) -> None:
    data_set(controls, controls.current().data)
    examples(controls, controls.current().data)

    def more() -> None:
        controls.knobs("data")
        controls.number("test")
        if DATASETS[controls.current().data.name].task != "regression":
            controls.number("flip")
            controls.number("imb")
        controls.flag("std")
        controls.number("dseed")

    folded("data", more)


def model(controls: Form, offered: Iterable[str] = OFFERED) -> None:
    images = "side" in DATASETS[controls.current().data.name].facts
    kinds = [kind for kind in offered if images or kind != "convolution"]
    architecture(controls, lambda: controls.current().model, offered=kinds)
    controls.choice("init", "initialization")


def objective(controls: Form) -> None:
    task, count = _task(controls)
    names = [name for name in LOSSES if suits(name, task, count)]
    controls.choice("loss", "loss", names)
    st.latex(narrow(LOSSES[controls.current().loss].formula))

    def more() -> None:
        controls.knobs("loss")
        if weighs(controls.current().loss):
            controls.number("cw", help=t("training.class_weights"))
        controls.number("l2")
        controls.number("l1")

    folded("objective", more)


def optimizer(controls: Form) -> None:
    controls.choice("opt", "optimizer")
    controls.number("lr")

    def more() -> None:
        controls.knobs("opt")
        controls.choice("sched", "schedule")
        controls.knobs("sched")
        controls.number("b")
        controls.number("steps")
        controls.number("seed")

    folded("optimizer", more)
    controls.number("r")
    if controls.current().replicas > 1:
        controls.choice("sweep", "sweep")
        if controls.current().sweep != "seed":
            controls.number("from")
            controls.number("to")


def _task(controls: Form) -> tuple[str, int]:
    """Task and number of classes of the data chosen so far."""
    spec = controls.current().data
    try:
        loaded = load(spec)
        return loaded.task, loaded.classes
    except REFUSALS:
        variant = DATASETS[spec.name]
        return variant.task, variant.classes
