"""AI, ML, DL: one task by a rule, by a learner on features, by a network; and what lies within what."""

from pages.rooms.ai_ml_dl.effort import EFFORT
from pages.rooms.ai_ml_dl.map import MAP
from pages.rooms.ai_ml_dl.room import VIEWS, RoomSpec
from pages.rooms.ai_ml_dl.rule import RULE
from pages.ui import sections

SECTIONS = (RULE, EFFORT, MAP)

sections.open_room("ai_ml_dl", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
