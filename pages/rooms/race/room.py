"""What the views of this room share: the spec behind the link, the choice of rules, words about numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.descents.basin_maps import MapSpec
from mlcore.descents.network_races import MOST_RATES, MOST_SEEDS, NetworkRaceSpec
from mlcore.descents.races import Entrant, RaceSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.training.tasks import TrainSpec
from pages.ui import components
from pages.ui.controls import Controls
from pages.ui.text import Text, number, percent, short, t, tiny

VIEWS = ("rates", "starts", "network")
PLACE = Knob(0.0, -20.0, 20.0)


@dataclass(frozen=True)
class RoomSpec(components.Trains):
    """Everything that this room can be set to."""

    view: str = specs.choice("rates", VIEWS, "view")
    race: RaceSpec = specs.part(RaceSpec)
    maps: MapSpec = specs.part(MapSpec)
    x: float = specs.number(replace(PLACE, default=-0.5, symbol="x_0"), "x")
    y: float = specs.number(replace(PLACE, default=-1.0, symbol="y_0"), "y")
    train: TrainSpec = specs.part(TrainSpec, TrainSpec(steps=100))
    rates: int = specs.number(Knob(9, 3, MOST_RATES, symbol="L", integer=True), "nrates")
    seeds: int = specs.number(Knob(16, 4, MOST_SEEDS, symbol="S", integer=True), "nseeds")
    decades: float = specs.number(Knob(4.0, 1.0, 6.0), "ndecades")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def network(self) -> NetworkRaceSpec:
        return NetworkRaceSpec(self.train, self.race.rules, self.rates, self.seeds, self.decades)


Form = Controls[RoomSpec]


def choose_rules(controls: Form) -> None:
    """Any of all rules; those that stay keep their knobs."""
    key, now = "_race_rules", controls.current()

    def write() -> None:
        chosen, kept = st.session_state[key], {rule.optimizer: rule for rule in now.race.rules}
        rules = tuple(kept.get(name, Entrant(name)) for name in OPTIMIZERS if name in chosen)
        controls.load(replace(now, race=replace(now.race, rules=rules)))

    st.session_state[key] = [rule.optimizer for rule in now.race.rules]
    st.pills(
        t("race.rules"),
        list(OPTIMIZERS),
        default=st.session_state[key],
        format_func=called,
        key=key,
        on_change=write,
        selection_mode="multi",
    )


def knobs(controls: Form) -> None:
    """The knobs of all rules that take part."""
    for i, rule in enumerate(controls.current().race.rules, 1):
        if OPTIMIZERS[rule.optimizer].knobs:
            st.markdown(f"**{called(rule.optimizer)}**")
            controls.knobs(f"rule{i}.opt")


def called(optimizer: str) -> Text:
    return short(OPTIMIZERS[optimizer], "optimizer")


def names(rules: Sequence[Entrant]) -> list[str]:
    """Those that occur twice are numbered."""
    titles = [called(rule.optimizer) for rule in rules]
    return [f"{name} {i}" if titles.count(name) > 1 else name for i, name in enumerate(titles, 1)]


def any_rule(spec: RoomSpec) -> bool:
    """Whether any rule takes part; a sentence where none does."""
    if not spec.race.rules:
        st.info(t("race.nobody"))
    return bool(spec.race.rules)


def of(share: Share) -> Text:
    """A share with its interval."""
    low, high = share.interval
    return Text(f"{share.hits}/{share.of} ({100 * low:.0f}–{100 * high:.0f}%)")


def size(value: float) -> Text:
    """Three digits, powers of ten for what is small, ∞ for what diverged."""
    if value == float("inf"):
        return Text("∞")
    return number(value) if value >= 1e-3 else tiny(value)


def order(names: tuple[str, str], pair: Share, of: str) -> Text:
    """Who is ahead of whom on the `of`, "starts" or "seeds", that chose no rate, and how sure that is."""
    low, high = (percent(end) for end in pair.interval)
    sure = "sure" if pair.decided and pair.value > 0.5 else "reversed" if pair.decided else "unsure"
    first, second = (Text(name) for name in names)
    values = {"first": first, "second": second, "hits": pair.hits, "of": pair.of, "low": low, "high": high}
    return t(f"race.order.{sure}", runs=t(f"race.runs.{of}"), **values)


def beyond(edges: Sequence[str]) -> None:
    """Whose best rate lies on the edge of its sweep."""
    if edges:
        st.warning(t("race.edge", names=Text(", ".join(edges))))
