"""The script of a run, run by itself: the data and numbers of the page, and nobody's text executed."""

from __future__ import annotations

import ast
import csv
import io
import json
import subprocess
import sys
import tokenize
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import mlcore.training  # noqa: F401  registers the experiment
from mlcore import store
from mlcore.activations import ACTIVATIONS
from mlcore.datasets import DATASETS
from mlcore.experiment import run
from mlcore.initializers import INITIALIZERS
from mlcore.losses import LOSSES, suits
from mlcore.optimizers import OPTIMIZERS
from mlcore.schedules import SCHEDULES
from mlcore.script import _text, write
from mlcore.spec import from_query
from mlcore.tasks import TrainingError, TrainSpec, prepare

# Both sides compute in float32, whose rounding is 6e-8; they add up products in another order, and training
# passes the difference on. In the 60 steps of these runs it grew to at most 1e-5 (measured), which earns 1e-4;
# another draw, a forgotten factor or a penalty on biases, too, changes the costs by 1e-2 and more.
TOLERANCE = 1e-4

EVIL = '"); import os; ('


def table(*rows: Sequence[object], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


TABLES = {
    "plain": table(
        ("height", "weight", "grade"),
        *((150 + 7 * i % 41, 50 + i * i % 37, "abc"[i * i % 3]) for i in range(40)),
    ),
    "signs": table(  # decimal commas, gaps, an empty column, a target with gaps, names that look like code
        (EVIL, "load_iris", "'''\\", "hand", "", "price"),
        *(
            (
                i % 7,
                f"{7 * i % 41},5",
                "NA" if i % 5 == 2 else i * i % 37,
                ("left", EVIL, " ")[i % 3],
                "",
                price,
            )
            for i, price in enumerate(["n/a", "1e99", *(f"{7 * i % 13},25" for i in range(60))])
        ),
        delimiter=";",
    ),
    "headless": table(*((i % 5, i * i % 11, 2, i % 3 + 1) for i in range(50)), delimiter="|") + "\x1a",
    "korean": table(
        ("키", "몸무게", "손", "등급"),
        *((i % 9, i * i % 17, "왼오"[i % 2], "가나"[i % 3 % 2]) for i in range(40)),
    ),
}
TABLES["apple"] = unicodedata.normalize("NFD", TABLES["korean"])
CODINGS = {"plain": "utf-8", "signs": "utf-8-sig", "headless": "utf-8", "korean": "cp949", "apple": "utf-16"}

BASE = "steps=60&n=150&lr=0.02&h=12-8&"
MORE = {
    "linear": "model=linear",
    "linear on a curve": "data=line&model=linear&loss=mse&opt=sgd",
    "polynomial": "data=sine&model=polynomial&deg=7&loss=mse&opt=momentum",
    "polynomial in a plane": "data=xor&model=polynomial&deg=3&opt=nesterov",
    "polynomial of constants": "data=digits&n=60&model=polynomial&deg=1",
    "no hidden layer": "h=0",
    "deep": "h=8-8-8-8-8-8&act=relu&init=he",
    "full batch": "b=0",
    "batch above the data": "b=4000",
    "batch of one": "b=1&lr=0.002",
    "odd batch": "b=43",
    "l1": "l1=0.01",
    "l2": "l2=0.05",
    "both penalties": "l1=0.005&l2=0.02&loss=mse&opt=sgd",
    "mislabeled": "flip=0.2&dseed=7",
    "mislabeled digits": "data=digits&n=400&flip=0.2&imb=0.8",
    "few of a class": "imb=0.9&test=0.45",
    "not standardised": "std=0&data=gaussians",
    "values not standardised": "std=0&data=sine&loss=huber&l_delta=0.3",
    "few wines": "data=wine&n=60&loss=mse",
    "three outputs, absolute error": "data=iris&loss=mae",
    "seeds": "seed=4321&dseed=17",
    "sweep of seeds": "r=5&seed=3",
    "sweep of lr": "r=5&sweep=lr&from=0.003&to=0.3&l2=0.01",
    "sweep of l2": "r=3&sweep=l2&from=0.007&to=1",
    "nesterov without momentum": "opt=nesterov&o_momentum=0",
    "schedule on our rule": "opt=adopt&sched=cosine&s_floor=0.1",
    "knobs": "data=checkerboard&d_tiles=2&d_noise=0.123456789012345&opt=rmsprop&o_alpha=0.9&o_eps=0.001",
    "restarts": "sched=warm_restarts&s_period=7&s_mult=3&s_floor=0.25",
    "warm": "sched=warm_up&s_steps=1",
    "names meet": "data=step&sched=step&s_every=20&loss=mse&b=0",
    "names meet again": "data=sine&act=sine&loss=half_mse",
    "table of text": "data=csv&table=signs&loss=mse",
    "column as classes": "data=csv&table=signs&target=0&n=40&imb=0.3&flip=0.1",
    "text column as classes": "data=csv&table=signs&target=3",
    "few rows": "data=csv&table=plain&n=20&test=0.5",
    "cp949": "data=csv&table=korean&loss=binary_cross_entropy",
    "utf-16 from a Mac": "data=csv&table=apple&target=0&task=regression&loss=mse",
    "no titles": "data=csv&table=headless",
    "no titles, numbers": "data=csv&table=headless&task=regression&std=0&loss=mse",
    "no classes to mislabel": "data=csv&table=signs&flip=0.2&imb=0.5&loss=mse",
}


def links() -> dict[str, str]:
    """One run for every variant of every family, then the crossings above."""
    found = {}
    for data in DATASETS.variants():
        loss = "cross_entropy" if data.task == "classification" else "mse"
        found[f"data {data.name}"] = f"data={data.name}&" + (
            "table=plain" if data.name == "csv" else f"loss={loss}"
        )
    for loss in LOSSES:
        for data, task, classes in (("moons", "classification", 2), ("sine", "regression", 0)):
            if suits(loss, task, classes):
                found[f"loss {loss} on {data}"] = f"data={data}&loss={loss}"
    found |= {f"optimizer {name}": f"opt={name}&lr=0.004" for name in OPTIMIZERS}
    found |= {f"schedule {name}": f"sched={name}" for name in SCHEDULES}
    found |= {f"initialization {name}": f"init={name}" for name in INITIALIZERS}
    found |= {f"activation {name}": f"act={name}" for name in ACTIVATIONS}
    return {name: BASE + link for name, link in (found | MORE).items()}


LINKS = links()
RUNNER = """
import contextlib, io, json, pathlib, runpy, sys, torch
torch.set_num_threads(1)  # of two that share a busy machine, one waits for the other
results, tensors, folder = {}, {}, pathlib.Path(sys.argv.pop())
for path in folder.glob("*/run.py"):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        said = runpy.run_path(str(path), run_name="__main__")
    results[path.parent.name] = json.loads(printed.getvalue().splitlines()[-1])
    test = said["test"]
    tensors[path.parent.name] = said["x_train"], said["y_train"], said["x"][test], said["y"][test]
(folder / "results.json").write_text(json.dumps(results))
torch.save(tensors, folder / "tensors.pt")
assert "mlcore" not in sys.modules
"""


@pytest.fixture(scope="module", autouse=True)
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The digests of TABLES, which are in the store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCORE_STORE", str(tmp_path_factory.mktemp("store")))
        yield {name: store.put(text.encode(CODINGS[name])) for name, text in TABLES.items()}


def spec_of(link: str, tables: dict[str, str]) -> TrainSpec:
    query = dict(parse_qsl(link))
    if "table" in query:
        query["table"] = tables[query["table"]]
    spec, problems = from_query(TrainSpec, {**{"deg": "1"}, **query})
    assert not problems
    return spec


@pytest.fixture(scope="module")
def ran(tables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All scripts, run one after the other in one process that knows nothing of this package."""
    folder = tmp_path_factory.mktemp("scripts")
    for name, link in LINKS.items():
        (folder / name).mkdir()
        spec = spec_of(link, tables)
        (folder / name / "run.py").write_text(write(spec), encoding="utf-8")
        if spec.data.table:
            (folder / name / "data.csv").write_bytes(store.get(spec.data.table))
    subprocess.run([sys.executable, "-I", "-c", RUNNER, str(folder)], check=True, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def printed(ran: Path) -> dict[str, dict[str, float]]:
    return dict(json.loads((ran / "results.json").read_text()))


@pytest.fixture(scope="module")
def tensors(ran: Path) -> dict[str, Any]:
    return dict(torch.load(ran / "tensors.pt"))


@pytest.mark.parametrize("name", LINKS)
def test_it_prints_the_numbers_of_the_page(
    name: str, tables: dict[str, str], printed: dict[str, dict[str, float]]
) -> None:
    spec = spec_of(LINKS[name], tables)
    task, records = prepare(spec), run(spec).records
    for part, target in (("train", task.y), ("test", task.y_test)):
        cost = float(getattr(records, f"{part}_cost")[-1, 0])
        score = float(getattr(records, f"{part}_score")[-1, 0])
        assert printed[name][f"{part} cost"] == pytest.approx(cost, rel=TOLERANCE, abs=1e-7)
        one = 1.001 / len(target) if task.data.classes else 1e-3 * max(1, abs(score))
        assert abs(printed[name][f"{part} score"] - score) <= one


@pytest.mark.parametrize("name", LINKS)
def test_it_trains_on_the_same_data(name: str, tables: dict[str, str], tensors: dict[str, Any]) -> None:
    spec = spec_of(LINKS[name], tables)
    task = prepare(spec)
    x, y, x_test, y_test = tensors[name]
    labels = (lambda y: y.argmax(1)) if spec.loss == "cross_entropy" else (lambda y: y)
    for made, wanted in (
        (x, task.x),
        (y, labels(task.y)),
        (x_test, task.x_test),
        (y_test, labels(task.y_test)),
    ):
        assert made.dtype == wanted.dtype
        assert torch.equal(made, wanted)


def test_every_variant_is_tried() -> None:
    specs = [dict(parse_qsl(link)) for link in LINKS.values()]
    families = {"data": DATASETS, "loss": LOSSES, "opt": OPTIMIZERS, "sched": SCHEDULES, "init": INITIALIZERS}
    for code, family in (families | {"act": ACTIVATIONS}).items():
        assert set(family) <= {spec.get(code) for spec in specs}


def test_it_is_well_written(ran: Path) -> None:
    """No unused name or import, no line too long, blank lines as a formatter sets them."""
    for command in (["check", "--select=E,F,I"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length=110", str(ran)]
        done = subprocess.run(ruff, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_knows_nothing_of_this_package(ran: Path) -> None:
    for path in ran.glob("*/run.py"):
        assert "mlcore" not in path.read_text(encoding="utf-8")


def test_only_what_the_run_needs() -> None:
    script = write(TrainSpec())
    assert len(script.splitlines()) < 100
    extras = {
        "mislabel": "flip=0.1",
        "long_tail": "imb=0.1",
        "penalty": "l1=0.1",
        "scheduler": "sched=cosine",
        "powers": "model=polynomial&deg=2",
        "moments": "data=digits",
        "sklearn": "data=iris",
        "csv": "data=csv&table=plain",
    }
    for word, link in extras.items():
        assert word not in script
        spec, _ = from_query(TrainSpec, dict(parse_qsl(link)))
    assert "len(rows) < BATCH" not in write(from_query(TrainSpec, {"b": "0"})[0])
