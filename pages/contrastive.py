"""Contrastive learning: pairs belong together, all others apart, and what an encoder learns from that."""

from pages.rooms.contrastive.collapse import COLLAPSE
from pages.rooms.contrastive.learn import LEARN
from pages.rooms.contrastive.pairs import PAIRS
from pages.rooms.contrastive.room import VIEWS, RoomSpec
from pages.rooms.contrastive.slide import SLIDE
from pages.rooms.contrastive.sweep import SWEEP
from pages.rooms.contrastive.temperature import TEMPERATURE
from pages.ui import sections

SECTIONS = (PAIRS, SLIDE, TEMPERATURE, LEARN, COLLAPSE, SWEEP)

sections.open_room("contrastive", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
