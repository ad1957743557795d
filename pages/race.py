"""Optimizer race: rules from the same starts, with equal budgets, each at a rate that was chosen for it."""

from pages.ui import sections
from pages.ui.race.network import NETWORK
from pages.ui.race.rates import RATES
from pages.ui.race.room import VIEWS, RoomSpec
from pages.ui.race.starts import STARTS

sections.open_room("race", RoomSpec, dict(zip(VIEWS, (RATES, STARTS, NETWORK), strict=True)))
