"""What the views of this room share: the spec behind the link, the target, the trainings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.depth import approximation as core
from mlcore.depth.approximation import WAYS, WIDTHS, Curve
from mlcore.depth.approximation_sweep import TRAINABLE, SweepSpec, Width
from mlcore.depth.approximation_targets import (
    DRAWN,
    LINE,
    OWN,
    PLANE,
    WAVE,
    Steepness,
    Target,
    rate,
    steepness,
    target,
)
from mlcore.families.activations import ACTIVATIONS
from mlcore.formulas.formula import MOST_CHARACTERS
from pages.ui import drawing, typed, waiting
from pages.ui.controls import Controls
from pages.ui.drawing import Board
from pages.ui.text import Text, number, t, title

VIEWS = ("construct", "width", "beyond", "plane", "theorem")
UNITS = Knob(8, 1, 256, symbol="N", integer=True)
SHARPNESS = Knob(8.0, 1.0, 100.0, symbol="k", log=True)
DEGREE = Knob(3, 2, 9, symbol="d", integer=True)
GOOD = "_approximation_good"  # of the session: the last target of each kind that could be taken


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to. The target of `sweep` is the one that a person types."""

    view: str = specs.choice("construct", VIEWS, "view")
    example: str = specs.choice("sine", (*LINE, OWN, DRAWN), "aex")
    plane_example: str = specs.choice("waves", (*PLANE, OWN), "aex2")
    typed: str = specs.text(PLANE["waves"], "af2", MOST_CHARACTERS)
    way: str = specs.choice("hats", WAYS, "acon")
    units: int = specs.number(UNITS, "an")
    sharpness: float = specs.number(SHARPNESS, "ak")
    sweep: SweepSpec = specs.part(SweepSpec)
    width: int = specs.number(Knob(16, WIDTHS[0], WIDTHS[-1], integer=True), "aw")  # that is looked into
    degree: int = specs.number(DEGREE, "apoly")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def line(self) -> SweepSpec:
        """The trainings on the line."""
        if self.example == DRAWN:
            return replace(self.sweep, drawn=self.sweep.drawn or WAVE, plane=False)
        text = self.sweep.target if self.example == OWN else LINE[self.example]
        return replace(self.sweep, target=text, drawn="", plane=False)

    @property
    def square(self) -> SweepSpec:
        """The trainings in the plane."""
        text = self.typed if self.plane_example == OWN else PLANE[self.plane_example]
        return replace(self.sweep, target=text, drawn="", plane=True)


Form = Controls[RoomSpec]


def targets(controls: Form) -> None:
    """Which target on the line: one of the examples, a formula of one's own, or a drawn curve."""
    controls.select("aex", {**LINE, OWN: t("approximation.own"), DRAWN: t("approximation.drawn")})
    if controls.current().example == DRAWN:
        drawing.board(controls, Board("apts", "approximation", WAVE))
        st.caption(t("approximation.stretched"))
    if controls.current().example == OWN:
        controls.text("af", help=t("approximation.formula_help"), placeholder=LINE["sine"])


def plane_targets(controls: Form) -> None:
    controls.select("aex2", {**PLANE, OWN: t("approximation.own")})
    if controls.current().plane_example == OWN:
        controls.text("af2", help=t("approximation.formula_help"), placeholder=PLANE["waves"])


def training(controls: Form) -> None:
    """How networks are trained."""
    controls.choice("aact", "activation", TRAINABLE)
    for code in ("alr", "asteps", "ar", "aseed"):
        controls.number(code)


def standing(spec: SweepSpec) -> SweepSpec:
    """The trainings; for a formula that is no target, after its sentence, on the last one that was."""
    usual = replace(spec, target=PLANE["waves"] if spec.plane else LINE["sine"], drawn="")

    def told(own: SweepSpec) -> Text:
        return t("approximation.last_good", formula=t("approximation.drawn") if own.drawn else own.target)

    slot = f"{GOOD}_{spec.plane}"
    last, _ = typed.standing(slot, spec, usual, lambda own: target(own.text, own.plane), told)
    return replace(spec, target=last.target, drawn=last.drawn)


def on_the_line(spec: SweepSpec) -> tuple[Target, Steepness]:
    """The target, and how it may change; a warning where it is not continuous."""
    f, steep = target(spec.text), steepness(spec.text)
    if not steep.continuous:
        st.warning(t("approximation.jump", place=number(steep.place or 0.0)))
    return f, steep


def told(steep: Steepness, way: str) -> Text:
    """How the bound of a construction was found, or why there is none."""
    known = steep.curvature if way == "hats" else steep.slope
    if known is None:
        return t(f"approximation.no_bound.{way}", place=number(steep.place or 0.0))
    return t(f"approximation.bound.{way}", most=number(known, 4))


@st.cache_resource(max_entries=64, show_spinner=False)
def curve(text: str, way: str, sharpness: float) -> Curve:
    """The errors of the constructed networks of all widths."""
    return core.over_widths(target(text), steepness(text), way, sharpness)


def name_of(activation: str) -> str:
    return str(title(ACTIVATIONS[activation], "activation"))


def running(views: waiting.Views) -> Text:
    return t(
        "approximation.running", done=len(views[0].parts), of=len(WIDTHS), percent=waiting.percent(views)
    )


def table(
    rows: dict[str, tuple[Sequence[float], float | None]], widths: Sequence[int]
) -> dict[str, list[str]]:
    """Errors at some widths, and slopes: a row for each way to come by weights."""
    shown = [k for k, units in enumerate(widths) if units in (4, 16, 64, 256)]
    columns: dict[str, list[str]] = {t("approximation.way"): list(rows)}
    for k in shown:
        columns[f"N = {widths[k]}"] = [number(errors[k]) for errors, _ in rows.values()]
    columns[t("approximation.slope")] = [
        "–" if slope is None else number(slope, 2) for _, slope in rows.values()
    ]
    return columns


def trained_rows(
    parts: Sequence[Width], name: str, floor: float
) -> dict[str, tuple[Sequence[float], float | None]]:
    """The rows of `table` for networks that were trained, and for those whose last layer was solved."""
    units = [part.units for part in parts]
    median = [float(np.median(part.errors)) for part in parts]
    solved = [part.solved_error for part in parts]
    return {
        name: (median, rate(units, median, floor)),
        t("figure.solved_layer"): (solved, rate(units, solved, floor)),
    }
