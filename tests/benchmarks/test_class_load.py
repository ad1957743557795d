"""Sixty phones answer within ten seconds: Streamlit's own protocol over real WebSockets, no browsers.

Counts are asserted, seconds are printed: those of the last dot at the front after the last answer was sent.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcore.classes import meeting
from mlcore.classes.nicknames import NICKNAMES
from mlcore.classes.trainings import TrainingActivity
from mlcore.store import store
from mlcore.store.sealed import secret
from tests.pages.browser import ROOT, serve
from tests.pages.following import Follower
from tests.pages.protocol import connect

pytestmark = pytest.mark.bench
PHONES, WITHIN = 60, 10.0  # seconds


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path))
    monkeypatch.delenv("MLCORE_DATABASE", raising=False)
    with serve(ROOT / "app.py", log=tmp_path / "log") as address:
        yield address


def test_sixty_phones_are_sixty_dots(url: str) -> None:
    code, _ = meeting.begin(store(), TrainingActivity())
    r = random.Random(1)
    sent: list[float] = []
    enough = asyncio.Event()

    async def phone(me: str, after: float, ready: asyncio.Barrier) -> bool:
        async with connect(url) as socket:
            tab = Follower(socket, "join", {"lang": "en", "class": code, "me": me})
            await tab.run()
            await tab.follow(lambda tab: "_send_0" in tab.buttons)
            listening = asyncio.create_task(tab.follow(lambda tab: tab.dots > 0))
            await ready.wait()
            await asyncio.sleep(after)
            sent.append(time.perf_counter())
            await tab.press("_send_0")
            await listening
            await enough.wait()
            return tab.dots == 1

    async def front(ready: asyncio.Barrier) -> float:
        async with connect(url) as socket:
            tab = Follower(socket, "classroom", {"lang": "en", "class": code})
            await tab.run()
            await ready.wait()
            await tab.follow(lambda tab: tab.dots == PHONES)
            enough.set()
            tab.leave()
            return time.perf_counter()

    async def measure() -> tuple[float, list[bool]]:
        ready = asyncio.Barrier(PHONES + 1)
        phones = [secret() for _ in range(PHONES)]
        for me in phones:
            store().classes.join(code, me, NICKNAMES)
        seen, *own = await asyncio.gather(
            front(ready), *(phone(me, r.uniform(0, WITHIN), ready) for me in phones)
        )
        return seen, own

    seen, own = asyncio.run(measure())
    print(f"\n{PHONES} answers in {max(sent) - min(sent):.1f} s; the last dot {seen - max(sent):.2f} s later")
    assert own == [True] * PHONES, "each phone sees its own dot"
    assert len(store().classes.answers(code, 0)) == PHONES
