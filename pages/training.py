"""The training process (the lecture's figure 1.1.2): pick the four components, train, and see."""

from collections.abc import Callable

import streamlit as st

from mlcore.base import spec as specs
from mlcore.classes.trainings import TrainingActivity
from mlcore.training.presets import CONVOLUTION
from mlcore.training.tasks import TrainSpec
from pages.rooms.training import per_class, room, takeaway
from pages.ui import components, for_class, frame, sections
from pages.ui.controls import Controls
from pages.ui.scene import scene
from pages.ui.text import language, t

frame.open_page("training")
frame.lesson("training")

controls = Controls(TrainSpec, "training", keep=[sections.CODE, room.STEP])
with st.sidebar:
    components.presets(controls.load, {"convolution": CONVOLUTION}, convolution=t("training.convolution"))
    components.components(controls, components.optimizer, offered=components.ALL)
spec = controls.spec()
controls.report()
with st.sidebar:
    for_class.use(TrainingActivity(spec))

run = room.result(spec)
if run is not None:
    seen = scene(f"{specs.key(spec)}/{len(run.records.step)}", language(), run)
    room.verdict(seen)
    room.player(seen)
    per_class.table(seen)
    draws: dict[str, Callable[[], None]] = {
        "layers": lambda: room.layers(seen),
        "step": lambda: room.one_step(seen),
        "many": lambda: room.many(seen),
        "code": lambda: takeaway.code(seen.run),
        "share": lambda: takeaway.share(seen, controls),
    }
    sections.show("training", {name: t(f"training.{name}_tab") for name in draws}, draws)

frame.close_page()
