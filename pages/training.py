"""The training process (the lecture's figure 1.1.2): pick the four components, train, and see."""

from collections.abc import Callable

import streamlit as st

from mlcore import spec as specs
from mlcore.tasks import TrainSpec
from pages.ui import components, frame, takeaway, training
from pages.ui.controls import Controls
from pages.ui.scene import scene
from pages.ui.text import language, t

frame.open_page("training")
frame.lesson("training")

controls = Controls(TrainSpec, "training")
with st.sidebar:
    components.presets(controls)
    components.components(controls)
spec = controls.spec()
controls.report()

run = training.result(spec)
if run is not None:
    seen = scene(f"{specs.key(spec)}/{len(run.records.step)}", language(), run)
    training.verdict(seen)
    training.player(seen)
    tabs: dict[str, Callable[[], None]] = {
        "layers": lambda: training.layers(seen),
        "step": lambda: training.one_step(seen),
        "many": lambda: training.many(seen),
        "code": lambda: takeaway.code(spec),
        "share": lambda: takeaway.share(seen, controls),
    }
    for tab, draw in zip(st.tabs([t(f"training.{name}_tab") for name in tabs]), tabs.values(), strict=True):
        with tab:
            draw()

frame.close_page()
