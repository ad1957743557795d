"""What the views of this room share: the spec behind the link."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.depth.xor import WIDTHS, XorSpec
from pages.ui.controls import Controls

VIEWS = ("line", "hidden", "seeds")
SOURCES = ("textbook", "trained")


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("line", VIEWS, "view")
    w1: float = specs.number(Knob(1.0, -3.0, 3.0, symbol="w_1"), "xw1")
    w2: float = specs.number(Knob(1.0, -3.0, 3.0, symbol="w_2"), "xw2")
    bias: float = specs.number(Knob(0.0, -3.0, 3.0, symbol="b"), "xbias")
    source: str = specs.choice("textbook", SOURCES, "xfrom")
    network: int = specs.number(Knob(0, 0, 255, integer=True), "net")  # of the seeds, the one that is watched
    xor: XorSpec = specs.part(XorSpec)
    beside: bool = specs.flag(False, "xall")  # the same with other activations
    width: int = specs.number(Knob(2, WIDTHS[0], WIDTHS[-1], integer=True), "xh")  # whose networks are listed

    def __post_init__(self) -> None:
        specs.check(self)


Form = Controls[RoomSpec]


def settings(controls: Form) -> None:
    """How networks are trained on XOR."""
    controls.choice("xact", "activation")
    controls.choice("xinit", "initialization")
    controls.choice("xopt", "optimizer")
    controls.number("xlr")
    controls.number("xsteps")
    controls.number("xseed")
