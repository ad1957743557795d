"""A class of fifty opens one link at once: Streamlit's own protocol over real WebSockets, no browsers."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.browser import ROOT, serve
from tests.pages.protocol import Tab, connect

pytestmark = pytest.mark.bench
STUDENTS = 50
LINK = {"lang": "en", "data": "checkerboard", "n": "1000", "h": "32-32", "steps": "20000"}  # some 3 seconds
WARM = {"lang": "en", "steps": "1"}


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
