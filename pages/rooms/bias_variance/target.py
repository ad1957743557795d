"""The bull's-eye of every textbook, computed: what real models answer at two test points."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.complexity.families import FAMILIES
from mlcore.complexity.generalization import Fit
from mlcore.complexity.training_sets import Drawing
from mlcore.figures import estimates as figures
from mlcore.figures.panel import panel
from pages.rooms.bias_variance.room import Form, RoomSpec, Seen
from pages.ui import plot
from pages.ui.components import side_by_side
from pages.ui.text import Text, language, t

WORSE = 2.0  # times the least error, of the model that is called too complex


def choose(controls: Form) -> None:
    side_by_side(controls, "p1", "p2")


def show(spec: RoomSpec, controls: Form, seen: Seen) -> None:
    last = len(seen.drawing.at) - 1
    points = min(spec.first, last), min(spec.second, last)
    pictures = _pictures(f"{specs.key(spec)}/{len(seen.ensemble.fits)}", language(), seen, points)
    alts = [t("bias_variance.alt.target")] * len(pictures)
    plot.show(pictures, key="target", alt=alts, columns=2, height=380)
    if seen.drawing.at.shape[1] == 1:
        x = [Text(f"{float(seen.drawing.at[p, 0]):.2f}") for p in points]
        st.caption(t("bias_variance.target.line", first=x[0], second=x[1]))
    else:
        st.caption(t("bias_variance.target.examples", first=points[0], second=points[1]))


@st.cache_resource(max_entries=32, show_spinner=False)
def _pictures(key: str, language: str, _seen: Seen, points: tuple[int, int]) -> list[go.Figure]:
    """A model too simple, the best, one too complex, and the chosen one, on targets of one size."""
    found = _seen.ensemble
    best, error = found.best, found.average("error")
    beyond = range(best, len(error)) if FAMILIES[found.spec.family].rising else range(best, -1, -1)
    worse = [i for i in beyond if error[i] > WORSE * error[best]]
    simple = 0 if FAMILIES[found.spec.family].rising else -1
    shown = {"simple": found.fits[simple], "least": found.fits[best]}
    shown |= {"complex": found.fits[worse[0] if worse else beyond[-1]], "chosen": _seen.fit}
    shots = {name: errors(fit, _seen.drawing, points) for name, fit in shown.items()}
    noise = [float(np.sqrt(_seen.fit.parts.noise[p])) for p in points]
    near = np.concatenate([np.abs(shots[name]).ravel() for name in ("simple", "least", "chosen")])
    reach = 1.15 * max(float(np.quantile(near, 0.98)), 3 * max(noise), 1e-9)
    pictures = []
    for name, fit in shown.items():
        title = t(f"bias_variance.target.{name}", value=Text(f"{fit.complexity:.3g}"))
        pictures.append(panel(figures.target(shots[name], (noise[0], noise[1]), reach, say=t), title))
    return pictures


def errors(fit: Fit, drawing: Drawing, points: tuple[int, int]) -> np.ndarray:
    """What members say at two points less the mean label there [S, 2]; of classes, of the likeliest."""
    label = drawing.labels.mean(0).numpy()  # [M, K]
    k = label.argmax(-1)
    return np.stack([fit.answers[:, p, k[p]] - label[p, k[p]] for p in points], 1)
