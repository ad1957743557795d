"""Which data, and what is done to them: the spec that rooms, links and files share."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.families.datasets import DATASETS
from mlcore.files import records
from mlcore.formulas.formula import MOST_CHARACTERS

TASKS = ("auto", "classification", "regression")
OF_TABLES, OF_CLASSES = ("table", "target", "task"), ("label_noise", "imbalance")


@dataclass(frozen=True)
class DataSpec:
    """A data set and what is done to it. Fields that do not apply are set back to their defaults.

    `examples` is how many are used, test included: of a real set or a table it has no more than there are,
    and fewer are drawn from it with the seed; points drawn by hand are all used. `target` is the column of a
    table, -1 for the last.
    """

    name: str = specs.choice("moons", DATASETS, "data")
    examples: int = specs.number(Knob(300, 20, 5000, symbol="n", log=True, integer=True), "n")
    test_share: float = specs.number(Knob(0.3, 0.1, 0.5), "test")
    label_noise: float = specs.number(Knob(0.0, 0.0, 0.5, symbol="p"), "flip")
    imbalance: float = specs.number(Knob(0.0, 0.0, 0.95), "imb")
    standardize: bool = specs.flag(True, "std")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "dseed")
    table: str = specs.digest("table")
    target: int = specs.number(Knob(-1, -1, records.MAX_COLUMNS - 1, integer=True), "target")
    task: str = specs.choice("auto", TASKS, "task")
    formula: str = specs.text("", "fx", MOST_CHARACTERS)  # nothing for the example of the data set
    points: str = specs.points("pts")  # the same
    knobs: specs.Knobs = specs.knobs("name", DATASETS, prefix="d_")

    def __post_init__(self) -> None:
        specs.check(self)
        variant = DATASETS[self.name]
        task = self.task if self.name == "csv" else variant.task
        idle = (() if self.name == "csv" else OF_TABLES) + (OF_CLASSES if task == "regression" else ())
        idle += () if "typed" in variant.facts and self.formula != variant.example else ("formula",)
        drawn = "drawn" in variant.facts
        idle += ("examples",) if drawn else ()  # whoever draws a point wants it used
        idle += () if drawn and self.points != variant.example else ("points",)
        specs.leave(self, idle)
        object.__setattr__(self, "examples", min(self.examples, variant.facts.get("examples", self.examples)))
