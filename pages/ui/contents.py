"""The lecture's table of contents: its parts, their rooms, and the link that opens a room."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui.text import language


@dataclass(frozen=True)
class Room:
    """An entry of the contents."""

    code: str

    @property
    def script(self) -> str:
        return f"pages/{self.code}.py"


# The lecture, in its order: part -> codes of its rooms
_PARTS = {
    "introduction": "ai_ml_dl",
    "components": "data model loss optimizer training",
    "good": "fitting bias_variance double_descent",
    "problems": "problem_types",
    "models": "linear xor nonlinearity approximation depth embedding",
    "losses": "regression_tasks classification_tasks contrastive",
    "learning": "gradient_descent landscape race escape backpropagation define_by_run",
}
CONTENTS = tuple((part, tuple(map(Room, codes.split()))) for part, codes in _PARTS.items())


def link(room: Room) -> dict[str, str]:
    """A room opens as it was left, with the data that was chosen last."""
    left = st.session_state.get(f"_{room.code}_link", {})
    codes = st.session_state.get("_shared_codes", frozenset())
    own = {code: value for code, value in left.items() if code not in codes}
    return {"lang": language(), **own, **st.session_state.get("_shared", {})}
