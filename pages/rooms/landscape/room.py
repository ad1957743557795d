"""What the views of this room share: the spec behind the link, the landscape as far as it is computed."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.landscapes.curvature import CurvatureSpec
from mlcore.landscapes.landscape import Landscape, LandscapeSpec
from mlcore.landscapes.lines import LineSpec
from mlcore.training.tasks import TrainSpec
from pages.ui import components, plot, waiting
from pages.ui.controls import Controls
from pages.ui.text import Text, t

VIEWS = ("contour", "space", "honesty", "line", "curvature")
CAMERAS = ("corner", "top", "front", "side")
SLOT = "landscape"
NEARER = 3.0  # times, with every click


@dataclass(frozen=True)
class RoomSpec(components.Trains):
    """Everything that this room can be set to."""

    view: str = specs.choice("contour", VIEWS, "view")
    landscape: LandscapeSpec = specs.part(LandscapeSpec)
    log: bool = specs.flag(True, "log")
    camera: str = specs.choice("corner", CAMERAS, "camera")
    pairs: int = specs.number(Knob(8, 1, 24, integer=True), "pairs")
    looks: int = specs.number(Knob(40, 8, 160, integer=True), "looks")
    eigenvalues: int = specs.number(Knob(1, 1, 3, symbol="k", integer=True), "eig")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def train(self) -> TrainSpec:  # type: ignore[override]  # a part of a part
        return self.landscape.train

    @property
    def line(self) -> LineSpec:
        what = "score" if self.landscape.what == "score" else "cost"
        return LineSpec(self.train, self.pairs, what, self.landscape.part)

    @property
    def curvature(self) -> CurvatureSpec:
        return CurvatureSpec(self.train, self.looks, self.eigenvalues)


Form = Controls[RoomSpec]


def look(spec: RoomSpec) -> Landscape | None:
    """The landscape, or the view so far with progress; while there is nothing, progress or a sentence."""
    if not waiting.possible(spec.train):
        return None
    view = waiting.follow(spec.landscape, SLOT, running)
    seen: Landscape | None = view.result or (view.parts[-1] if view.parts else None)
    return seen


def running(views: waiting.Views) -> Text:
    return t("landscape.running", percent=waiting.percent(views))


# ---------------------------------------------------------------- where one looks


def home(view: Landscape) -> tuple[float, float, float, float]:
    """The middle and half the width of the whole view, along a and b: (a, half a, b, half b)."""
    left, right, low, high = view.plane.home
    return (left + right) / 2, (right - left) / 2, (low + high) / 2, (high - low) / 2


def look_at(controls: Form, view: Landscape, a: float, b: float, times: float) -> None:
    """Look at (a, b), `times` nearer, within what a spec allows."""
    middle_a, half_a, middle_b, half_b = home(view)
    controls.put("zoom", float(f"{view.spec.zoom * times:.3g}"))
    controls.put("ma", round((a - middle_a) / half_a, 5))
    controls.put("mb", round((b - middle_b) / half_b, 5))


def look_within(controls: Form, view: Landscape, part: plot.Zoom) -> None:
    """Compute the part that is looked at: all of it, and more where it has another shape than the whole."""
    middle_a, half_a, middle_b, half_b = home(view)
    if part.whole:
        look_at(controls, view, middle_a, middle_b, 1 / view.spec.zoom)
        return
    (left, right), (low, high) = part.x, part.y
    closest = min(2 * half_a / (right - left), 2 * half_b / (high - low))
    look_at(controls, view, (left + right) / 2, (low + high) / 2, closest / view.spec.zoom)


def percent(share: float) -> Text:
    """One digit at least, and never a power of ten."""
    return Text(f"{share:.1%}" if share >= 0.001 else f"{100 * share:.1g}%" if share >= 1e-6 else "0.0001%")


def quantity(view: Landscape) -> Text:
    """What the landscape is of."""
    if view.spec.what == "score":
        return t("figure.accuracy" if view.classes else "figure.r2")
    return t("figure.cost" if view.spec.what == "cost" else "figure.gradient_norm")
