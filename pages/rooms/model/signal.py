"""How large signals and gradients arrive through many layers, against theory."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.components import signal as signals
from mlcore.components.signal import Signal
from mlcore.families.initializers import INITIALIZERS
from mlcore.figures import signal as figures
from pages.rooms.model.room import Form, RoomSpec
from pages.ui import concurrent, plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, power, t, title

SLOT = "signal"
SHOWN = ("he", "xavier", "torch_default")


def settings(controls: Form) -> None:
    controls.choice("act", "activation")
    controls.choice("init", "initialization")
    controls.number("gain", help=t("model.before.gain_help"))
    controls.number("depth")
    controls.number("width")
    controls.number("nets")
    controls.number("seed")


def show(spec: RoomSpec, controls: Form) -> None:
    base = spec.signal
    inits = [base.init, *(name for name in SHOWN if name != base.init)]
    asked = {name: replace(base, init=name) for name in inits}
    called = {name: str(title(INITIALIZERS[name], "initialization")) for name in inits}
    st.latex(
        r"\begin{gathered} z_l = W_l h_{l-1} + b_l, \quad h_l = f(z_l) \\ "
        r"\delta_l = \partial C / \partial z_l \end{gathered}"
    )
    found: dict[str, Signal] | None = concurrent.results(asked, SLOT, called, _running)
    if found is None:
        return
    named = {called[name]: each for name, each in found.items()}
    pictures = [figures.forward(named, t), figures.backward(named, t)]
    alts = [t("model.alt.forward"), t("model.alt.backward")]
    plot.show(pictures, key="model.signal", alt=alts, height=420, columns=2)
    st.caption(t("model.signal.picture", nets=base.nets))
    chosen = found[base.init]
    for name, factor, theory in (
        ("forward", chosen.forward_factor, chosen.forward_factor_theory),
        ("backward", chosen.backward_factor, chosen.backward_factor_theory),
    ):
        fate = signals.fate(factor, base.depth)
        values = {"factor": Text(f"{factor:.3g}"), "theory": Text(f"{theory:.3g}"), "layers": base.depth}
        total = power(factor**base.depth)
        say = st.success if fate == "arrives" else st.warning
        init = Text(called[base.init])
        say(t(f"model.signal.{name}_{fate}", init=init, total=total, **values))
    st.markdown(t("model.signal.theory"))


def _running(ended: int, of: int, views: waiting.Views) -> Text:
    return t("frame.computing", percent=concurrent.percent(ended, of, views))


SIGNAL = Section(settings, show, (signals.flow, signals.theory))
