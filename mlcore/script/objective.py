"""The cost of the script where classes have weights: torch's functions, divided by the number of examples.

The `weight` of `nn.CrossEntropyLoss` with its usual mean would divide by the sum of the weights in the batch.
"""

from __future__ import annotations

from mlcore.script.python import Part

WEIGHTS = """\
labels = y_train.flatten().long()
counts = torch.bincount(labels, minlength={classes}).double()
class_weights = counts.clamp_min(1) ** -CLASS_WEIGHTS
class_weights = (class_weights / class_weights[labels].mean()).to(x_train.dtype)  # on average 1"""
COSTS = {
    "cross_entropy": """\
def cost(prediction: Tensor, y: Tensor) -> Tensor:
    total = nn.functional.cross_entropy(prediction, y, weight=class_weights, reduction="sum")
    return total / len(y)  # torch's own mean would divide by the sum of the weights""",
    "binary_cross_entropy": """\
def cost(prediction: Tensor, y: Tensor) -> Tensor:
    weight = class_weights[y.long()]
    return nn.functional.binary_cross_entropy_with_logits(prediction, y, weight=weight)""",
}


def weighted_cost(loss: str, strength: float, classes: int) -> Part:
    """The weights from the labels of the training examples, and the cost that uses them."""
    return Part([f"CLASS_WEIGHTS = {strength}"], [COSTS[loss]], [WEIGHTS.format(classes=classes)])
