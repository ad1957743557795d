"""A tab that stays open, as a phone or a projector of a class does: it presses buttons and counts dots."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

from tests.pages.protocol import Tab


class Follower(Tab):
    """It goes on with its page's fragments, whatever runs end."""

    def __init__(self, socket: ClientConnection, page: str, link: dict[str, str]) -> None:
        super().__init__(socket, page, link)
        self.buttons: dict[str, str] = {}  # their ids, by key
        self.picture = ""  # the figure that was drawn last, as JSON
        self.dots = 0  # that can be pointed at in it

    async def follow(self, there: Callable[[Follower], bool]) -> None:
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
                    self._begin(message.auto_rerun)
                case "stop_auto_rerun":
                    self._stop(*message.stop_auto_rerun.fragment_ids)
                case "delta" if message.delta.WhichOneof("type") == "new_element":
                    self._seen(message.delta.new_element)

    async def press(self, key: str) -> None:
        message = BackMsg()
        order = message.rerun_script
        order.query_string, order.page_script_hash = self.query, self.page_hash
        state = order.widget_states.widgets.add()
        state.id, state.trigger_value = self.buttons[key], True
        await self.socket.send(message.SerializeToString())

    def leave(self) -> None:
        self._stop(*self.timers)

    def _seen(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        assert kind != "exception", element
        if kind == "button":
            self.buttons[element.button.id.split("-", 2)[-1]] = element.button.id
        elif kind == "bidi_component" and '"figures"' in element.bidi_component.json:
            for self.picture in json.loads(element.bidi_component.json)["figures"][:1]:
                traces = json.loads(self.picture)["data"]
                self.dots = sum(len(trace.get("hovertext") or ()) for trace in traces)
