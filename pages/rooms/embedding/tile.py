"""On the cover: where an autoencoder puts its examples while it learns."""

from __future__ import annotations

from mlcore.base import spec as specs
from mlcore.embeddings.autoencoder import centered
from pages.rooms.embedding.plane import moments, scene
from pages.rooms.embedding.room import RoomSpec
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    key = specs.key(spec.own)
    path = moments(key, ask(spec.own))
    picture, frames = scene(f"{key}/{spec.source}", language(), centered(spec.own.data), path)
    return played(picture, frames)
