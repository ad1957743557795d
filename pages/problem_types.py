"""Problem types: one small world three ways, by labels, without, and by rewards."""

from pages.rooms.problem_types.clusters import CLUSTERS
from pages.rooms.problem_types.learning import LEARNING
from pages.rooms.problem_types.room import VIEWS, RoomSpec
from pages.rooms.problem_types.three import THREE
from pages.rooms.problem_types.world import WORLD
from pages.ui import sections

SECTIONS = (THREE, CLUSTERS, WORLD, LEARNING)

sections.open_room("problem_types", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
