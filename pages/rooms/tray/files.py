"""The tray to take home: a report that opens offline, a table, and everything as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable

import streamlit as st
from plotly.offline import get_plotlyjs

from mlcore.tray.export import Section, as_json, report, table
from pages.rooms.tray import compare
from pages.rooms.tray.kept import Tray, called, setting
from pages.ui.text import language, t


def downloads(tray: Tray) -> None:
    """Made when they are asked for."""
    made: dict[str, tuple[Callable[[], bytes], str]] = {
        "html": (lambda: page(tray).encode(), "text/html"),
        "csv": (lambda: rows(tray).encode("utf-8-sig"), "text/csv"),
        "json": (lambda: as_json(tray.shown).encode(), "application/json"),
    }
    with st.container(horizontal=True):
        for kind, (make, mime) in made.items():
            st.download_button(
                t(f"tray.download.{kind}"), make, f"tray.{kind}", mime, key=f"_tray_{kind}",
                on_click="ignore", icon=":material/download:",
                type="primary" if kind == "html" else "secondary",
            )  # fmt: skip


def rows(tray: Tray) -> str:
    names = {
        name: str(t(f"tray.column.{name}")) for name in ("number", "title", "said", "note", "link", "last")
    }
    for each in tray.shown:
        names |= {code: setting(code, each.pin) for code in each.pin.settings}
    return table(tray.shown, names)


def page(tray: Tray) -> str:
    """The report: settings that differ, curves in one, then every pin with its pictures."""
    sections = []
    for room in dict.fromkeys(pin.room for pin in tray.pins):
        own = [each for each in tray.shown if each.pin.room == room]
        if len(own) > 1 and len(found := compare.table(own)) > 1:
            sections.append(Section(t("tray.of_room", room=t(f"contents.{room}.title")), rows=found))
    for group in compare.alike(tray.shown):
        figure = json.loads(compare.together(group).to_json())
        figure["layout"].pop("template", None)
        sections.append(Section(f"{t('tray.curves')} · {group[0].title}", figures=[figure]))
    for each in tray.shown:
        heading = f"{called(each.number)} · {each.title}"
        told = [each.pin.note and f"{t('tray.note')}: {each.pin.note}", *each.pin.said]
        sections.append(Section(heading, told, each.href, (), each.figures, each.pin.alts))
    return report(t("contents.tray.title"), language(), sections, get_plotlyjs())
