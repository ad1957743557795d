"""What one takes home from a run: the code that ran, the script, the link, the history, the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
import pandas as pd
import streamlit as st

from mlcore import script
from mlcore.base import spec as specs
from mlcore.families.convolutions import Convolution, OverImages, convolve
from mlcore.families.deep import DeepNetwork
from mlcore.families.losses import LOSSES
from mlcore.families.networks import Autograd, Backpropagation, Network
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.files.export import to_csv
from mlcore.training.descent import Status, Walker, walk
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import Run
from pages.ui import uploads
from pages.ui.controls import Controls
from pages.ui.scene import Scene
from pages.ui.sources import source, stacked
from pages.ui.text import language, t


def code(run: Run) -> None:
    """The code that ran, and the same run as ordinary PyTorch."""
    spec = run.spec
    whole(run)
    ran, scripted = st.tabs([t("frame.code"), t("training.script_tab")])  # lines of 110 signs need the width
    with ran:
        st.markdown(t("training.code_intro"))
        st.code(source(*_passes(prepare(spec).network)), language="python")
        st.markdown(t("training.code_walk"))
        st.code(source(Walker, walk), language="python")
        st.markdown(t("training.code_rule"))
        st.latex(stacked(OPTIMIZERS[spec.optimizer].formula))
        st.code(source(OPTIMIZERS[spec.optimizer].function), language="python")
        st.markdown(t("training.code_loss"))
        st.latex(LOSSES[spec.loss].formula)
        st.code(source(LOSSES[spec.loss].function), language="python")
    with scripted:
        text = script.write(spec)
        st.markdown(t("training.script_intro"))
        st.download_button(t("training.script_name"), text, "run.py", key="_script", on_click="ignore")
        st.code(text, language="python")


def _passes(network: Network) -> tuple[Callable[..., Any], ...]:
    """Who takes the forward and the backward pass."""
    if network.plain:
        return (Backpropagation,)
    if isinstance(network, Convolution):
        return OverImages, Convolution, convolve, Autograd
    return DeepNetwork, Autograd


def share(seen: Scene, controls: Controls[TrainSpec]) -> None:
    """The link, the history and the settings, to keep and to open again."""
    whole(seen.run)
    st.markdown(t("training.link_intro"))
    st.code(link(seen.run.spec), language=None)
    history, settings, _ = st.columns([1, 1, 2])
    history.download_button(
        t("training.history_name"), lambda: to_csv(records_table(seen.run)), "history.csv", key="_history",
        on_click="ignore", width="stretch",
    )  # fmt: skip
    settings.download_button(
        t("training.spec_name"), lambda: specs.to_json(seen.run.spec), "experiment.json", key="_spec",
        on_click="ignore", width="stretch",
    )  # fmt: skip

    def open_file() -> None:
        if (file := st.session_state["_opened"]) is not None:
            spec, problems = specs.from_json(TrainSpec, file.getvalue().decode("utf-8-sig", "replace"))
            unread = any(problem.code == "file" for problem in problems)
            controls.load(controls.current() if unread else spec, problems)

    uploads.field(t("training.spec_open"), ["json"], "_opened", open_file, 1)


def whole(run: Run) -> None:
    """What is taken home of a run that was stopped trains to the end."""
    if Status.STOPPED in run.status:
        st.caption(t("training.whole", step=int(run.records.step[-1]), steps=run.spec.steps))


def link(spec: TrainSpec) -> str:
    """The address of this page with every setting in it."""
    here = urlsplit(st.context.url or "")
    return (
        f"{here.scheme}://{here.netloc}{here.path}?{urlencode({'lang': language(), **specs.to_query(spec)})}"
    )


def records_table(run: Run) -> pd.DataFrame:
    """One row per recorded step and replica, with what tells the replicas apart."""
    records, spec, count = run.records, run.spec, len(run.status)
    table = {"step": np.repeat(records.step, count), "replica": np.tile(np.arange(count), len(records.step))}
    swept = spec.seeds() if spec.sweep == "seed" else spec.along(spec.sweep)
    table[spec.sweep] = np.tile(np.asarray(swept), len(records.step))
    for name in ("train_cost", "test_cost", "train_score", "test_score", "gradient_norm", "update_norm"):
        table[name] = getattr(records, name).ravel()
    return pd.DataFrame(table)
