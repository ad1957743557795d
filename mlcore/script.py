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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import numpy as np
import torch

from mlcore import data, examples, models, store, tables
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
MODULES = ("csv", "hashlib", "io", "json", "math", "sys", "unicodedata")
NAMES = {  # where else a name may come from, in the order of a file's head
    "collections.abc": ("Iterator",),
    "itertools": ("combinations_with_replacement",),
    "pathlib": ("Path",),
    "sklearn.datasets": tuple(f"load_{name}" for name in DATASETS),
    "torch": ("Generator", "Tensor", "nn"),
    "torch.optim.lr_scheduler": ("LambdaLR",),
}


@dataclass(frozen=True)
class Part:
    """A part of the script: constants for its head, then functions, then what is done with them."""

    constants: Sequence[str] = ()
    functions: Sequence[str] = ()
    lines: Sequence[str] = ()

    def __add__(self, other: Part) -> Part:
        return Part(
            [*self.constants, *other.constants],
            [*self.functions, *other.functions],
            [*self.lines, *other.lines],
        )


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
    constants = "\n".join(line for part in parts.values() for line in part.constants)
    body = "\n\n".join([constants, *(_section(title, part) for title, part in parts.items())])
    return f"{_docstring(spec, task)}\n\n{_imports(body)}\n\n{body}\n"


def _section(title: str, part: Part) -> str:
    heading = f"# ---- {title} ".ljust(88, "-")
    blocks = "\n\n\n".join([*part.functions, "\n".join(part.lines)])  # two blank lines around a function
    return f"{heading}\n\n" + "\n" * bool(part.functions) + blocks.removesuffix("\n\n")


def _docstring(spec: TrainSpec, task: Task) -> str:
    which = f", the first of {spec.replicas} along {spec.sweep}" if spec.replicas > 1 else ""
    needs = "torch and scikit-learn" if "examples" in DATASETS[spec.data.name].facts else "torch"
    table = " table.csv` (without a name: data.csv beside it)" if spec.data.name == "csv" else "`"
    query = urlencode(specs.to_query(spec))
    link = f"?{query}" if query else "nothing: everything is at its default"
    score = "accuracy" if task.data.classes else "R^2"
    text = (
        f"It needs {needs}. `python run.py{table} ends with a line of JSON: cost and score ({score}) on the "
        "training and on the test examples. The page's own numbers are not in this file; these are computed "
        "anew from the same draws and agree up to rounding, which a long or unstable training amplifies."
    )
    return f'''"""One run of the laboratory in plain PyTorch{which}. Its link ends in
{link}

{textwrap.fill(text, 104)}
"""'''


def _imports(body: str) -> str:
    """The head of a file that says `body`. It goes by parsed names: text in literals imports nothing."""
    said = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    lines = [f"import {module}" for module in MODULES if module in said]
    for module, names in NAMES.items():
        if module == "sklearn.datasets":  # the first that is not Python's own
            lines += ["", "import torch"]
        if needed := ", ".join(name for name in names if name in said):
            lines.append(f"from {module} import {needed}")
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
    call = _fold(
        f"x, y = {variant.function.__name__}(", ["EXAMPLES", "g", *_keywords(variant, asked.knobs)], ")"
    )
    return Part(
        [f"EXAMPLES = {asked.examples}  # those of the test included"],
        [code.replace("-> Points:", "-> tuple[Tensor, Tensor]:") for code in _sources(variant.function)],
        [f"g = {_generator(asked, 'draw')}", call],
    )


def _some(asked: DataSpec, count: int) -> Part:
    """The draw of as many of `count` examples as were asked for."""
    if asked.examples >= count:
        return Part()
    return Part(
        [f"EXAMPLES = {asked.examples}  # of {count}, those of the test included"],
        lines=[
            f"chosen = torch.randperm(len(x), generator={_generator(asked, 'draw')})[:EXAMPLES]",
            "x, y = x[chosen], y[chosen]",
        ],
    )


def _split(asked: DataSpec, task: Task) -> Part:
    """Thin out and mislabel the classes, then divide the examples."""
    part, made = Part([f"TEST_SHARE = {asked.test_share!r}"]), task.data
    order = [f"order = torch.randperm(len(x), generator={_generator(asked, 'split')})"]
    if made.classes and asked.imbalance:
        line = f"kept = long_tail(y, {made.classes}, IMBALANCE, {_generator(asked, 'imbalance')})"
        part += Part([f"IMBALANCE = {asked.imbalance!r}"], _sources(data.long_tail), [line])
        order.append("order = order[kept[order]]")
    if made.classes and asked.label_noise:
        line = f"y = mislabel(y, {made.classes}, LABEL_NOISE, {_generator(asked, 'label noise')})"
        part += Part([f"LABEL_NOISE = {asked.label_noise!r}"], _sources(data.mislabel), [line])
    tests = "round(TEST_SHARE * len(order))"
    if round(asked.test_share * (len(made.y) + len(made.y_test))) == 0:
        tests = f"max(1, {tests})"
    return part + Part(lines=["", *order, f"tests = {tests}", "train, test = order[tests:], order[:tests]"])


def _standardized(asked: DataSpec, task: Task) -> Part:
    """Fill the gaps of a table and standardise, by the training examples alone."""
    part, made, drawn = Part(), task.data, data.draw(asked)
    if (gaps := drawn.x.isnan()).any():
        empty = gaps[torch.isin(drawn.rows, made.train_rows)].all(0).any()
        medians = f"x[train].nanquantile(0.5, dim=0){'.nan_to_num()' if empty else ''}"
        part += Part(lines=[f"medians = {medians}", "x = torch.where(x.isnan(), medians, x)"])
    if not asked.standardize:
        return part
    names, moments = "x" if made.classes else "xy", "{0}[train].mean(0), {0}[train].std(0, correction=0)"
    if bool((made.x_std == 1).any()) or (not made.classes and made.y_std == 1):  # a column never changes
        part += Part(functions=_sources(data.moments))
        moments = "moments({0}[train])"
    for v in names:
        found = f"{v}_mean, {v}_std = {moments.format(v)}  # the test examples have no say"
        part += Part(lines=[found, f"{v} = ({v} - {v}_mean) / {v}_std"])
    return part


def _expanded(task: Task) -> Part:
    if task.degree == 1:
        return Part()
    floor = ".clamp_min(1e-12)" if float(task.scale.min()) <= 1e-12 else ""
    scaled = f"x = (x - x[train].mean(0)) / x[train].std(0, correction=0){floor}"
    lines = ["x = powers(x, DEGREE)", f"{scaled}  # powers differ by magnitudes"]
    return Part([f"DEGREE = {task.degree}"], _sources(models.powers), lines)


def _tensors(spec: TrainSpec, task: Task) -> Part:
    outputs = task.y.shape[1]
    y = "y[:, None].float()" if outputs == 1 else f"nn.functional.one_hot(y, {outputs}).float()"
    typed = "x = x.float()" if spec.loss == "cross_entropy" else f"x, y = x.float(), {y}"
    return Part(lines=[typed, "x_train, y_train = x[train], y[train]"])


def _generator(asked: DataSpec, name: str) -> str:
    return f"Generator().manual_seed({stream(asked.seed, name)})"


# ---------------------------------------------------------------- 1. data: the table of a person

OPEN = """\
path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("data.csv")
raw = path.read_bytes()
if hashlib.sha256(raw).hexdigest() != SHA256:
    sys.exit(f"{path} is not the table of this run.")"""
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def _table(asked: DataSpec) -> Part:
    """x, y of an uploaded table. What `tables` found out about the file is written down in literals."""
    table, made = data._prepared(asked.table, asked.target, asked.task)
    target = table.columns[asked.target]
    cells = {c.name: values[made.rows] for c, values in zip(table.columns, table.cells, strict=True)}
    features = [c for c in table.columns if c != target and examples._features(c.name, cells[c.name])[0]]
    rows, raw_cells = _rows(store.get(asked.table), table)
    numbers = {c.name: raw_cells[c.name] for c in (*features, target) if c.kind == "number"}
    number, parse = _number(table, numbers)

    values: list[str] = []
    for column in features:
        cell = f"row[{_text(column.name)}]"
        levels = tables.distinct(cells[column.name]) if column.kind == "text" else ()
        values += [f"float({cell} == {_text(level)})" for level in levels] or [f"{number}({cell})"]
    label = f"row[{_text(target.name)}]"
    given = f"{label} in CLASSES" if target.kind == "text" else f"{label} not in MISSING"
    label = label if target.kind == "text" else f"{number}({label})"
    classes = [_literal(level) for level in np.unique(cells[target.name])] if made.class_names else []
    y = f"[CLASSES.index({label}) for row in table]" if classes else f"[{label} for row in table]"
    return (
        Part([f'SHA256 = "{asked.table}"'], lines=OPEN.split("\n"))
        + rows
        + parse
        + Part(
            [_fold("CLASSES = [", classes, "]")] if classes else [],
            ["def features(row: dict[str, str]) -> list[float]:\n" + _fold("    return [", values, "]")],
            [f"table = [row for row in table if {given}]"] if len(made.rows) < table.rows else [],
        )
        + Part(
            lines=[
                "x = torch.tensor([features(row) for row in table], dtype=torch.float64)",
                f"y = torch.tensor({y})" if classes else f"y = torch.tensor({y}, dtype=torch.float64)",
            ]
        )
        + _some(asked, len(made.rows))
    )


def _rows(raw: bytes, table: tables.Table) -> tuple[Part, dict[str, list[str]]]:
    """The lines of the file as rows {name of a column: cell}; and the cells of each column as they stand."""
    text, notes = tables._decode(raw)
    separator = tables._separator(text)
    lines = [cells for _, cells in tables._records(text, separator)]
    titled = len(lines) > table.rows
    used = [i for i in range(len(lines[0])) if any(line[i] for line in lines)]
    names = [""] * len(lines[0])  # the name of a column without name and value
    for i, column in zip(used, table.columns, strict=True):
        names[i] = column.name

    encoding = next((name for mark, name in MARKS.items() if raw.startswith(mark)), "utf-8")
    encoding = str(notes[0].values["encoding"]) if notes else encoding
    decoded = f'raw.decode("{encoding}")'
    if raw.endswith(b"\x1a"):  # the end-of-file mark of DOS
        decoded = f'raw.rstrip(b"\\x1a").decode("{encoding}")'
    if not unicodedata.is_normalized("NFC", raw.rstrip(b"\x1a").decode(encoding)):
        decoded = f'unicodedata.normalize("NFC", {decoded})'
    part = Part(
        [_fold("COLUMNS = [", map(_text, names), "]")],
        lines=[
            f"text = io.StringIO({decoded}, newline=None)",
            f"lines = csv.reader(text, delimiter={_text(separator)}, skipinitialspace=True)",
            "lines = [[cell.strip() for cell in line] for line in lines]",
            f"{'titles, *lines' if titled else 'lines'} = [line for line in lines if any(line)]",
            "table = [dict(zip(COLUMNS, line)) for line in lines]",
        ],
    )
    return part, {names[i]: [line[i] for line in lines[titled:]] for i in used}


def _number(table: tables.Table, columns: Mapping[str, Sequence[str]]) -> tuple[str, Part]:
    """What makes a number of a cell of these columns: float, or a function of the script."""
    values = dict(zip((c.name for c in table.columns), table.cells, strict=True))
    gaps = {
        cell
        for name, cells in columns.items()
        for cell, gap in zip(cells, np.isnan(values[name]), strict=True)
        if gap
    }
    code = "float(cell)"
    if any(note.code == "decimal_comma" and note.values["name"] in columns for note in table.notes):
        code = 'float(cell.replace(",", "."))'
    if gaps:
        code = f"math.nan if cell in MISSING else {code}"
    if code == "float(cell)":
        return "float", Part()
    missing = [_fold("MISSING = {", sorted(map(_text, gaps)), "}")] if gaps else []
    return "number", Part(missing, [f"def number(cell: str) -> float:\n    return {code}"])


# ---------------------------------------------------------------- 2. model

START = """\
g = Generator().manual_seed(SEED)
with torch.no_grad():
    for layer in model:
        if isinstance(layer, nn.Linear):
            block = {init}(layer.in_features, layer.out_features, g)  # [fan_in + 1, fan_out]
            layer.weight.copy_(block[:-1].T)
            layer.bias.copy_(block[-1])"""


def _model(spec: TrainSpec, task: Task) -> Part:
    """The layers, with the page's draws copied into them."""
    sizes, name, functions = task.network.sizes, spec.model.activation, []
    between = LAYERS.get(name)
    if between is None and len(sizes) > 2:  # torch has no such layer: our function becomes one
        activation = ACTIVATIONS[name].function
        *helpers, code = _sources(activation)
        method = textwrap.indent(code.replace(f"def {activation.__name__}(", "def forward(self, "), "    ")
        functions += [*helpers, f"class {_class(name)}(nn.Module):\n{method}"]
        between = f"{_class(name)}()"
    first, *others = (f"nn.Linear({a}, {b})" for a, b in pairwise(sizes))
    layers = [first, *(layer for linear in others for layer in (between, linear) if layer)]
    init = INITIALIZERS[spec.model.init].function
    lines = [_fold("model = nn.Sequential(", layers, ")"), "", START.format(init=init.__name__)]
    return Part([f"SEED = {spec.seeds()[0]}"], [*functions, *_sources(init)], lines)


# ---------------------------------------------------------------- 3. objective

PENALTY = '''\
def penalty() -> Tensor:
    """On the weights alone: biases go free."""
    weights = torch.cat([layer.weight.flatten() for layer in model if isinstance(layer, nn.Linear)])
    return {terms}'''
TERMS = {"l1": "L1 * weights.abs().sum()", "l2": "L2 / 2 * weights.square().sum()"}


def _objective(spec: TrainSpec) -> Part:
    """The cost, and the penalties where there are some."""
    loss, knobs = LOSSES[spec.loss], _keywords(LOSSES[spec.loss], spec.loss_knobs)
    if spec.loss in COSTS:
        part = Part(lines=[f"cost = {COSTS[spec.loss]}({', '.join(knobs)})"])
    else:
        root = (
            ".clamp_min(1e-24).sqrt()  # clamped, for the root has no slope at 0"
            if "root" in loss.facts
            else ""
        )
        call = f"{loss.function.__name__}({', '.join(['prediction', 'y', *knobs])}).mean(){root}"
        cost = f"def cost(prediction: Tensor, y: Tensor) -> Tensor:\n    return {call}"
        part = Part(functions=[*_sources(loss.function), cost])
    if strengths := _penalties(spec):
        constants = [f"{name.upper()} = {value}" for name, value in strengths.items()]
        part += Part(constants, [PENALTY.format(terms=" + ".join(TERMS[name] for name in strengths))])
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
    variant, knobs = OPTIMIZERS[spec.optimizer], dict(spec.knobs)
    if "twin" in variant.facts:
        functions, name, given = [], f"torch.optim.{variant.twin}", _renamed(spec.optimizer, knobs)
    else:
        name, given = _class(spec.optimizer), _keywords(variant, spec.knobs)
        zeros = ", ".join(["torch.zeros_like(p)"] * len(variant.state))
        rule = RULE.format(title=name, rule=variant.function.__name__, zeros=zeros)
        functions = [*_sources(variant.function), rule]
    line = _fold(f"optimizer = {name}(", ["model.parameters()", "lr=LR", *given], ")")
    part = Part([f"LR = {_swept(spec, 'lr')}"], functions, [line])
    if spec.schedule == "constant":
        return part
    schedule = SCHEDULES[spec.schedule]
    *helpers, code = _sources(schedule.function)
    factor = code.replace(f"def {schedule.function.__name__}(", "def factor(")
    call = ", ".join(["t", "STEPS", *_keywords(schedule, spec.schedule_knobs)])
    line = _fold("scheduler = LambdaLR(", ["optimizer", f"lambda t: factor({call})"], ")")
    return part + Part(functions=[*helpers, factor], lines=[line])


def _renamed(optimizer: str, knobs: Mapping[str, float]) -> list[str]:
    """Our knobs under the names of torch.optim."""
    given = {}
    if "beta1" in knobs:
        given["betas"] = f"({knobs['beta1']!r}, {knobs['beta2']!r})"
    given |= {{"decay": "weight_decay"}.get(k, k): repr(v) for k, v in knobs.items() if "beta" not in k}
    if optimizer == "nesterov" and knobs["momentum"] > 0:  # torch refuses it without a momentum
        given["nesterov"] = "True"
    return [f"{name}={value}" for name, value in given.items()]


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
    score = 1 - error / spread.clamp_min(1e-12)"""


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


# ---------------------------------------------------------------- writing Python


def _sources(function: Any) -> list[str]:
    """The code of a function without its decorators, after that of the functions it calls."""
    called = (i.argval for i in dis.get_instructions(function) if i.opname == "LOAD_GLOBAL")
    others = [other for name in called if inspect.isfunction(other := function.__globals__.get(name))]
    needed = [source for other in others for source in _sources(other)]
    code = inspect.getsource(function)
    return list(dict.fromkeys([*needed, code[code.index("def ") :].rstrip()]))


def _fold(head: str, items: Iterable[str], tail: str) -> str:
    """head, items, tail: on one line where they fit, else broken as a formatter breaks a call or a list."""
    items, indent = list(items), " " * (len(head) - len(head.lstrip()))
    if len(line := head + ", ".join(items) + tail) <= WIDTH:
        return line
    inner = f"{indent}    {', '.join(items)}"
    if len(inner) > WIDTH or tail != ")":
        inner = "\n".join(f"{indent}    {item}," for item in items)
    return f"{head}\n{inner}\n{indent}{tail}"


def _keywords(variant: Variant, chosen: Iterable[tuple[str, float]]) -> list[str]:
    return [f"{name}={int(v) if variant.knobs[name].integer else v!r}" for name, v in chosen]


def _class(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _literal(level: Any) -> str:
    """A class of a table: its text, or its number, whole where it is whole."""
    if isinstance(level, str):
        return _text(level)
    return str(int(level)) if float(level).is_integer() else repr(float(level))


def _text(text: str) -> str:
    """The string as a literal: that of `repr`, in double quotes where that takes no escape."""
    literal = repr(str(text))
    return literal if '"' in literal else f'"{literal[1:-1]}"'
