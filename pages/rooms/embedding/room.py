"""What the views of this room share: the spec behind the link, the data, the autoencoder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.embeddings.autoencoder import AutoencoderSpec, Centered, Encoded, centered
from mlcore.embeddings.codes import SOURCES, Principal, pca
from mlcore.training.data import DataSpec
from pages.ui import components, table, waiting
from pages.ui.controls import Controls
from pages.ui.text import t
from pages.ui.text.problems import REFUSALS, refusal

VIEWS = ("learn", "plane", "walk", "neighbors", "width")
SLOT = "embedding"
EXAMPLE = Knob(0, 0, 1000, integer=True)  # place of a test example
PLACE = Knob(0.0, -50.0, 50.0)  # of a code
SHOWN = 10  # images in a row


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("learn", VIEWS, "view")
    own: AutoencoderSpec = specs.part(AutoencoderSpec)
    source: str = specs.choice("autoencoder", SOURCES, "aesrc")
    first: int = specs.number(EXAMPLE, "aefrom")
    second: int = specs.number(Knob(5, 0, 1000, integer=True), "aeto")
    share: float = specs.number(Knob(0.5, 0.0, 1.0), "aeshare")  # of the way
    aside: tuple[float, ...] = specs.numbers((0.0, 0.0), PLACE, "aeat", most=2, least=2)  # from the way
    asked: int = specs.number(EXAMPLE, "aenear")
    pictured: bool = specs.flag(False, "aeown")  # a digit of one's own is asked about, where data are digits

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def data(self) -> DataSpec:
        """What other rooms may show as well."""
        return self.own.data


Form = Controls[RoomSpec]


def settings(controls: Form, code: bool = True) -> None:
    """The data, the autoencoder and its training."""
    data(controls)
    controls.select("aekind", {kind: t(f"embedding.kind.{kind}") for kind in ("deep", "linear")})
    if code:
        controls.number("aecode")
    if controls.current().own.kind == "deep":
        controls.number("aeunits")
        controls.choice("aeact", "activation")
    training(controls)


def training(controls: Form) -> None:
    controls.number("aenoise", help=t("embedding.noise_help"))
    controls.number("aelr")
    controls.number("aesteps")
    controls.number("aeseed")


def data(controls: Form) -> None:
    components.data_set(controls, controls.current().own.data)
    components.examples(controls, controls.current().own.data)
    if controls.current().own.data.name != "digits":
        controls.flag("std", help=t("data.std_help"))


def seen(spec: RoomSpec) -> Centered | None:
    """The data, or a sentence why there are none."""
    try:
        found = centered(spec.own.data)
    except REFUSALS as error:
        st.error(refusal(error))
        return None
    table.notes(found.data.notes)
    return found


def encoded(spec: AutoencoderSpec) -> Encoded | None:
    """The trained autoencoder, or its progress."""
    found: Encoded | None = waiting.follow(spec, SLOT, waiting.computing).result
    return found


@st.cache_resource(max_entries=16, show_spinner=False)
def axes(key: str, _seen: Centered) -> Principal:
    """The principal components of the training examples."""
    return pca(_seen)


def are_digits(found: Centered) -> bool:
    return found.data.spec.name == "digits"


def test_images(found: Centered, back: Tensor) -> np.ndarray:
    """Examples in the units of the data set, as arrays."""
    return np.asarray(found.back(back))
