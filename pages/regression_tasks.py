"""Regression tasks: boxes, optical flow and depth, and what their losses say."""

from pages.rooms.regression_tasks.boxes import BOXES
from pages.rooms.regression_tasks.depth import DEPTH
from pages.rooms.regression_tasks.descent import DESCENT
from pages.rooms.regression_tasks.detector import DETECTOR
from pages.rooms.regression_tasks.flow import FLOW
from pages.rooms.regression_tasks.room import VIEWS, RoomSpec
from pages.rooms.regression_tasks.shading import SHADING
from pages.ui import sections

SECTIONS = (BOXES, DESCENT, DETECTOR, FLOW, DEPTH, SHADING)

sections.open_room("regression_tasks", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
