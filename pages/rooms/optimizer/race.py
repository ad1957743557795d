"""Any number of rules from one start: where they go, and how fast."""

from __future__ import annotations

from functools import partial

import streamlit as st

from mlcore.base import spec as specs
from mlcore.descents.paths import Path, PathSpec, sharpness
from mlcore.families.surfaces import SURFACES
from mlcore.figures import paths as figures
from pages.rooms.optimizer.room import Form, RoomSpec, land, names, place, sentences
from pages.ui import moving, plot
from pages.ui.frame import play_labels
from pages.ui.surfaces import walked
from pages.ui.text import Text, language, t


def show(spec: RoomSpec, controls: Form) -> None:
    found = walked(spec.paths)
    pictures, frames = scene(specs.key(spec.paths), language(), spec.paths, found)
    alt = [t(f"optimizer.alt.{name}") for name in ("above", "value", "gradient", "distance")]
    plot.play(
        pictures, frames, key="race", alt=alt, labels=play_labels(), columns=2, height=400,
        on_click=partial(place, controls),
    )  # fmt: skip
    st.markdown("  \n".join(sentences(spec.paths, found)))
    bounds(spec.paths)


@st.cache_resource(max_entries=32, show_spinner=False)
def scene(
    key: str, language: str, spec: PathSpec, _found: tuple[Path, ...]
) -> tuple[list[object], plot.Frames]:
    """The surface from above and three quantities over the steps, played together."""
    called, lowest = names(spec), SURFACES[spec.surface].value
    above = figures.above(spec, land(spec), _found, called, say=t)
    curves = {
        "figure.gap": [path.value - lowest for path in _found],
        "figure.gradient_norm": [path.norm for path in _found],
        "figure.distance": [path.distance for path in _found],
    }
    pictures = [figures.over_steps(_found, v, t(name), called, spec, say=t) for name, v in curves.items()]
    updates = moving.paths([path.theta for path in _found])
    steps = list(range(spec.steps + 1))
    return [above, *pictures], plot.Frames(steps=steps, updates=updates, cursors=[1, 2, 3])


def bounds(spec: PathSpec) -> None:
    """What theory says about the learning rate at the minima of this surface."""
    minima = SURFACES[spec.surface].minima
    sharp = max(sharpness(spec.surface, spec.surface_knobs, *minimum) for minimum in minima)
    plain = Text(f"{2 / sharp:.4g}")
    st.caption(t("optimizer.bound", sharp=Text(f"{sharp:.4g}"), bound=plain))
    for rule, name in zip(spec.rules, names(spec), strict=True):
        kept = dict(rule.knobs).get("momentum", 0.0)
        known = {"sgd": 2.0, "momentum": 2 + 2 * kept}.get(rule.optimizer)
        if known and rule.lr * sharp > known:
            limit = Text(f"{known / sharp:.4g}")
            st.warning(t("optimizer.too_large", name=Text(name), lr=Text(f"{rule.lr:g}"), bound=limit))
