"""What the views of this room share: the spec behind the link, what there is to see, how to wait for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.complexity.families import FAMILIES
from mlcore.complexity.fit_verdict import Diagnosis, Glance, diagnose, glance
from mlcore.complexity.generalization import BiasVarianceSpec, Ensemble, Fit, grid, nearest
from mlcore.complexity.selection import Validation, ValidationSpec
from mlcore.complexity.training_sets import Drawing, SetsSpec, shape
from mlcore.engine.engine import State
from mlcore.families.datasets import DATASETS
from mlcore.training.data import DataSpec
from pages.ui import compute, ensembles, waiting
from pages.ui.controls import Controls
from pages.ui.text import Text, number, t
from pages.ui.text.problems import REFUSALS

VIEWS = ("fits", "side", "curve", "cures")
SLOT, CROSS, CURE = "fitting", "fitting_cross", "fitting_cures"
SIGNS = {r"\lambda": "λ", r"\lambda_2": "λ₂", r"\sigma_x": "σₓ", r"\eta": "η"}


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("fits", VIEWS, "view")
    ensemble: BiasVarianceSpec = specs.part(BiasVarianceSpec)
    complexity: float = specs.number(Knob(ensembles.USUAL, ensembles.USUAL, 5000.0), "c")
    # What the rooms share: the same codes, with what drawn training sets do not use, so that it is not lost
    data: DataSpec = specs.part(DataSpec, SetsSpec().data)

    def __post_init__(self) -> None:
        specs.check(self)
        # Of the other room's settings: shortcuts have no place in a verdict
        plain = replace(self.ensemble, plane=False, center="labels", paired=False)
        object.__setattr__(self, "ensemble", plain)


Form = Controls[RoomSpec]


@dataclass(frozen=True, eq=False)
class Seen:
    """What there is to show: the ensemble or its first complexities, and which of them is chosen."""

    spec: BiasVarianceSpec
    drawing: Drawing
    ensemble: Ensemble
    of: int  # complexities that there will be
    at: int
    validation: Validation | None

    @property
    def fit(self) -> Fit:
        return self.ensemble.fits[self.at]

    @property
    def diagnosis(self) -> Diagnosis:
        return diagnose(self.ensemble, self.at)

    @property
    def glance(self) -> Glance | None:
        return glance(self.fit, self.validation) if self.validation else None

    @property
    def whole(self) -> bool:
        return len(self.ensemble.fits) == self.of

    @property
    def key(self) -> str:
        """Of what is seen now, for pictures that are drawn once for everybody."""
        return f"{specs.key(self.spec)}/{len(self.ensemble.fits)}/{self.validation is not None}"


def look(spec: RoomSpec, complexity: float | None) -> Seen | None:
    """The ensemble as far as it is computed; while there is nothing, a sentence or progress."""
    if complexity is None:
        ensembles.found(spec.ensemble, SLOT)  # says why not
        return None
    data = DATASETS[spec.ensemble.sets.data.name]
    plane = data.features in (0, 2)  # 0: a table, of which this is not known yet
    asked = ValidationSpec(spec.ensemble)
    compute.ask(asked, CROSS, 0)
    found = ensembles.found(replace(spec.ensemble, plane=plane), SLOT)
    if found is None:
        return None
    view = compute.ask(asked, CROSS)
    if not view.state.final:
        waiting.progress({CROSS: asked}, lambda views: t("fitting.validating"))
    values = grid(spec.ensemble.family, *shape(spec.ensemble.sets))
    validation = view.result if view.state is State.DONE else None
    at = nearest(found.complexity.tolist(), complexity)
    drawing = ensembles.drawn(spec.ensemble.sets)
    return Seen(spec.ensemble, drawing, found, len(values), at, validation)


# ---------------------------------------------------------------- numbers as people read them


def signed(value: float) -> Text:
    return Text(("+" if value >= 0 else "") + number(value))


def sign(symbol: str) -> str:
    return SIGNS.get(symbol, symbol)


def valued(family: str, complexity: float) -> Text:
    """A complexity with its symbol: d = 9."""
    return Text(f"{sign(FAMILIES[family].symbol)} = {complexity:.4g}")


def there(seen: Seen) -> Text:
    """What the verdict compares with: the best complexity, or the best constant."""
    best = seen.diagnosis.best
    return t("fitting.the_constant") if best is None else valued(seen.spec.family, best)


def choose_loss(controls: Form) -> None:
    """Of classes, by which loss the verdict is given."""
    try:
        classes = ensembles.drawn(controls.current().ensemble.sets).sets.classes
    except REFUSALS:
        return
    if classes:
        codes = {"squared_error": "brier", "cross_entropy": "cross_entropy"}
        names = {code: t(f"variants.measure.{name}") for code, name in codes.items()}
        controls.select("measure", names)
