"""Model, the second component: what an architecture is, and what it can say before it has learned."""

from pages.rooms.model.activations import ACTIVATION
from pages.rooms.model.algebra import ALGEBRA
from pages.rooms.model.before import BEFORE
from pages.rooms.model.network import NETWORK
from pages.rooms.model.room import VIEWS, RoomSpec
from pages.rooms.model.side_by_side import COMPARE
from pages.rooms.model.signal import SIGNAL
from pages.ui import sections

SECTIONS = (NETWORK, BEFORE, ACTIVATION, SIGNAL, ALGEBRA, COMPARE)

sections.open_room("model", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
