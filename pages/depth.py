"""Is deeper always better? Networks of 1 to 64 layers trained, seen before training, and written down."""

from pages.rooms.depth.layers import LAYERS
from pages.rooms.depth.room import VIEWS, RoomSpec
from pages.rooms.depth.sawtooth import SAWTOOTH
from pages.rooms.depth.sweep import SWEEP
from pages.ui import sections

SECTIONS = (SWEEP, LAYERS, SAWTOOTH)

sections.open_room("depth", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
