"""What the views of the optimizer room share: the spec behind the link, the race, the player."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.descents import paths
from mlcore.descents.paths import Path, PathSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.surfaces import SURFACES, Relief
from mlcore.figures.paths import frame
from pages.ui import surfaces
from pages.ui.controls import Controls
from pages.ui.plot import Click
from pages.ui.text import Text, short, t

VIEWS = ("race", "memory", "relief", "code")
CAMERAS = ("corner", "top", "front", "side")


@dataclass(frozen=True)
class RoomSpec:
    """Everything that the optimizer room can be set to."""

    view: str = specs.choice("race", VIEWS, "view")
    paths: PathSpec = specs.part(PathSpec)
    which: int = specs.number(Knob(4, 1, 8, integer=True), "which")  # the rule that is looked into
    camera: str = specs.choice("corner", CAMERAS, "camera")

    def __post_init__(self) -> None:
        specs.check(self)


Form = Controls[RoomSpec]


def land(spec: PathSpec) -> Relief:
    """The surface under the paths of `spec`."""
    return surfaces.land(spec.surface, spec.surface_knobs, frame(spec))


def names(spec: PathSpec) -> list[str]:
    """What the rules of a race are called: those that occur twice by their learning rates, too."""
    titles = [short(OPTIMIZERS[rule.optimizer], "optimizer") for rule in spec.rules]
    twice = {name for name in titles if titles.count(name) > 1}
    return [
        f"{name} {rule.lr:g}" if name in twice else name
        for name, rule in zip(titles, spec.rules, strict=True)
    ]


def sentences(spec: PathSpec, found: Sequence[Path]) -> list[Text]:
    """How each path ended."""
    told = []
    for name, path in zip(names(spec), found, strict=True):
        values = {key: int(v) if key == "step" else v for key, v in path.told.items()}
        fate = t(f"problems.fate.{path.fate.name}", **values)
        told.append(t("optimizer.ended", name=Text(name), lr=Text(f"{path.rule.lr:g}"), fate=fate))
    return told


def place(controls: Form, click: Click) -> None:
    """A click on the surface puts the start there."""
    if click.figure == 0:
        controls.put("x", round(click.x, 3))
        controls.put("y", round(click.y, 3))


def usual(spec: PathSpec, surface: str) -> PathSpec:
    """The race moved to another surface: its own start, and rates that suit it."""
    x, y = SURFACES[surface].start
    moved = replace(spec, surface=surface, surface_knobs=(), x=x, y=y)
    rules = (replace(rule, lr=paths.usual_rate(moved, rule.optimizer)) for rule in moved.rules)
    return replace(moved, rules=tuple(rules))
