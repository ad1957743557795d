"""Complexity and double descent: what happens beyond the point where a model can learn every example."""

from pages.rooms.double_descent.complexity import COMPLEXITY
from pages.rooms.double_descent.features import RELU
from pages.rooms.double_descent.gaussian import GAUSSIAN
from pages.rooms.double_descent.learning import LEARNING
from pages.rooms.double_descent.line import CURVE
from pages.rooms.double_descent.networks import MLP
from pages.rooms.double_descent.room import VIEWS, RoomSpec
from pages.ui import sections

SECTIONS = (GAUSSIAN, RELU, CURVE, MLP, COMPLEXITY, LEARNING)

sections.open_room("double_descent", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
