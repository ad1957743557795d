"""The sidebar of the room: a landscape, the methods, what each may spend."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.escapes.escape_methods import METHODS, MethodSpec
from pages.rooms.escape.room import Form, box, landscapes
from pages.ui.sources import narrow
from pages.ui.text import t, title

MOST = 9


def methods(controls: Form, own: bool = False) -> None:
    """Everything that runs are made of."""
    with st.container(border=True):
        if own:
            box(controls)
        else:
            landscapes(controls)
    with st.container(border=True):
        st.markdown(f"**{t('escape.methods_title')}**")
        for i in range(len(controls.current().escape.methods)):
            method(controls, i)
        add(controls)
    with st.container(border=True):
        controls.number("spend")
        controls.number("eta", help=t("escape.eta_help"))
        controls.number("runs")
        controls.number("eseed")


def method(controls: Form, i: int) -> None:
    """One method with its knobs, folded to its name."""
    code, chosen = f"m{i + 1}", controls.current().escape.methods[i].name
    fold = st.expander(f"{i + 1} · {title(METHODS[chosen], 'method')}", on_change="rerun", key=f"_{code}")
    if not fold.open:
        return  # what nobody sees is not drawn: a browser takes longer over widgets than over pictures
    with fold:
        controls.choice(f"{code}.way", "method")
        chosen = controls.current().escape.methods[i].name
        st.latex(narrow(METHODS[chosen].formula))
        controls.knobs(f"{code}.way")
        if len(controls.current().escape.methods) > 1:
            st.button(t("escape.remove"), key=f"_{code}_remove", on_click=without, args=(controls, i))


def add(controls: Form) -> None:
    def one_more() -> None:
        load(controls, (*controls.current().escape.methods, MethodSpec("fading_noise")))

    full = len(controls.current().escape.methods) == MOST
    st.button(t("escape.add"), key="_add_method", on_click=one_more, disabled=full, width="stretch")


def without(controls: Form, i: int) -> None:
    kept = controls.current().escape.methods
    load(controls, kept[:i] + kept[i + 1 :])


def load(controls: Form, chosen: tuple[MethodSpec, ...]) -> None:
    room = controls.current()
    controls.load(replace(room, escape=replace(room.escape, methods=chosen)))
