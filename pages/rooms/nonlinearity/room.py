"""What the views of this room share: the spec behind the link."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.components.untrained import SEED
from mlcore.depth import approximation_targets
from mlcore.depth.bending import NAMES, SQUARE
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from pages.ui.controls import Controls

VIEWS = ("layers", "line", "plane", "activations")
SPACES = ("line", "plane")
BENT = tuple(name for name in ACTIVATIONS if ACTIVATIONS[name].facts.get("bends"))
NETWORKS = 200  # of which pieces are counted


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to. How weights are drawn is the same in all views."""

    view: str = specs.choice("layers", VIEWS, "view")
    init: str = specs.choice("he", INITIALIZERS, "kinit")
    spread: float = specs.number(Knob(1.0, 0.0, 3.0, symbol=r"\sigma_b"), "kspread")
    seed: int = specs.number(SEED, "kseed")
    space: str = specs.choice("line", SPACES, "kspace")  # `layers`
    depth: int = specs.number(Knob(4, 1, 8, symbol="k", integer=True), "kdepth")
    width: int = specs.number(Knob(8, 1, 16, symbol="n", integer=True), "kwidth")
    activation: str = specs.choice("relu", ACTIVATIONS, "kact")
    bent: str = specs.choice("relu", BENT, "kbent")  # `line` and `plane`
    layers: int = specs.number(Knob(2, 1, 4, symbol="L", integer=True), "klayers")  # `line`, `activations`
    units: int = specs.number(Knob(8, 1, 32, symbol="N", integer=True), "kunits")
    cuts: int = specs.number(Knob(1, 1, 3, symbol="L", integer=True), "kcuts")  # `plane`
    lines: int = specs.number(Knob(5, 1, 10, symbol="N", integer=True), "klines")
    reach: float = specs.number(Knob(3.0, 1.0, 100.0, symbol="a", log=True), "kreach")
    shown: str = specs.choice(SQUARE, NAMES, "kshow")  # `activations`
    example: str = specs.choice("kink", approximation_targets.LINE, "ktarget")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def stacked(self) -> tuple[int, ...]:
        """From input to output, the widths of the layers that are stacked."""
        ends = SPACES.index(self.space) + 1
        return (ends, *(self.width,) * (self.depth - 1), ends)

    @property
    def widths(self) -> tuple[int, ...]:
        """Of the hidden layers of a network on the line."""
        return (self.units,) * self.layers

    @property
    def plane_widths(self) -> tuple[int, ...]:
        return (self.lines,) * self.cuts


Form = Controls[RoomSpec]


def drawing(controls: Form) -> None:
    """How random weights are drawn."""
    controls.choice("kinit", "initialization")
    controls.number("kspread")
    controls.number("kseed")
