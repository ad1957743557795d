"""What a class is to do: an experiment with the settings of its room, and what each phone may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from mlcore.base import spec as specs
from mlcore.classes import meeting
from mlcore.classes.kinds import KINDS, QUESTION, Activity, kind_of
from mlcore.classes.methods import EscapeActivity
from mlcore.classes.own_sets import SetsActivity
from mlcore.classes.starts import StartActivity
from mlcore.classes.trainings import TrainingActivity
from mlcore.complexity.families import FAMILIES
from mlcore.descents.paths import PathSpec
from mlcore.escapes.multimodal import OWN
from mlcore.families.datasets import DATASETS
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.surfaces import SURFACES
from mlcore.store import store
from mlcore.training.tasks import TrainSpec
from pages.rooms.classroom import question
from pages.rooms.classroom.door import CLASS, KEY
from pages.ui.for_class import DO
from pages.ui.text import Text, language, t, title
from pages.ui.text.problems import REFUSALS, refusal

ROOMS = {"training": "training", "optimizer": "descent", "escape": "escape", "bias_variance": "ensemble"}
FREE = {"rate": "c_lr", "width": "c_h", "luck": "c_seed", "place": "c_xy"}
LONGEST = 8_000  # characters of a link that is pasted


def show() -> None:
    """Open a class."""
    st.markdown(t("classroom.claim"))
    activity = setup("_open", given(st.query_params.to_dict()))

    def begin() -> None:
        if activity is None:
            return
        try:
            code, key = meeting.begin(store(), activity)
        except REFUSALS as error:
            st.session_state["_refused"] = refusal(error)
        else:
            st.query_params.from_dict({"lang": language(), CLASS: code, KEY: key})

    if problem := st.session_state.pop("_refused", None):
        st.error(problem)
    st.button(t("classroom.open"), type="primary", key="_begin", on_click=begin, disabled=activity is None)
    st.caption(t("classroom.secret"))
    st.page_link("pages/join.py", label=t("classroom.to_join"), query_params={"lang": language()})


def given(codes: Mapping[str, str]) -> Activity | None:
    """What the link of this page says: `do`, and the codes of an activity."""
    kind = codes.get(DO, "")
    found: Activity | None = specs.from_query(KINDS[kind].activity, codes)[0] if kind in KINDS else None
    return found


def of_room(text: str) -> Activity | None:
    """What the link of a room says, as it is copied from a browser; None where it is none that we know."""
    try:
        parts = urlsplit(text[:LONGEST].strip())
        codes = dict(parse_qsl(parts.query, max_num_fields=300))
    except ValueError:
        return None
    match ROOMS.get(parts.path.rstrip("/").rpartition("/")[2]):
        case "training":
            return TrainingActivity(specs.from_query(TrainSpec, codes)[0])
        case "descent":
            return StartActivity(specs.from_query(PathSpec, codes)[0])
        case "escape":
            return EscapeActivity(specs.from_query(type(usual := EscapeActivity().base), codes, usual)[0])
        case "ensemble":
            return specs.from_query(SetsActivity, codes)[0]
    return None


def setup(key: str, now: Activity | None = None) -> Activity | None:
    """The controls of an activity; it begins as `now`. None while a question is none."""
    begin = kind_of(now) if now else "training"
    kind = st.pills(
        t("classroom.what"), [*KINDS, QUESTION], default=begin, key=f"{key}_kind", required=True,
        format_func=lambda one: str(t(f"classroom.kind.{one}")),
    )  # fmt: skip
    st.markdown(t(f"classroom.does.{kind}"))
    if kind == QUESTION:
        return question.setup(f"{key}_question")
    activity = now if now and kind == begin else KINDS[str(kind)].activity()
    typed = st.text_input(t("classroom.room_link"), key=f"{key}_link", help=t("classroom.room_link_help"))
    if typed:
        found = of_room(typed)
        if found is None or kind_of(found) != kind:
            st.warning(t("classroom.no_room_link", kind=t(f"classroom.kind.{kind}")))
        else:
            activity = found
    chosen: Activity = free(f"{key}_{kind}", activity)
    st.caption(about(chosen))
    return chosen


def free(key: str, activity: Any) -> Any:
    """What each phone may choose."""
    names = [name for name in FREE if hasattr(activity, name)]
    if not names:
        return activity
    with st.container(horizontal=True):
        st.markdown(t("classroom.free"))
        chosen = {
            name: st.checkbox(t(f"classroom.free_{name}"), getattr(activity, name), key=f"{key}_{name}")
            for name in names
        }
    return replace(activity, **chosen)


def about(activity: Activity) -> Text:
    """What all share, in a line."""
    match activity:
        case TrainingActivity(base=base):
            model = "-".join(map(str, base.model.hidden)) or "0"
            data, rule = DATASETS[base.data.name], OPTIMIZERS[base.optimizer]
            names = {"data": title(data, "dataset"), "rule": title(rule, "optimizer")}
            return t("classroom.about.training", hidden=model, steps=base.steps, **names)
        case StartActivity(base=base):
            surface, rule = SURFACES[base.surface], OPTIMIZERS[base.rules[0].optimizer]
            names = {"surface": title(surface, "surface"), "rule": title(rule, "optimizer")}
            return t("classroom.about.descent", steps=base.steps, **names)
        case EscapeActivity(base=base):
            ground = base.landscape.surface
            land = t("escape.own_formula") if ground == OWN else title(SURFACES[ground], "surface")
            return t("classroom.about.escape", surface=land, count=len(activity.methods), steps=base.steps)
        case SetsActivity(base=base):
            names = {
                "data": title(DATASETS[base.sets.data.name], "dataset"),
                "family": title(FAMILIES[base.family], "family"),
            }
            chosen = Text(f"{activity.chosen:g}")
            return t("classroom.about.ensemble", complexity=chosen, size=base.sets.size, **names)
    return Text("")
