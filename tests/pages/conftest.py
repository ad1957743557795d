"""What the tests of pages share: one engine with its workers up, closed when all tests are over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from mlcore.engine.engine import Engine, State, engine
from mlcore.training.tasks import TrainSpec
from pages.ui import compute, tiles
from pages.ui.tiles import Gallery
from tests.pages.browser import ROOT, chromium, serve

os.environ.setdefault("MLCORE_SESSIONS", "100000")  # a test process opens more tabs than a server should
START = 120.0  # seconds that workers may take to come up on a machine under load


@pytest.fixture(scope="session")
def warm_engine() -> Iterator[Engine]:
    """The engine that the pages of this process ask, warmed up."""
    found = engine()
    view = found.ask(TrainSpec(steps=1), "warm-up")
    assert found.wait(view.key, "warm-up", START).state is State.DONE
    found.leave(view.key, "warm-up")
    yield found
    found.close()


@pytest.fixture
def lab(warm_engine: Engine) -> Iterator[Engine]:
    """The same, with nothing left to do after each test."""
    yield warm_engine
    for job in list(warm_engine._jobs.values()):
        for session in list(job.seen):
            warm_engine.leave(job.view.key, session)


@pytest.fixture
def patient(lab: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages wait for what they ask instead of showing its progress."""
    monkeypatch.setattr(compute, "INLINE", 60.0)
    monkeypatch.setattr(compute.ask, "__defaults__", (60.0,))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No workers: what is tested trains nothing, and the cover has no pictures."""
    monkeypatch.setattr(compute, "door", lambda: None)
    bare = Gallery((), str, Path)
    bare.begin()
    monkeypatch.setattr(tiles, "gallery", lambda: bare)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of the whole app, on a server of its own."""
    with serve(ROOT / "app.py") as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    found = browser.new_page(viewport={"width": 1280, "height": 1000})
    found.set_default_timeout(60_000)
    yield found
    found.close()


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    found = context.new_page()
    found.set_default_timeout(60_000)
    yield found
    context.close()
