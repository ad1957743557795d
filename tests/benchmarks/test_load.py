"""A class of fifty opens one link at once: Streamlit's own protocol over real WebSockets, no browsers."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

from tests.pages.browser import ROOT, serve

pytestmark = pytest.mark.bench
STUDENTS = 50
LINK = {"lang": "en", "data": "checkerboard", "n": "1000", "h": "32-32", "steps": "20000"}  # some 3 seconds
WARM = {"lang": "en", "steps": "1"}


class Tab:
    """A browser tab as the server sees it: it runs its page and, while told so, fragments of it."""

    def __init__(self, socket: ClientConnection, page: str, link: dict[str, str]) -> None:
        self.socket, self.page, self.query = socket, page, urlencode(link)
        self.page_hash = ""
        self.timers: dict[str, asyncio.Task[None]] = {}  # of fragments that run by themselves
        self.drawn: set[str] = set()  # the keys of the pictures of this run of the page
        self.sliders: dict[str, str] = {}  # id by key

    async def run(self, fragment: str = "", **sliders: float) -> None:
        """Ask for a run of the page, or of a part of it, with these sliders moved."""
        message = BackMsg()
        order = message.rerun_script
        order.query_string, order.page_name = self.query, "" if self.page_hash else self.page
        order.page_script_hash, order.fragment_id = self.page_hash, fragment
        for key, value in sliders.items():
            state = order.widget_states.widgets.add()
            state.id = self.sliders[key]
            state.double_array_value.data.append(value)
        await self.socket.send(message.SerializeToString())

    async def until(self, there: Callable[[Tab], bool]) -> None:
        """Listen until a run of the whole page ends that has shown what is waited for."""
        while True:
            message = ForwardMsg()
            message.ParseFromString(await self.socket.recv())
            match message.WhichOneof("type"):
                case "new_session" if not message.metadata.run.fragment_ids:
                    self.drawn.clear()
                    self._stop(*self.timers)
                case "navigation":
                    self.page_hash = message.navigation.page_script_hash
                case "auto_rerun":
                    told = message.auto_rerun
                    self._stop(told.fragment_id)
                    again = self._repeat(told.fragment_id, told.interval)
                    self.timers[told.fragment_id] = asyncio.create_task(again)
                case "stop_auto_rerun":
                    self._stop(*message.stop_auto_rerun.fragment_ids)
                case "delta" if message.delta.WhichOneof("type") == "new_element":
                    self._element(message.delta.new_element)
                case "script_finished" if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    if there(self):
                        self._stop(*self.timers)
                        return

    def _element(self, element: object) -> None:
        kind = element.WhichOneof("type")
        assert kind != "exception", element
        if kind == "bidi_component":
            self.drawn.add(element.bidi_component.id.split("-", 2)[-1])
        elif kind == "slider":
            self.sliders[element.slider.id.split("-", 2)[-1].split(".")[1]] = element.slider.id

    async def _repeat(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self.run(fragment)

    def _stop(self, *fragments: str) -> None:
        for fragment in fragments:
            if fragment in self.timers:
                self.timers.pop(fragment).cancel()


def connect(url: str) -> websockets.connect:
    socket = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    return websockets.connect(socket, subprotocols=["streamlit"], max_size=None, origin=url, open_timeout=60)


async def see_result(url: str, link: dict[str, str]) -> float:
    """Seconds from opening the training page until it shows the result."""
    start = time.perf_counter()
    async with connect(url) as socket:
        tab = Tab(socket, "training", link)
        await tab.run()
        await tab.until(lambda tab: "player" in tab.drawn)
        return time.perf_counter() - start


async def move_sliders(url: str, answers: list[float], enough: asyncio.Event) -> None:
    """Somebody else moves a slider of the data page all the time; seconds until each answer."""
    async with connect(url) as socket:
        tab = Tab(socket, "data", {"lang": "en"})
        await tab.run()
        await tab.until(lambda tab: "data.scatter" in tab.drawn)
        while not enough.is_set():
            start = time.perf_counter()
            await tab.run(d_noise=0.01 * (1 + len(answers) % 40))
            await tab.until(lambda tab: "data.scatter" in tab.drawn)
            answers.append(time.perf_counter() - start)
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log: Path = tmp_path_factory.mktemp("load") / "log"
    with serve(ROOT / "app.py", log=log) as address:
        asyncio.run(see_result(address, WARM))
        yield address


def test_fifty_wait_hardly_longer_than_one(url: str) -> None:
    async def measure() -> tuple[float, list[float], list[float]]:
        alone = min([await see_result(url, LINK | {"seed": str(seed)}) for seed in (1, 2)])
        answers: list[float] = []
        enough = asyncio.Event()
        other = asyncio.create_task(move_sliders(url, answers, enough))
        everybody = await asyncio.gather(*(see_result(url, LINK | {"seed": "3"}) for _ in range(STUDENTS)))
        enough.set()
        await other
        return alone, everybody, answers

    alone, everybody, answers = asyncio.run(measure())
    first, last, median = min(everybody), max(everybody), statistics.median(answers)
    ratio = last / alone
    print(f"\none alone {alone:.2f} s; {STUDENTS} at once {first:.2f} to {last:.2f} s: {ratio:.2f} times")
    print(f"meanwhile {len(answers)} answers to another: median {median:.3f} s, longest {max(answers):.3f} s")
    assert ratio <= 1.5
    assert median < 1
    assert max(answers) < 1
