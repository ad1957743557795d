"""Gradient descent: what the learning rate does, where theory knows every number beforehand."""

from pages.ui import sections
from pages.ui.gradient_descent.momentum import MOMENTUM
from pages.ui.gradient_descent.noise import NOISE
from pages.ui.gradient_descent.one import ONE
from pages.ui.gradient_descent.real import REAL
from pages.ui.gradient_descent.room import VIEWS, RoomSpec
from pages.ui.gradient_descent.two import TWO

SECTIONS = (ONE, TWO, REAL, MOMENTUM, NOISE)

sections.open_room("gradient_descent", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
