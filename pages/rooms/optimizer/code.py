"""The rules' formulas beside the very code that ran, and what torch.optim makes of the same start."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Variant
from mlcore.descents import torch_optim
from mlcore.descents.paths import PathSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.families.surfaces import SURFACES
from mlcore.training.descent import Walker, race
from pages.rooms.optimizer.room import Form, RoomSpec, names
from pages.ui.sources import broken, source, stacked
from pages.ui.surfaces import walked
from pages.ui.text import t, tiny, title


def show(spec: RoomSpec, controls: Form) -> None:
    gaps = against_torch(specs.key(spec.paths), spec.paths)
    shown: set[str] = set()
    for rule, name, gap in zip(spec.paths.rules, names(spec.paths), gaps, strict=True):
        variant = OPTIMIZERS[rule.optimizer]
        st.markdown(f"##### {name}")
        if gap is None:
            st.caption(t("optimizer.code.no_twin", source=variant.source))
        else:
            told = t("optimizer.code.twin", source=variant.source, twin=variant.torch_optim, gap=tiny(gap))
            rooted = "epsilon" in variant.formula
            st.caption(f"{told} {t('optimizer.code.epsilon')}" if rooted else told)
        if rule.optimizer not in shown:
            under(variant, stacked)
        shown.add(rule.optimizer)
    st.markdown(f"##### {title(SURFACES[spec.paths.surface], 'surface')}")
    under(SURFACES[spec.paths.surface], broken)
    if spec.paths.schedule != "constant":
        schedule = SCHEDULES[spec.paths.schedule]
        st.markdown(f"##### {title(schedule, 'schedule')}")
        under(schedule, broken)
    st.markdown(f"##### {t('optimizer.code.walk')}")
    st.code(source(Walker, race), language="python")


def under(variant: Variant, layout: Callable[[str], str]) -> None:
    """The code of a variant below its formula."""
    st.latex(layout(variant.formula))
    st.code(source(variant.function), language="python")


@st.cache_resource(max_entries=32, show_spinner=False)
def against_torch(key: str, _spec: PathSpec) -> list[float | None]:
    """The largest distance between each path and that of torch.optim, up to where one diverges."""
    gaps: list[float | None] = []
    for which, ours in enumerate(walked(_spec)):
        theirs = torch_optim.path(_spec, which)
        if theirs is None:
            gaps.append(None)
            continue
        apart = np.abs(ours.theta - theirs).max(1)
        gaps.append(float(apart[np.isfinite(apart)].max()))
    return gaps
