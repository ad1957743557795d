"""The data of a script: the steps of `training.data.load` and `training.tasks.prepare`, one by one."""

from __future__ import annotations

import re

import torch

from mlcore.families import models
from mlcore.families.datasets import DATASETS
from mlcore.script import formula
from mlcore.script.python import Part, fold, keywords, sources
from mlcore.script.table import table_part
from mlcore.training import data, draws
from mlcore.training.data import Data, DataSpec
from mlcore.training.draws import stream
from mlcore.training.tasks import Task, TrainSpec


def data_part(spec: TrainSpec, task: Task) -> Part:
    return examples(spec.data, task.data) + _expanded(task) + _tensors(spec, task)


def examples(asked: DataSpec, made: Data) -> Part:
    """x, y as a model sees them, and which of them, `train` and `test`."""
    drawn = _table(asked) if asked.name == "csv" else _points(asked)
    return drawn + _split(asked, made) + _standardized(asked, made)


def _table(asked: DataSpec) -> Part:
    part, count = table_part(asked)
    return part + _some(asked, count)


def _points(asked: DataSpec) -> Part:
    """x, y of a formula, of scikit-learn, or as they were drawn."""
    variant = DATASETS[asked.name]
    if "drawn" in variant.facts:
        return _by_hand(asked)
    if variant.real:
        line = f"x, y = map(torch.from_numpy, load_{asked.name}(return_X_y=True))"
        return Part(lines=[line]) + _some(asked, variant.examples)
    given, typed = keywords(variant, asked.knobs), []
    if "typed" in variant.facts:
        given, typed = [*given, "f=f"], [formula.function(draws.function(asked), variant.typed)]
    call = fold(f"x, y = {variant.function.__name__}(", ["EXAMPLES", "g", *given], ")")
    code = [one.replace("-> Points:", "-> tuple[Tensor, Tensor]:") for one in sources(variant.function)]
    code = [re.sub(r"f: Function = \w+", "f: Callable", one) for one in code]
    return Part(
        [f"EXAMPLES = {asked.examples}  # those of the test included"],
        [*typed, *code],
        [f"g = {_generator(asked, 'draw')}", call],
    )


def _by_hand(asked: DataSpec) -> Part:
    """The points themselves."""
    made = draws.draw(asked)
    rows = [f"({', '.join(map(repr, row))})" for row in made.x.tolist()]
    if made.task == "regression":
        rows = [f"({x!r}, {y!r})" for (x,), y in zip(made.x.tolist(), made.y.tolist(), strict=True)]
        lines = ["x, y = torch.tensor(POINTS, dtype=torch.float64).split(1, dim=1)", "y = y[:, 0]"]
        return Part([fold("POINTS = [", rows, "]")], lines=lines)
    labels = fold("LABELS = [", map(str, made.y.tolist()), "]")
    lines = ["x, y = torch.tensor(POINTS, dtype=torch.float64), torch.tensor(LABELS)"]
    return Part([fold("POINTS = [", rows, "]"), labels], lines=lines)


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


def _split(asked: DataSpec, made: Data) -> Part:
    """Thin out and mislabel the classes, then divide the examples."""
    part = Part([f"TEST_SHARE = {asked.test_share!r}"])
    order = [f"order = torch.randperm(len(x), generator={_generator(asked, 'split')})"]
    if made.classes and asked.imbalance:
        line = f"kept = long_tail(y, {made.classes}, IMBALANCE, {_generator(asked, 'imbalance')})"
        part += Part([f"IMBALANCE = {asked.imbalance!r}"], sources(data.long_tail), [line])
        order.append("order = order[kept[order]]")
    if made.classes and asked.label_noise:
        line = f"y = mislabel(y, {made.classes}, LABEL_NOISE, {_generator(asked, 'label noise')})"
        part += Part([f"LABEL_NOISE = {asked.label_noise!r}"], sources(data.mislabel), [line])
    tests = "round(TEST_SHARE * len(order))"
    if round(asked.test_share * (len(made.y) + len(made.y_test))) == 0:
        tests = f"max(1, {tests})"
    return part + Part(lines=["", *order, f"tests = {tests}", "train, test = order[tests:], order[:tests]"])


def _standardized(asked: DataSpec, made: Data) -> Part:
    """Fill the gaps of a table and standardise, by the training examples alone."""
    part, drawn = Part(), draws.draw(asked)
    if (gaps := drawn.x.isnan()).any():
        empty = gaps[torch.isin(drawn.rows, made.train_rows)].all(0).any()
        medians = f"x[train].nanquantile(0.5, dim=0){'.nan_to_num()' if empty else ''}"
        part += Part(lines=[f"medians = {medians}", "x = torch.where(x.isnan(), medians, x)"])
    if not asked.standardize:
        return part
    level = bool((made.x_std == 1).any()) or (not made.classes and made.y_std == 1)
    functions, moments = _moments(level)
    part += functions
    for v in "x" if made.classes else "xy":
        found = f"{v}_mean, {v}_std = {moments.format(v)}  # the test examples have no say"
        part += Part(lines=[found, f"{v} = ({v} - {v}_mean) / {v}_std"])
    return part


def _expanded(task: Task) -> Part:
    if task.degree == 1:
        return Part()
    functions, moments = _moments(bool((task.scale == 1).any()))
    found = f"shift, scale = {moments.format('x')}  # powers differ by magnitudes"
    lines = ["x = powers(x, DEGREE)", found, "x = (x - shift) / scale"]
    return Part([f"DEGREE = {task.degree}"], sources(models.powers), lines) + functions


def _moments(level: bool) -> tuple[Part, str]:
    """How mean and standard deviation of {0} are found; with a function of ours if a column is `level`."""
    if level:
        return Part(functions=sources(data.moments)), "moments({0}[train])"
    return Part(), "{0}[train].mean(0), {0}[train].std(0, correction=0)"


def _tensors(spec: TrainSpec, task: Task) -> Part:
    outputs = task.y.shape[1]
    y = "y[:, None].float()" if outputs == 1 else f"nn.functional.one_hot(y, {outputs}).float()"
    typed = "x = x.float()" if spec.loss == "cross_entropy" else f"x, y = x.float(), {y}"
    return Part(lines=[typed, "x_train, y_train = x[train], y[train]"])


def _generator(asked: DataSpec, name: str) -> str:
    return f"Generator().manual_seed({stream(asked.seed, name)})"
