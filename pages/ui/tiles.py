"""The living pictures of the cover: made once for a version of the code, in the background.

Each is drawn from its room's default experiment, which the engine computes as for a visitor, one after the
other; so the room is warm as well. Until one is there its tile shows its words alone. What was drawn is kept
in a file beside the uploaded tables, so that the next process has all pictures at once; without a disk that
can be written, they are drawn again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st

from mlcore.base.refusal import Refusal
from mlcore.base.spec import key
from mlcore.engine.engine import Engine, State
from mlcore.figures.thumbnail import svg
from mlcore.store import database
from pages.ui import compute
from pages.ui.contents import CONTENTS
from pages.ui.text import speak
from pages.ui.tile import Ask, Tile

log = logging.getLogger(__name__)

SESSION = "cover"  # who asks the engine
LONGEST = 600.0  # seconds that one experiment may take, waiting in the queue included
LISTEN = 1.0
DRAFT = ".draft"
KEPT = 3  # versions of the code whose pictures stay on the disk


def of(room: str, ask: Ask) -> str:
    """The picture of a room as SVG."""
    tile: Tile = import_module(f"pages.rooms.{room}.tile").tile(ask)
    return svg(tile.figures, tile.runs)


class Gallery:
    """The pictures that there are so far, by room; `complete` when no more will come."""

    def __init__(self, rooms: Iterable[str], draw: Callable[[str], str], folder: Callable[[], Path]) -> None:
        self.rooms, self._draw, self._folder = tuple(rooms), draw, folder
        self.pictures: dict[str, str] = {}
        self.complete = False

    def begin(self) -> None:
        """Read what is kept, and draw the rest in the background."""
        self.pictures = {room: text for room, text in self._read().items() if room in self.rooms}
        if set(self.rooms) <= self.pictures.keys():
            self.complete = True
        else:
            threading.Thread(target=self.fill, name="cover", daemon=True).start()

    def fill(self) -> None:
        """Draw what is missing. A room that fails has no picture, and the log says why."""
        speak("en")  # no word of a figure is seen
        for room in self.rooms:
            if room not in self.pictures:
                try:
                    self.pictures[room] = self._draw(room)
                except Exception:
                    log.exception("the cover's picture of the room %s could not be drawn", room)
        self.complete = True
        self._write()

    def _read(self) -> dict[str, str]:
        with suppress(OSError, ValueError, Refusal):
            found = json.loads(self._file.read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return {str(room): text for room, text in found.items() if str(text).startswith("<svg ")}
        return {}

    def _write(self) -> None:
        with suppress(OSError, Refusal):
            file = self._file
            handle, draft = tempfile.mkstemp(dir=file.parent, suffix=DRAFT)
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                json.dump(self.pictures, opened)
            os.replace(draft, file)  # readers see all of it or nothing
            others = sorted(file.parent.glob("cover-*.json"), key=lambda path: -path.stat().st_mtime_ns)
            for path in others[KEPT:]:
                path.unlink(missing_ok=True)

    @property
    def _file(self) -> Path:
        return self._folder() / f"cover-{version()}.json"


@lru_cache(maxsize=1)
def version() -> str:
    """What the pictures depend on: the source of the core, figures included, and that of the rooms."""
    root, seal = Path(__file__).parents[2], hashlib.sha256()
    for path in sorted([*root.glob("mlcore/**/*.py"), *root.glob("pages/**/*.py")]):
        seal.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return seal.hexdigest()[:16]


@st.cache_resource(show_spinner=False)
def gallery() -> Gallery:
    """The pictures of this process."""
    rooms = [room.code for _, part in CONTENTS for room in part]
    made = Gallery(rooms, lambda room: of(room, asker(compute.door())), database.folder)
    made.begin()
    return made


@lru_cache(maxsize=1)
def component() -> Callable[..., Any]:
    """An element that is an SVG: `st.html` lets none through. Its look is in page.css."""
    script = """export default ({data, parentElement}) => {
      const place = parentElement.querySelector('.tile') ?? parentElement;
      if (place.shown !== data) place.innerHTML = place.shown = data;
    }"""
    return st.components.v2.component(
        "tile", html='<div class="tile"></div>', js=script, isolate_styles=False
    )


def asker(door: Engine) -> Ask:
    """Ask the engine as a visitor would; raises RuntimeError with its sentence where there is no result."""

    def ask(spec: Any) -> Any:
        view, name = door.ask(spec, SESSION), key(spec)
        for _ in range(round(LONGEST / LISTEN)):
            if view.state.final:
                break
            view = door.wait(name, SESSION, LISTEN)
        door.leave(name, SESSION)
        if view.state is not State.DONE:
            raise RuntimeError(view.problem or view.state.name)
        return view.result

    return ask
