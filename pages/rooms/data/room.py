"""The data room, top to bottom: which data, their settings, facts, pictures, examples, code."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
import torch

from mlcore.base import spec as specs
from mlcore.families.datasets import DATASETS, bayes_accuracy, listing
from mlcore.figures import data as figures
from mlcore.files.escape import line
from mlcore.files.export import to_csv
from mlcore.training.data import Data, DataSpec, load
from pages.ui import components, frame, plot
from pages.ui.controls import Controls
from pages.ui.sources import broken
from pages.ui.table import unused
from pages.ui.text import Text, language, t
from pages.ui.text.problems import REFUSALS, refusal

Form = Controls[DataSpec]

KINDS: dict[str, list[str]] = {
    "plane": [v.name for v in DATASETS.variants() if not v.real and v.task == "classification"],
    "curve": [v.name for v in DATASETS.variants() if not v.real and v.task == "regression"],
    "real": [v.name for v in DATASETS.variants() if "examples" in v.facts],
    "own": ["csv", *(v.name for v in DATASETS.variants() if "drawn" in v.facts)],
}
KIND = "data.kind"  # of the session
SHOWN_ROWS = 200


# ---------------------------------------------------------------- which data


def choose(controls: Form) -> None:
    """A kind of data, then one of its sets."""
    forget = partial(components.forget, controls, controls.current())

    def enter() -> None:
        forget()
        controls.state["data"] = KINDS[st.session_state[KIND]][0]

    chosen = controls.current().name
    st.session_state[KIND] = next(kind for kind, names in KINDS.items() if chosen in names)
    named = {kind: t(f"data.kinds.{kind}") for kind in KINDS}
    kind = st.segmented_control(
        t("data.kind"), list(KINDS), key=KIND, format_func=named.__getitem__, on_change=enter, required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    names = KINDS[kind or "plane"]
    widget = st.pills if len(names) > 1 else hidden
    controls.choice(
        "data", "dataset", names, widget=widget, on_change=forget, required=True, label_visibility="collapsed"
    )
    chosen = controls.current().name
    with st.container(width=480):
        components.brought(controls, height=460)
    st.caption(t(f"data.about.{chosen}"))
    if chosen in KINDS["real"]:
        st.caption(t(f"data.names.{chosen}"))


def hidden(label: str, options: list[str], **kwargs: object) -> str:
    """Where there is nothing to choose."""
    return options[0]


def settings(controls: Form) -> None:
    """What is drawn, and what is done to it."""
    controls.knobs("data")
    components.examples(controls, controls.current())
    controls.number("test")
    for code in ("flip", "imb"):
        if has_classes(controls.current()):
            controls.number(code, help=t(f"data.{code}_help"))
        else:
            controls.state.pop(code, None)
    controls.flag("std", help=t("data.std_help"))
    controls.number("dseed", help=t("data.dseed_help"))


def has_classes(spec: DataSpec) -> bool:
    """Whether a class is predicted; of a table that cannot be used this is unknown, and no."""
    try:
        return DATASETS[spec.name].task == "classification" or (spec.name == "csv" and load(spec).classes > 0)
    except REFUSALS:
        return False


def loaded(spec: DataSpec) -> Data | None:
    """The data of `spec`, or a sentence."""
    try:
        return load(spec)
    except REFUSALS as error:
        show = st.info if error.code in ("no_table", "nothing_drawn") else st.error
        show(refusal(error))
        return None


# ---------------------------------------------------------------- what they are


def facts(data: Data) -> None:
    """The counts in one line, and the way to the next room."""
    train, test = len(data.x), len(data.x_test)
    counts = {"train": train, "test": test, "count": train + test}
    shared = {"features": data.x.shape[1], "classes": data.classes}
    said = [t("data.facts", **counts), t("data.features" if data.classes == 0 else "data.classes", **shared)]
    if wrong := int((data.y != data.clean).sum() + (data.y_test != data.clean_test).sum()):
        said.append(t("data.wrong", count=wrong))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(" · ".join(said), width="content")
        training = frame.link(frame.Room("training"))
        st.page_link(
            "pages/training.py", label=f":primary[**{t('data.train_on_it')}**]", query_params=training
        )


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(key: str, language: str, name: str, _data: Data) -> go.Figure:
    """A picture of the data of the spec with this key, drawn once for everybody who looks."""
    figure: go.Figure = getattr(figures, name)(_data, say=t)
    if name == "scatter" and _data.classes and _data.spec.name != "csv":  # a circle is round
        figure.update_yaxes(scaleanchor="x")
    return figure


def show(data: Data, name: str, height: int, each: int = 0) -> None:
    """Draw it `height` pixels high, and `each` more for every row that it has."""
    figure = drawn(specs.key(data.spec), language(), name, data)
    panels = len({axis.domain for axis in figure.select_yaxes()})
    rows = len(figure.data[0].y) if name == "standardizing" else panels
    plot.show(figure, key=f"data.{name}", alt=t(f"data.alt.{name}"), height=height + each * rows)


def picture(data: Data) -> None:
    """Images as images, what lies in a plane as points, else every feature against every other."""
    kind = (data.task, data.x.shape[1])
    variant = DATASETS[data.spec.name]
    if variant.name == "digits":
        show(data, "digits", 480)
        if data.spec.label_noise:
            st.caption(t("data.digits"))
    elif kind not in (("classification", 2), ("regression", 1)):
        show(data, "pairs", 640)
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width=820):
                show(data, "scatter", 480)
            if variant.formula:
                st.latex(broken(variant.formula), width="content")
        if variant.name == "gaussians" and not (data.spec.label_noise or data.spec.imbalance):
            st.caption(t("data.bayes", share=f"{bayes_accuracy(**dict(data.spec.knobs)):.2%}"))


def histograms(data: Data) -> None:
    show(data, "histograms", 90, each=200)
    st.caption(t("data.histograms"))


def balance(data: Data) -> None:
    show(data, "balance", 400)
    st.caption(t("data.balance" if data.classes else "data.balance_regression"))


def standardizing(data: Data) -> None:
    show(data, "standardizing", 130, each=26)
    st.markdown(t("data.standardized" if data.spec.standardize else "data.not_standardized"))


def rows(data: Data) -> None:
    table = examples(data)
    st.dataframe(table.head(SHOWN_ROWS), hide_index=True, height=400)
    if len(table) > SHOWN_ROWS:
        st.caption(t("data.rows", shown=SHOWN_ROWS, count=len(table)))
    st.download_button(
        t("data.download"), lambda: to_csv(table).encode("utf-8-sig"), f"{data.spec.name}.csv", "text/csv",
        key="_data_csv", on_click="ignore",
    )  # fmt: skip


def examples(data: Data) -> pd.DataFrame:
    """All examples in their own units, in the order of the data set, each with where it went."""
    order = np.argsort(torch.cat([data.train_rows, data.test_rows]).numpy())

    def both(train: torch.Tensor, test: torch.Tensor) -> np.ndarray:
        return torch.cat([train, test]).numpy()[order]

    names = [t("data.train"), t("data.test")]
    y, clean = both(data.label(data.y), data.label(data.y_test)), both(data.clean, data.clean_test)
    part = np.repeat([0, 1], [len(data.y), len(data.y_test)])[order]
    table: dict[str, object] = {t("data.row"): both(data.train_rows, data.test_rows) + 1}
    table[t("data.part")] = [names[k] for k in part]
    if data.classes:
        labels = [line(name) for name in data.class_names]
        table[t("data.target")] = [labels[k] for k in y]
        if (wrong := y != clean).any():
            table[t("data.mislabeled")] = [
                labels[k] if bad else "" for k, bad in zip(clean, wrong, strict=True)
            ]
    else:
        table[t("data.target")] = tidy(y)
    for name, values in zip(data.feature_names, both(data.raw(data.x), data.raw(data.x_test)).T, strict=True):
        table[unused(line(name), table)] = tidy(values)
    return pd.DataFrame(table)


def tidy(values: np.ndarray) -> np.ndarray:
    """To twelve digits: standardizing and taking it back leaves rounding errors in the last ones."""
    largest = np.abs(values).max(initial=0)
    return np.round(values, 11 - int(np.floor(np.log10(largest)))) if largest > 0 else values


def code(data: Data) -> None:
    variant = DATASETS[data.spec.name]
    if variant.formula:
        st.latex(broken(variant.formula))
    st.caption(t("data.source", source=Text(variant.source)))
    st.code(listing(variant.name), language="python")
