"""Every figure of the room on double descent, drawn from small results, for the tests of all figures."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go

from mlcore.base.experiment import run
from mlcore.complexity import line_fits, random_features
from mlcore.complexity.double_descent import GaussianSpec, SpectrumSpec, measure, spectrum, theory
from mlcore.complexity.generalization import BiasVarianceSpec, Ensemble, grid
from mlcore.complexity.selection import Learning, LearningSpec, Validation, ValidationSpec
from mlcore.complexity.training_sets import SetsSpec
from mlcore.complexity.widths import Widths, WidthSpec
from mlcore.figures import complexity as complexity_figures
from mlcore.figures import double_descent as figures
from mlcore.figures import line_fits as line_figures
from mlcore.figures import widths as width_figures
from mlcore.figures.words import Say

GAUSSIAN = GaussianSpec(examples=12, sets=20)
RIDGED = GaussianSpec(examples=12, sets=20, ridge=0.1, truth="ranked")
FOUND, KNOWN = measure(GAUSSIAN), theory(GAUSSIAN)
RIDGED_FOUND, RIDGED_KNOWN = measure(RIDGED), theory(RIDGED)
FEATURES = random_features.measure(random_features.FeatureSpec(task="digits", examples=20, sets=5))
LINE = line_fits.fits(line_fits.LineSpec(examples=8, sets=4))
ALONE = line_fits.fits(line_fits.LineSpec(examples=8, sets=1))
WIDTHS: Widths = run(WidthSpec(examples=20, steps=100, sets=2))
FEW = SetsSpec(size=20, sets=8)
DEGREES = ValidationSpec(BiasVarianceSpec(sets=FEW), folds=4)
NEIGHBORS = ValidationSpec(BiasVarianceSpec(sets=FEW, family="nearest"), folds=4)
FITTED: dict[ValidationSpec, Ensemble] = {spec: run(spec.ensemble) for spec in (DEGREES, NEIGHBORS)}
CHECKED: dict[ValidationSpec, Validation] = {spec: run(spec) for spec in (DEGREES, NEIGHBORS)}
LEARNED: Learning = run(LearningSpec(BiasVarianceSpec(sets=FEW), complexity=2.0, most=60))


def values(spec: ValidationSpec) -> list[float]:
    return grid(spec.ensemble.family, 20, 1)


CASES: dict[str, Callable[[Say], go.Figure]] = {
    "risks": lambda say: figures.risks(FOUND, KNOWN, 12, say),
    "risks ridge": lambda say: figures.risks(RIDGED_FOUND, RIDGED_KNOWN, 30, say),
    "fitted": lambda say: figures.fitted(FOUND, KNOWN, 12, say),
    "singular": lambda say: figures.singular(spectrum(SpectrumSpec(GAUSSIAN, 12)), say),
    "singular beyond": lambda say: figures.singular(spectrum(SpectrumSpec(GAUSSIAN, 50)), say),
    "feature costs": lambda say: figures.costs(FEATURES, say),
    "lengths": lambda say: figures.lengths(FEATURES, say),
    "mistakes": lambda say: figures.mistakes(FEATURES, say),
    "line fits": lambda say: line_figures.fits(LINE, 5, 2.6, say),
    "line fits alone": lambda say: line_figures.fits(ALONE, 5, 2.6, say),
    "line costs": lambda say: line_figures.costs(LINE, say),
    "widths": lambda say: width_figures.widths(WIDTHS.spec, WIDTHS.parts, WIDTHS.parts[3].size, say),
    "widths first": lambda say: width_figures.widths(WIDTHS.spec, WIDTHS.parts[:1], 1, say),
    "width mistakes": lambda say: width_figures.mistakes(
        WIDTHS.spec, WIDTHS.parts, WIDTHS.parts[3].size, say
    ),
    "width history": lambda say: width_figures.history(WIDTHS.parts[3], say),
    "complexity": lambda say: complexity_figures.complexity(
        FITTED[DEGREES], values(DEGREES), CHECKED[DEGREES], "d", say
    ),
    "complexity neighbors": lambda say: complexity_figures.complexity(
        FITTED[NEIGHBORS], values(NEIGHBORS), CHECKED[NEIGHBORS], "k", say
    ),
    "complexity partial": lambda say: complexity_figures.complexity(
        Ensemble.partial(DEGREES.ensemble, FITTED[DEGREES].fits[:2]), values(DEGREES), None, "d", say
    ),
    "learning curve": lambda say: complexity_figures.learning(LEARNED, say),
}
