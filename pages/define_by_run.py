"""Define and run, define by run: when the graph of a computation is made, and what that costs."""

from pages.rooms.define_by_run.control import CONTROL
from pages.rooms.define_by_run.cost import COST
from pages.rooms.define_by_run.graphs import GRAPHS
from pages.rooms.define_by_run.history import HISTORY
from pages.rooms.define_by_run.room import VIEWS, RoomSpec
from pages.ui import sections

SECTIONS = (GRAPHS, CONTROL, COST, HISTORY)

sections.open_room("define_by_run", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
