"""The pictures of the cover: every room has one, and what happens to them on the disk and when one fails."""

from __future__ import annotations

import json
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.base.experiment import run
from mlcore.engine.jobs import Snapshot, State
from mlcore.store import StoreError
from mlcore.training.tasks import TrainSpec
from pages.ui import text, tiles
from pages.ui.contents import CONTENTS
from pages.ui.tiles import Gallery
from tests.pages.browser import ROOT
from tests.pages.rooms import rerun, said

ROOMS = [room.code for _, rooms in CONTENTS for room in rooms]
MARKS = {"path", "rect", "circle", "image"}
LARGEST = 100_000  # signs of one picture


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text._run, "language", "en", raising=False)


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_picture_that_is_not_empty_and_finite(room: str) -> None:
    picture = tiles.of(room, run)
    marks = [one for one in ET.fromstring(picture).iter() if one.tag.rpartition("}")[2] in MARKS]
    assert marks
    assert len(picture) < LARGEST
    without = re.sub(r'href="[^"]*"', "", picture)
    assert not re.search(r"\b(nan|inf)\b", without, re.IGNORECASE)


# ---------------------------------------------------------------- the gallery


def gallery(folder: Path, draw: Callable[[str], str], rooms: tuple[str, ...] = ("a", "b")) -> Gallery:
    return Gallery(rooms, draw, lambda: folder)


def refuse(room: str) -> str:
    raise AssertionError(f"{room} is drawn again")


def test_pictures_are_drawn_once_and_read_by_the_next_process(tmp_path: Path) -> None:
    gallery(tmp_path, "<svg {}/>".format).fill()
    later = gallery(tmp_path, refuse)
    later.begin()
    assert later.complete
    assert later.pictures == {"a": "<svg a/>", "b": "<svg b/>"}


def test_a_room_that_fails_has_no_picture_and_others_do(tmp_path: Path) -> None:
    def draw(room: str) -> str:
        if room == "a":
            raise ValueError("no")
        return "<svg />"

    made = gallery(tmp_path, draw)
    made.fill()
    assert made.complete
    assert made.pictures == {"b": "<svg />"}


@pytest.mark.parametrize("kept", ["", "[]", "{", "null", '{"a": "<script>", "b": 3, "c": "<svg />"}'])
def test_what_is_no_picture_is_not_read(tmp_path: Path, kept: str) -> None:
    (tmp_path / f"cover-{tiles.version()}.json").write_text(kept)
    done = threading.Event()
    made = gallery(tmp_path, lambda room: f"<svg {room}/>")
    made.fill = lambda: done.set()  # type: ignore[method-assign]
    made.begin()
    assert done.wait(30)
    assert made.pictures == {}


def test_without_a_disk_pictures_are_there_all_the_same(tmp_path: Path) -> None:
    def another_account() -> Path:
        raise StoreError("folder")

    for folder in (another_account, lambda: tmp_path / "missing"):
        made = Gallery(("a",), lambda room: "<svg />", folder)
        made.fill()
        assert made.pictures == {"a": "<svg />"}


def test_few_versions_stay_on_the_disk(tmp_path: Path) -> None:
    for k in range(9):
        (tmp_path / f"cover-{k}.json").write_text("{}")
    gallery(tmp_path, lambda room: "<svg />").fill()
    left = list(tmp_path.iterdir())
    assert len(left) == tiles.KEPT
    assert json.loads((tmp_path / f"cover-{tiles.version()}.json").read_text()) == {
        "a": "<svg />",
        "b": "<svg />",
    }


class Door:
    """An engine that ends a job at the second look."""

    def __init__(self, last: State) -> None:
        self.last, self.left = last, 0

    def ask(self, spec: Any, session: str) -> Snapshot:
        return Snapshot("", State.QUEUED)

    def wait(self, key: str, session: str, seconds: float) -> Snapshot:
        return Snapshot("", self.last, result="it" if self.last is State.DONE else None)

    def leave(self, key: str, session: str) -> None:
        self.left += 1


def test_the_engine_is_asked_and_left() -> None:
    door = Door(State.DONE)
    assert tiles.asker(door)(TrainSpec()) == "it"  # type: ignore[arg-type]
    assert door.left == 1


def test_an_experiment_that_fails_raises() -> None:
    with pytest.raises(RuntimeError):
        tiles.asker(Door(State.FAILED))(TrainSpec())  # type: ignore[arg-type]


# ---------------------------------------------------------------- the cover


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(pictures={}, complete=False)
    monkeypatch.setattr(tiles, "gallery", lambda: made)
    return made


def pictures(page: AppTest) -> list[str]:
    return [e.proto.json for e in page.main if (e.key or "").startswith("picture_")]


@pytest.mark.usefixtures("alone")
def test_the_cover_has_its_words_before_its_pictures_and_all_pictures_later(shown: SimpleNamespace) -> None:
    page = AppTest.from_file(ROOT / "cover.py", default_timeout=60)
    page.query_params["lang"] = "en"
    rerun(page)
    assert "A learning rate from crawling to diverging." in said(page)
    assert len(pictures(page)) == len(ROOMS)
    assert not any("<svg" in picture for picture in pictures(page))
    shown.pictures = dict.fromkeys(ROOMS, "<svg />")
    shown.complete = True
    rerun(page)
    assert all("<svg" in picture for picture in pictures(page))
