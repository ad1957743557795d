"""What an autoencoder gives back, as it learns."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.embeddings import autoencoder as core
from mlcore.embeddings.autoencoder import Encoded
from mlcore.figures import embedding as figures
from mlcore.files.escape import line
from pages.rooms.embedding import room
from pages.rooms.embedding.room import SHOWN, Form, RoomSpec
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import language, percent, t


def _show(spec: RoomSpec, controls: Form) -> None:
    if room.seen(spec) is None or (found := room.encoded(spec.own)) is None:
        return
    pictures, frames, alts = scene(f"{specs.key(spec.own)}", language(), found)
    columns = 1 if room.are_digits(found.seen) else None
    plot.play(pictures, frames, key="learn", alt=alts, labels=play_labels(), height=300, columns=columns)
    st.markdown(told(found))


def told(found: Encoded) -> str:
    own = found.spec
    pca = room.axes(specs.key(own.data), found.seen)
    least = pca.left_out(own.code)
    values: dict[str, object] = {
        "lost": percent(float(found.test[-1])),
        "train": percent(float(found.train[-1])),
    }
    values |= {"code": own.code, "features": found.seen.train.shape[1], "pca": percent(least)}
    return t(f"embedding.learn.{own.kind}", **values)


@st.cache_resource(max_entries=16, show_spinner=False)
def scene(key: str, language: str, _found: Encoded) -> tuple[list[go.Figure], plot.Frames, list[str]]:
    """Originals, what is fed, what is given back; and the errors."""
    seen, own = _found.seen, _found.spec
    pca = room.axes(specs.key(own.data), seen)
    lost = float(core.unexplained(seen.test, pca.back(seen.test, own.code)))
    pictures = [figures.errors(_found, lost, t)]
    alts, updates = [t("embedding.alt.errors")], []
    fed = seen.test + own.noise * core.drawn_noise(seen.test, own.seed + 1)
    backs = [_found.network.predict(_found.rows(k), fed)[0] for k in range(len(_found.step))]
    if room.are_digits(seen):
        rows, names = [seen.test], [t("embedding.original")]
        if own.noise:
            rows, names = [*rows, fed], [*names, t("embedding.fed")]
        shown = [room.test_images(seen, row[:SHOWN]) for row in rows]
        last = [room.test_images(seen, back[:SHOWN]) for back in backs]
        pictures.insert(0, figures.images([*shown, last[-1]], [*names, t("embedding.given_back")], t))
        alts.insert(0, t("embedding.alt.images"))
        sheets = np.stack([figures.sheet([*shown, back]) for back in last])
        updates.append(plot.Update(0, 0, "z", **plot.one_byte(sheets, 0, figures.DARK)))
    elif seen.test.shape[1] > 1:
        two = telling(room.test_images(seen, seen.train))
        path = np.stack([room.test_images(seen, back)[:, two] for back in backs]).astype(np.float32)
        features = [line(seen.data.feature_names[k]) for k in two]
        pictures.insert(0, figures.given_back(room.test_images(seen, fed)[:, two], path[-1], features, t))
        alts.insert(0, t("embedding.alt.given_back"))
        updates += [plot.Update(0, 1, axis, path[..., i]) for i, axis in enumerate("xy")]
    readout = {
        str(t("figure.train")): [percent(float(v)) for v in _found.train],
        str(t("figure.test")): [percent(float(v)) for v in _found.test],
    }
    frames = plot.Frames([int(s) for s in _found.step], updates, [len(pictures) - 1], readout)
    return pictures, frames, [str(alt) for alt in alts]


def telling(x: np.ndarray) -> list[int]:
    """The two features of examples [N, D] with the most different values, in their order: of a table those
    that are measured rather than yes or no."""
    values = [len(np.unique(column.round(9))) for column in x.T]
    return sorted(np.argsort([-count for count in values], kind="stable")[:2].tolist())


LEARN = Section(room.settings, _show, (core.Autoencoder, core.autoencode))
