"""Complexity and double descent: what happens beyond the point where a model can learn every example."""

from pages.ui import sections
from pages.ui.double_descent.complexity import COMPLEXITY
from pages.ui.double_descent.features import RELU
from pages.ui.double_descent.gaussian import GAUSSIAN
from pages.ui.double_descent.learning import LEARNING
from pages.ui.double_descent.line import CURVE
from pages.ui.double_descent.networks import MLP
from pages.ui.double_descent.room import VIEWS, RoomSpec

SECTIONS = (GAUSSIAN, RELU, CURVE, MLP, COMPLEXITY, LEARNING)

sections.open_room("double_descent", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
