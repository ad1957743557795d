"""Linear model, polynomial and multilayer perceptron on the same data, by the same training."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.families.losses import LOSSES
from mlcore.families.models import ModelSpec, powers
from mlcore.families.networks import Network
from mlcore.training.tasks import TrainSpec
from pages.rooms.model.room import Form, RoomSpec, choose_data, loaded
from pages.ui import compare, components
from pages.ui.sections import Section
from pages.ui.text import Text, t

LOSS = {"classification": "cross_entropy", "regression": "mse"}
BATCH = 32


def settings(controls: Form) -> None:
    choose_data(controls)
    components.examples(controls, controls.current().data)
    controls.knobs("data")
    controls.number("poly")
    controls.sizes("h")
    controls.choice("act", "activation")
    controls.number("lr")
    controls.number("steps")
    controls.number("seed")


def trainings(spec: RoomSpec, task: str) -> dict[str, TrainSpec]:
    """One training for each kind of model; only the model differs."""
    mlp = spec.prior.model
    models = {
        "linear": ModelSpec("linear", init=mlp.init),
        "polynomial": ModelSpec("polynomial", degree=spec.degree, init=mlp.init),
        "mlp": ModelSpec("mlp", mlp.widths, spec.signal.activation, mlp.init),
    }
    common = TrainSpec(
        spec.data, loss=LOSS[task], lr=spec.lr, steps=spec.steps, seed=spec.prior.seed, batch_size=BATCH
    )
    return {name: replace(common, model=model) for name, model in models.items()}


def show(spec: RoomSpec, controls: Form) -> None:
    data = loaded(spec.data)
    if data is None:
        return
    wanted = trainings(spec, data.task)
    titles = {
        "linear": t("variants.kind.linear"),
        "polynomial": t("model.compare.polynomial", degree=spec.degree),
        "mlp": t("model.compare.mlp", widths=Text("-".join(map(str, spec.prior.model.widths)) or "0")),
    }
    found = compare.runs(wanted, "model", titles)
    compare.pictures(found, titles, "model.compare", height=360)
    if len(found) == len(wanted):
        tests = {name: float(run.records.test_score[-1, 0]) for name, run in found.items()}
        best = tuple(titles[name] for name, test in tests.items() if test == max(tests.values()))
        if best:  # not where a score is no number
            score, _, test = compare.scores(found[max(tests, key=lambda name: tests[name])])
            st.markdown(t("model.compare.best", names=best, score=score, test=test))
    loss = LOSSES[LOSS[data.task]]
    st.caption(
        t(
            "model.compare.same",
            steps=spec.steps,
            lr=spec.lr,
            batch=BATCH,
            loss=t(f"variants.loss.{loss.name}"),
        )
    )


COMPARE = Section(settings, show, (powers, Network.predict))
