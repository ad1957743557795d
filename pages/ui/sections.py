"""The sections of a page: one is chosen, and only that one is computed, sent and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import streamlit as st

from mlcore.base.fields import not_among
from pages.ui import frame, lessons, sources
from pages.ui.controls import Controls
from pages.ui.text import t
from pages.ui.text.problems import not_taken


class Viewed(Protocol):
    """The spec of a room: one of its fields says which view is chosen."""

    @property
    def view(self) -> str: ...


S = TypeVar("S")
V = TypeVar("V", bound=Viewed)
Ran = tuple[Callable[..., Any] | type, ...]

CODE = "view"  # where the choice stands in the link


def show(page: str, names: Mapping[str, str], draws: Mapping[str, Callable[[], None]]) -> None:
    """Draw the section that is chosen."""
    draws[choose(page, names)]()


def choose(page: str, names: Mapping[str, str]) -> str:
    """Let one of `names` be chosen. The first leaves the link, and nonsense in a link means the first."""
    begin, key = next(iter(names)), f"_{page}_section"
    usual = lessons.usual(CODE, begin)

    def write() -> None:
        chosen = st.session_state[key]
        if chosen == usual:
            st.query_params.pop(CODE, None)
        else:
            st.query_params[CODE] = chosen

    asked = st.query_params.get(CODE, usual)
    if asked not in names:
        st.warning(not_taken(not_among(CODE, asked, names)))
        st.query_params.pop(CODE, None)
    if lessons.locked(CODE):
        asked = usual
    st.session_state[key] = asked if asked in names else begin
    if lessons.hidden(CODE):
        return str(st.session_state[key])
    st.pills(
        page, list(names), default=st.session_state[key], format_func=names.__getitem__, key=key,
        on_change=write, required=True, label_visibility="collapsed", disabled=lessons.locked(CODE),
    )  # fmt: skip
    return str(st.session_state[key])


def room(code: str, kind: type[S], views: Iterable[str]) -> Controls[S]:
    """Open a room of several views: frame, lesson, and the choice of the spec's field `view`."""
    frame.open_page(code)
    frame.lesson(code)
    controls = Controls(kind, code)
    names = {view: t(f"{code}.view.{view}") for view in views}
    controls.select(CODE, names, widget=st.pills, required=True, label_visibility="collapsed")
    return controls


@dataclass(frozen=True)
class Section(Generic[V]):
    """A view of a room: its controls in the sidebar, its pictures and numbers, the code behind them.

    Where that depends on what was chosen, `code` is asked with the spec; `choose` draws what is better at
    hand above the picture than in the sidebar.
    """

    settings: Callable[[Controls[V]], None]
    show: Callable[[V, Controls[V]], None]
    code: Ran | Callable[[V], Ran]
    choose: Callable[[Controls[V]], None] = lambda controls: None


def open_room(code: str, kind: type[V], sections: Mapping[str, Section[V]]) -> None:
    """A whole page: the room, and of its views the one that is chosen."""
    controls = room(code, kind, sections)
    view = controls.current().view
    with st.sidebar:
        st.markdown(f"**{t(f'{code}.view.{view}')}**")
        sections[view].settings(controls)
    frame.claim(f"{code}.{view}.claim")
    sections[view].choose(controls)
    spec = controls.spec()
    controls.report()
    sections[view].show(spec, controls)
    controls.spec()  # the link has what was chosen below the picture, too
    ran(*(shown(spec) if callable(shown := sections[view].code) else shown))
    frame.close_page()


def ran(*functions: Callable[..., Any] | type) -> None:
    """The code that ran, folded."""
    with st.expander(t("frame.code")):
        st.code(sources.source(*functions), language="python")
