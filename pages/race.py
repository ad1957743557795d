"""Optimizer race: rules from the same starts, with equal budgets, each at a rate that was chosen for it."""

from pages.rooms.race.network import NETWORK
from pages.rooms.race.rates import RATES
from pages.rooms.race.room import VIEWS, RoomSpec
from pages.rooms.race.starts import STARTS
from pages.ui import sections

sections.open_room("race", RoomSpec, dict(zip(VIEWS, (RATES, STARTS, NETWORK), strict=True)))
