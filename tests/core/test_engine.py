"""The engine with real workers: nothing here is mocked but clocks, and nothing depends on how fast it runs.

A job is held where a test needs it by a gate, a file that the experiment waits for; a diary, a file that it
appends to, tells how often it ran.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from distributed import Status

from mlcore.base import meter
from mlcore.base import spec as specs
from mlcore.base.cache import Cache
from mlcore.base.experiment import Stopped
from mlcore.engine import engine as engine_module
from mlcore.engine import jobs, workers
from mlcore.engine.engine import Engine, Snapshot, State
from mlcore.engine.job import CLOSED, GONE, OVERLONG
from tests.core.slow_experiments import Bytes, Fails, Steps, Unknown

ROOT = Path(__file__).resolve().parents[2]
LONG = 180.0  # seconds: how long to wait for what should come much sooner, on a machine that is busy


def until(condition: Callable[[], Any]) -> Any:
    """Wait for `condition` to become true and return its value."""
    deadline = time.monotonic() + LONG
    while not (value := condition()):
        assert time.monotonic() < deadline, "this never happened"
        time.sleep(0.005)
    return value


class Lab:
    """An engine, a folder for gates and diaries, and shorthand."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def open(self, gate: str) -> None:
        Path(self.path(gate)).touch()

    def diary(self, name: str = "diary") -> list[str]:
        path = Path(self.path(name))
        return path.read_text().split("\n")[:-1] if path.exists() else []

    def steps(self, **fields: Any) -> Steps:
        gate = fields.pop("gate", "")
        return Steps(diary=self.path(fields.pop("diary", "diary")), gate=gate and self.path(gate), **fields)

    def result(self, spec: Any, session: str = "s") -> Snapshot:
        view = self.engine.ask(spec, session)
        return view if view.state.final else self.engine.wait(view.key, session, LONG)

    def running(self, spec: Any, session: str) -> Snapshot:
        """Ask for `spec` and wait until a worker has begun."""
        self.engine.ask(spec, session)
        return until(lambda: (view := self.engine.look(spec, session)).state is State.RUNNING and view)

    def occupy(self, gate: str = "later") -> None:
        """Two jobs that keep both workers until the gate opens."""
        for i in range(2):
            self.running(self.steps(gate=gate, label=f"occupant {i}", diary="occupants"), f"occupant {i}")


@pytest.fixture(scope="module")
def local() -> Iterator[Engine]:
    engine = Engine(workers=2, queue=6, per_session=3, cache_bytes=100_000, patience=LONG)
    yield engine
    engine.close()


@pytest.fixture
def lab(local: Engine, tmp_path: Path) -> Iterator[Lab]:
    until(lambda: local._slots == 2)  # a test before may have killed workers
    yield Lab(local, tmp_path)
    for job in list(local._jobs.values()):
        for session in list(job.seen):
            local.leave(job.view.key, session)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with one worker, started as an administrator would."""
    file = tmp_path_factory.mktemp("cluster") / "scheduler.json"
    common = ["--scheduler-file", str(file), "--host", "127.0.0.1", "--no-dashboard"]
    worker = ["--nthreads", "1", "--no-nanny", "--preload", "mlcore.engine.workers", "--death-timeout", "60"]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "0",
        "DASK_LOGGING__DISTRIBUTED": "error",
    }
    dask = [sys.executable, "-m", "dask"]
    processes = [subprocess.Popen([*dask, "scheduler", *common, "--port", "0"], env=environment)]
    try:
        until(lambda: file.exists() and file.read_text().rstrip().endswith("}"))
        processes.append(subprocess.Popen([*dask, "worker", *common, *worker], env=environment))
        yield file.read_text().split('"address": "')[1].split('"')[0]
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


# ---------------------------------------------------------------- one job for everybody


def test_fifty_sessions_asking_at_once_run_it_once(lab: Lab) -> None:
    spec, start, views = lab.steps(steps=4), threading.Barrier(50), []

    def visit(session: str) -> None:
        start.wait()
        views.append(lab.result(spec, session))

    threads = [threading.Thread(target=visit, args=(f"s{i}",)) for i in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lab.diary()) == 1
    assert [view.result for view in views] == [[0, 1, 4, 9]] * 50
    assert len({id(view.result) for view in views}) == 1, "one object for all, not fifty copies"


def test_parts_arrive_in_order_and_complete(lab: Lab) -> None:
    spec = lab.steps(steps=300, gate="go", hold=200)
    lab.engine.ask(spec, "s")
    view = until(lambda: len((v := lab.engine.look(spec, "s")).parts) == 200 and v)
    assert view.parts == tuple(range(200))
    assert (view.state, view.place, view.result) == (State.RUNNING, 0, None)
    assert view.share == pytest.approx(200 / 300)
    lab.open("go")
    view = lab.result(spec)
    assert (view.state, view.share, view.parts) == (State.DONE, 1.0, tuple(range(300)))


def test_a_known_result_is_there_at_once_without_running(lab: Lab) -> None:
    spec = lab.steps()
    first = lab.result(spec, "a")
    lab.engine.leave_all("a")
    again = lab.engine.ask(spec, "b")
    assert (again.state, again.result, again.parts) == (State.DONE, first.result, first.parts)
    assert lab.engine.look(again.key, "nobody").result == first.result
    assert len(lab.diary()) == 1


# ---------------------------------------------------------------- leaving


def test_the_last_to_leave_stops_the_job_and_keeps_its_parts(lab: Lab) -> None:
    spec = lab.steps(steps=9, gate="never", hold=5)
    lab.running(spec, "a")
    lab.engine.ask(spec, "b")
    until(lambda: len(lab.engine.look(spec, "a").parts) == 5)
    assert lab.engine.leave(specs.key(spec), "a").state is State.RUNNING
    assert "stopped" not in lab.diary()
    view = lab.engine.leave(specs.key(spec), "b")
    assert (view.state, view.parts) == (State.STOPPED, (0, 1, 2, 3, 4))
    until(lambda: "stopped" in lab.diary())
    assert lab.engine.look(spec, "b").problem == GONE
    lab.occupy()  # both workers are free again


def test_the_first_to_leave_costs_the_other_nothing(lab: Lab) -> None:
    spec = lab.steps(gate="go")
    lab.running(spec, "a")
    lab.engine.ask(spec, "b")
    lab.engine.leave_all("a")
    lab.open("go")
    assert lab.result(spec, "b").result == [0, 1, 4]
    assert len(lab.diary()) == 1


def test_asked_again_while_the_stopped_task_still_ends(lab: Lab) -> None:
    spec = lab.steps(steps=6, gate="go", hold=3, deaf=True)
    lab.running(spec, "a")
    lab.engine.leave_all("a")
    lab.running(spec, "b")  # on the other worker, as the first is deaf until the gate opens
    until(lambda: len(lab.diary()) == 2)
    lab.open("go")
    assert lab.result(spec, "b").parts == tuple(range(6))
    until(lambda: sorted(lab.diary())[-1] == "stopped")
    assert lab.diary().count("stopped") == 1


def test_a_waiting_job_vanishes_when_left(lab: Lab) -> None:
    lab.occupy()
    spec = lab.steps()
    view = lab.engine.ask(spec, "a")
    assert (view.state, view.place) == (State.QUEUED, 1)
    assert lab.engine.leave(view.key, "a").state is State.STOPPED
    lab.open("later")
    assert lab.result(lab.steps(label="next", diary="other")).state is State.DONE
    assert lab.diary() == []


# ---------------------------------------------------------------- the queue


def test_the_queue_is_bounded_and_shows_a_place(lab: Lab) -> None:
    lab.occupy()
    asked = [lab.engine.ask(lab.steps(label=f"{i}"), f"s{i}") for i in range(6)]
    assert [view.place for view in asked] == [1, 2, 3, 4, 5, 6]
    late = lab.steps(label="late")
    refused = lab.engine.ask(late, "s6")
    assert (refused.state, refused.place) == (State.REFUSED, 0)
    assert "6 places" in refused.problem
    assert lab.engine.ask(lab.steps(label="3"), "s6").place == 4, "joining a job that waits takes no place"
    lab.engine.leave(asked[1].key, "s1")
    assert [lab.engine.look(view.key, "").place for view in asked] == [1, 0, 2, 3, 4, 5]
    assert lab.engine.ask(late, "s6").place == 6


def test_one_session_cannot_fill_the_queue(lab: Lab) -> None:
    lab.occupy()
    views = [lab.engine.ask(lab.steps(label=f"{i}"), "greedy") for i in range(4)]
    assert [view.state for view in views] == [State.QUEUED] * 3 + [State.REFUSED]
    assert "3 computations" in views[3].problem
    assert lab.engine.ask(lab.steps(label="3"), "modest").state is State.QUEUED


def test_the_first_job_of_one_comes_before_the_second_of_another(lab: Lab) -> None:
    lab.running(lab.steps(gate="never", label="x", diary="other"), "occupant")
    lab.running(lab.steps(gate="go", label="a0"), "a")
    for session, label in ("a", "a1"), ("a", "a2"), ("b", "b0"), ("b", "b1"), ("c", "c0"):
        lab.engine.ask(lab.steps(label=label), session)
    order = ["b0", "c0", "a1", "b1", "a2"]
    assert [lab.engine.look(lab.steps(label=label), "").place for label in order] == [1, 2, 3, 4, 5]
    lab.open("go")  # one worker serves them, one after another
    until(lambda: len(lab.diary()) == 6)
    assert lab.diary() == ["a0", *order]


# ---------------------------------------------------------------- what is kept


def test_what_was_used_last_is_kept_within_the_budget(lab: Lab) -> None:
    a, b, c = (Bytes(lab.path("diary"), 40_000, label) for label in "abc")
    for spec in a, b, a, c:  # the second a is not computed but used, so b is the oldest when c comes
        lab.result(spec)
        lab.engine.leave_all("s")
    assert lab.diary() == ["a", "b", "c"]
    assert [lab.engine.ask(spec, "s").state for spec in (a, c, b)] == [State.DONE, State.DONE, State.QUEUED]


def test_a_result_that_somebody_holds_does_not_vanish(lab: Lab) -> None:
    large, other = Bytes(lab.path("diary"), 200_000, "large"), Bytes(lab.path("diary"), 90_000, "other")
    view = lab.result(large, "holder")
    lab.result(other, "x")
    assert lab.engine.look(view.key, "holder").result is view.result
    assert lab.engine.ask(large, "x").result is view.result
    lab.engine.leave_all("holder")
    lab.engine.leave_all("x")
    assert lab.result(large).result is not view.result, "larger than the budget: handed out, not kept"
    assert lab.diary() == ["large", "other", "large"]


def test_cache_counts_bytes() -> None:
    cache: Cache[str] = Cache(10)
    cache.put("a", "A", 4)
    cache.put("b", "B", 4)
    cache.put("a", "AA", 6)  # replaces
    assert (cache.get("a"), cache.get("b"), cache.used) == ("AA", "B", 10)
    cache.put("c", "C", 1)  # a was used before b
    assert (cache.get("a"), cache.get("b"), cache.get("c"), cache.used) == (None, "B", "C", 5)
    cache.put("d", "D", 11)
    assert (cache.get("d"), cache.get("b"), cache.used) == (None, "B", 5)


# ---------------------------------------------------------------- failures


def test_a_refusal_by_the_experiment_is_its_sentence(lab: Lab) -> None:
    view = lab.result(Fails(lab.path("diary"), "refuses"))
    assert (view.state, view.problem) == (State.FAILED, "At least 2 examples are needed. Choose more.")
    assert view.refusal
    assert (view.refusal.code, view.refusal.values) == ("few", {"least": 2})


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("breaks", engine_module.MISTAKE),
        ("breaks in numpy", engine_module.MISTAKE),
        ("unpicklable part", engine_module.MISTAKE),
        ("unpicklable result", engine_module.UNSENDABLE),
    ],
)
def test_a_mistake_is_a_sentence_and_its_traceback_is_logged(
    lab: Lab, caplog: pytest.LogCaptureFixture, how: str, sentence: str
) -> None:
    view = lab.result(Fails(lab.path("diary"), how))
    assert (view.state, view.problem, view.result) == (State.FAILED, sentence, None)
    assert "Traceback" in caplog.text
    assert "slow_experiments.py" in caplog.text or how == "unpicklable result"


def test_a_spec_without_an_experiment_is_a_mistake(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    assert lab.result(Unknown()).problem == engine_module.MISTAKE
    assert "Unknown" in caplog.text
    assert "no experiment is registered for" in caplog.text


def test_asking_again_after_a_failure_tries_again(lab: Lab) -> None:
    spec = Fails(lab.path("diary"), "first time")
    assert lab.result(spec, "a").state is State.FAILED
    assert lab.engine.look(spec, "a").state is State.FAILED, "looking does not try again"
    assert lab.result(spec, "b").result == "well"
    assert lab.engine.look(spec, "a").state is State.DONE
    assert len(lab.diary()) == 2


def test_other_code_in_the_workers_is_refused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "code_version", lambda: "another")
    assert lab.result(lab.steps()).problem == engine_module.INCOMPATIBLE
    assert lab.diary() == []


# ---------------------------------------------------------------- kill -9


def test_a_killed_worker_costs_a_retry_and_nothing_else(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, shown, heard = lab.steps(steps=12, gate="go", hold=7), [], lab.engine._heard

    def heard_and_shown(*message: Any) -> None:
        heard(*message)
        shown.append(lab.engine.look(spec, "s").parts)

    monkeypatch.setattr(lab.engine, "_heard", heard_and_shown)
    lab.engine.ask(spec, "s")
    until(lambda: tuple(range(7)) in shown)
    os.kill(int(lab.diary()[0]), signal.SIGKILL)
    until(lambda: () in shown[shown.index(tuple(range(7))) :])  # another worker begins
    shown.clear()
    until(lambda: tuple(range(7)) in shown)
    assert all(parts == tuple(range(len(parts))) for parts in shown)
    lab.open("go")
    view = lab.result(spec)
    assert (view.state, view.parts) == (State.DONE, tuple(range(12)))
    assert view.result == [i * i for i in range(12)]
    assert len(lab.diary()) == 2


def test_a_second_kill_is_a_sentence(lab: Lab) -> None:
    spec = lab.steps(steps=12, gate="never", hold=7)
    lab.running(spec, "s")
    for attempt in 1, 2:
        until(lambda attempt=attempt: len(lab.diary()) == attempt)
        os.kill(int(lab.diary()[-1]), signal.SIGKILL)
    view = lab.engine.wait(specs.key(spec), "s", LONG)
    assert (view.state, view.problem) == (State.FAILED, engine_module.KILLED)
    assert len(lab.diary()) == 2


def family(parent: psutil.Process) -> list[psutil.Process]:
    return [parent, *parent.children(recursive=True)]


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() for process in processes)


def test_a_killed_cluster_is_replaced_and_close_leaves_no_process(tmp_path: Path) -> None:
    others = set(psutil.Process().children())

    def new() -> list[psutil.Process]:
        """What was started here and lives; a killed process is a zombie until somebody asks for its fate."""
        started = set(psutil.Process().children()) - others
        return [process for process in started if process.status() != psutil.STATUS_ZOMBIE]

    engine = Engine(workers=1, patience=LONG)
    lab = Lab(engine, tmp_path)
    try:
        spec = lab.steps(gate="go", hold=2)
        engine.ask(spec, "s")
        until(lab.diary)
        (cluster,) = until(new)
        first = family(cluster)
        cluster.kill()
        until(lambda: gone(first))
        # a worker of the first cluster may find time to write that it stopped
        until(
            lambda: len(lab.diary()) - lab.diary().count("stopped") == 2 or engine.look(spec, "s").state.final
        )
        (cluster,) = until(new)
        second = family(cluster)
        assert len(second) >= 2
        lab.open("go")
        assert lab.result(spec).parts == (0, 1, 2)
    finally:
        engine.close()
    until(lambda: gone(second))
    assert engine.ask(lab.steps(label="late"), "s").problem == CLOSED
    engine.close()  # twice does no harm


def test_no_process_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "from mlcore.engine.engine import Engine; from tests.core.slow_experiments import Steps\n"
        f"e = Engine(workers=1); view = e.ask(Steps({str(tmp_path / 'diary')!r}, gate='never'), 's')\n"
        "e.wait(view.key, 's', 600)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}  # started elsewhere, as an app may be
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, env=environment)
    try:
        until(lambda: Lab(None, tmp_path).diary())  # type: ignore[arg-type]
        everybody = family(psutil.Process(parent.pid))
        assert len(everybody) >= 3
    finally:
        parent.kill()
        parent.wait()
    until(lambda: gone(everybody))


# ---------------------------------------------------------------- a cluster elsewhere


def test_a_cluster_by_its_address_and_sessions_that_vanish(cluster: str, tmp_path: Path) -> None:
    engine = Engine(address=cluster, patience=8.0)  # a busy machine may stand still for some
    lab = Lab(engine, tmp_path)
    try:
        assert lab.result(lab.steps()).result == [0, 1, 4]
        spec = lab.steps(gate="never", diary="vanished")
        engine.ask(spec, "vanishing")
        engine.ask(spec, "staying")
        until(lambda: engine.look(spec, "staying").state is State.RUNNING)
        until(
            lambda: (engine.look(spec, "staying"), list(engine._jobs[specs.key(spec)].seen) == ["staying"])[1]
        )
        assert "stopped" not in lab.diary("vanished")
        until(lambda: "stopped" in lab.diary("vanished"))  # nobody looks any more
        assert engine.look(spec, "staying").problem == GONE
    finally:
        engine.close()


def test_an_address_where_nobody_answers_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine_module, "CONNECT", 0.2)
    engine = Engine(address="tcp://127.0.0.1:1")
    try:
        spec = Steps(str(tmp_path / "diary"))
        view = engine.ask(spec, "s")
        assert (view.state, view.place) == (State.STARTING, 1)
        view = until(lambda: (v := engine.look(spec, "s")).problem and v)
        assert (view.state, view.place, view.problem) == (State.STARTING, 1, engine_module.NO_ANSWER)
        assert engine.wait(view.key, "s", 0.0) == view
    finally:
        engine.close()


def test_what_takes_too_long_is_stopped_with_a_sentence_and_frees_its_worker(lab: Lab) -> None:
    engine = Engine(workers=1, patience=LONG, seconds=0.5)
    try:
        endless, short = lab.steps(gate="never", diary="endless"), lab.steps(diary="short")
        key = engine.ask(endless, "s").key
        engine.ask(short, "s")
        view = engine.wait(key, "s", LONG)
        assert (view.state, view.problem) == (State.FAILED, OVERLONG.format(seconds="0.5"))
        until(lambda: "stopped" in lab.diary("endless"))
        engine._seconds = LONG
        view = engine.ask(short, "s")  # which may have been stopped as well, on a machine that is busy
        assert engine.wait(view.key, "s", LONG).result == [0, 1, 4]
    finally:
        engine.close()


def test_what_waits_is_not_overlong() -> None:
    books = jobs.Jobs(queue=6, per_session=3, cache_bytes=0, patience=LONG, seconds=0.0)
    books.ask(Steps(), "s")
    books._stop_overlong()
    assert books.look(Steps(), "s").state.waiting


# ---------------------------------------------------------------- what is counted and logged


def test_all_that_happens_is_told_to_the_meter_and_none_of_what_was_typed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[tuple[str, float, dict[str, str]]] = []
    monkeypatch.setattr(meter, "_listeners", [lambda *event: heard.append(event)])
    caplog.set_level(logging.INFO, "mlcore")
    spec = lab.steps(label="typed by somebody")
    lab.result(spec, "first")
    lab.result(spec, "second")
    lab.engine.leave(specs.key(spec), "first"), lab.engine.leave(specs.key(spec), "second")
    lab.result(spec, "third")
    lab.result(Fails(lab.path("typed by somebody"), "breaks"), "first")
    lab.occupy()
    for i in range(4):
        lab.engine.ask(lab.steps(label=f"typed by somebody {i}"), "greedy")
    told = [words["answer"] for event, _, words in heard if event == "asked"]
    assert told[:4] == ["new", "joined", "kept", "new"]
    ends = [tuple(words.values()) for event, seconds, words in heard if event == "computed" and seconds >= 0]
    assert ends[:2] == [("Steps", "done", "worker"), ("Fails", "failed", "worker")]
    assert [words for event, _, words in heard if event == "refused"] == [{"kind": "engine.mine"}]
    load = lab.engine.load()
    assert (load.workers, load.computing, load.waiting) == (2, 2, 3)
    assert load.longest > 0 < load.kept
    assert "computed Steps" in caplog.text
    assert "\nKeyError\n" in caplog.text  # without its message
    assert "typed by somebody" not in caplog.text + repr(heard)


def test_the_environment_chooses_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "Engine", lambda *arguments, **limits: (*arguments, limits["queue"]))
    monkeypatch.setenv("MLCORE_QUEUE", "7")
    for number, scheduler, expected in ("", "", (None, None, 7)), ("3", "tcp://x:1", ("tcp://x:1", 3, 7)):
        monkeypatch.setattr(engine_module, "_only", None)
        monkeypatch.setenv("MLCORE_WORKERS", number)
        monkeypatch.setenv("MLCORE_SCHEDULER", scheduler)
        assert engine_module.engine() == expected
        assert engine_module.engine() is engine_module.engine()
    monkeypatch.setattr(engine_module, "_only", None)
    monkeypatch.setenv("MLCORE_WORKERS", "many")
    with pytest.raises(ValueError, match="MLCORE_WORKERS is 'many'; it must be a whole number from 1 to 64"):
        engine_module.engine()


# ---------------------------------------------------------------- the report of a worker


def test_reports_are_bundled_to_ten_a_second_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, task, heard = [0.0], SimpleNamespace(state="executing"), []
    worker = SimpleNamespace(
        status=Status.running,
        state=SimpleNamespace(tasks={"job": task}),
        log_event=lambda *event: heard.append(event),
    )
    monkeypatch.setattr(workers, "get_worker", lambda: worker)
    monkeypatch.setattr(workers.time, "monotonic", lambda: clock[0])
    report = workers.Reporter("job", "topic")
    for i in range(1, 1001):  # a thousand reports in two seconds
        clock[0] = i / 500
        report(i / 1000, i)
    assert 15 <= len(heard) <= 21
    assert report.parts == list(range(1, 1001))
    bundles = [workers.pickle.loads(message[3]) for _, message in heard]
    assert [message[1] for _, message in heard] == [sum(map(len, bundles[:k])) for k in range(len(bundles))]
    assert sum(bundles, ()) == tuple(range(1, 1 + sum(map(len, bundles))))
    task.state = "cancelled"
    with pytest.raises(Stopped):
        report(1.0, 1001)
