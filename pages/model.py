"""Model, the second component: what an architecture is, and what it can say before it has learned."""

from pages.ui import sections
from pages.ui.model.activations import ACTIVATION
from pages.ui.model.algebra import ALGEBRA
from pages.ui.model.before import BEFORE
from pages.ui.model.network import NETWORK
from pages.ui.model.room import VIEWS, RoomSpec
from pages.ui.model.side_by_side import COMPARE
from pages.ui.model.signal import SIGNAL

SECTIONS = (NETWORK, BEFORE, ACTIVATION, SIGNAL, ALGEBRA, COMPARE)

sections.open_room("model", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
