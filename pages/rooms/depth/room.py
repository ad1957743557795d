"""What the views of this room share: the spec behind the link."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.depth.depth_signals import LayersSpec
from mlcore.depth.depths import DEPTHS, NORMS, DepthSpec
from mlcore.depth.sawtooth import DEEPEST
from pages.ui.controls import Controls
from pages.ui.text import t

VIEWS = ("sweep", "layers", "sawtooth")


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to. Both experiments share some of their fields."""

    view: str = specs.choice("sweep", VIEWS, "view")
    sweep: DepthSpec = specs.part(DepthSpec)
    listed: str = specs.choice(str(DEPTHS[-1]), tuple(map(str, DEPTHS)), "dlist")  # whose networks are listed
    layers: LayersSpec = specs.part(LayersSpec)
    saw: int = specs.number(Knob(4, 1, DEEPEST, symbol="L", integer=True), "saw")

    def __post_init__(self) -> None:
        specs.check(self)


Form = Controls[RoomSpec]


def settings(controls: Form) -> None:
    """What both experiments have."""
    controls.select("dnorm", {name: t(f"depth.norm.{name}") for name in NORMS})
    controls.choice("dact", "activation")
    controls.choice("dinit", "initialization")
