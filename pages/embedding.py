"""Encode and decode: autoencoders, where they put examples, and what lies between two codes."""

from pages.rooms.embedding.learn import LEARN
from pages.rooms.embedding.neighbors import NEIGHBORS
from pages.rooms.embedding.plane import PLANE
from pages.rooms.embedding.room import VIEWS, RoomSpec
from pages.rooms.embedding.walk import WALK
from pages.rooms.embedding.width import WIDTH
from pages.ui import sections

SECTIONS = (LEARN, PLANE, WALK, NEIGHBORS, WIDTH)

sections.open_room("embedding", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
