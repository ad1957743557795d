"""A network that segments scenes as the script that a student would write: one loss, the first seed."""

from __future__ import annotations

from itertools import chain
from urllib.parse import urlencode

from mlcore.base import spec as specs
from mlcore.families.convolutions import KERNEL
from mlcore.families.initializers import INITIALIZERS
from mlcore.script import NEXT_BATCH, SHUFFLED, UPDATE, head, section
from mlcore.script.model import START_CONVOLUTION
from mlcore.script.python import Part, fold, sources
from mlcore.tasks import mask_scenes, masks
from mlcore.tasks.masks import MASK_LOSSES
from mlcore.tasks.segmenter import BATCH, SPREADS, TESTED, SegmenterSpec

SCENE = ("SIDE", "LEAST", "MOST", "AREA", "RIM", "WAVES", "TEXTURE", "CONTRAST", "BLUR")
DATA = """\
images, masks = mask_scenes(EXAMPLES, NOISE, SCENES, "train")
test_images, test_masks = mask_scenes(TESTED, NOISE, SCENES, "test")
x_train, y_train = (images - 0.5)[:, None].float(), masks.flatten(1).float()
x_test, y_test = (test_images - 0.5)[:, None].float(), test_masks.flatten(1) > 0.5"""
WEIGHTED = "weights = balanced(masks.mean().item(), STRENGTH)  # of background and object"
RESULT = """\

with torch.no_grad():
    found = model(x_test).sigmoid() > 0.5
tp, fp, fn = ((a & b).sum().item() for a, b in ((found, y_test), (found, ~y_test), (~found, y_test)))
print(json.dumps({"iou": tp / (tp + fp + fn), "accuracy": (found == y_test).double().mean().item()}))"""


def write(spec: SegmenterSpec, loss: str) -> str:
    """The script of the network that is trained with `loss` from the first seed, ready to be saved as run.py.

    It ends with a line of JSON: IoU and accuracy over all pixels of the test scenes."""
    parts = {
        "1. Data: made scenes and their masks": _data(spec),
        "2. Model: convolutions, one output for each pixel": _model(spec),
        f"3. Objective: {MASK_LOSSES[loss].title}": _objective(spec, loss),
        "4. Optimization algorithm: Adam": Part(
            [f"LR = {spec.rate!r}"], lines=["optimizer = torch.optim.Adam(model.parameters(), lr=LR)"]
        ),
        "5. Training": _training(spec),
    }
    constants = "\n".join(line for part in parts.values() for line in part.constants)
    body = "\n\n".join([constants, *(section(title, part) for title, part in parts.items())])
    return f"{_docstring(spec, loss)}\n\n{head(body)}\n\n{body}\n"


def _docstring(spec: SegmenterSpec, loss: str) -> str:
    query = urlencode(specs.to_query(spec))
    asked = (
        f"The settings of its training in a link: {query}" if query else "Its training has all its defaults."
    )
    title = MASK_LOSSES[loss].title
    return f'''"""A network that segments made scenes, in plain PyTorch: {title}, the first seed.

{asked}
`python run.py` ends with a line of JSON: IoU and accuracy over all pixels of the test scenes. Sums go in
another order, as on another type of processor, so page and script agree to rounding, which long runs amplify.
"""'''


def _data(spec: SegmenterSpec) -> Part:
    own = [f"EXAMPLES, TESTED = {spec.examples}, {TESTED}  # scenes", f"NOISE = {spec.noise!r}"]
    own += [f"SCENES = {spec.seed}  # their seed"]
    fixed = [f"{name} = {getattr(mask_scenes, name)!r}" for name in SCENE]
    return Part([*own, *fixed], sources(mask_scenes.mask_scenes), DATA.splitlines())


def _model(spec: SegmenterSpec) -> Part:
    """torch's layers, with the page's draws copied into them."""
    read = (1, *[spec.channels] * len(SPREADS))
    layers = [
        f"nn.Conv2d({a}, {b}, {KERNEL}, padding={d}, dilation={d})"
        for a, b, d in zip(read, read[1:], SPREADS, strict=False)
    ]
    rows = [*chain(*((layer, "nn.ReLU()") for layer in layers)), f"nn.Conv2d({read[-1]}, 1, 1)"]
    init = INITIALIZERS["he"].function
    start = START_CONVOLUTION.format(layers="model", init=init.__name__)
    model = fold("model = nn.Sequential(", [*rows, "nn.Flatten()"], ")")
    return Part([f"SEED = {spec.seed}  # of the first weights"], sources(init), [model, "", start])


def _objective(spec: SegmenterSpec, loss: str) -> Part:
    if loss == "cross_entropy":
        return Part(lines=["cost = nn.BCEWithLogitsLoss()"])
    function = MASK_LOSSES[loss].function
    constants, functions, lines, more = [], sources(function), [], ""
    if loss == "weighted":
        constants, lines, more = [f"STRENGTH = {spec.strength!r}"], [WEIGHTED], ", weights"
        functions = [*sources(masks.balanced), *functions]
    if loss == "focal":
        constants, more = [f"GAMMA = {spec.gamma!r}"], ", GAMMA"
    call = f"return {function.__name__}(z, y{more}).mean()"
    cost = f"def cost(z: Tensor, y: Tensor) -> Tensor:\n    {call}"
    return Part(constants, [*functions, cost], lines)


def _training(spec: SegmenterSpec) -> Part:
    constants = [f"STEPS = {spec.updates}", f"BATCH = {min(BATCH, spec.examples)}"]
    step = "    objective = cost(model(x_train[batch]), y_train[batch])"
    lines = [*SHUFFLED, "for _ in range(STEPS):", *NEXT_BATCH, step, *UPDATE, RESULT]
    return Part(constants, lines=lines)
