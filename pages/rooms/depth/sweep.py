"""What networks of depth 1 to 64 cost after equal budgets, and a measured answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.shares import Share
from mlcore.depth import depths as core
from mlcore.depth.depths import DATA, EQUAL, Answer, Depth, DepthSpec
from mlcore.families.datasets import DATASETS
from mlcore.figures import depth as figures
from pages.rooms.depth import room
from pages.rooms.depth.room import Form, RoomSpec
from pages.ui import components, drawing, plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t

SLOT, DRAWN = "depth", "drawn_plane"


def _settings(controls: Form) -> None:
    controls.choice("ddata", "dataset", DATA)
    if controls.current().sweep.data == DRAWN:
        drawing.board(controls, replace(drawing.of(DATASETS[DRAWN]), code="dpts", name="depth"))
    else:
        controls.number("dn")
    room.settings(controls)
    controls.number("dunits")
    controls.choice("dopt", "optimizer")
    controls.number("dlr")
    controls.select("dequal", {name: t(f"depth.equal.{name}") for name in EQUAL})
    controls.number("dsteps")
    controls.number("dr")
    controls.number("dfirst")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.sweep
    draw = partial(_pictures, own)
    view = waiting.follow(own, SLOT, partial(_running, own), show=draw)
    if not view.state.final or not view.parts:
        return
    draw(view.parts)
    st.markdown(told(own, view.parts))
    _networks(own, view.parts, controls)


def _running(own: DepthSpec, views: waiting.Views) -> Text:
    of = len(core.DEPTHS) * len(own.kinds)
    return t("depth.sweep.running", done=len(views[0].parts), of=of, percent=waiting.percent(views))


def _pictures(own: DepthSpec, parts: Sequence[Depth]) -> None:
    train, test = drawn(f"{specs.key(own)}/{len(parts)}", language(), parts)
    alts = [t("depth.alt.train"), t("depth.alt.test")]
    plot.show([train, test], key="depth", alt=alts, height=420, columns=2)
    st.caption(_budget(own))


def _budget(own: DepthSpec) -> Text:
    if own.equal == "steps":
        return t("depth.sweep.steps", networks=own.networks, steps=own.steps)
    first, last = core.DEPTHS[0], core.DEPTHS[-1]
    values = {"shallow": own.steps_at(first), "deep": own.steps_at(last), "layers": last}
    return t("depth.sweep.work", networks=own.networks, **values)


# ---------------------------------------------------------------- the answer


def told(own: DepthSpec, parts: Sequence[Depth]) -> Text:
    """A sentence for all kinds, then what was measured of each, then the rule."""
    known = {part.kind for part in parts}
    answers = [core.answer(kind, parts) for kind in own.kinds if kind in known]
    falling = [_name(one.kind) for one in answers if one.worse_from is not None]
    lasting = [_name(one.kind) for one in answers if one.worse_from is None]
    heads = [t("depth.sweep.falling", kinds=tuple(falling))] if falling else []
    heads += [t("depth.sweep.lasting", kinds=tuple(lasting))] if lasting else []
    half = own.networks // 2
    rule = t("depth.sweep.rule", half=half, rest=own.networks - half)
    return Text("\n".join([" ".join(heads), "", *map(_told, answers), "", rule]))


def _told(one: Answer) -> str:
    """What was measured of one kind of network."""
    depths = {"best": one.best, "best_cost": number(one.best_cost), "deepest": one.deepest}
    said = [t("depth.sweep.best", kind=_name(one.kind), **depths)]
    if one.best < one.deepest and one.worse.of:
        said.append(
            t("depth.sweep.deepest", deepest=one.deepest, cost=number(one.deepest_cost), **_share(one.worse))
        )
    if one.worse_from is not None:
        said.append(t("depth.sweep.worse_from", depth=one.worse_from))
    said.append(t("depth.sweep.learned", deepest=one.deepest, **_share(one.learned)))
    if one.lost_from is not None:
        said.append(t("depth.sweep.lost_from", depth=one.lost_from))
    return f"- {' '.join(said)}"


def _share(share: Share) -> dict[str, Text]:
    low, high = share.interval
    return {"hits": number(share.hits), "of": number(share.of), "low": percent(low), "high": percent(high)}


def _name(kind: str) -> Text:
    return t(f"figure.kind_{kind}")


# ---------------------------------------------------------------- the networks behind it


def _networks(own: DepthSpec, parts: Sequence[Depth], controls: Form) -> None:
    """Of one depth the seeds with the lowest, the middle and the highest cost, to open them."""
    names = {str(depth): str(depth) for depth in dict.fromkeys(part.depth for part in parts)}
    controls.select("dlist", names, st.pills, required=True)
    for part in parts:
        if str(part.depth) != controls.state["dlist"]:
            continue
        order = np.argsort(part.train, kind="stable")
        picks = {"lowest": order[0], "middle": order[(len(order) - 1) // 2], "highest": order[-1]}
        st.markdown(t("depth.sweep.open", kind=_name(part.kind), layers=part.depth))
        with st.container(horizontal=True):
            for which, network in picks.items():
                values = {"cost": number(part.train[network]), "seed": own.seed + int(network)}
                label = t(f"depth.sweep.{which}", **values)
                components.in_training(own.one(part.depth, part.kind, int(network)), f":primary[{label}]")


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(key: str, language: str, _parts: Sequence[Depth]) -> tuple[go.Figure, go.Figure]:
    return figures.costs(_parts, "train", t), figures.costs(_parts, "test", t)


SWEEP = Section(_settings, _show, (core.depths, core.answer, core.worse))
