# mypy: untyped-calls-exclude="distributed"
"""The processes that compute: how they are started, and what runs in them.

On this machine, `main` is a process of its own with a Dask scheduler and workers on 127.0.0.1. It prints the
scheduler's address and lives until its standard input closes, which the operating system does even for a
parent killed with -9, so no worker is ever orphaned. It is not the web process, because Dask starts workers
by running the main script again, and under Streamlit that is a page.

A cluster somewhere else needs this same version of the package on its scheduler and its workers
(`compute` refuses otherwise), one thread a worker, and in its environment
`DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=1` and `DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH=0`:

    dask scheduler
    dask worker tcp://...:8786 --nworkers 4 --nthreads 1 --preload mlcore.engine.workers
"""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import dask
from distributed import LocalCluster, Status, get_worker
from distributed.system import MEMORY_LIMIT
from distributed.utils import get_mp_context

from mlcore.base.discreet import trace
from mlcore.base.experiment import Stopped, discover, modules, run
from mlcore.base.refusal import Refusal
from mlcore.base.spec import code_version

ROOT = Path(__file__).resolve().parents[2]
PAUSE = 0.1  # seconds between two reports on the wire: a page redraws no faster
START = 120.0  # seconds that a cluster may take to come up on a machine under load
VERSION = code_version()  # now, as the files are being imported; later they may be others
FORK = "forkserver" if sys.platform == "linux" else "spawn"
SETTINGS = {
    "distributed.worker.multiprocessing-method": FORK,  # fork: all imported once, a new worker in 0.1 s
    "distributed.scheduler.allowed-failures": 1,  # a killed worker costs one retry
    "distributed.deploy.lost-worker-timeout": "1 day",  # a slow restart must not count as lost for good
    "distributed.admin.low-level-log-length": 0,  # or a thousand old reports stay in the scheduler's memory
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,  # it samples every thread a hundred times a second
    "distributed.worker.memory.target": False,  # results leave at once, there is nothing to spill,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,  # and a paused worker of one thread would pause for ever
}


class Verdict(StrEnum):
    """How a task ended; it comes with the pickled (result, parts) or refusal, or a traceback."""

    DONE = "done"
    STOPPED = "stopped"
    REFUSED = "refused"
    FAILED = "failed"
    UNSENDABLE = "unsendable"
    OTHER_VERSION = "other version"


# ---------------------------------------------------------------- in a worker


def dask_setup(worker: Any = None) -> None:
    """Dask calls this in each worker that preloads this module: import what is slow before anybody waits."""
    import torch

    discover()
    torch.set_num_threads(1)  # two threads gain nothing at these sizes and lose a lot under load


def compute(spec: bytes, name: str, topic: str, version: str) -> tuple[str, Any]:
    """The task: run the pickled `spec`, reporting under `name` on `topic`. Returns how it ended.

    The spec comes as bytes, because Dask's scheduler unpickles arguments: it need not import experiments.
    """
    if version != VERSION:
        return Verdict.OTHER_VERSION, ""
    dask_setup()
    try:
        report = Reporter(name, topic)
        result = run(pickle.loads(spec), report)
    except Stopped:
        return Verdict.STOPPED, ""
    except Refusal as refusal:
        return Verdict.REFUSED, pickle.dumps(refusal)
    except Exception as error:
        return Verdict.FAILED, trace(error)
    try:
        return Verdict.DONE, pickle.dumps((result, tuple(report.parts)), protocol=5)
    except Exception as error:
        return Verdict.UNSENDABLE, trace(error)


class Reporter:
    """The `report` of a task: all parts in order, at most ten messages a second.

    A message is (name, how many parts were sent before, share, pickled parts). A task that Dask repeats, as
    its worker was killed, sends the same again from the beginning.
    """

    def __init__(self, name: str, topic: str) -> None:
        self.name, self.topic = name, topic
        self.worker = get_worker()
        self.parts: list[Any] = []
        self.sent = 0
        self._send(0.0)  # the wait is over

    def __call__(self, share: float, part: Any = None) -> None:
        if not self._wanted():
            raise Stopped
        if part is not None:
            self.parts.append(part)
        if time.monotonic() >= self.due:
            self._send(share)

    def _wanted(self) -> bool:
        """Dask marks a task that nobody wants now, but cannot interrupt its thread: so the thread looks."""
        task = self.worker.state.tasks.get(self.name)
        return task is not None and task.state == "executing" and self.worker.status is Status.running

    def _send(self, share: float) -> None:
        packed = pickle.dumps(tuple(self.parts[self.sent :]), protocol=5)
        self.worker.log_event(self.topic, (self.name, self.sent, float(share), packed))
        self.sent = len(self.parts)
        self.due = time.monotonic() + PAUSE


# ---------------------------------------------------------------- in the web process


@asynccontextmanager
async def local_cluster(workers: int) -> AsyncIterator[str]:
    """Start a cluster on this machine, give its address, and end it in the end.

    Raises `OSError` if it does not come up.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", f"from mlcore.engine.workers import main; main({workers})"],
        cwd=ROOT,  # so that `import mlcore` works there, wherever the app was started
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C in the terminal is for the app, which then closes stdin
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START):
            address = (await asyncio.to_thread(process.stdout.readline)).decode().strip()
        if not address:
            raise OSError("the computing processes ended while they started")
        yield address
    finally:
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()  # its workers notice and end by themselves
            process.wait()
        process.stdout.close()


# ---------------------------------------------------------------- the process in between


def main(workers: int) -> None:
    parent = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an experiment prints must not fill a pipe that nobody reads any more
    dask.config.set(SETTINGS)
    get_mp_context().set_forkserver_preload(modules())
    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",  # None would mean port 8787, taken or not
        scheduler_kwargs={"dashboard": False},
        memory_limit=int(0.7 * MEMORY_LIMIT / workers),  # the rest is for the web process
        preload=["mlcore.engine.workers"],
    ) as cluster:
        print(cluster.scheduler_address, file=parent, flush=True)
        sys.stdin.buffer.read()
