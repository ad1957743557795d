"""Pins side by side: the settings that differ, and the curves of one kind of picture in one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.figures.overlay import overlay
from mlcore.files.escape import line
from mlcore.tray.export import Shown
from mlcore.tray.pictures import first_lines
from mlcore.tray.pins import differing
from pages.rooms.tray.kept import Tray, called, setting, value
from pages.ui import plot
from pages.ui.text import t

MOST_CURVES = 12  # runs in one picture


def settings(tray: Tray) -> None:
    """A table for each room of which there is more than one pin: a row a setting, a column a pin."""
    st.subheader(t("tray.settings"), anchor=False)
    rooms = dict.fromkeys(pin.room for pin in tray.pins)
    several = [room for room in rooms if sum(pin.room == room for pin in tray.pins) > 1]
    if not several:
        st.caption(t("tray.one_each"))
    for room in several:
        rows = table([each for each in tray.shown if each.pin.room == room])
        st.caption(t("tray.of_room", room=t(f"contents.{room}.title")))
        if len(rows) > 1:
            frame = pd.DataFrame(rows[1:], columns=rows[0]).set_index(rows[0][0])
            st.dataframe(frame.map(line))
        else:
            st.markdown(t("tray.same"))


def table(shown: list[Shown]) -> list[list[str]]:
    """The head, and a row for every setting in which they differ."""
    rows = [[t("tray.setting"), *(called(each.number) for each in shown)]]
    for code in differing([each.pin for each in shown]):
        rows.append([setting(code, shown[0].pin), *(value(code, each.pin) for each in shown)])
    return rows


def alike(shown: list[Shown]) -> list[list[Shown]]:
    """Pins of one room and view whose first picture of curves is the same one: at least two."""
    groups: dict[tuple[str, str, int], list[Shown]] = {}
    for each in shown:
        if found := first_lines(each.figures):
            groups.setdefault((each.pin.room, each.pin.view, found[0]), []).append(each)
    return [group for group in groups.values() if len(group) > 1]


def curves(tray: Tray) -> None:
    """Every such group in one picture, a color for each pin."""
    for i, group in enumerate(alike(tray.shown)):
        if i == 0:
            st.subheader(t("tray.curves"), anchor=False)
        st.caption(line(group[0].title))
        names = ", ".join(called(each.number) for each in group[:MOST_CURVES])
        figure = together(group)
        plot.show(
            figure, key=f"tray_curves_{i}", alt=t("tray.curves_alt", pins=names, count=len(figure.data))
        )
        if len(group) > MOST_CURVES:
            st.caption(t("tray.too_many_curves", most=MOST_CURVES))


def together(group: list[Shown]):  # type: ignore[no-untyped-def]  # a figure, which only `figures` may name
    runs = []
    for each in group[:MOST_CURVES]:
        found = first_lines(each.figures)
        runs.append((called(each.number), found[1] if found else ()))
    first = first_lines(group[0].figures)
    return overlay(runs, group[0].figures[first[0] if first else 0])
