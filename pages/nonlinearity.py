"""Nonlinearity: layers that collapse into one, and what each activation can bend."""

from pages.rooms.nonlinearity.activations import ACTIVATION
from pages.rooms.nonlinearity.layers import LAYERS
from pages.rooms.nonlinearity.line import LINE
from pages.rooms.nonlinearity.plane import PLANE
from pages.rooms.nonlinearity.room import VIEWS, RoomSpec
from pages.ui import sections

SECTIONS = (LAYERS, LINE, PLANE, ACTIVATION)

sections.open_room("nonlinearity", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
