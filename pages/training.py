"""The training process (the lecture's figure 1.1.2): pick the four components, train, and see."""

import streamlit as st

from mlcore import spec as specs
from mlcore.losses import suits
from mlcore.tasks import TrainSpec
from pages.ui import compute, frame, training
from pages.ui.controls import Controls
from pages.ui.scene import scene
from pages.ui.text import language, t

frame.open_page("training")
frame.lesson("training")
controls = Controls(TrainSpec, "training")
training.presets(controls)

data, model, objective, optimizer = st.columns(4)
with data.container(border=True, height="stretch"):
    st.markdown(f"**1 · {t('training.data')}**")
    training.data_controls(controls)
with model.container(border=True, height="stretch"):
    st.markdown(f"**2 · {t('training.model')}**")
    training.model_controls(controls)
with objective.container(border=True, height="stretch"):
    st.markdown(f"**3 · {t('training.objective')}**")
    training.objective_controls(controls)
with optimizer.container(border=True, height="stretch"):
    st.markdown(f"**4 · {t('training.optimizer')}**")
    training.optimizer_controls(controls)

spec = controls.spec()
controls.report()
run = training.result(spec)
if run is not None:
    seen = scene(f"{specs.key(spec)}/{len(run.records.step)}", language(), run)
    training.verdict(seen)
    training.player(seen)
    layers, step, many, code, share = st.tabs([t(f"training.{name}_tab") for name in training.TABS])
    with layers:
        training.layers(seen)
    with step:
        training.one_step(seen)
    with many:
        training.many(seen)
    with code:
        training.code(spec)
    with share:
        training.share(seen, controls)
