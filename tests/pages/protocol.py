"""A browser tab as the server sees it: Streamlit's own protocol over a WebSocket, no browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
AGENT = "Mozilla/5.0 (a tab of a test)"


class Tab:
    """It runs its page and, while told so, fragments of it."""

    def __init__(self, socket: ClientConnection, page: str, link: dict[str, str]) -> None:
        self.socket, self.page, self.query = socket, page, urlencode(link)
        self.page_hash = ""
        self.timers: dict[str, asyncio.Task[None]] = {}  # of fragments that run by themselves
        self.drawn: dict[str, str] = {}  # what the pictures of this run of the page were sent, by their keys
        self.said: list[str] = []  # texts of this run, in the order in which they came
        self.sliders: dict[str, Any] = {}  # by key

    async def run(self, fragment: str = "", **sliders: float) -> None:
        """Ask for a run of the page, or of a part of it, with these sliders moved."""
        message = BackMsg()
        order = message.rerun_script
        order.query_string, order.page_name = self.query, "" if self.page_hash else self.page
        order.page_script_hash, order.fragment_id = self.page_hash, fragment
        for key, value in sliders.items():
            state = order.widget_states.widgets.add()
            state.id = self.sliders[key].id
            if self.sliders[key].options:
                state.string_array_value.data.append(self.sliders[key].options[round(value)])
            else:
                state.double_array_value.data.append(value)
        await self.socket.send(message.SerializeToString())

    async def until(self, there: Callable[[Tab], bool]) -> None:
        """Listen until a run ends that has shown what is waited for."""
        while True:
            message = ForwardMsg()
            message.ParseFromString(await self.socket.recv())
            match message.WhichOneof("type"):
                case "new_session" if not message.metadata.run.fragment_ids:
                    self.drawn.clear()
                    self.said.clear()
                    self._stop(*self.timers)
                case "navigation":
                    self.page_hash = message.navigation.page_script_hash
                case "auto_rerun":
                    self._begin(message.auto_rerun)
                case "stop_auto_rerun":
                    self._stop(*message.stop_auto_rerun.fragment_ids)
                case "delta" if message.delta.WhichOneof("type") == "new_element":
                    self._element(message.delta.new_element)
                case "script_finished" if message.script_finished in FINISHED and there(self):
                    self._stop(*self.timers)
                    return

    def shows(self, text: str) -> bool:
        return any(text in told for told in self.said)

    def _element(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        assert kind != "exception", element
        if kind == "bidi_component":
            self.drawn[element.bidi_component.id.split("-", 2)[-1]] = element.bidi_component.json
        elif kind == "slider":
            key = element.slider.id.split("-", 2)[-1]
            self.sliders[key.split(".")[1] if "." in key else key] = element.slider
        elif kind in ("markdown", "alert"):
            self.said.append(getattr(element, kind).body)
        elif kind == "progress":
            self.said.append(element.progress.text)

    def _begin(self, told: Any) -> None:
        self._stop(told.fragment_id)
        again = self._repeat(told.fragment_id, told.interval)
        self.timers[told.fragment_id] = asyncio.create_task(again)

    async def _repeat(self, fragment: str, interval: float) -> None:
        with suppress(ConnectionClosed):  # of which whoever listens is told
            while True:
                await asyncio.sleep(interval)
                await self.run(fragment)

    def _stop(self, *fragments: str) -> None:
        for fragment in fragments:
            if fragment in self.timers:
                self.timers.pop(fragment).cancel()


def connect(url: str, cookie: str = "") -> websockets.connect:
    socket = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    headers = {"Cookie": cookie} if cookie else {}
    return websockets.connect(
        socket, subprotocols=["streamlit"], max_size=None, origin=url, open_timeout=60, ping_interval=None,
        max_queue=None,  # or pings wait behind what nobody reads, and the server hangs up
        user_agent_header=AGENT, additional_headers=headers, proxy=None,
    )  # fmt: skip
