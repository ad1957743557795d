"""What the views of this room share: the spec behind the link, the landscape, the runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock

import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.cache import Cache
from mlcore.base.registry import Knob
from mlcore.escapes.escape_methods import METHODS, MethodSpec
from mlcore.escapes.escaping import Escape, EscapeSpec
from mlcore.escapes.multimodal import (
    BUMPY,
    EXAMPLE,
    OWN,
    Multimodal,
    MultimodalSpec,
    multimodal,
    relief,
)
from mlcore.escapes.restarts import RestartSpec
from mlcore.escapes.success_rates import SolveSpec
from mlcore.families.surfaces import SURFACES, Relief
from pages.ui import compute, typed, waiting
from pages.ui.components import side_by_side
from pages.ui.controls import Controls
from pages.ui.text import number, percent, t, title

VIEWS = ("methods", "restarts", "own", "width")
GRID = 101
KEPT = 64_000_000  # bytes of runs
PLAIN = MethodSpec("plain")
GOOD = "_escape_formula"  # of the session: the last formula that could be read


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("methods", VIEWS, "view")
    escape: EscapeSpec = specs.part(EscapeSpec, EscapeSpec(MultimodalSpec("ackley")))
    which: int = specs.number(Knob(4, 1, 9, integer=True), "which")  # the method whose runs are shown
    starts: int = specs.number(Knob(20_000, 2000, 100_000, log=True, integer=True), "tries")
    solve: SolveSpec = specs.part(SolveSpec)

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def restarts(self) -> RestartSpec:
        return RestartSpec(self.escape.landscape.alone, self.starts, self.escape.seed)


Form = Controls[RoomSpec]


# ---------------------------------------------------------------- the landscape


def landscapes(controls: Form) -> None:
    """Which landscape: one of the surfaces, or a formula of one's own."""
    names = {name: str(title(SURFACES[name], "surface")) for name in BUMPY}
    controls.select("ground", {**names, OWN: t("escape.own_formula")})
    if controls.current().escape.landscape.surface == OWN:
        controls.text("f", help=t("escape.formula_help"))
        box(controls)


def box(controls: Form) -> None:
    """The part of the plane that is looked at."""
    side_by_side(controls, "x1", "x2", typed=1.0)
    side_by_side(controls, "y1", "y2", typed=1.0)
    now = controls.current().escape.landscape
    left, right, low, high = replace(now, surface=OWN).box
    for given, start, end in ((now.right, left, right), (now.high, low, high)):
        if given != end:
            st.caption(f":red[{t('escape.turned', low=f'{start:g}', high=f'{given:g}', end=f'{end:g}')}]")


def standing(spec: EscapeSpec) -> EscapeSpec:
    """The spec; in place of a formula that cannot be read, with its sentence, the last one that could."""
    if spec.landscape.surface != OWN:
        return replace(spec, landscape=spec.landscape.alone)
    shown, _ = typed.standing(
        GOOD, spec.landscape.formula, EXAMPLE,
        lambda formula: multimodal(replace(spec.landscape, formula=formula)),
        lambda last: t("escape.last_good", formula=last),
    )  # fmt: skip
    return replace(spec, landscape=replace(spec.landscape, formula=shown))


def told(known: Multimodal) -> None:
    """What was found out about the landscape, in its units."""
    values = {"curvature": number(known.curvature), "bumps": number(known.bumps), "minima": len(known.minima)}
    if not len(known.minima):
        st.warning(t("escape.no_minimum"))
        return
    st.caption(t("escape.surveyed", **values, value=number(float(known.value[0]))))
    if known.holes > 0:
        st.caption(t("escape.holes", share=percent(known.holes)))


@st.cache_resource(max_entries=32, show_spinner=False)
def land(spec: MultimodalSpec) -> Relief:
    return relief(multimodal(spec), GRID)


# ---------------------------------------------------------------- the runs


@st.cache_resource(show_spinner=False)
def _kept() -> tuple[Cache[Escape], Lock]:
    return Cache(KEPT), Lock()


def runs(spec: EscapeSpec, slot: str) -> list[Escape] | None:
    """The runs of all methods, once for everybody: where one method's knob moved, it alone runs again.

    None, with progress and a stop, while they are computed.
    """
    kept, lock = _kept()
    alone = {specs.key(one): one.methods[0] for one in (replace(spec, methods=(m,)) for m in spec.methods)}
    with lock:
        known = {key: result for key in alone if (result := kept.get(key)) is not None}
    missing = [key for key in alone if key not in known]
    if not missing:
        compute.leave(slot)
    else:
        made = waiting.result(replace(spec, methods=tuple(alone[key] for key in missing)), slot)
        if made is None:
            return None
        known |= zip(missing, made, strict=True)
    with lock:
        for key in missing:
            kept.put(key, known[key], known[key].nbytes)
    return [known[specs.key(replace(spec, methods=(method,)))] for method in spec.methods]


def names(spec: EscapeSpec) -> list[str]:
    """What the methods are called: those that occur twice with their numbers, too."""
    titles = [title(METHODS[method.name], "method") for method in spec.methods]
    return [
        f"{name} {', '.join(f'{v:g}' for _, v in method.knobs)}" if titles.count(name) > 1 else name
        for name, method in zip(titles, spec.methods, strict=True)
    ]
