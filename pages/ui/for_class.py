"""From a room to a class: the settings on screen become what every phone starts from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlcore.base import spec as specs
from mlcore.classes.kinds import Activity, kind_of
from pages.ui.text import language, t

DO = "do"  # in the link of the page of classes: what a class that is about to be opened does


def link(activity: Activity) -> dict[str, str]:
    """What the page of classes is opened with."""
    spec: Any = activity
    return {"lang": language(), DO: kind_of(activity), **specs.to_query(spec)}


def use(activity: Activity) -> None:
    """Offer it, in the sidebar of the room."""
    st.page_link(
        "pages/classroom.py", label=t("classroom.use"), icon=":material/groups:", query_params=link(activity)
    )
