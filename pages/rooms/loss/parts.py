"""What the views of the objective room share: their shape, rows of numbers, and marks that are dragged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from mlcore.families.losses import LOSSES
from pages.rooms.loss.spec import LossSpec
from pages.ui import text
from pages.ui.controls import Controls
from pages.ui.plot import Drag
from pages.ui.text import title

Form = Controls[LossSpec]
number = partial(text.number, digits=4)


def titles() -> dict[str, str]:
    return {name: title(LOSSES[name], "loss") for name in LOSSES}


def numbers(values: Mapping[str, float | str]) -> None:
    """A row of numbers with their names."""
    for column, (name, value) in zip(st.columns(len(values)), values.items(), strict=True):
        column.metric(name, value if isinstance(value, str) else number(value))


def moved(values: tuple[float, ...], drag: Drag, to: float) -> tuple[float, ...]:
    """`values` with the dragged one where it is now, to two decimals."""
    place = min(drag.point, len(values) - 1)
    return (*values[:place], round(to, 2), *values[place + 1 :])
