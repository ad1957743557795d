"""What the views of this room share: the spec behind the link."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.tasks.box_descent import RULES
from mlcore.tasks.boxes import BOX_LOSSES, SIDE, Box, ordered
from mlcore.tasks.depth_maps import MapSpec
from mlcore.tasks.detector import DetectorSpec
from mlcore.tasks.flow import FlowSpec
from mlcore.tasks.shading import ShadingSpec
from pages.ui.controls import Controls

VIEWS = ("boxes", "descent", "detector", "flow", "depth", "shading")
PLACE = Knob(0.0, 0.0, SIDE)
DIGITS = 4  # of a number that a hand chose


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("boxes", VIEWS, "view")
    box: tuple[float, ...] = specs.numbers((1.5, 2.0, 5.0, 6.0), PLACE, "obox", most=4, least=4)
    true: tuple[float, ...] = specs.numbers((3.5, 3.0, 8.0, 8.0), PLACE, "otrue", most=4, least=4)
    loss: str = specs.choice("giou", BOX_LOSSES, "oloss")
    rule: str = specs.choice("adam", RULES, "oopt")  # `descent`
    lr: float = specs.number(Knob(0.1, 0.001, 10.0, symbol=r"\eta", log=True), "olr")
    steps: int = specs.number(Knob(150, 10, 400, symbol="T", integer=True), "osteps")
    detector: DetectorSpec = specs.part(DetectorSpec)
    flow: FlowSpec = specs.part(FlowSpec)
    map: MapSpec = specs.part(MapSpec)
    shading: ShadingSpec = specs.part(ShadingSpec)

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def predicted(self) -> Box:
        return ordered(self.box)

    @property
    def truth(self) -> Box:
        return ordered(self.true)


Form = Controls[RoomSpec]


def typed(controls: Form) -> None:
    """Both boxes, four numbers each."""
    controls.numbers("obox")
    controls.numbers("otrue")


def put(controls: Form, code: str, box: Box) -> None:
    """What a hand chose, rounded as one would write it."""
    controls.put(code, [float(f"{number:.{DIGITS}g}") for number in box])
