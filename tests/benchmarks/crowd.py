"""A crowd over all rooms, by hand: how long people wait, and what a server keeps of those who left.

    python -m tests.benchmarks.crowd --sessions 100             # opens, moves sliders, leaves; seconds and MB
    python -m tests.benchmarks.crowd --sessions 200 --url http://...    the same on a server that runs already
    python -m tests.benchmarks.crowd --sessions 30 --minutes 60         a soak: visitors come and go

Every visitor is a WebSocket that speaks Streamlit's protocol: it opens a room by its link, thinks, moves a
slider at random, and reads all that comes. What a browser does with it is not measured. A late answer counts
as late as it came; an answer that never came is lost. A soak prints memory and files once a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import statistics
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from pages.ui.frame import CONTENTS
from tests.pages.browser import ROOT, free_port, serve
from tests.pages.protocol import Tab, connect

ROOMS = [room.code for _, rooms in CONTENTS for room in rooms]
LOST = 60.0  # seconds after which an answer counts as lost


@dataclass
class Book:
    """What was measured."""

    opened: list[float] = field(default_factory=list)  # seconds
    moved: list[float] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)  # kinds of failures, with the room

    def told(self) -> str:
        def line(name: str, seconds: list[float]) -> str:
            if len(seconds) < 2:
                return f"{name}: {len(seconds)}"
            cut = statistics.quantiles(seconds, n=100, method="inclusive")
            return (
                f"{name}: {len(seconds)}, median {cut[49]:.2f}, p95 {cut[94]:.2f}, last {max(seconds):.2f} s"
            )

        return f"{line('opened', self.opened)}; {line('moved', self.moved)}; lost {dict(self.lost) or 0}"


async def answered(tab: Tab, seconds: list[float], **sliders: float) -> None:
    begun = time.perf_counter()
    await tab.run(**sliders)
    async with asyncio.timeout(LOST):
        await tab.until(lambda tab: True)
    seconds.append(time.perf_counter() - begun)


async def visit(url: str, room: str, moves: int, think: float, chance: random.Random, book: Book) -> None:
    """Open a room, move sliders, leave without a word, as a tab does that is closed."""
    try:
        async with connect(url) as socket:
            tab = Tab(socket, room, {"lang": chance.choice(["en", "ko"])})
            await answered(tab, book.opened)
            places: dict[str, float] = {}
            for _ in range(moves):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(tab.until(lambda tab: False), chance.expovariate(1 / think))
                if tab.sliders:
                    key, slider = chance.choice(sorted(tab.sliders.items()))
                    places[key] = chance.choice(_places(slider))
                await answered(tab, book.moved, **{k: v for k, v in places.items() if k in tab.sliders})
    except Exception as error:
        book.lost[f"{room}: {type(error).__name__}"] += 1


def _places(slider: Any) -> list[float]:
    if slider.options:
        return [float(i) for i in range(len(slider.options))]
    count = max(1, round((slider.max - slider.min) / (slider.step or 1)))
    return [slider.min + i * (slider.step or 1) for i in range(count + 1)]


async def crowd(url: str, sessions: int, moves: int, think: float, ramp: float, seed: int) -> Book:
    """All come within `ramp` seconds."""
    book = Book()

    async def one(i: int) -> None:
        await asyncio.sleep(ramp * i / sessions)
        await visit(url, ROOMS[i % len(ROOMS)], moves, think, random.Random(seed * 10_000 + i), book)

    await asyncio.gather(*(one(i) for i in range(sessions)))
    return book


async def soak(url: str, sessions: int, minutes: float, moves: int, think: float, watch: Watch) -> Book:
    """As many visitors at a time, each replaced when it leaves."""
    book, end = Book(), time.monotonic() + 60 * minutes

    async def place(i: int) -> None:
        chance = random.Random(i)
        while time.monotonic() < end:
            await visit(url, chance.choice(ROOMS), moves, think, chance, book)

    async def minute() -> None:
        while True:
            await asyncio.sleep(60)
            print(watch.told(), flush=True)

    clock = asyncio.create_task(minute())
    await asyncio.gather(*(place(i) for i in range(sessions)))
    clock.cancel()
    return book


class Watch:
    """What the server that we started takes: MB of its processes, files of its temporary folder."""

    def __init__(self, home: Path, figures: str) -> None:
        self.home, self.figures = home, figures
        self.begun = time.monotonic()

    def told(self) -> str:
        web, others = 0.0, 0.0
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                size = process.memory_info().rss / 2**20
                if "streamlit" in process.cmdline():
                    web += size
                else:
                    others += size
        files = [path for path in self.home.rglob("*") if path.is_file()]
        kept = sum(path.stat().st_size for path in files) / 2**20
        minutes = (time.monotonic() - self.begun) / 60
        found = (
            f"{minutes:5.1f} min: web {web:.0f} MB, workers {others:.0f} MB, {len(files)} files {kept:.1f} MB"
        )
        return f"{found}, {self._sessions()} sessions inside"

    def _sessions(self) -> str:
        with urllib.request.urlopen(self.figures, timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        return next(line.split()[1] for line in lines if line.startswith("mlcore_sessions "))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="", help="of a server that runs; without it one is started")
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--moves", type=int, default=5, help="of a slider, a visit")
    parser.add_argument("--think", type=float, default=2.0, help="seconds between two moves, on average")
    parser.add_argument("--ramp", type=float, default=5.0, help="seconds until all have come")
    parser.add_argument("--minutes", type=float, default=0.0, help="a soak of so many minutes")
    parser.add_argument("--seed", type=int, default=1)
    own = parser.parse_args()
    if own.url:
        print(asyncio.run(crowd(own.url, own.sessions, own.moves, own.think, own.ramp, own.seed)).told())
        return
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        os.environ |= {"TMPDIR": home, "MLCORE_METRICS": str(port), "MLCORE_SESSIONS": "100000"}
        with serve(ROOT / "app.py", log=Path(home).with_suffix(".log")) as url:
            watch = Watch(Path(home), f"http://127.0.0.1:{port}/metrics")
            for room in ROOMS:  # once before, so that what is kept for ever is there
                asyncio.run(visit(url, room, 1, 0.1, random.Random(0), Book()))
            print(watch.told(), flush=True)
            if own.minutes:
                book = asyncio.run(soak(url, own.sessions, own.minutes, own.moves, own.think, watch))
            else:
                book = asyncio.run(crowd(url, own.sessions, own.moves, own.think, own.ramp, own.seed))
            print(book.told())
            print(watch.told(), flush=True)
        left = [str(path.relative_to(home)) for path in Path(home).rglob("*") if path.is_file()]
        print(f"left behind after the end: {left or 'nothing'}")


if __name__ == "__main__":
    main()
