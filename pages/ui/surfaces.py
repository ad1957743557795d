"""Surfaces and the paths of rules on them, computed once for everybody."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.base import spec as specs
from mlcore.descents import paths
from mlcore.descents.paths import Path, PathSpec
from mlcore.families.surfaces import Relief, relief

GRID = 71  # points along each side of a picture


@st.cache_resource(max_entries=64, show_spinner=False)
def land(surface: str, knobs: specs.Knobs, box: tuple[float, ...]) -> Relief:
    return relief(surface, box, GRID, **dict(knobs))


def walked(spec: PathSpec) -> tuple[Path, ...]:
    """The paths of all rules of `spec`: another learning rate walks its own rule again, no other."""
    alone = (replace(spec, rules=(rule,)) for rule in spec.rules)
    return tuple(_walked(specs.key(one), one) for one in alone)


@st.cache_resource(max_entries=320, show_spinner=False)
def _walked(key: str, _spec: PathSpec) -> Path:
    return paths.paths(_spec)[0]
