"""Sixty phones answer within ten seconds: Streamlit's own protocol over real WebSockets, no browsers.

Counts are asserted, seconds are printed: those of the last dot at the front after the last answer was sent.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from mlcore.classes import meeting
from mlcore.classes.nicknames import NICKNAMES
from mlcore.classes.trainings import TrainingActivity
from mlcore.store import store
from mlcore.store.sealed import secret
from tests.benchmarks.test_load import Tab, connect
from tests.pages.browser import ROOT, serve

pytestmark = pytest.mark.bench
PHONES, WITHIN = 60, 10.0  # seconds


class Watched(Tab):
    """A tab that stays: it goes on with its fragments, and counts the dots of its pictures."""

    buttons: dict[str, str]
    dots: int = 0

    async def follow(self, there: Callable[[Watched], bool]) -> None:
        """Listen until there is what is waited for."""
        while not there(self):
            message = ForwardMsg()
            message.ParseFromString(await self.socket.recv())
            match message.WhichOneof("type"):
                case "new_session" if not message.metadata.run.fragment_ids:
                    self._stop(*self.timers)
                case "navigation":
                    self.page_hash = message.navigation.page_script_hash
                case "auto_rerun":
                    told = message.auto_rerun
                    self._stop(told.fragment_id)
                    self.timers[told.fragment_id] = asyncio.create_task(
                        self._repeat(told.fragment_id, told.interval)
                    )
                case "stop_auto_rerun":
                    self._stop(*message.stop_auto_rerun.fragment_ids)
                case "delta" if message.delta.WhichOneof("type") == "new_element":
                    self._seen(message.delta.new_element)

    def _seen(self, element: object) -> None:
        kind = element.WhichOneof("type")
        assert kind != "exception", element
        if kind == "button":
            self.buttons[element.button.id.split("-", 2)[-1]] = element.button.id
        elif kind == "bidi_component" and '"figures"' in element.bidi_component.json:
            figures = [json.loads(one) for one in json.loads(element.bidi_component.json)["figures"]]
            if figures:
                self.dots = sum(len(trace.get("hovertext") or ()) for trace in figures[0]["data"])

    async def press(self, key: str) -> None:
        message = BackMsg()
        order = message.rerun_script
        order.query_string, order.page_script_hash = self.query, self.page_hash
        state = order.widget_states.widgets.add()
        state.id, state.trigger_value = self.buttons[key], True
        await self.socket.send(message.SerializeToString())


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path))
    monkeypatch.delenv("MLCORE_DATABASE", raising=False)
    with serve(ROOT / "app.py", log=tmp_path / "log") as address:
        yield address


async def watched(socket: object, page: str, link: dict[str, str]) -> Watched:
    tab = Watched(socket, page, link)
    tab.buttons = {}
    await tab.run()
    return tab


def test_sixty_phones_are_sixty_dots(url: str) -> None:
    code, _ = meeting.begin(store(), TrainingActivity())
    r = random.Random(1)
    sent: list[float] = []
    enough = asyncio.Event()

    async def phone(me: str, after: float, ready: asyncio.Barrier) -> bool:
        async with connect(url) as socket:
            tab = await watched(socket, "join", {"lang": "en", "class": code, "me": me})
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
            tab = await watched(socket, "classroom", {"lang": "en", "class": code})
            await ready.wait()
            await tab.follow(lambda tab: tab.dots == PHONES)
            enough.set()
            tab._stop(*tab.timers)
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
