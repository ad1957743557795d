"""On the cover: the network as it is drawn, before it has learned."""

from __future__ import annotations

from mlcore.training.data import load
from pages.rooms.model.network import drawn
from pages.rooms.model.room import RoomSpec
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, running


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    data, model = load(spec.data), spec.prior.model
    network = model.network(data.x.shape[1], max(1, data.classes))
    return running(drawn(network, model, data.spec, spec.prior.seed, language(), data))
