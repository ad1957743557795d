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
from urllib.parse import parse_qsl

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mlcore.base.experiment import run
from mlcore.base.spec import from_query
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.datasets import DATASETS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.losses import LOSSES, suits
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.files import store
from mlcore.script import write
from mlcore.script.python import text_literal
from mlcore.training.tasks import TrainingError, TrainSpec, prepare
from mlcore.training.training import train

# Page and script add up products in another order. In float64 they differ by at most 2e-8 (measured; most by
# 1e-14), so nothing but rounding is between them. That of float32, 6e-8, is passed on from step to step;
# after the 50 steps of these runs it was at most 4e-5, which earns 1e-4. Another draw costs 1e-2 and more.
# A slope that jumps (MAE, deep ReLU) may jump on one side only, and is given fewer steps.
TOLERANCE = {"float32": 1e-4, "float64": 1e-6}

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
    "ten": table(("a", "price"), *((i, i * i % 7 + 0.5) for i in range(10))),
    "written": "# made by hand\n"  # units, groups, dates and signs as people write them
    + table(
        ("paid", "share", "when", "change", "wide", "rent"),
        *(
            (
                "" if i == 4 else f"{1000 + 37 * i:,}원",
                f"{i * i % 41}.5%",
                f"2026-0{i % 9 + 1}-{i % 28 + 1:02}" + " 06:00" * (i % 3 == 0),
                f"−{i % 7}.25" if i % 2 else i,
                "".join(chr(ord(digit) + 0xFEE0) for digit in str(i * 7 % 13)),
                f"-${1500 * i * i % 7919:,}.25",
            )
            for i in range(1, 40)
        ),
    ),
    "excel": "sep=;\n"
    + table(
        ("a", "b", "y"),
        *((f"{i},5", f"1.{100 + i}", f"{i * i % 7 * 1000:,}".replace(",", ".") + ",5") for i in range(30)),
        delimiter=";",
    ),
    "spaces": "\n".join(["  x   y  name", *(f" {i}    {i * i % 11},5  {'ab'[i % 2]}  " for i in range(30))]),
    "rare": table(  # nobody but the fourth lives in Jeju
        ("city", "age", "yes"),
        *(("Seoul" if i != 3 else "Jeju", 20 + 7 * i % 41, i * i % 2) for i in range(40)),
    ),
}
TABLES["apple"] = unicodedata.normalize("NFD", TABLES["korean"])
CODINGS = dict.fromkeys(TABLES, "utf-8") | {"signs": "utf-8-sig", "korean": "cp949", "apple": "utf-16"}

BASE = "steps=50&n=120&lr=0.02&h=8-6&"
MORE = {
    "linear": "model=linear&act=sine",
    "linear on a curve": "data=line&model=linear&loss=mse&opt=sgd",
    "polynomial": "data=sine&model=polynomial&deg=7&loss=mse&opt=momentum",
    "polynomial in a plane": "data=xor&model=polynomial&deg=3&opt=nesterov",
    "polynomial of constants": "data=digits&n=60&model=polynomial&deg=1",
    "no hidden layer": "h=0",
    "deep": "h=8-8-8-8-8-8&act=relu&init=he&steps=20",
    "residual": "model=deep&layers=5&units=9&act=gelu&init=he&steps=20&l2=0.01",
    "normalized": "model=deep&layers=3&units=7&skip=0&norm=1",
    "residual and normalized, of one layer and our activation": "model=deep&layers=1&units=6&norm=1&act=sine",
    "deep in a row, without bends": "model=deep&layers=2&units=5&skip=0&act=identity",
    "convolution": "data=digits&model=convolution&ch=3-4&act=relu&init=he&steps=20&l2=0.01",
    "convolution, our activation": "data=digits&model=convolution&ch=2&act=sine&std=0&steps=10&lr=0.001",
    "no convolution": "data=digits&model=convolution&ch=0",
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
    "three outputs, absolute error": "data=iris&loss=mae&steps=10",
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
    "polynomial of a city that is only tested": "data=csv&table=rare&n=40&model=polynomial&deg=2&dseed=3",
    "one value to test": "data=csv&table=ten&n=20&test=0.1&loss=mse&steps=10",
    "cp949": "data=csv&table=korean&loss=binary_cross_entropy",
    "utf-16 from a Mac": "data=csv&table=apple&target=0&task=regression&loss=mse",
    "as people write": "data=csv&table=written&loss=mse",
    "a unit as classes": "data=csv&table=written&target=4&task=classification&n=30",
    "dates as the target": "data=csv&table=written&target=2&loss=mse",
    "what Excel writes": "data=csv&table=excel&loss=mse",
    "separated by spaces": "data=csv&table=spaces",
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
                found[f"loss {loss} on {data}"] = (
                    f"data={data}&loss={loss}&steps={10 if loss == 'mae' else 50}"
                )
    for loss in ("cross_entropy", "binary_cross_entropy"):
        for batch in (0, 16):
            found[f"class weights in {loss}, batches of {batch}"] = f"loss={loss}&imb=0.8&cw=0.7&b={batch}"
    found["class weights, three classes"] = "data=wine&imb=0.8&cw=1"
    found |= {f"optimizer {name}": f"opt={name}&lr=0.004" for name in OPTIMIZERS}
    found |= {f"schedule {name}": f"sched={name}" for name in SCHEDULES}
    found |= {f"initialization {name}": f"init={name}" for name in INITIALIZERS}
    found |= {f"activation {name}": f"act={name}" for name in ACTIVATIONS}
    return {name: BASE + link for name, link in (found | MORE).items()}


LINKS = links()
RUNNER = """
import contextlib, io, json, pathlib, runpy, sys, torch
torch.set_num_threads(1)
folder = pathlib.Path(sys.argv[-1])
for path in folder.glob("*/float*.py"):
    sys.argv = [str(path)]
    torch.set_default_dtype(getattr(torch, path.stem))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        said = runpy.run_path(str(path), run_name="__main__")
    path.with_suffix(".json").write_text(printed.getvalue().splitlines()[-1])
    train, test = said["train"], said["test"]
    tensors = [said[name][part] for part in (train, test) for name in "xy"]
    torch.save(tensors, path.with_suffix(".pt"))
assert "mlcore" not in sys.modules
"""


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads gain nothing at these sizes and wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


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
    spec, problems = from_query(TrainSpec, query)
    assert not problems
    return spec


@pytest.fixture(scope="module")
def ran(tables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All scripts, run one after the other in one process that knows nothing of this package.

    Each once as it is, and once with float64 where it says float.
    """
    folder = tmp_path_factory.mktemp("scripts")
    for name, link in LINKS.items():
        (folder / name).mkdir()
        spec = spec_of(link, tables)
        script = write(spec)
        (folder / name / "float32.py").write_text(script, encoding="utf-8")
        (folder / name / "float64.py").write_text(script.replace(".float()", ".double()"), encoding="utf-8")
        if spec.data.table:
            (folder / name / "data.csv").write_bytes(store.get(spec.data.table))
    subprocess.run([sys.executable, "-I", "-c", RUNNER, str(folder)], check=True, cwd=folder)
    return folder


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", LINKS)
def test_it_prints_the_numbers_of_the_page(name: str, dtype: str, tables: dict[str, str], ran: Path) -> None:
    printed = json.loads((ran / name / f"{dtype}.json").read_text())
    spec = spec_of(LINKS[name], tables)
    task = prepare(spec)
    records = (run(spec) if dtype == "float32" else train(spec, dtype=torch.float64)).records
    for part, target in (("train", task.y), ("test", task.y_test)):
        cost, score = (float(getattr(records, f"{part}_{what}")[-1, 0]) for what in ("cost", "score"))
        assert printed[f"{part} cost"] == pytest.approx(cost, rel=TOLERANCE[dtype], abs=1e-9)
        one = 1 / len(target) if task.data.classes else TOLERANCE[dtype] * max(1, abs(score))
        assert printed[f"{part} score"] == pytest.approx(score, abs=1.01 * one, rel=0, nan_ok=True)


@pytest.mark.parametrize("name", LINKS)
def test_it_trains_on_the_same_data(name: str, tables: dict[str, str], ran: Path) -> None:
    spec = spec_of(LINKS[name], tables)
    task = prepare(spec)
    pages = [task.x, task.y, task.x_test, task.y_test]
    if spec.loss == "cross_entropy":  # torch takes the classes themselves
        pages[1::2] = [y.argmax(1) for y in pages[1::2]]
    for own, page in zip(torch.load(ran / name / "float32.pt"), pages, strict=True):
        assert own.dtype == page.dtype
        assert torch.equal(own, page)


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
    for path in ran.glob("*/float32.py"):
        assert "mlcore" not in path.read_text(encoding="utf-8")


EXTRAS = {
    "mislabel": "flip=0.1",
    "long_tail": "imb=0.1",
    "penalty": "l1=0.1",
    "L2": "l2=0.1",
    "scheduler": "sched=cosine",
    "powers": "model=polynomial&deg=2",
    "moments": "data=digits",
    "sklearn": "data=iris",
    "csv": "data=csv&table=plain",
    "nanquantile": "data=csv&table=signs&loss=mse",
    "class": "opt=lion",
    "layer_norm": "model=deep&norm=1",
    "the first of": "r=2",
}


@pytest.mark.parametrize("word", EXTRAS)
def test_only_what_the_run_needs_is_in_it(word: str, tables: dict[str, str]) -> None:
    assert word in write(spec_of(EXTRAS[word], tables))
    assert word not in write(TrainSpec())


def test_it_is_short_enough_to_show() -> None:
    assert len(write(TrainSpec()).splitlines()) < 100
    whole, batches = (write(TrainSpec(batch_size=b)) for b in (0, 32))
    assert "BATCH" in batches
    assert "BATCH" not in whole


def test_the_link_stands_in_it() -> None:
    spec = TrainSpec(steps=77, l1=0.25)
    (link,) = (line for line in write(spec).splitlines() if line.startswith("?"))
    assert from_query(TrainSpec, dict(parse_qsl(link[1:]))) == (spec, [])


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "run.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")


def test_python_run_py(tmp_path: Path) -> None:
    spec = TrainSpec(steps=50)
    (tmp_path / "run.py").write_text(write(spec), encoding="utf-8")
    done = start(tmp_path)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout.splitlines()[-1])
    assert set(printed) == {"train cost", "test cost", "train score", "test score"}
    assert printed["test cost"] == pytest.approx(float(run(spec).records.test_cost[-1, 0]), rel=1e-4)


def test_python_run_py_with_a_table(tmp_path: Path, tables: dict[str, str]) -> None:
    spec = spec_of("data=csv&table=signs&loss=mse&steps=50", tables)
    (tmp_path / "run.py").write_text(write(spec), encoding="utf-8")
    (tmp_path / "mine.csv").write_bytes(store.get(spec.data.table))
    done = start(tmp_path, "mine.csv")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout.splitlines()[-1])
    assert printed["test cost"] == pytest.approx(float(run(spec).records.test_cost[-1, 0]), rel=1e-4)
    (tmp_path / "mine.csv").write_bytes(store.get(spec.data.table) + b"\n")
    other = start(tmp_path, "mine.csv")
    assert other.returncode == 1
    assert other.stderr == "mine.csv is not the table of this run.\n"


@pytest.mark.parametrize("target", range(5))
def test_text_of_a_table_is_never_code(target: int, tables: dict[str, str]) -> None:
    """It stands in string literals; nothing is imported or named because a column asks for it."""
    script = write(spec_of(f"data=csv&table=signs&target={target}&loss=mse", tables))
    tokens = list(tokenize.generate_tokens(io.StringIO(script).readline))
    assert any(token.type == tokenize.STRING and EVIL in ast.literal_eval(token.string) for token in tokens)
    code = " ".join(token.string for token in tokens if token.type != tokenize.STRING)
    for word in ("os", "load_iris", "price", "left"):
        assert word not in code.split()


@given(st.text())
def test_a_literal_reads_back_and_cannot_end_early(text: str) -> None:
    literal = text_literal(text)
    assert ast.literal_eval(literal) == text
    assert next(tokenize.generate_tokens(io.StringIO(literal).readline)).string == literal
    assert literal.isprintable()  # nor shown as what it is not: marks of direction are escaped


@pytest.mark.parametrize(
    "link", ["data=sine", "data=iris&loss=binary_cross_entropy", "data=sine&loss=cross_entropy"]
)
def test_what_cannot_be_trained_cannot_be_written(link: str, tables: dict[str, str]) -> None:
    with pytest.raises(TrainingError, match="Choose another loss"):
        write(spec_of(link, tables))
