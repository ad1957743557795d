"""All methods on one landscape: how often each reaches the global basin, and where its runs go."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.shares import Share
from mlcore.escapes.escaping import Escape, EscapeSpec
from mlcore.escapes.multimodal import multimodal
from mlcore.figures import escaping as figures
from pages.rooms.escape.room import PLAIN, Form, RoomSpec, land, names, runs, standing, told
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.moving import points
from pages.ui.text import Text, language, percent, t

VERDICTS = {1: "more", 0: "same", -1: "less"}


def choose(controls: Form) -> None:
    """The method whose runs are watched."""
    now = controls.current().escape
    options = {str(i + 1): f"{i + 1} · {name}" for i, name in enumerate(names(now))}
    if options:
        controls.select("which", options, widget=st.pills, label=t("escape.watched"), required=True)


def show(spec: RoomSpec, controls: Form) -> None:
    asked = standing(spec.escape)
    known = multimodal(asked.landscape)
    if not asked.methods:
        st.info(t("escape.nobody"))
        return
    found, called = runs(asked, "methods"), names(asked)
    base = found and runs(replace(asked, methods=(PLAIN,)), "plain")
    if not found or not base:
        return
    (plain,) = base
    which = min(spec.which, len(found)) - 1
    key = specs.key(asked)
    pictures, frames = scene(key, language(), which, asked, found, called, plain.share)
    alt = [t("escape.alt.shares"), t("escape.alt.cloud", name=Text(called[which]))]
    plot.play(
        pictures, frames, key="methods", alt=alt, labels=play_labels(), columns=2,
        height=max(430, 90 + 52 * len(found)), on_click=partial(pick, controls, len(found)),
    )  # fmt: skip
    st.markdown(sentence(asked, found, called, plain.share))
    table(found, called, plain.share)
    st.caption(t("escape.rule", budget=asked.steps, runs=asked.runs))
    told(known)


def pick(controls: Form, count: int, click: plot.Click) -> None:
    """A click on a method's row shows its runs."""
    if click.figure == 0:
        controls.put("which", min(max(count - round(click.y), 1), count))


def sentence(spec: EscapeSpec, found: list[Escape], called: list[str], base: Share) -> Text:
    """Which method gets there most often, and whether that is more than luck."""
    if all(result.method == PLAIN for result in found):
        return t("escape.best.alone", base=percent(base.value), runs=spec.runs)
    best = max(range(len(found)), key=lambda i: found[i].share.value)
    share = found[best].share
    code = VERDICTS[figures.compared(share, base)]
    values = {"name": Text(called[best]), "share": percent(share.value), "base": percent(base.value)}
    return t(f"escape.best.{'more' if code == 'more' else 'none'}", **values, runs=spec.runs)


def table(found: list[Escape], called: list[str], base: Share) -> None:
    """The numbers, one row a method."""
    rows = []
    for name, result in zip(called, found, strict=True):
        low, high = result.share.interval
        verdict = t(f"escape.verdict.{VERDICTS[figures.compared(result.share, base)]}")
        counts = {"gradients": f"{result.gradients:,}", "values": f"{result.values:,}"}
        spent = t("escape.spent", **{name: Text(count) for name, count in counts.items()})
        rows.append(
            {
                t("escape.column.method"): str(name),
                t("escape.column.share"): f"{result.share.hits} / {result.share.of}",
                t("escape.column.interval"): f"{100 * low:.1f} – {100 * high:.1f}%",
                t("escape.column.verdict"): "–" if result.method == PLAIN else str(verdict),
                t("escape.column.spent"): str(spent),
                t("escape.column.lost"): str(result.lost),
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")


@st.cache_resource(max_entries=64, show_spinner=False)
def scene(
    key: str, language: str, which: int, _spec: EscapeSpec, _found: list[Escape], _called: list[str],
    _base: Share,
) -> tuple[list[go.Figure], plot.Frames]:  # fmt: skip
    """The shares of all methods; beside them the runs of one, played."""
    result = _found[which]
    pictures = [
        figures.shares(_found, _called, _base, t),
        figures.cloud(multimodal(_spec.landscape), land(_spec.landscape), result, t),
    ]
    updates = []
    for trace, rows in zip((2, 3), figures.seen(result), strict=True):
        updates += points(trace, result.track[:, rows], figure=1)
    return pictures, plot.Frames(result.step.tolist(), updates)
