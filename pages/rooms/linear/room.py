"""What the views of this room share: the spec behind the link, the data, numbers that are typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.depth.linear_data import CHOSEN, DUOS, ONE, TWO, Plane, by_hand
from mlcore.descents.regression import FAR
from mlcore.training.data import DataSpec
from pages.ui import components, mirrored, typed
from pages.ui.controls import Controls
from pages.ui.text import t

T = TypeVar("T")
VIEWS = ("line", "plane", "logistic", "perceptron")
DIGITS = 4  # of a number that a hand chose
WEIGHT = 5.0  # of standardized features


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("line", VIEWS, "view")
    one: str = specs.choice("iris", ONE, "lset")
    two: str = specs.choice("setosa", TWO, "lcls")
    data: DataSpec = specs.part(DataSpec)  # where `one` or `two` is CHOSEN
    standardize: bool = specs.flag(False, "lstd")
    weight: float = specs.number(Knob(0.1, -FAR, FAR, symbol="w"), "lw")
    bias: float = specs.number(Knob(0.5, -FAR, FAR, symbol="b"), "lb")
    share: float = specs.number(Knob(0.9, 0.005, 1.2), "lshare")
    steps: int = specs.number(Knob(60, 1, 500, symbol="T", integer=True, log=True), "lsteps")
    duo: str = specs.choice("bmi_lipid", tuple(DUOS), "lduo")
    plane_w1: float = specs.number(Knob(-0.3, -WEIGHT, WEIGHT, symbol="w_1"), "lw1")
    plane_w2: float = specs.number(Knob(0.2, -WEIGHT, WEIGHT, symbol="w_2"), "lw2")
    plane_bias: float = specs.number(Knob(0.5, -WEIGHT, WEIGHT, symbol="b"), "lpb")
    class_w1: float = specs.number(Knob(1.0, -FAR, FAR, symbol="w_1"), "lc1")
    class_w2: float = specs.number(Knob(0.0, -FAR, FAR, symbol="w_2"), "lc2")
    class_bias: float = specs.number(Knob(0.5, -FAR, FAR, symbol="b"), "lcb")
    lr: float = specs.number(Knob(1.0, 0.01, 10.0, symbol=r"\eta", log=True), "leta")
    descent: int = specs.number(Knob(2000, 10, 10000, symbol="T", integer=True, log=True), "lt")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "lseed")
    passes: int = specs.number(Knob(20, 1, 1000, integer=True, log=True), "lpass")
    scaled: bool = specs.flag(False, "lscale")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def line(self) -> tuple[float, float]:
        return self.weight, self.bias

    @property
    def plane(self) -> tuple[float, float, float]:
        return self.plane_w1, self.plane_w2, self.plane_bias

    @property
    def classifier(self) -> tuple[float, float, float]:
        return self.class_w1, self.class_w2, self.class_bias


Form = Controls[RoomSpec]


# ---------------------------------------------------------------- which data


def source(
    controls: Form, code: str, names: Iterable[str], table: str, made: Sequence[str], line: Sequence[str]
) -> None:
    """Features of a real data set, called as in a `table` of words, or one of the `made` sets with its
    settings. Other data need another line: what stands in the codes `line` goes."""
    anew = partial(forget, controls, line)
    called = {name: t("linear.made" if name == CHOSEN else f"{table}.{name}") for name in names}
    controls.select(code, called, on_change=anew)
    if controls.state.get(code) != CHOSEN:
        return
    before = controls.current().data

    def other() -> None:
        anew()
        components.forget(controls, before)

    controls.choice("data", "dataset", made, on_change=other)
    components.brought(controls)
    now = controls.current().data
    components.examples(controls, now)
    controls.knobs("data")
    if not by_hand(now.name):
        controls.number("dseed")


def forget(controls: Form, codes: Sequence[str]) -> None:
    """Back to where they begin."""
    for code in codes:
        controls.write(code, specs.written(getattr(RoomSpec(), FIELDS[code])))


FIELDS = {"lw": "weight", "lb": "bias", "lc1": "class_w1", "lc2": "class_w2", "lcb": "class_bias"}


def standing(spec: RoomSpec, usual: str, read: Callable[[RoomSpec], T]) -> tuple[RoomSpec, T]:
    """What `read` makes of the data; of those that cannot be, after a sentence, of the last that could."""
    shown, found = typed.standing(
        f"_linear_{usual}", spec.data, DataSpec(usual), lambda data: read(replace(spec, data=data)),
        lambda last: t("linear.last_good"),
    )  # fmt: skip
    return replace(spec, data=shown), found


def classes(spec: RoomSpec, usual: str, read: Callable[[RoomSpec], Plane]) -> tuple[RoomSpec, Plane]:
    """The same of two classes in a plane; of more, the first two."""
    spec, data = standing(spec, usual, read)
    if data.left_out > 0:
        st.caption(t("linear.first_two"))
    return spec, data


# ---------------------------------------------------------------- numbers


def put(controls: Form, codes: Sequence[str], values: Iterable[float]) -> None:
    """What a hand or a button chose, rounded as one would write it."""
    for code, value in zip(codes, values, strict=True):
        controls.put(code, float(f"{value:.{DIGITS}g}"))


def exactly(controls: Form, codes: Sequence[str], values: Iterable[float]) -> None:
    """What theory knows, not rounded to see."""
    for code, value in zip(codes, values, strict=True):
        controls.put(code, float(value))


def slid_and_typed(controls: Form, code: str) -> None:
    """A slider, and a field for the same number: each follows the other."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        controls.number(code)
    limits: dict[str, Any] = {"min_value": -WEIGHT, "max_value": WEIGHT, "step": 0.1, "format": "%.4g"}
    mirrored.number(
        right.number_input, t(f"control.{code}"), f"_{code}_typed", float(controls.state[code]),
        lambda value: controls.put(code, value), label_visibility="collapsed", **limits,
    )  # fmt: skip
