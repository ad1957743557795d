"""The tray of the link: read from the store, called in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

import streamlit as st

from mlcore.store import StoreError, store
from mlcore.tray.export import Shown
from mlcore.tray.pictures import Figure, unpack
from mlcore.tray.pins import KIND, Pin, ordered, pin_of
from pages.ui import pin
from pages.ui.frame import CONTENTS
from pages.ui.link import base
from pages.ui.text import catalog, language, t
from pages.ui.text.problems import refusal

CODE = "tray"  # in the link
ROOMS = {room.code: room for _, rooms in CONTENTS for room in rooms}


@dataclass(frozen=True)
class Tray:
    id: str
    numbers: Sequence[int]  # of its pins in the store, as they are ordered
    pins: Sequence[Pin]

    @cached_property
    def figures(self) -> list[tuple[Figure, ...]]:
        return [pictures(self.id, number) for number in self.numbers]

    @cached_property
    def shown(self) -> list[Shown]:
        """In the tray's order."""
        every = zip(self.numbers, self.pins, self.figures, strict=True)
        return [Shown(number, each, found, title(each), href(each)) for number, each, found in every]


def opened() -> Tray | None:
    """The tray of the link, else that of this session; None, with a sentence, where there is none."""
    given = st.query_params.get(CODE) or st.session_state.get(pin.TRAY)
    if not given:
        st.info(t("tray.none"))
        return None
    try:
        order = store().documents.read(KIND, given).body.get("order", [])
        found = {item.number: pin_of(item.body) for item in store().documents.items(KIND, given)}
        numbers = ordered(list(found), order)
        tray = Tray(given, numbers, [found[number] for number in numbers])
        tray.figures  # noqa: B018  # read now, so that a store that is away is said here
    except StoreError as problem:
        st.error(refusal(problem))
        return None
    st.query_params[CODE] = given
    st.session_state.setdefault(pin.TRAY, given)
    return tray


@st.cache_resource(max_entries=96, show_spinner=False)
def pictures(tray: str, number: int) -> tuple[Figure, ...]:
    """They never change. Raises StoreError."""
    return unpack(store().documents.data(KIND, tray, number))


def pin_into(tray: Tray) -> None:
    """Somebody else's tray becomes one's own only by asking for it."""
    if st.session_state.get(pin.TRAY) != tray.id:
        here = st.button(t("tray.pin_here"), help=t("tray.pin_here_help"), icon=":material/keep:")
        if here:
            st.session_state[pin.TRAY] = tray.id
            st.rerun()


def address(tray: str) -> str:
    """The whole link of a tray."""
    return f"{base()}/tray?{urlencode({CODE: tray})}"


def called(number: int) -> str:
    """The name of a pin in every language: as it was given, whatever the order."""
    return f"#{number}"


def link(own: Pin) -> dict[str, str]:
    return {"lang": language(), **own.link}


def href(own: Pin) -> str:
    """The whole link of the room as it was pinned."""
    return f"{base()}/{own.room}?{urlencode(link(own))}"


def title(own: Pin) -> str:
    """Room and view, as they are called."""
    texts = catalog(language())
    room = texts.get(f"contents.{own.room}.title", own.room)
    view = texts.get(f"{own.room}.view.{own.view}") or texts.get(f"{own.room}.{own.view}_tab", "")
    return f"{room} · {view}" if view else room


def setting(code: str, told: Pin) -> str:
    """What a setting is called: the name beside its control."""
    texts, name = catalog(language()), code.rpartition(".")[2]
    if found := texts.get(f"control.{name}"):
        listed = code.rpartition(".")[0]
        return f"{found} {listed[len(listed.rstrip('0123456789')) :]}".strip()
    knob = name.partition("_")[2] or name
    return texts.get(f"variants.knob_name.{knob}", code)


def value(code: str, told: Pin) -> str:
    """What a setting is: the name of a variant, else as a link says it."""
    given = told.settings.get(code, "–")
    texts, family = catalog(language()), told.families.get(code)
    if code == "view":
        return title(told).rpartition(" · ")[2]
    return texts.get(f"variants.{family}.{given}", given.replace("~", ", ") or "–")
