"""Every experiment at its smallest, and whether it computes on the device: one list for all.

An experiment that has no case here fails `test_device_path.py`, as does one that computes elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mlcore.backpropagation.matrices import PassSpec
from mlcore.backpropagation.products import ChainSpec
from mlcore.capture.captures import CaptureSpec
from mlcore.capture.control_flow import ControlSpec
from mlcore.capture.cost import CostSpec
from mlcore.classes.methods import EscapeActivity, EscapeAnswer, EscapeRowsSpec
from mlcore.classes.own_sets import SetsActivity, SetsAnswer, SetsRowsSpec
from mlcore.classes.starts import StartActivity, StartAnswer, StartRowsSpec
from mlcore.classes.trainings import TrainingActivity, TrainingAnswer, TrainingRowsSpec
from mlcore.complexity.cure_trials import CureSpec
from mlcore.complexity.double_descent import GaussianSpec, SpectrumSpec
from mlcore.complexity.families import FAMILIES
from mlcore.complexity.generalization import BiasVarianceSpec
from mlcore.complexity.random_features import FeatureSpec
from mlcore.complexity.selection import LearningSpec, ValidationSpec
from mlcore.complexity.training_sets import SetsSpec
from mlcore.complexity.widths import WidthSpec
from mlcore.components.signal import SignalSpec
from mlcore.depth.approximation_sweep import SweepSpec
from mlcore.depth.depth_signals import LayersSpec
from mlcore.depth.depths import DepthSpec
from mlcore.depth.xor import XorSpec
from mlcore.descents.basin_maps import MapSpec
from mlcore.descents.network_races import NetworkRaceSpec
from mlcore.descents.paths import PathSpec
from mlcore.descents.races import Entrant, RaceSpec
from mlcore.embeddings.autoencoder import AutoencoderSpec
from mlcore.embeddings.bottleneck import BottleneckSpec
from mlcore.embeddings.contrast_sweeps import OVER, CollapseSpec, ContrastSweepSpec
from mlcore.embeddings.contrastive import ContrastiveSpec
from mlcore.embeddings.pair_losses import PAIR_LOSSES
from mlcore.escapes.escaping import EscapeSpec
from mlcore.escapes.multimodal import MultimodalSpec
from mlcore.escapes.restarts import RestartSpec
from mlcore.escapes.success_rates import SolveSpec
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.losses import LOSSES, suits
from mlcore.families.models import ModelSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.landscapes.curvature import CurvatureSpec
from mlcore.landscapes.evaluation import QUANTITIES
from mlcore.landscapes.landscape import LandscapeSpec
from mlcore.landscapes.lines import LineSpec
from mlcore.landscapes.planes import PLANES
from mlcore.tasks.approaches import PixelSpec
from mlcore.tasks.detector import DetectorSpec
from mlcore.tasks.learners import LearnSpec
from mlcore.tasks.segmenter import SegmenterSpec
from mlcore.tasks.shading import ShadingSpec
from mlcore.training.data import DataSpec
from mlcore.training.stepping import StepSpec
from mlcore.training.tasks import SWEEPS, TrainSpec

NETWORKS = ("mlp_width", "mlp_steps")
TRAIN = TrainSpec(DataSpec("moons", examples=40), ModelSpec(widths=(4, 3)), steps=4, batch_size=8)
TWO = replace(TRAIN, loss="binary_cross_entropy", batch_size=0)
CURVE = replace(TRAIN, data=DataSpec("sine", examples=40), loss="mse")
MODELS = {
    "linear": ModelSpec("linear"),
    "polynomial": ModelSpec("polynomial", degree=2),
    "wide": ModelSpec(widths=(5,)),
    "deep": ModelSpec("deep", layers=3, units=4, residual=False),
    "residual": ModelSpec("deep", layers=3, units=4),
    "normalized": ModelSpec("deep", layers=3, units=4, normalized=True),
}
CONVOLUTION = ModelSpec("convolution", channels=(2, 3))
CONTRAST = ContrastiveSpec(DataSpec("digits", examples=60), batch=8, units=6, dimensions=3, steps=20, lr=0.01)
PENALIZED = replace(TRAIN, l1=0.01, l2=0.1, replicas=3)


@dataclass(frozen=True)
class Case:
    name: str
    spec: Any
    far: bool = True  # computes on the device
    same: bool = True  # gives the same result every time: times that are measured do not

    def __str__(self) -> str:
        return f"{type(self.spec).__name__}-{self.name}"


def trainings() -> dict[str, TrainSpec]:
    """Every variant of every family that takes part in a training, and every way through the examples."""
    found = {f"model {name}": replace(TRAIN, model=model) for name, model in MODELS.items()}
    for name in ACTIVATIONS:
        found[f"activation {name}"] = replace(TWO, model=ModelSpec(widths=(4, 3), activation=name))
        deep = replace(MODELS["normalized"], activation=name)
        found[f"activation {name} by autograd"] = replace(TRAIN, model=deep)
    for name in INITIALIZERS:
        found[f"init {name}"] = replace(TRAIN, model=ModelSpec(widths=(3,), init=name))
    for name in LOSSES:
        for data, task, classes in (("moons", "classification", 2), ("sine", "regression", 0)):
            if suits(name, task, classes):
                found[f"loss {name} {task}"] = replace(TRAIN, data=DataSpec(data, examples=40), loss=name)
    for name in OPTIMIZERS:
        found[f"optimizer {name}"] = replace(TWO, optimizer=name)
    for name in SCHEDULES:
        found[f"schedule {name}"] = replace(TRAIN, schedule=name)
    for name in SWEEPS:
        found[f"sweep {name}"] = replace(PENALIZED, sweep=name)
        found[f"sweep {name} full batch"] = replace(PENALIZED, sweep=name, batch_size=0)
    for loss in ("cross_entropy", "binary_cross_entropy"):
        found[f"class weights in {loss}"] = replace(TRAIN, loss=loss, class_weights=0.5)
    found["model convolution"] = replace(TRAIN, data=DataSpec("digits", examples=40), model=CONVOLUTION)
    found["classes"] = replace(TRAIN, data=DataSpec("iris", examples=40))
    found["unlike batches"] = replace(TRAIN, batch_size=11, steps=9)  # epochs that end within a batch
    found["chunks"] = replace(
        TRAIN, data=DataSpec("moons", examples=400), batch_size=0, replicas=256, steps=1
    )
    return found


def landscapes() -> dict[str, LandscapeSpec]:
    plain = LandscapeSpec(TRAIN, resolution=11)
    found = {f"plane {name}": replace(plain, plane=name) for name in PLANES}
    for what in QUANTITIES:
        for part in ("train", "test"):
            found[f"{what} {part}"] = replace(plain, what=what, part=part)
            found[f"{what} {part} regression"] = replace(plain, train=CURVE, what=what, part=part)
        deep = replace(TRAIN, model=MODELS["residual"])
        found[f"{what} deep"] = LandscapeSpec(deep, "raw", what=what, resolution=11)
    for name in ACTIVATIONS:
        train = replace(TWO, model=ModelSpec(widths=(4, 3), activation=name))
        found[f"activation {name}"] = LandscapeSpec(train, "raw", resolution=11)
    weighted = replace(TRAIN, class_weights=1.0)
    for what in QUANTITIES:
        found[f"{what} with class weights"] = replace(plain, train=weighted, what=what)
    for name in LOSSES:
        train = replace(CURVE if suits(name, "regression", 0) else TWO, loss=name)
        found[f"gradient of {name}"] = LandscapeSpec(train, "raw", what="gradient", resolution=11)
    return found


def ensembles() -> dict[str, tuple[BiasVarianceSpec, bool]]:
    """Each family of models on values and on classes; those of networks compute on the device."""
    found = {}
    for family in FAMILIES:
        for data in ("sine", "moons"):
            known: dict[str, float] = {"mlp_width": {"steps": 10}}.get(family, {})
            spec = BiasVarianceSpec(SetsSpec(DataSpec(data), 12, 3), family, tuple(known.items()))
            found[f"{family} {data}"] = spec, family in NETWORKS
    noisy = (("steps", 10), ("l2", 0.1), ("jitter", 0.1))
    penalized = BiasVarianceSpec(SetsSpec(DataSpec("moons"), 12, 3), "mlp_width", noisy, plane=True)
    return found | {"mlp_width penalized": (penalized, True)}


BENT = BiasVarianceSpec(SetsSpec(size=20, sets=3), "mlp_width", (("steps", 10),))
TREES = BiasVarianceSpec(SetsSpec(size=20, sets=3), "tree")
CASES = [
    *(Case(name, spec) for name, spec in trainings().items()),
    *(Case(name, StepSpec(spec, 2)) for name, spec in trainings().items() if name.startswith("model")),
    Case("penalized", StepSpec(PENALIZED, 3)),
    Case("full batch", StepSpec(TWO, 0)),
    Case("classes", PassSpec(TRAIN, 2)),
    Case("values", PassSpec(CURVE)),
    Case("deep", PassSpec(replace(TRAIN, model=MODELS["residual"]))),
    Case("race", NetworkRaceSpec(replace(TRAIN, steps=3), (Entrant("sgd"), Entrant("lion")), 3, 4)),
    Case("widths", SolveSpec(examples=40, steps=50, replicas=20)),
    Case("batches", SolveSpec("batch", examples=40, steps=50, replicas=20, equal="examples")),
    *(Case(name, spec) for name, spec in landscapes().items()),
    Case("cost", LineSpec(TRAIN, pairs=2)),
    Case("score", LineSpec(CURVE, pairs=1, what="score", part="test")),
    Case("batches", CurvatureSpec(replace(TRAIN, l2=0.1), looks=8, count=2)),
    Case("deep", CurvatureSpec(replace(TRAIN, model=MODELS["normalized"]), looks=8)),
    Case("classes", WidthSpec("digits", examples=20, steps=100, sets=2, l2=0.1)),
    *(Case(name, spec, far) for name, (spec, far) in ensembles().items()),
    Case("networks", ValidationSpec(BENT, folds=3)),
    Case("trees", ValidationSpec(TREES, folds=3), False),
    Case("networks", LearningSpec(BENT, complexity=2.0, most=12)),
    Case("trees", LearningSpec(TREES, complexity=2.0, most=12), False),
    Case("networks", CureSpec(BENT, 8.0)),
    Case("trees", CureSpec(TREES, 3.0), False),
    Case("features", GaussianSpec(examples=10, sets=10), False),
    Case("ridge", GaussianSpec(examples=10, sets=10, ridge=0.1), False),
    Case("singular values", SpectrumSpec(GaussianSpec(examples=10, sets=10), 12), False),
    Case("network", FeatureSpec(examples=20, sets=5), False),
    *(Case(name, SignalSpec(name, depth=3, width=5, nets=2), False) for name in ACTIVATIONS),
    *(Case(name, ChainSpec(name, depth=3, width=4, nets=2), False) for name in ACTIVATIONS),
    Case("numbers", ChainSpec(depth=3, nets=2), False),
    *(Case(name, PathSpec(steps=5, schedule=name), False) for name in SCHEDULES),
    Case("every rule", RaceSpec(rules=tuple(map(Entrant, OPTIMIZERS)), starts=8, rates=3, budget=10), False),
    Case("maps", MapSpec(side=11, budget=10), False),
    Case("ackley", EscapeSpec(MultimodalSpec("ackley"), steps=20, runs=20), False),
    Case("formula", EscapeSpec(MultimodalSpec("own", "x^2 + sin(3*y)"), steps=20, runs=20), False),
    Case("rastrigin", RestartSpec(MultimodalSpec("rastrigin"), 2000), False),
    Case("widths", XorSpec(steps=50, networks=20)),
    Case("depths", DepthSpec(examples=40, units=2, steps=20, networks=10)),
    *(
        Case(f"layers {name}", LayersSpec(activation=name, layers=3, width=5, networks=2), False)
        for name in ACTIVATIONS
    ),
    Case("boxes", DetectorSpec(examples=50, units=8, updates=50, seeds=2)),
    Case("depth", ShadingSpec(examples=50, units=8, updates=50, seeds=2)),
    Case("masks", SegmenterSpec(examples=20, channels=2, updates=20, seeds=2)),
    Case("line", SweepSpec(steps=100, networks=2)),
    Case("square", SweepSpec("x*y", True, "tanh", steps=100, networks=2)),
    Case("deep", AutoencoderSpec(DataSpec("iris"), units=4, steps=100, noise=0.1)),
    Case("linear", AutoencoderSpec(DataSpec("moons", examples=40), "linear", 1, steps=100)),
    Case("widths", BottleneckSpec(AutoencoderSpec(DataSpec("iris"), units=4, steps=100))),
    *(
        Case(
            f"{loss} {'with' if negatives else 'without'} negatives",
            replace(CONTRAST, loss=loss, negatives=negatives),
        )
        for loss in PAIR_LOSSES
        for negatives in (True, False)
    ),
    Case("points of a plane", replace(CONTRAST, data=DataSpec("moons", examples=40), dimensions=2)),
    Case("collapse", CollapseSpec(CONTRAST, seeds=1)),
    *(Case(over, ContrastSweepSpec(CONTRAST, over, seeds=2)) for over in OVER),
    Case("two digits", PixelSpec(units=4, steps=50)),
    Case("ten digits", PixelSpec(every=True, units=4, steps=50)),
    Case("world", LearnSpec(episodes=20, agents=10), False),
    Case("graphs", CaptureSpec(), False),
    Case("branch", ControlSpec(), False),
    Case("class", TrainingRowsSpec(TrainingActivity(TRAIN, width=True), (TrainingAnswer(0.1, 3),))),
    Case("class", StartRowsSpec(StartActivity(PathSpec(steps=5)), (StartAnswer(1.0, 1.0),)), False),
    Case("class", EscapeRowsSpec(EscapeActivity(EscapeSpec(steps=20)), (EscapeAnswer("noise"),)), False),
    Case("class", SetsRowsSpec(SetsActivity(BENT), (SetsAnswer(1),))),
    Case("class of trees", SetsRowsSpec(SetsActivity(TREES), (SetsAnswer(1),)), False),
    Case("times", CostSpec(size=10), False, same=False),
]
