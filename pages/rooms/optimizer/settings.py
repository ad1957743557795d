"""The sidebar of the optimizer room: a surface, a start, and any number of rules."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.descents.paths import PathSpec, RuleSpec, usual_rate
from mlcore.families.optimizers import OPTIMIZERS
from pages.rooms.optimizer.room import Form, usual
from pages.ui.components import side_by_side
from pages.ui.text import short, t

MOST = 8


def settings(controls: Form) -> None:
    with st.container(border=True):
        surface(controls)
    with st.container(border=True):
        st.markdown(f"**{t('optimizer.rules')}**")
        for i in range(len(controls.current().paths.rules)):
            rule(controls, i)
        add(controls)
    with st.container(border=True):
        controls.number("steps")
        controls.choice("sched", "schedule")
        controls.knobs("sched")


def surface(controls: Form) -> None:
    """Another surface comes with a start and learning rates of its own."""
    before = controls.current()
    controls.choice("surface", "surface")
    chosen = controls.current().paths.surface
    if chosen != before.paths.surface:
        moved = usual(before.paths, chosen)
        put_rules(controls, moved)
        controls.put("x", moved.x)
        controls.put("y", moved.y)
    controls.knobs("surface")
    side_by_side(controls, "x", "y", typed=0.1)
    st.caption(t("optimizer.click"))


def rule(controls: Form, i: int) -> None:
    """One rule with its knobs, folded to its name."""
    code, now = f"rule{i + 1}", controls.current().paths
    name = short(OPTIMIZERS[now.rules[i].optimizer], "optimizer")
    with st.expander(f"{i + 1} · {name} · η {now.rules[i].lr:g}", key=f"_{code}"):
        controls.choice(f"{code}.opt", "optimizer")
        chosen = controls.current().paths.rules[i].optimizer
        if chosen != now.rules[i].optimizer:
            controls.put(f"{code}.lr", usual_rate(now, chosen))
        controls.number(f"{code}.lr")
        controls.knobs(f"{code}.opt")
        if len(now.rules) > 1:
            st.button(t("optimizer.remove"), key=f"_{code}_remove", on_click=without, args=(controls, i))


def add(controls: Form) -> None:
    def one_more() -> None:
        now = controls.current().paths
        load(controls, (*now.rules, RuleSpec("nesterov", lr=usual_rate(now, "nesterov"))))

    full = len(controls.current().paths.rules) == MOST
    st.button(t("optimizer.add"), key="_add_rule", on_click=one_more, disabled=full, width="stretch")


def without(controls: Form, i: int) -> None:
    rules = controls.current().paths.rules
    load(controls, rules[:i] + rules[i + 1 :])


def load(controls: Form, rules: tuple[RuleSpec, ...]) -> None:
    room = controls.current()
    controls.load(replace(room, paths=replace(room.paths, rules=rules)))


def put_rules(controls: Form, spec: PathSpec) -> None:
    for i, rule in enumerate(spec.rules):
        controls.put(f"rule{i + 1}.lr", rule.lr)
