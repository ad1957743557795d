"""Under- and overfitting: many models on one kind of data, a verdict with its numbers, and what to do now."""

import streamlit as st

from mlcore.complexity import cure_trials, fit_verdict
from mlcore.complexity import cures as remedies
from mlcore.complexity.families import FAMILIES
from pages.rooms.fitting import cures, curve, fits, room, verdict
from pages.rooms.fitting.room import VIEWS, RoomSpec
from pages.ui import ensembles, frame, sections

SECTIONS = dict(zip(VIEWS, (fits.show, fits.side_by_side, curve.show, cures.show), strict=True))

controls = sections.room("fitting", RoomSpec, VIEWS)
with st.sidebar:
    ensembles.choose_data(controls, lambda: controls.current().ensemble)
    ensembles.choose_family(controls, lambda: controls.current().ensemble)
    room.choose_loss(controls)
view = controls.current().view
frame.claim(f"fitting.{view}.claim")
complexity: float | None = controls.current().complexity
places = st.columns(2, vertical_alignment="bottom")
if view != "side":
    with places[0]:
        complexity = ensembles.choose_complexity(controls, controls.current().ensemble)
spec = controls.spec()
controls.report()

if seen := room.look(spec, complexity):
    if view != "side":
        verdict.go_to(controls, seen, places[1])
        verdict.show(seen)
    SECTIONS[view](spec, controls, seen)
    if view in ("fits", "curve"):
        verdict.details(seen)
    verdict.rule(seen)
if view == "cures":
    sections.ran(remedies.penalty, remedies.simpler, cure_trials.try_cures, cure_trials.choose)
else:
    sections.ran(fit_verdict.diagnose, FAMILIES[spec.ensemble.family].function)

frame.close_page()
