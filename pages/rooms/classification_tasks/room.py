"""What the views of this room share: the spec behind the link, both networks, the images they are asked."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.tasks import image_pair as core
from mlcore.tasks.calibration import HIGH, LOW
from mlcore.tasks.image_pair import NETWORKS, REACH, Images, PairSpec
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import Run
from pages.rooms.classification_tasks.mask_settings import MaskRoom
from pages.ui import compare
from pages.ui.controls import Controls
from pages.ui.text import Text, t

VIEWS = ("images", "threshold", "calibration", "digit", "paint", "mask_losses", "segment")
SLOT = "pair"
SHIFT = Knob(0, -REACH, REACH, integer=True)


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("images", VIEWS, "view")
    pair: PairSpec = specs.part(PairSpec)
    network: str = specs.choice("convolution", NETWORKS, "cnet")  # the one that is looked at
    dx: int = specs.number(SHIFT, "cdx")
    dy: int = specs.number(SHIFT, "cdy")
    digit: int = specs.number(Knob(8, 0, 9, integer=True), "cdigit")  # `threshold`: the positive class
    after: int = specs.number(Knob(12, 0, 2000, integer=True), "cafter")  # steps
    cut: float = specs.number(Knob(0.5, 0.0, 1.0), "ccut")
    temperature: float = specs.number(Knob(1.0, LOW, HIGH, symbol="T", log=True), "ctemp")  # `calibration`
    bins: int = specs.number(Knob(10, 5, 20, integer=True), "cbins")
    strokes: str = specs.points("cpen")  # `digit`; nothing for the example
    pixels: str = specs.gray("cpixels")  # typed ones are asked instead of what is drawn
    masks: MaskRoom = specs.part(MaskRoom)

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def training(self) -> TrainSpec:
        """Of the network that is looked at."""
        return self.pair.trainings[self.network]

    @property
    def seen(self) -> Images:
        """The test images, shifted."""
        return core.unseen(self.pair.data).shifted(self.dx, self.dy)


Form = Controls[RoomSpec]


def name(network: str) -> Text:
    return t(f"classification_tasks.network.{network}")


def names() -> dict[str, str]:
    return {network: str(name(network)) for network in NETWORKS}


def settings(controls: Form) -> None:
    """Both networks and how they are trained."""
    controls.sizes("cch")
    controls.number("clayers", typed=1)
    for code, step in (
        ("cimages", 0),
        ("clr", 0),
        ("cl2", 0.0005),
        ("csteps", 0),
        ("cseeds", 0),
        ("cfirst", 0),
    ):
        controls.number(code, typed=step)


def which(controls: Form) -> None:
    """The network that is looked at."""
    controls.select("cnet", names(), widget=st.segmented_control, required=True)


def shift(controls: Form) -> None:
    """How far the test images are moved."""
    for column, code in zip(st.columns(2), ("cdx", "cdy"), strict=True):
        with column:
            controls.number(code, typed=1)


def trained(spec: RoomSpec) -> dict[str, Run]:
    """What there is of both trainings; for the rest a line of progress with a stop."""
    return compare.runs(spec.pair.trainings, SLOT, names())


@st.cache_resource(max_entries=64, show_spinner=False)
def said(key: str, dx: int, dy: int, _run: Run) -> Tensor:
    """Logits of the test images, shifted: [R, M, 10]; `key` names the run."""
    seen = core.unseen(_run.spec.data).shifted(dx, dy)
    return core.logits(_run, prepare(_run.spec), seen.x)


def exact(share: float) -> Text:
    """A share with a digit after the point: accuracies of two networks may differ by little."""
    return Text(f"{100 * share:.1f}%")


def key(run: Run) -> str:
    """Of a run that may have been stopped."""
    return f"{specs.key(run.spec)}/{len(run.records.step)}"
