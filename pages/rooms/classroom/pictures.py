"""What a class looks like: its rows as pictures, drawn once for all who see the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.classes import own_sets, starts
from mlcore.classes.kinds import Activity
from mlcore.classes.methods import EscapeActivity
from mlcore.classes.own_sets import SetsActivity
from mlcore.classes.starts import StartActivity
from mlcore.classes.trainings import TrainingActivity
from mlcore.escapes.escape_methods import METHODS
from mlcore.escapes.multimodal import multimodal, relief
from mlcore.families.surfaces import Relief
from mlcore.figures import classes as figures
from mlcore.training.descent import Status
from pages.rooms.classroom.door import Look, said
from pages.ui import surfaces
from pages.ui.text import Text, language, number, percent, t, tiny, title

GRID = 101


class Seen(NamedTuple):
    """Pictures of a class, what each of them shows, and what they say together."""

    figures: list[go.Figure]
    alts: list[Text]
    told: Text


def drawn(look: Look, rows: Mapping[Any, Any], own: int | None = None) -> Seen | None:
    """The pictures of those rows that are there, with a ring around one's own; None while there is none."""
    there = [i for i, (_, answer) in enumerate(look.answers) if answer in rows]
    if not there:
        return None
    activity = look.meeting.activity
    key = specs.key(activity), tuple(look.answers[i] for i in there)
    mine = there.index(own) if own in there else None
    seen = [rows[look.answers[i][1]] for i in there], [str(said(look.answers[i][0])) for i in there]
    return _drawn(sha256(repr(key).encode()).hexdigest(), language(), mine, activity, *seen)


@st.cache_resource(max_entries=256, show_spinner=False)
def _drawn(
    key: str, language: str, own: int | None, _activity: Activity, _rows: list[Any], _names: list[str]
) -> Seen:
    match _activity:
        case TrainingActivity():
            pictures = [figures.costs(_activity, _rows, _names, own, t), figures.curves(_rows, own, t)]
            kinds = ["costs", "curves"]
        case StartActivity():
            pictures = [figures.descents(_activity, ground(_activity), _rows, _names, own, t)]
            kinds = ["descents"]
        case EscapeActivity():
            called = {name: str(title(METHODS[name], "method")) for name in METHODS}
            known = multimodal(_activity.base.landscape.alone)
            pictures = [
                figures.escaped(_rows, called, own, t),
                figures.escape_ends(known, land(_activity), _rows, _names, own, t),
            ]
            kinds = ["escaped", "escape_ends"]
        case SetsActivity():
            pictures = [figures.members(_activity, _rows, own, t), figures.parts(_activity, _rows, t)]
            kinds = ["members", "parts"]
        case _:
            raise TypeError(f"a class of {type(_activity).__name__} has no rows")
    told = sentence(_activity, _rows)
    return Seen(pictures, [Text(f"{t(f'classroom.alt.{kind}')} {told}") for kind in kinds], told)


def ground(activity: StartActivity) -> Relief:
    return surfaces.land(activity.base.surface, activity.base.surface_knobs, starts.box(activity))


@st.cache_resource(max_entries=16, show_spinner=False)
def land(activity: EscapeActivity) -> Relief:
    return relief(multimodal(activity.base.landscape.alone), GRID)


# ---------------------------------------------------------------- in a sentence


def sentence(activity: Activity, rows: Sequence[Any]) -> Text:
    """What is seen now, with its numbers."""
    match activity:
        case TrainingActivity():
            good = [row for row in rows if row.status is not Status.DIVERGED]
            best = min(good, key=lambda row: row.train_cost[-1], default=None)
            counts = {"count": len(rows), "lost": len(rows) - len(good)}
            if best is None:
                return t("classroom.told.all_lost", **counts)
            cost = number(float(best.train_cost[-1]))
            return t("classroom.told.training", lr=number(best.answer.lr), cost=cost, **counts)
        case StartActivity():
            there = sum(row.minimum >= 0 for row in rows)
            return t("classroom.told.descent", count=len(rows), there=there, share=percent(there / len(rows)))
        case EscapeActivity():
            there = sum(row.reached for row in rows)
            return t("classroom.told.escape", count=len(rows), there=there, share=percent(there / len(rows)))
        case SetsActivity():
            parts = own_sets.taken_apart(activity, rows)
            values = {name: number(value) for name, value in parts.average().items()}
            gap = tiny(float(np.abs(parts.residual).max()))
            return t("classroom.told.ensemble", count=Text(len(rows)), gap=gap, **values)
    raise TypeError(f"a class of {type(activity).__name__} has no rows")


def of_one(activity: Activity, row: Any) -> Text:
    """What became of a single student's row."""
    match activity:
        case TrainingActivity():
            if row.status is Status.DIVERGED:
                return t("classroom.one.diverged", lr=number(row.answer.lr))
            cost, test = number(float(row.train_cost[-1])), number(float(row.test_cost[-1]))
            return t("classroom.one.training", cost=cost, test=test)
        case StartActivity():
            kind = "reached" if row.minimum >= 0 else row.fate.name.lower()
            if kind == "diverged":
                return t("classroom.one.gone")
            return t(f"classroom.one.{kind}", x=number(row.theta[-1, 0]), y=number(row.theta[-1, 1]))
        case EscapeActivity():
            name = title(METHODS[row.answer.method], "method")
            return t("classroom.one.escaped" if row.reached else "classroom.one.stuck", name=name)
    return t("classroom.one.ensemble", size=len(row.x))
