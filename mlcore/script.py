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
import codecs
import dis
import inspect
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import numpy as np
import torch

from mlcore import data, models, store, tables, training
from mlcore import spec as specs
from mlcore.activations import ACTIVATIONS
from mlcore.data import DataSpec, stream
from mlcore.datasets import DATASETS
from mlcore.initializers import INITIALIZERS
from mlcore.losses import LOSSES
from mlcore.optimizers import OPTIMIZERS
from mlcore.registry import Variant
from mlcore.schedules import SCHEDULES
from mlcore.tasks import Task, TrainSpec, prepare

WIDTH = 110  # columns of a line
LAYERS = {  # torch's layer for our activation
    "relu": "nn.ReLU()", "tanh": "nn.Tanh()", "sigmoid": "nn.Sigmoid()", "leaky_relu": "nn.LeakyReLU(0.01)",
    "elu": "nn.ELU()", "gelu": "nn.GELU()", "silu": "nn.SiLU()", "softplus": "nn.Softplus()", "identity": "",
}  # fmt: skip
COSTS = {  # torch's mean over all examples of our loss
    "cross_entropy": "nn.CrossEntropyLoss", "binary_cross_entropy": "nn.BCEWithLogitsLoss",
    "mse": "nn.MSELoss", "mae": "nn.L1Loss", "huber": "nn.HuberLoss",
}  # fmt: skip
IMPORTS = {  # where a name comes from, in the order of a file's head; "" is a module itself
    "": ("csv", "hashlib", "io", "json", "math", "sys", "unicodedata"),
    "itertools": ("combinations_with_replacement",),
    "pathlib": ("Path",),
    "sklearn.datasets": tuple(f"load_{name}" for name in DATASETS),
    "torch": ("Generator", "Tensor", "nn"),
    "torch.optim.lr_scheduler": ("LambdaLR",),
}


@dataclass(frozen=True)
class Part:
    """A part of the script: constants for its head, then functions, then what is done with them."""

    constants: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def __add__(self, other: Part) -> Part:
        return Part(
            self.constants + other.constants, self.functions + other.functions, self.lines + other.lines
        )

    def __str__(self) -> str:
        return "\n\n\n".join(filter(None, (*self.functions, "\n".join(self.lines))))


def write(spec: TrainSpec) -> str:
    """The script of the first replica of `spec`, ready to be saved as run.py.

    Raises what `prepare` raises: `TrainingError`, `DataError` or `tables.TableError`.
    """
    task = prepare(spec)
    parts = {
        f"1. Data: {DATASETS[spec.data.name].title}": _data(spec, task),
        f"2. Model: {' -> '.join(map(str, task.network.sizes))}": _model(spec, task),
        f"3. Objective: {LOSSES[spec.loss].title}": _objective(spec),
        f"4. Optimization algorithm: {OPTIMIZERS[spec.optimizer].title}": _algorithm(spec),
        "5. Training": _training(spec, task),
    }
    body = "\n\n\n".join(f"# {'-' * 64} {title}\n\n{part}" for title, part in parts.items())
    constants = "\n".join(line for part in parts.values() for line in part.constants)
    return f"{_docstring(spec)}\n\n{_imports(body)}\n\n{constants}\n\n\n{body}\n"


def _docstring(spec: TrainSpec) -> str:
    needs = "torch and scikit-learn" if "examples" in DATASETS[spec.data.name].facts else "torch"
    table = " table.csv (or data.csv beside it)" if spec.data.name == "csv" else ""
    which = f", the first of {spec.replicas} along {spec.sweep}" if spec.replicas > 1 else ""
    query = "?" + urlencode(specs.to_query(spec)) if specs.to_query(spec) else "nothing: all is at its default"
    return f'''"""One run of the laboratory in plain PyTorch{which}. Its link ends in
{query}

Start it with `python run.py{table}`; it needs {needs}. The last line printed is JSON: cost and score on the
training and on the test examples. The page's own numbers are not in this file. They are computed again from
the same draws and agree up to rounding, which a long or unstable training amplifies.
"""'''


def _imports(body: str) -> str:
    """The head of a file that says `body`. It goes by the parsed names: text in literals needs no import."""
    said = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    lines: list[str] = []
    for module, names in IMPORTS.items():
        needed = [name for name in names if name in said]
        if module == "sklearn.datasets":
            lines += ["", "import torch"]  # every script says torch
        if needed:
            lines += [f"from {module} import {', '.join(needed)}"] if module else [f"import {n}" for n in needed]
    return "\n".join(lines)


# ---------------------------------------------------------------- 1. data: the steps of data.load and prepare


def _data(spec: TrainSpec, task: Task) -> Part:
    asked = spec.data
    drawn = _table(asked) if asked.name == "csv" else _points(asked)
    return drawn + _split(asked, task) + _standardized(asked, task) + _expanded(task) + _tensors(spec, task)


def _points(asked: DataSpec) -> Part:
    """x, y of a formula, or of scikit-learn."""
    variant = DATASETS[asked.name]
    if variant.real:
        line = f"x, y = map(torch.from_numpy, load_{asked.name}(return_X_y=True))"
        return Part(lines=[line]) + _some(asked, variant.examples)
    call = _fold(f"x, y = {asked.name}(", ["EXAMPLES", "g", *_keywords(variant, asked.knobs)], ")")
    return Part(
        [f"EXAMPLES = {asked.examples}  # with those for the test"],
        ["Points = tuple[Tensor, Tensor]  # x [n, D], y [n]", *_sources(variant.function)],
        [f"g = {_generator(asked, 'draw')}", call],
    )


def _some(asked: DataSpec, count: int) -> Part:
    """The draw of as many of `count` examples as were asked for."""
    if asked.examples >= count:
        return Part()
    return Part(
        [f"EXAMPLES = {asked.examples}  # of {count}, with those for the test"],
        lines=[
            f"g = {_generator(asked, 'draw')}",
            "drawn = torch.randperm(len(x), generator=g)[:EXAMPLES]",
            "x, y = x[drawn], y[drawn]",
        ],
    )


def _split(asked: DataSpec, task: Task) -> Part:
    """Thin out and mislabel the classes, then divide the examples."""
    part, made = Part([f"TEST_SHARE = {asked.test_share!r}"]), task.data
    imbalance, noise = (share if made.classes else 0.0 for share in (asked.imbalance, asked.label_noise))
    if imbalance:
        g = _generator(asked, "imbalance")
        line = f"kept = long_tail(y, {made.classes}, IMBALANCE, {g})"
        part += Part([f"IMBALANCE = {imbalance!r}"], _sources(data.long_tail), [line])
    if noise:
        g = _generator(asked, "label noise")
        line = f"y = mislabel(y, {made.classes}, LABEL_NOISE, {g})"
        part += Part([f"LABEL_NOISE = {noise!r}"], _sources(data.mislabel), [line])
    tests = "round(TEST_SHARE * len(order))"
    if round(asked.test_share * (len(made.y) + len(made.y_test))) == 0:
        tests = f"max(1, {tests})"
    return part + Part(
        lines=[
            f"order = torch.randperm(len(x), generator={_generator(asked, 'split')})",
            *["order = order[kept[order]]"][: bool(imbalance)],
            f"tests = {tests}",
            "train, test = order[tests:], order[:tests]",
        ]
    )


def _standardized(asked: DataSpec, task: Task) -> Part:
    """Fill the gaps of a table and standardise, by the training examples alone."""
    part, made, drawn = Part(), task.data, data.draw(asked)
    if (gaps := drawn.x.isnan()).any():
        empty = gaps[torch.isin(drawn.rows, made.train_rows)].all(0).any()
        medians = f"x[train].nanquantile(0.5, dim=0){'.nan_to_num()' if empty else ''}"
        part += Part(lines=[f"medians = {medians}", "x = torch.where(x.isnan(), medians, x)"])
    if not asked.standardize:
        return part
    # Where a column never changes, dividing by its deviation takes the care of `moments`.
    level = bool((made.x_std == 1).any()) or (made.classes == 0 and made.y_std == 1)
    for v in "x" if made.classes else "xy":
        seen = f"{v}[train]"
        found = f"moments({seen})" if level else f"{seen}.mean(0), {seen}.std(0, correction=0)"
        part += Part(lines=[f"{v}_mean, {v}_std = {found}", f"{v} = ({v} - {v}_mean) / {v}_std"])
    return part + Part(functions=_sources(data.moments) if level else [])


def _expanded(task: Task) -> Part:
    if task.degree == 1:
        return Part()
    floor = ".clamp_min(1e-12)" if float(task.scale.min()) <= 1e-12 else ""
    scaled = f"x = (x - x[train].mean(0)) / x[train].std(0, correction=0){floor}"
    lines = ["x = powers(x, DEGREE)", f"{scaled}  # powers differ by magnitudes"]
    return Part([f"DEGREE = {task.degree}"], _sources(models.powers), lines)


def _tensors(spec: TrainSpec, task: Task) -> Part:
    classes = task.data.classes if task.network.sizes[-1] > 1 else 0
    y = f"nn.functional.one_hot(y, {classes}).float()" if classes else "y[:, None].float()"
    typed = "x = x.float()" if spec.loss == "cross_entropy" else f"x, y = x.float(), {y}"
    return Part(lines=[typed, "x_train, y_train, x_test, y_test = x[train], y[train], x[test], y[test]"])


def _generator(asked: DataSpec, name: str) -> str:
    return f"Generator().manual_seed({stream(asked.seed, name)})"


# ---------------------------------------------------------------- 1. data: the table of a person

OPEN = """\
path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("data.csv")
raw = path.read_bytes()
if hashlib.sha256(raw).hexdigest() != SHA256:
    sys.exit(f"{path} is not the table of this run.")"""
READ = """\
lines = csv.reader(io.StringIO(text, newline=None), delimiter=SEPARATOR, skipinitialspace=True)
lines = [[cell.strip() for cell in line] for line in lines]"""


def _table(asked: DataSpec) -> Part:
    """x, y of a table: the columns that `tables.prepare` chose, each called by its name."""
    raw = store.get(asked.table)
    table = tables.read(raw)
    target = table.columns[asked.target]
    made = tables.prepare(table, target.name, asked.task)
    text, reading = _reading(raw)
    separator = tables._separator(text)
    lines = [cells for _, cells in tables._records(text, separator)]
    titled = len(lines) > table.rows
    used = [i for i in range(len(lines[0])) if any(line[i] for line in lines)]
    place = dict(zip((column.name for column in table.columns), used, strict=True))
    names = [next((n for n, i in place.items() if i == j), "") for j in range(len(lines[0]))]
    own = titled and all(lines[0][i] == name for name, i in place.items())

    missing, comma = set(), False
    features = []
    for column, cells in zip(table.columns, table.cells, strict=True):
        cell = f"row[{_text(column.name)}]"
        if column is target or not tables._features(column.name, cells[made.rows])[0]:
            continue
    ...
