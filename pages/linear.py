"""The linear model: a line and a plane by least squares, and a line between two classes."""

from pages.rooms.linear.line import LINE
from pages.rooms.linear.logistic import LOGISTIC
from pages.rooms.linear.perceptron import PERCEPTRON
from pages.rooms.linear.plane import PLANE
from pages.rooms.linear.room import VIEWS, RoomSpec
from pages.ui import sections

SECTIONS = (LINE, PLANE, LOGISTIC, PERCEPTRON)

sections.open_room("linear", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
