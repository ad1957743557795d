"""Pin what is on screen: pictures, sentences, settings and a note become an item of the run tray.

Only the run behind a press of the button looks at what it sends to the browser, the messages of Streamlit: so
a pin holds what stands there, whichever room drew it, and all other runs cost nothing more.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mlcore.base.registry import Registry
from mlcore.files.escape import JOINER
from mlcore.store import StoreError, store
from mlcore.tray.pictures import pack
from mlcore.tray.pins import KIND, NOTE, Pin, body
from pages.ui import compose
from pages.ui.text import catalog, language, t
from pages.ui.text.problems import refusal

TRAY, COUNT = (
    "_tray",
    "_tray_count",
)  # of the session: which tray it pins into, and how many it has pinned there
ROOM, ASKED, SEEN, ROUND = "_pin_room", "_pin_asked", "_pin_seen", "_pin_round"
NO_ROOMS = ("cover", "tray", "classroom", "join", "lesson", "lessons")
ALERTS = ("alert", "markdown")  # elements that say something
_MARKS = re.compile(r"\\(?=[^\w\s])|\*\*|(?<!\\)`|:(?:red|green|gray|blue|orange)\[|  \n")


@dataclass
class Seen:
    """What a run has sent to the main part of the page."""

    figures: list[str] = field(default_factory=list)  # Plotly's JSON
    alts: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def take(self, message: Any) -> None:
        if message.WhichOneof("type") != "delta" or list(message.metadata.delta_path)[:1] != [0]:
            return
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind in ALERTS:
            self._hear(getattr(element, kind).body)
        elif kind == "bidi_component" and '"figures"' in element.bidi_component.json:
            sent = json.loads(element.bidi_component.json)
            self.figures += sent["figures"]
            self.alts += sent["alt"]

    def _hear(self, text: str) -> None:
        """Sentences about this run: those that do not stand in the catalog as they are."""
        static, number = text in _texts(language()), re.search(r"\d", text)
        if not static and number and "<" not in text[:1] and text not in self.said:
            self.said.append(text)


@st.cache_resource(show_spinner=False)
def _texts(code: str) -> frozenset[str]:
    return frozenset(catalog(code).values())


def begin(room: str) -> None:
    """At the start of a run: look at what it sends if it was asked to be pinned."""
    st.session_state[ROOM] = room
    st.session_state.pop("_controls", None)
    st.session_state.pop(SEEN, None)
    context = get_script_run_ctx()
    if context is None:
        return
    vars(context).pop("enqueue", None)  # what the run before has put there
    if st.session_state.get(ASKED) is None:
        return
    seen, send = Seen(), context.enqueue
    st.session_state[SEEN] = seen

    def look(message: Any) -> None:
        seen.take(message)
        send(message)

    vars(context)["enqueue"] = look  # before its method, until the next run


def control() -> None:
    """At the end of a room: the button, the note, the way to the tray; and the pin, if one was asked for."""
    room = st.session_state[ROOM]
    if room in NO_ROOMS:
        return
    _keep(room)
    note = f"_pin_note{st.session_state.get(ROUND, 0)}"

    def ask() -> None:
        st.session_state[ASKED] = st.session_state.get(note) or ""
        if controls := st.session_state.get("_controls"):
            controls.link.touch()

    with (
        st.container(horizontal=True, key="pin", width="content"),
        st.popover(t("tray.pin"), icon=":material/keep:", help=t("tray.pin_help")),
    ):
        st.text_area(t("tray.note"), key=note, max_chars=NOTE, height=80, placeholder=t("tray.note_hint"))
        st.button(t("tray.pin_it"), key="_pin", on_click=ask, type="primary")
        if tray := st.session_state.get(TRAY):
            st.page_link(
                "pages/tray.py", label=t("tray.open"), query_params={"lang": language(), "tray": tray}
            )
        compose.control(room)


def _keep(room: str) -> None:
    """Keep what this run has sent. What the store refuses is said, and the note stays where it was typed."""
    seen, note = st.session_state.pop(SEEN, None), st.session_state.pop(ASKED, None)
    if seen is None or note is None:
        return
    if not seen.figures and not seen.said:
        st.toast(t("tray.nothing"), icon=":material/keep_off:")
        return
    pin, data = _pin(room, seen, note)
    try:
        number = _append(body(pin), data)
    except StoreError as problem:
        st.error(t("tray.not_kept", problem=refusal(problem)))
        st.toast(t("tray.not_kept", problem=refusal(problem)), icon=":material/error:", duration="long")
        return
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1  # the next note begins empty
    left = f" {t('tray.left_out', count=pin.left_out)}" if pin.left_out else ""
    st.toast(t("tray.pinned", number=number) + left, icon=":material/keep:")


def _append(kept: dict[str, Any], data: bytes) -> int:
    """Into the tray of this session, or a new one where there is none (any more)."""
    documents = store().documents
    if tray := st.session_state.get(TRAY):
        try:
            return documents.append(KIND, tray, kept, data)
        except StoreError as problem:
            if problem.code != "lost":
                raise
    tray = documents.create(KIND, {"order": []})
    number = documents.append(KIND, tray, kept, data)
    st.session_state[TRAY] = tray
    return number


def _pin(room: str, seen: Seen, note: str) -> tuple[Pin, bytes]:
    data, places = pack(seen.figures)
    link = {code: value for code, value in st.query_params.to_dict().items() if code != "lang"}
    controls = st.session_state.get("_controls")
    settings = dict(_settings(controls)) if controls else dict(link)
    families = dict(_families(controls)) if controls else {}
    return Pin(
        room, settings.get("view", link.get("view", "")), link, settings, families,
        [shown(text) for text in seen.said], [seen.alts[place] for place in places],
        len(set(seen.figures)) - len(places), note, time.time(),
    ), data  # fmt: skip


def shown(markdown: str) -> str:
    """The text that Markdown shows: no escapes, no marks."""
    return _MARKS.sub(lambda found: " " if found[0] == "  \n" else "", markdown.replace(JOINER, "")).strip()


def _settings(controls: Any) -> Iterator[tuple[str, str]]:
    """Every setting of the page's spec as a link would say it, those with their defaults included."""
    state, declared = controls.state, controls._meta
    for code, meta in declared.items():
        if meta["kind"] == "knobs":
            of = meta["of_code"]
            variant = meta["registry"][state.get(of, declared[of]["default"])]
            for name, knob in variant.knobs.items():
                yield meta["prefix"] + name, state.get(meta["prefix"] + name, f"{knob.default:g}")
            continue
        listed, dot, _ = code.rpartition(".")
        several = listed.rstrip("0123456789")
        count = listed[len(several) :]
        if dot and count and int(count) > int(state.get(several, declared[several]["default"])):
            continue  # the third of two rules
        yield code, state.get(code, _said(meta["default"]))


def _said(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return (
            "-".join(map(str, value))
            if all(isinstance(v, int) for v in value)
            else "~".join(f"{v:g}" for v in value)
        )
    return (
        str(int(value))
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _families(controls: Any) -> Iterator[tuple[str, str]]:
    """Which family the value of a setting is a name of, so that every language can call it."""
    for code, meta in controls._meta.items():
        if isinstance(options := meta.get("options"), Registry):
            yield code, options.family
