"""Who is near: by the angle, and by the distance."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.embeddings import codes as core
from mlcore.embeddings.autoencoder import Centered
from mlcore.embeddings.codes import Neighbors
from mlcore.figures import embedding as figures
from mlcore.files.escape import line
from mlcore.files.picture import Picture
from mlcore.tasks.own_digit import DigitError, digit
from pages.rooms.embedding import room
from pages.rooms.embedding.room import SHOWN, Form, RoomSpec
from pages.ui import pictures, plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t
from pages.ui.text.problems import refusal

MEASURES = ("cosine", "distance")


def _settings(controls: Form) -> None:
    controls.number("aenear")
    if controls.current().data.name == "digits":
        controls.flag("aeown")
    room.data(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    seen = room.seen(spec)
    if seen is None:
        return
    picture, other = _own() if spec.pictured and room.are_digits(seen) else (None, None)
    which = min(spec.asked, len(seen.test) - 1)
    found = core.neighbors(seen, which, other)
    st.latex(
        r"\begin{gathered} \cos(a, b) = \frac{a \cdot b}{|a| \, |b|}"
        r" \\ |a - b|^2 = |a|^2 + |b|^2 - 2 \, |a| \, |b| \cos(a, b) \end{gathered}"
    )
    if room.are_digits(seen):
        shown = drawn(specs.key(spec.own.data), language(), which, seen, found, picture)
        plot.show(shown, key="neighbors", alt=t("embedding.alt.neighbors"), height=400)
    st.dataframe(table(seen, found), hide_index=True)
    st.caption(t("embedding.neighbors.cells" if seen.data.classes else "embedding.neighbors.cells_number"))
    st.markdown(told(found))


def _own() -> tuple[Picture | None, Tensor | None]:
    """A picture of one's own and the digit in it; nothing, and a sentence, where there is none."""
    picture = pictures.choose()
    try:
        return picture, None if picture is None else digit(picture)
    except DigitError as error:
        st.error(refusal(error))
        return None, None


@pictures.cached(64)
def drawn(
    key: str, language: str, which: int, _seen: Centered, _found: Neighbors, _picture: Picture | None
) -> go.Figure:
    x = np.asarray(_seen.data.raw(_seen.data.x))
    rows = [np.asarray(_found.of)[None], *(x[_found.nearest(by, SHOWN)] for by in MEASURES)]
    return figures.images(rows, [str(t(f"embedding.neighbors.{name}")) for name in ("asked", *MEASURES)], t)


def table(seen: Centered, found: Neighbors) -> dict[str, list[str]]:
    """The nearest by each measure, with what the other says of them."""
    data, columns = seen.data, {str(t("embedding.neighbors.rank")): [str(k + 1) for k in range(SHOWN)]}
    for by in MEASURES:
        places = found.nearest(by, SHOWN)
        columns[str(t(f"embedding.neighbors.{by}"))] = [
            f"{number(found.cosine[k], 4)} · {number(found.distance[k], 4)}"
            + (f" · {line(data.class_names[data.y[k]])}" if data.classes else "")
            for k in places
        ]
    return {name: values[: len(found.norms)] for name, values in columns.items()}


def told(found: Neighbors) -> Text:
    """How many both name, and the first that only one does, with its length."""
    cosine, distance = (found.nearest(by, SHOWN).tolist() for by in MEASURES)
    both = len(set(cosine) & set(distance))
    only = next((k for k in cosine if k not in distance), None)
    if only is None:
        return t("embedding.neighbors.same", both=both)
    return t(
        "embedding.neighbors.differ", both=both, of=len(cosine), rank=cosine.index(only) + 1,
        length=number(found.norms[only], 3), own=number(found.norm, 3), cosine=number(found.cosine[only], 4),
        distance=number(found.distance[only], 4),
    )  # fmt: skip


NEIGHBORS = Section(_settings, _show, (core.neighbors, core.Neighbors))
