"""Data, the first component: look at what a model is given before anything is trained."""

from functools import partial

import streamlit as st

from mlcore.data import DataSpec
from mlcore.datasets import DATASETS
from pages.ui import data, frame, sections, table
from pages.ui.controls import Controls
from pages.ui.text import t

frame.open_page("data")
frame.lesson("data")

controls = Controls(DataSpec, "data", keep=[sections.CODE])
data.choose(controls)
variant = DATASETS[controls.current().name]
own = table.upload(controls) if variant.name == "csv" else None
with st.sidebar:
    st.markdown(f"**{t('data.settings')}**")
    data.settings(controls)
spec = controls.spec()
controls.report()

seen = data.loaded(spec)
if seen is None and own is not None:
    data.notes((note.code, note.values) for note in own.notes)
if seen is not None:
    data.facts(seen)
    data.notes(seen.notes)
    drawn = (data.picture, data.histograms, data.balance, data.standardizing, data.rows, data.code)
    draws = {draw.__name__: partial(draw, seen) for draw in drawn}
    sections.show("data", {name: t(f"data.tab.{name}") for name in draws}, draws)

frame.close_page()
