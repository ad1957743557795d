"""Backpropagation and the chain rule: gradients flowing through a graph, number by number."""

from pages.rooms.backpropagation.descent import DESCENT
from pages.rooms.backpropagation.kept import KEPT
from pages.rooms.backpropagation.matrices import MATRICES
from pages.rooms.backpropagation.modes import MODES
from pages.rooms.backpropagation.products import PRODUCTS
from pages.rooms.backpropagation.room import VIEWS, RoomSpec
from pages.rooms.backpropagation.sweeps import SWEEPS
from pages.ui import sections

SECTIONS = (SWEEPS, MODES, DESCENT, KEPT, MATRICES, PRODUCTS)

sections.open_room("backpropagation", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
