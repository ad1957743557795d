"""Gradient descent: what the learning rate does, where theory knows every number beforehand."""

from pages.rooms.gradient_descent.minibatch import MINIBATCH
from pages.rooms.gradient_descent.momentum import MOMENTUM
from pages.rooms.gradient_descent.noise import NOISE
from pages.rooms.gradient_descent.one import ONE
from pages.rooms.gradient_descent.real import REAL
from pages.rooms.gradient_descent.room import VIEWS, RoomSpec
from pages.rooms.gradient_descent.two import TWO
from pages.ui import sections

SECTIONS = (ONE, TWO, REAL, MOMENTUM, NOISE, MINIBATCH)

sections.open_room("gradient_descent", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
