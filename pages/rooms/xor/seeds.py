"""How many networks solve XOR, over hidden widths, and why the others did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.shares import lasting
from mlcore.depth import xor as core
from mlcore.depth.xor import WIDTHS, Reason, Width, XorSpec
from mlcore.families.activations import ACTIVATIONS
from mlcore.figures import xor as figures
from pages.rooms.xor import room
from pages.rooms.xor.room import Form, RoomSpec
from pages.ui import components, concurrent, plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, percent, t, title

SLOT = "xor"
EMPTY: Mapping[str, Sequence[Width]] = MappingProxyType({})
BESIDE = ("relu", "tanh", "sigmoid", "gelu")  # the chosen activation is compared with
LISTED = 6  # networks that are offered for each way to end


def _settings(controls: Form) -> None:
    room.settings(controls)
    controls.number("xr")
    controls.flag("xall", help=t("xor.seeds.beside_help"))


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.xor
    draw = partial(_pictures, own)
    view = waiting.follow(own, SLOT, _running, show=draw)
    if not view.state.final or not view.parts:
        return
    others = _beside(own) if spec.beside else {}
    _pictures(own, view.parts, others)
    st.markdown(told(own, view.parts))
    widths = {str(one.width): str(one.width) for one in view.parts}
    controls.select("xh", widths, st.pills, required=True)
    chosen = next(one for one in view.parts if str(one.width) == controls.state["xh"])
    _networks(own, chosen)


def _running(views: waiting.Views) -> Text:
    return t("xor.seeds.running", done=len(views[0].parts), of=len(WIDTHS), percent=waiting.percent(views))


def _beside(own: XorSpec) -> Mapping[str, Sequence[Width]]:
    """The same trainings with other activations, when they are done."""
    wanted = {name: replace(own, activation=name) for name in BESIDE if name != own.activation}
    titles = {name: name_of(name) for name in wanted}

    def running(ended: int, of: int, views: waiting.Views) -> Text:
        return t("xor.seeds.beside", done=ended, of=of, percent=concurrent.percent(ended, of, views))

    views = concurrent.follow(wanted, f"{SLOT}_beside", titles, running, t("frame.stopped"))
    return {name: view.result for name, view in views.items() if view.result}


def name_of(activation: str) -> str:
    return str(title(ACTIVATIONS[activation], "activation"))


def _pictures(own: XorSpec, parts: Sequence[Width], others: Mapping[str, Sequence[Width]] = EMPTY) -> None:
    shares, ends = drawn(f"{specs.key(own)}/{len(parts)}/{len(others)}", language(), own, parts, others)
    alts = [t("xor.alt.shares"), t("xor.alt.ends")]
    plot.show([shares, ends], key="xor", alt=alts, height=400, columns=2)


def told(own: XorSpec, parts: Sequence[Width]) -> Text:
    """From what width on more than half of the networks solve it, for sure."""
    from_here = lasting([one.solved.interval[0] > 0.5 for one in parts])
    two = parts[min(1, len(parts) - 1)]
    low, high = two.solved.interval
    values = {"share": percent(two.solved.value), "low": percent(low), "high": percent(high)}
    if from_here is None:
        return t("xor.seeds.never", width=two.width, **values)
    return t("xor.seeds.enough", width=two.width, units=parts[from_here].width, **values)


def _networks(own: XorSpec, width: Width) -> None:
    """Each way to end, with networks that ended so, to be opened in the training room."""
    for reason in Reason:
        some = width.ended(reason)
        if not some:
            continue
        st.markdown(t("xor.seeds.ended", count=len(some), why=t(f"problems.xor.{reason.name}")))
        with st.container(horizontal=True):
            for network in some[:LISTED]:
                label = t("xor.seeds.seed", seed=own.seed + network)
                components.in_training(own.one(width.width, network), f":primary[{label}]")


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(
    key: str, language: str, _own: XorSpec, _parts: Sequence[Width], _others: Mapping[str, Sequence[Width]]
) -> tuple[go.Figure, go.Figure]:
    lines = {name_of(_own.activation): _parts, **{name_of(name): found for name, found in _others.items()}}
    return figures.shares(lines, t), figures.ends(_parts, t)


SEEDS = Section(_settings, _show, (core.xor, core.reasons))
