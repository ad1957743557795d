"""Linear models and XOR: the problem that one line cannot solve, and what a hidden layer changes."""

from pages.rooms.xor.hidden import HIDDEN
from pages.rooms.xor.line import LINE
from pages.rooms.xor.room import VIEWS, RoomSpec
from pages.rooms.xor.seeds import SEEDS
from pages.ui import sections

SECTIONS = (LINE, HIDDEN, SEEDS)

sections.open_room("xor", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
