"""Every loss that suits the data trains the same model on them, from the same start."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from mlcore.families.datasets import DATASETS
from mlcore.families.losses import LOSSES, cost_gradient, suits
from mlcore.training.data import load
from mlcore.training.tasks import TrainSpec
from pages.rooms.loss.parts import Form, number, titles
from pages.rooms.loss.spec import LossSpec
from pages.ui import compare, components
from pages.ui.sections import Section
from pages.ui.text import t
from pages.ui.text.problems import REFUSALS, refusal

SLOT = "loss_race"


def _settings(controls: Form) -> None:
    components.data_set(controls, controls.current().train.data)
    with st.expander(t("training.more")):
        controls.knobs("data")
        components.examples(controls, controls.current().train.data)
        if DATASETS[controls.current().train.data.name].task != "regression":
            controls.number("flip")
        controls.number("dseed")
    components.architecture(controls, lambda: controls.current().train.model, activated=False)
    controls.choice("opt", "optimizer")
    controls.number("lr")
    controls.number("steps")
    controls.number("seed")


def _race(spec: LossSpec, controls: Form) -> None:
    try:
        data = load(spec.train.data)
    except REFUSALS as error:
        st.error(refusal(error))
        return
    names = [name for name in LOSSES if suits(name, data.task, data.classes)]
    found = compare.runs({name: entry(spec.train, name) for name in names}, SLOT, titles())
    compare.pictures(found, titles(), "race")
    if found:
        rows = [(titles()[name], *compare.scores(run)[1:], run) for name, run in found.items()]
        score = compare.scores(rows[0][-1])[0]
        table = {
            t("loss.table.loss_name"): [row[0] for row in rows],
            f"{score}, {t('figure.train')}": [row[1] for row in rows],
            f"{score}, {t('figure.test')}": [row[2] for row in rows],
            t("loss.race.own_cost"): [number(float(row[3].records.train_cost[-1, 0])) for row in rows],
        }
        st.dataframe(pd.DataFrame(table), hide_index=True)
    st.caption(t("loss.race.fair"))


def entry(train: TrainSpec, loss: str) -> TrainSpec:
    """The same training with another loss."""
    return replace(train, loss=loss, loss_knobs=(), replicas=1)


RACE = Section(_settings, _race, (entry, suits, cost_gradient))
