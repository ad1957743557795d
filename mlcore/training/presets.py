"""Settings that are known to learn: where a lesson starts. Tests train every one of them."""

from __future__ import annotations

from mlcore.families.models import ModelSpec
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec

PRESETS: dict[str, TrainSpec] = {
    "moons": TrainSpec(),
    "gaussians": TrainSpec(
        data=DataSpec("gaussians"), model=ModelSpec("linear"), loss="binary_cross_entropy", lr=0.05
    ),
    "circles": TrainSpec(
        data=DataSpec("circles"), model=ModelSpec(widths=(8,), activation="relu", init="he")
    ),
    "xor": TrainSpec(data=DataSpec("xor"), model=ModelSpec(widths=(4,)), lr=0.05),
    "spirals": TrainSpec(data=DataSpec("spirals"), model=ModelSpec(widths=(32, 32)), steps=2000),
    "checkerboard": TrainSpec(
        data=DataSpec("checkerboard", examples=1000), model=ModelSpec(widths=(32, 32)), steps=3000
    ),
    "sine": TrainSpec(
        data=DataSpec("sine"), model=ModelSpec(widths=(32, 32)), loss="mse", schedule="cosine", steps=1000
    ),
    "iris": TrainSpec(data=DataSpec("iris"), model=ModelSpec(widths=(8,)), steps=300),
    "breast_cancer": TrainSpec(
        data=DataSpec("breast_cancer", examples=569), model=ModelSpec("linear"),
        loss="binary_cross_entropy", steps=300,
    ),
    "digits": TrainSpec(
        data=DataSpec("digits", examples=1797), model=ModelSpec(widths=(64,), activation="relu", init="he"),
        steps=1500,
    ),
    "diabetes": TrainSpec(
        data=DataSpec("diabetes", examples=442), model=ModelSpec("linear"), loss="mse", steps=300
    ),
}  # fmt: skip

# Pixels as they are: standardized, those at the rim that are nearly never lit would count for much.
CONVOLUTION = TrainSpec(
    data=DataSpec("digits", examples=1797, standardize=False, test_share=0.2), lr=0.005, schedule="cosine",
    model=ModelSpec("convolution", activation="relu", init="he"), l2=0.01, batch_size=64, steps=800,
)  # fmt: skip
