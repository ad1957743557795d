"""A run as the script that a student would write: plain PyTorch, top to bottom in the lecture's order.

    write(spec) -> source of run.py: Data, Model, Objective, Optimization algorithm, Training

The script computes the first replica of `spec` from the same draws and needs nothing of this package. What
torch has under a name of its own (layers, losses, optimizers) is called by that name; everything else is
copied from the functions that the page itself runs. So there is no second version of a data set or of an
update rule to keep in step, and a variant declared tomorrow is written without a change here.

Only what the run needs is in it. Text of a person's table stands in it as string literals, nowhere else.
"""

from __future__ import annotations

import ast
import textwrap
from urllib.parse import urlencode

import numpy as np

from mlcore.base import spec as specs
from mlcore.families.datasets import DATASETS
from mlcore.families.losses import LOSSES
from mlcore.families.optimizers import OPTIMIZERS, renamed
from mlcore.families.schedules import SCHEDULES
from mlcore.script.data import data_part
from mlcore.script.model import layers, model_part, shape, weighted
from mlcore.script.objective import weighted_cost
from mlcore.script.python import Part, class_name, fold, keywords, sources
from mlcore.training.tasks import Task, TrainSpec, prepare

COSTS = {  # torch's mean over all examples of our loss
    "cross_entropy": "nn.CrossEntropyLoss", "binary_cross_entropy": "nn.BCEWithLogitsLoss",
    "mse": "nn.MSELoss", "mae": "nn.L1Loss", "huber": "nn.HuberLoss",
}  # fmt: skip
MODULES = ("csv", "hashlib", "io", "json", "math", "re", "sys", "unicodedata")
NAMES = {  # where else a name may come from, in the order of a file's head
    "collections.abc": ("Callable", "Iterator"),
    "datetime": ("datetime", "timedelta"),
    "itertools": ("combinations_with_replacement", "pairwise"),
    "pathlib": ("Path",),
    "sklearn.datasets": tuple(f"load_{name}" for name in DATASETS),
    "sklearn.linear_model": ("LogisticRegression",),
    "torch": ("Generator", "Tensor", "nn"),
    "torch.nn.functional": ("conv2d", "pad", "softplus"),
    "torch.optim.lr_scheduler": ("LambdaLR",),
}


def write(spec: TrainSpec) -> str:
    """The script of the first replica of `spec`, ready to be saved as run.py.

    Raises what `prepare` raises: `TrainingError`, `DataError` or `tables.TableError`.
    """
    task = prepare(spec)
    parts = {
        f"1. Data: {DATASETS[spec.data.name].title}": data_part(spec, task),
        f"2. Model: {shape(task.network)}": model_part(spec, task),
        f"3. Objective: {LOSSES[spec.loss].title}": _objective(spec, task),
        f"4. Optimization algorithm: {OPTIMIZERS[spec.optimizer].title}": _algorithm(spec),
        "5. Training": _training(spec, task),
    }
    constants = "\n".join(line for part in parts.values() for line in part.constants)
    body = "\n\n".join([constants, *(section(title, part) for title, part in parts.items())])
    return f"{_docstring(spec, task)}\n\n{head(body)}\n\n{body}\n"


def section(title: str, part: Part) -> str:
    heading = f"# ---- {title} ".ljust(88, "-")
    functions = dict.fromkeys(part.functions)
    blocks = "\n\n\n".join([*functions, "\n".join(part.lines)])  # two blank lines around a function
    return f"{heading}\n\n" + "\n" * bool(part.functions) + blocks.removesuffix("\n\n")


def _docstring(spec: TrainSpec, task: Task) -> str:
    which = f", the first of {spec.replicas} along {spec.sweep}" if spec.replicas > 1 else ""
    needs = "torch and scikit-learn" if "examples" in DATASETS[spec.data.name].facts else "torch"
    table = " table.csv` (without a name: data.csv beside it)" if spec.data.name == "csv" else "`"
    query = urlencode(specs.to_query(spec))
    link = f"?{query}" if query else "nothing: everything is at its default"
    score = "accuracy" if task.data.classes else "R^2"
    text = (
        f"It needs {needs}. `python run.py{table} ends with a line of JSON: cost and score ({score}) on "
        "training and test examples, from the page's own draws. Sums go in another order, as on another "
        "type of processor, so page and script agree to rounding: in float32 1e-4 after 50 steps, more after "
        "many or unstable ones."
    )
    return f'''"""One run of the laboratory in plain PyTorch{which}. Its link ends in
{link}

{textwrap.fill(text, 104)}
"""'''


def head(body: str) -> str:
    """The head of a file that says `body`. It goes by parsed names: text in literals imports nothing."""
    said = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    lines = [f"import {module}" for module in MODULES if module in said]
    for module, names in NAMES.items():
        if module == "sklearn.datasets":  # the first that is not Python's own
            lines += ["", "import torch"]
        if needed := ", ".join(name for name in names if name in said):
            lines.append(f"from {module} import {needed}")
    return "\n".join(lines)


# ---------------------------------------------------------------- 3. objective

PENALTY = '''\
def penalty() -> Tensor:
    """On the weights alone: biases go free."""
    layers = [layer for layer in {layers} if isinstance(layer, {kinds})]
    weights = torch.cat([layer.weight.flatten() for layer in layers])
    return {terms}'''
TERMS = {"l1": "L1 * weights.abs().sum()", "l2": "L2 / 2 * weights.square().sum()"}


def _objective(spec: TrainSpec, task: Task) -> Part:
    """The cost, and the penalties where there are some."""
    loss, knobs = LOSSES[spec.loss], keywords(LOSSES[spec.loss], spec.loss_knobs)
    if spec.class_weights:
        part = weighted_cost(spec.loss, spec.class_weights, task.data.classes)
    elif spec.loss in COSTS:
        part = Part(lines=[f"cost = {COSTS[spec.loss]}({', '.join(knobs)})"])
    else:
        root = (
            ".clamp_min(1e-24).sqrt()  # clamped, for the root has no slope at 0"
            if "root" in loss.facts
            else ""
        )
        call = f"{loss.function.__name__}({', '.join(['prediction', 'y', *knobs])}).mean(){root}"
        cost = f"def cost(prediction: Tensor, y: Tensor) -> Tensor:\n    return {call}"
        part = Part(functions=[*sources(loss.function), cost])
    if strengths := _penalties(spec):
        constants = [f"{name.upper()} = {value}" for name, value in strengths.items()]
        terms = " + ".join(TERMS[name] for name in strengths)
        part += Part(
            constants,
            [PENALTY.format(terms=terms, layers=layers(task.network), kinds=weighted(task.network))],
        )
    return part


def _penalties(spec: TrainSpec) -> dict[str, str]:
    strengths = {name: _swept(spec, name) for name in TERMS}
    return {name: value for name, value in strengths.items() if float(value) > 0}


def _swept(spec: TrainSpec, name: str) -> str:
    """A number of the first replica; if swept, in the digits that float32, as which it is used, can tell."""
    return repr(getattr(spec, name)) if spec.sweep != name else str(np.float32(spec.along(name)[0]))


# ---------------------------------------------------------------- 4. optimization algorithm

RULE = '''\
class {title}(torch.optim.Optimizer):
    """theta <- theta - lr * direction, each parameter by the rule above."""

    def __init__(self, parameters: Iterator[Tensor], lr: float, **knobs: float) -> None:
        super().__init__(parameters, {{"lr": lr}})
        self.knobs, self.t = knobs, 0

    @torch.no_grad()
    def step(self) -> None:
        self.t += 1
        for group in self.param_groups:
            for p in group["params"]:
                past = self.state[p].get("past", [{zeros}])
                direction, *self.state[p]["past"] = {rule}(p.grad, self.t, p, *past, **self.knobs)
                p -= group["lr"] * direction'''


def _algorithm(spec: TrainSpec) -> Part:
    """torch's optimizer or a class around our rule, and the schedule of its learning rate."""
    variant = OPTIMIZERS[spec.optimizer]
    if "torch_optim" in variant.facts:
        given = [f"{knob}={value!r}" for knob, value in renamed(spec.optimizer, dict(spec.knobs)).items()]
        functions, name = [], f"torch.optim.{variant.torch_optim}"
    else:
        name, given = class_name(spec.optimizer), keywords(variant, spec.knobs)
        zeros = ", ".join(["torch.zeros_like(p)"] * len(variant.state))
        rule = RULE.format(title=name, rule=variant.function.__name__, zeros=zeros)
        functions = [*sources(variant.function), rule]
    line = fold(f"optimizer = {name}(", ["model.parameters()", "lr=LR", *given], ")")
    part = Part([f"LR = {_swept(spec, 'lr')}"], functions, [line])
    if spec.schedule == "constant":
        return part
    schedule = SCHEDULES[spec.schedule]
    *helpers, code = sources(schedule.function)
    factor = code.replace(f"def {schedule.function.__name__}(", "def factor(")
    call = ", ".join(["t", "STEPS", *keywords(schedule, spec.schedule_knobs)])
    line = fold("scheduler = LambdaLR(", ["optimizer", f"lambda t: factor({call})"], ")")
    return part + Part(functions=[*helpers, factor], lines=[line])


# ---------------------------------------------------------------- 5. training

SHUFFLED = ["g = Generator().manual_seed(SEED + 1_000_000)", "rows = torch.empty(0, dtype=torch.int64)", ""]
NEXT_BATCH = [
    "    if len(rows) < BATCH:  # the next epoch: every example once, in a new order",
    "        rows = torch.cat([rows, torch.randperm(len(x_train), generator=g)])",
    "    batch, rows = rows[:BATCH], rows[BATCH:]",
]
UPDATE = ["    optimizer.zero_grad()", "    objective.backward()", "    optimizer.step()"]
RESULT = """\

result = {{}}
for name, part in (("train", train), ("test", test)):
    with torch.no_grad():
        prediction, target = model(x[part]), y[part]
    {score}
    result |= {{f"{{name}} cost": cost(prediction, target).item(), f"{{name}} score": score.item()}}
print(json.dumps(result))"""
R_SQUARED = """\
error, spread = (prediction - target).square().sum(), (target - target.mean()).square().sum()
    score = 1 - error / spread if spread > 0 else torch.tensor(torch.nan)"""


def _training(spec: TrainSpec, task: Task) -> Part:
    """The loop, and what it has come to."""
    batches = 0 < spec.batch_size < len(task.x)
    x, y = ("x_train[batch]", "y_train[batch]") if batches else ("x_train", "y_train")
    penalty = " + penalty()" if _penalties(spec) else ""
    if task.data.task == "regression":
        score = R_SQUARED
    elif task.y.shape[1] == 1:
        score = "score = ((prediction > 0) == (target > 0.5)).float().mean()"
    else:
        labels = "target" if spec.loss == "cross_entropy" else "target.argmax(1)"
        score = f"score = (prediction.argmax(1) == {labels}).float().mean()"
    return Part(
        [f"STEPS = {spec.steps}", *([f"BATCH = {spec.batch_size}"] if batches else [])],
        lines=[
            *(SHUFFLED if batches else []),
            "for _ in range(STEPS):",
            *(NEXT_BATCH if batches else []),
            f"    objective = cost(model({x}), {y}){penalty}",
            *UPDATE,
            *(["    scheduler.step()"] if spec.schedule != "constant" else []),
            RESULT.format(score=score),
        ],
    )
