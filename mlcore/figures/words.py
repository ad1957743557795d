"""The words in figures: English here, where they are used; other languages translate by key."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], str]
"""`say("figure.step")` is the word of a key in the reader's language."""

ENGLISH: dict[str, str] = {
    "figure.accuracy": "accuracy",
    "figure.chance": "chance",
    "figure.class": "class",
    "figure.cost": "cost",
    "figure.examples": "examples",
    "figure.fit": "model",
    "figure.gradient_norm": "gradient norm",
    "figure.half": "{name}, middle half",
    "figure.l2": "λ₂ (L2 penalty)",
    "figure.layer": "layer {number}",
    "figure.left": "{count} of {of} curves end outside",
    "figure.left_one": "the curve ends outside",
    "figure.lr": "η (learning rate)",
    "figure.median": "{name}, median of {replicas}",
    "figure.minibatch": "minibatch",
    "figure.mislabeled": "label is wrong",
    "figure.outside": "{count} points lie outside",
    "figure.outside_last": "{count} points lie outside at the last step",
    "figure.predicted": "predicted",
    "figure.probability": "P({name})",
    "figure.r2": "R²",
    "figure.raw": "as measured",
    "figure.replicas": "{name}, each replica",
    "figure.seed": "seed",
    "figure.share": "share of replicas that learned",
    "figure.share_count": "{learned} of {of}",
    "figure.some_features": "{shown} of {all} features",
    "figure.standardized": "standardized",
    "figure.step": "step",
    "figure.target": "target",
    "figure.test": "test",
    "figure.test_cost": "test cost at the end",
    "figure.train": "training",
    "figure.train_examples": "training examples",
    "figure.true": "true",
    "figure.truth": "without noise",
    "figure.verdict.chance": "stuck at chance",
    "figure.verdict.diverged": "diverged",
    "figure.verdict.learned": "learned",
    "figure.verdict.overfit": "overfitting",
    "figure.weight": "weight",
    "figure.weight_half": "middle half",
    "figure.weight_median": "median",
    "figure.weight_most": "5 % to 95 %",
}


def english(key: str) -> str:
    """The words of figures where nobody translates. Raises KeyError for a key that no figure has."""
    return ENGLISH[key]
