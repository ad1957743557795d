"""Several machines as processes: whatever is killed, people are back by their links with the same numbers."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url
from websockets.exceptions import ConnectionClosed

from mlcore.classes import meeting
from mlcore.classes.nicknames import NICKNAMES
from mlcore.classes.trainings import TrainingActivity
from mlcore.store import Store, StoreError
from mlcore.store.classes import Answer
from mlcore.store.sealed import secret
from tests.deploy.topology import Topology, ask, until
from tests.pages.following import Follower
from tests.pages.protocol import Tab, connect
from tests.store.servers import Server, programs

pytestmark = pytest.mark.topology
CLASS = 60  # people, of whom every ten have chosen the same seed
LONG = {"lang": "en", "n": "1000", "h": "32-32", "steps": "20000"}  # some seconds on any machine


@pytest.fixture(scope="module")
def house() -> Iterator[Topology]:
    there = {"nginx": shutil.which("nginx"), "postgres": programs()}
    missing = [name for name, found in there.items() if not found]
    if missing:
        assert not os.environ.get("CI"), f"{missing} missing: .ci/run installs them"
        pytest.skip(f"{missing} not installed")
    database = Server(programs())
    database.start()
    found = Topology(database)
    try:
        found.revive()
        until(found.well)
        yield found
    except BaseException:
        sys.stderr.write(found.logs()[-20_000:])
        raise
    finally:
        found.close()
        database.close()


class Person:
    """Somebody with a link, and a browser that keeps a cookie and connects again when a connection breaks."""

    def __init__(self, url: str, link: dict[str, str]) -> None:
        self.url, self.link = url, link
        self.cookie = ""
        self.met: list[str] = []  # the cookies of the processes that it talked to
        self.seen: list[str] = []  # what the picture was sent, each time that it was there

    async def open(self) -> None:
        """The page, as a browser asks for it before it opens a socket."""
        _, headers, _ = await asyncio.to_thread(ask, f"{self.url}/training")
        self._keep(headers.get("Set-Cookie", ""))

    def _keep(self, cookie: str) -> None:
        if cookie.startswith("lab="):
            self.cookie = cookie.partition(";")[0]

    async def stay(self, leave: asyncio.Event) -> None:
        """See the result, and again whenever the connection was lost."""
        while not leave.is_set():
            try:
                async with connect(self.url, self.cookie) as socket:
                    for header in socket.response.headers.get_all("Set-Cookie"):
                        self._keep(header)
                    self.met.append(self.cookie)
                    tab = Tab(socket, "training", self.link)
                    await tab.run()
                    await tab.until(lambda tab: "player" in tab.drawn)
                    self.seen.append(tab.drawn["player"])
                    left, lost = asyncio.create_task(leave.wait()), asyncio.create_task(socket.wait_closed())
                    await asyncio.wait([left, lost], return_when=asyncio.FIRST_COMPLETED)
                    left.cancel()
            except (ConnectionClosed, OSError):
                await asyncio.sleep(0.2)


async def come_true(condition: object) -> None:
    await asyncio.to_thread(until, condition)


async def numbers(url: str, link: dict[str, str], page: str = "training", picture: str = "player") -> str:
    async with connect(url) as socket:
        tab = Tab(socket, page, link)
        await tab.run()
        await tab.until(lambda tab: picture in tab.drawn)
        return tab.drawn[picture]


# ---------------------------------------------------------------- what nginx is for


def test_a_browser_stays_with_the_process_that_answered_it(house: Topology) -> None:
    def cookie(**headers: str) -> str:
        return ask(f"{house.url}/data", **headers)[1].get("Set-Cookie", "")

    assert {cookie().partition(";")[0] for _ in range(40)} == {"lab=one", "lab=two"}
    assert "SameSite=Lax" in cookie()
    assert "SameSite=None; Secure; Partitioned" in cookie(**{"X-Forwarded-Proto": "https"})
    for name in "one", "two":
        assert [cookie(Cookie=f"lab={name}") for _ in range(10)] == [""] * 10
    assert cookie(Cookie="lab=three").startswith("lab=")


def test_pages_are_compressed_kept_and_framed_by_whom_they_may(house: Topology) -> None:
    status, headers, page = ask(f"{house.url}/data")
    assert status == 200
    assert headers["Content-Security-Policy"] == "frame-ancestors 'self' http://learning.example:8080"
    script = re.search(rb'src="\./(static/js/[^"]+\.js)"', page).group(1).decode()
    _, headers, _ = ask(f"{house.url}/{script}", **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert "immutable" in headers["Cache-Control"]
    for private in "_stcore/metrics", "_stcore/agent/openapi.json":
        assert ask(f"{house.url}/{private}")[0] == 404
    assert ask(f"{house.url}/_stcore/health")[0] == 200


def test_both_processes_serve_the_same_component(house: Topology) -> None:
    async def sources() -> list[str]:
        told = [await numbers(url, {"lang": "en"}, "data", "data.scatter") for url in house.webs.values()]
        return [re.search(r'"file":\s?"([^"]+)"', each).group(1) for each in told]

    first, second = asyncio.run(sources())
    assert first == second
    assert [ask(f"{url}/{first}")[0] for url in house.webs.values()] == [200, 200]


def test_a_table_uploaded_to_one_process_is_found_by_all_and_by_the_workers(house: Topology) -> None:
    kept = Store(make_url(house.database_url).set(drivername="postgresql+psycopg"))
    rows = "\n".join(f"{i % 7},{i % 5},{'cat' if i % 7 > 3 else 'dog'}" for i in range(60))
    digest = kept.uploads.put(f"legs,ears,kind\n{rows}\n".encode(), 2**20)
    kept.database.close()
    link = {"lang": "en", "data": "csv", "table": digest, "target": "2", "n": "60", "steps": "20"}
    one, two = (asyncio.run(numbers(url, link)) for url in house.webs.values())
    assert one == two
    assert "cat" in one


# ---------------------------------------------------------------- what is killed


def test_a_web_process_dies_and_everyone_is_back_by_the_link(house: Topology) -> None:
    async def lesson() -> list[Person]:
        links = [{"lang": "en", "steps": "20", "seed": str(i % 6)} for i in range(CLASS)]
        people, leave = [Person(house.url, link) for link in links], asyncio.Event()
        await asyncio.gather(*(person.open() for person in people))
        staying = [asyncio.create_task(person.stay(leave)) for person in people]
        await come_true(lambda: all(person.seen for person in people))
        house.kill("web1")
        met = [person for person in people if person.met[0] == "lab=one"]
        await come_true(lambda: all(len(person.seen) > 1 for person in met))
        leave.set()
        await asyncio.gather(*staying)
        return people

    people = asyncio.run(lesson())
    assert {person.met[0] for person in people} == {"lab=one", "lab=two"}
    for person in people:
        moved = person.met[0] == "lab=one"
        assert set(person.met) == ({"lab=one", "lab=two"} if moved else {"lab=two"})
        assert len(person.seen) == (2 if moved else 1)
        same = next(other for other in people if other.link == person.link)
        assert set(person.seen) == {same.seen[0]}
    assert len({person.seen[0] for person in people}) == 6
    until(house.well)
    until(lambda: "Set-Cookie" not in ask(f"{house.url}/data", Cookie="lab=one")[1])  # it is asked again


def test_a_web_process_dies_while_a_class_answers_and_no_answer_is_lost(house: Topology) -> None:
    kept = Store(make_url(house.database_url).set(drivername="postgresql+psycopg"))
    code, key = meeting.begin(kept, TrainingActivity())
    phones = [secret() for _ in range(CLASS)]
    for me in phones:
        kept.classes.join(code, me, NICKNAMES)
    seen: dict[str, list[str]] = {me: [] for me in phones}  # the dot of each, each time that it was drawn

    async def phone(me: str, after: float, ready: asyncio.Barrier, leave: asyncio.Event) -> None:
        """Send once; where the connection breaks before one's own dot is there, as people do: look again."""
        first = True
        while not leave.is_set():
            try:
                async with connect(house.url) as socket:
                    tab = Follower(socket, "join", {"lang": "en", "class": code, "me": me})
                    await tab.run()
                    await tab.follow(lambda tab: "_send_0" in tab.buttons)
                    if first:
                        await ready.wait()
                        await asyncio.sleep(after)
                        first = False
                    if not seen[me]:
                        await tab.press("_send_0")
                    await tab.follow(lambda tab: tab.dots == 1)
                    seen[me].append(tab.picture)
                    tab.leave()
                    gone = asyncio.create_task(socket.wait_closed()), asyncio.create_task(leave.wait())
                    await asyncio.wait(gone, return_when=asyncio.FIRST_COMPLETED)
            except (ConnectionClosed, OSError):
                await asyncio.sleep(0.2)

    async def front(url: str) -> str:
        async with connect(url) as socket:
            tab = Follower(socket, "classroom", {"lang": "en", "class": code})
            await tab.run()
            await tab.follow(lambda tab: tab.dots == CLASS)
            tab.leave()
            return tab.picture

    async def lesson() -> tuple[list[Answer], list[str]]:
        ready, leave = asyncio.Barrier(CLASS), asyncio.Event()
        staying = [asyncio.create_task(phone(me, k / 10, ready, leave)) for k, me in enumerate(phones)]
        await come_true(lambda: sum(map(bool, seen.values())) >= CLASS // 3)
        house.kill("web1")
        before = await asyncio.to_thread(kept.classes.answers, code, 0)

        def back() -> bool:
            for task in staying:
                assert not task.done(), task.exception()
            return all(seen.values()) and any(len(dots) > 1 for dots in seen.values())

        await come_true(back)
        await come_true(house.well)
        pictures = await asyncio.gather(*(front(url) for url in house.webs.values()))
        leave.set()
        await asyncio.gather(*staying)
        return before, pictures

    before, pictures = asyncio.run(lesson())
    after = kept.classes.answers(code, 0)
    assert CLASS // 3 <= len(before) < CLASS, "it died while they answered"
    sent = {answer.nickname: answer.value for answer in after}
    assert len(sent) == CLASS
    assert all(sent[answer.nickname] == answer.value for answer in before)
    assert all(len(set(dots)) == 1 for dots in seen.values()), "each is back at one's own dot"
    assert pictures[0] == pictures[1]
    kept.classes.end_class(code, key)
    kept.database.close()


def test_the_scheduler_dies_and_it_goes_on_after_a_sentence(house: Topology) -> None:
    async def one() -> str:
        async with connect(house.url) as socket:
            tab = Tab(socket, "training", LONG | {"seed": "7"})
            await tab.run()
            await tab.until(lambda tab: tab.shows("of the steps"))
            house.kill("scheduler")
            await tab.run()
            await tab.until(lambda tab: tab.shows("The computing cluster does not answer"))
            assert any("computing cluster" in problem for problem in house.health("web1")["problems"])
            await come_true(house.well)
            await tab.run()
            await tab.until(lambda tab: "player" in tab.drawn)
            return tab.drawn["player"]

    assert asyncio.run(one()) == asyncio.run(numbers(house.webs["web2"], LONG | {"seed": "7"}))


def test_a_worker_dies_and_another_finishes(house: Topology) -> None:
    async def two() -> list[str]:
        async with connect(house.url) as a, connect(house.url) as b:
            tabs = [Tab(socket, "training", LONG | {"seed": seed}) for socket, seed in ((a, "8"), (b, "9"))]
            for tab in tabs:
                await tab.run()
            await asyncio.gather(*(tab.until(lambda tab: tab.shows("of the steps")) for tab in tabs))
            house.kill_worker()
            for tab in tabs:
                await tab.run()
            await asyncio.gather(*(tab.until(lambda tab: "player" in tab.drawn) for tab in tabs))
            return [tab.drawn["player"] for tab in tabs]

    first, second = asyncio.run(two())
    assert first != second
    until(house.well)
    assert asyncio.run(numbers(house.webs["web2"], LONG | {"seed": "8"})) == first


def test_the_database_is_away_and_rooms_go_on(house: Topology) -> None:
    kept = Store(make_url(house.database_url).set(drivername="postgresql+psycopg"))
    name = kept.documents.create("tray", {"name": "before"})
    house.database.stop()
    try:
        with pytest.raises(StoreError, match="The store does not answer"):
            kept.documents.read("tray", name)
        health = until(lambda: (found := house.health("web1"))["status"] == 503 and found)
        assert any("store does not answer" in problem for problem in health["problems"])
        asyncio.run(numbers(house.url, {"lang": "en", "steps": "20", "seed": "11"}))
    finally:
        house.database.start()
    until(house.well)
    assert kept.documents.read("tray", name).body == {"name": "before"}
    kept.database.close()


# ---------------------------------------------------------------- what is written down


def test_no_log_holds_an_address_or_a_link(house: Topology) -> None:
    access = (house.home / "access").read_text()
    assert " GET 200 " in access
    assert re.fullmatch(r"([\d:+T-]+ [A-Z]+ \d{3} \d+ [\d.]+ (one|two)?\n)+", access)
    for private in "lang=en", "seed=", "/training":
        assert private not in house.logs().replace("pages/training.py", "")
