"""What the views of this room share: the spec behind the link, and which digits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlcore.base import spec as specs
from mlcore.formulas.formula import MOST_CHARACTERS
from mlcore.tasks.approaches import RULE, PixelSpec, Ruled, judge
from pages.ui import typed
from pages.ui.components import side_by_side
from pages.ui.controls import Controls
from pages.ui.text import t

VIEWS = ("rule", "effort", "map")


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("rule", VIEWS, "view")
    rule: str = specs.text(RULE, "airule", MOST_CHARACTERS)
    pixels: PixelSpec = specs.part(PixelSpec)

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def pair(self) -> tuple[int, int]:
        """The two digits, in rising order."""
        first, second = replace(self.pixels, every=False).digits
        return first, second


Form = Controls[RoomSpec]


def digits(controls: Form) -> None:
    side_by_side(controls, "aia", "aib")


def standing(spec: RoomSpec) -> tuple[str, Ruled]:
    """The rule and what it says; of one that cannot be read, after its sentence, the last that could."""
    return typed.standing(
        "_ai_rule", spec.rule, RULE, lambda text: judge(text, spec.pair),
        lambda last: t("ai_ml_dl.last_good", formula=last),
    )  # fmt: skip
