"""Data, the first component: look at what a model is given before anything is trained."""

from functools import partial

import streamlit as st

from mlcore.families.datasets import DATASETS
from mlcore.training.data import DataSpec
from pages.rooms.data import room
from pages.ui import frame, sections, table
from pages.ui.controls import Controls
from pages.ui.text import t

frame.open_page("data")
frame.lesson("data")

controls = Controls(DataSpec, "data", keep=[sections.CODE])
room.choose(controls)
variant = DATASETS[controls.current().name]
own = table.upload(controls) if variant.name == "csv" else None
with st.sidebar:
    st.markdown(f"**{t('data.settings')}**")
    room.settings(controls)
spec = controls.spec()
controls.report()

seen = room.loaded(spec)
if seen is None and own is not None:
    table.notes((note.code, note.values) for note in own.notes)
if seen is not None:
    room.facts(seen)
    table.notes(seen.notes)
    drawn = (room.picture, room.histograms, room.balance, room.standardizing, room.rows, room.code)
    draws = {draw.__name__: partial(draw, seen) for draw in drawn}
    sections.show("data", {name: t(f"data.tab.{name}") for name in draws}, draws)

frame.close_page()
