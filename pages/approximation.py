"""Universal approximation: what one hidden layer can come near to, and what of that training finds."""

from pages.rooms.approximation.beyond import BEYOND
from pages.rooms.approximation.construct import CONSTRUCT
from pages.rooms.approximation.plane import PLANE
from pages.rooms.approximation.room import VIEWS, RoomSpec
from pages.rooms.approximation.theorem import THEOREM
from pages.rooms.approximation.width import WIDTH
from pages.ui import sections

SECTIONS = (CONSTRUCT, WIDTH, BEYOND, PLANE, THEOREM)

sections.open_room("approximation", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
