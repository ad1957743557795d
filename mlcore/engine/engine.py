# mypy: untyped-calls-exclude="distributed"
"""One door from the pages to computation: `engine().ask(spec, session)`, then `look` until it is done.

What pages call is in `mlcore.engine.jobs`; this module has those jobs carried out by Dask workers, whether
started on this machine or waiting at the address of a cluster. Workers are other processes, and a single
background thread talks to them, so a page never waits: a cluster that is not there yet is a sentence in the
snapshot.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import pickle
import threading
from concurrent.futures import CancelledError
from contextlib import AbstractAsyncContextManager, nullcontext
from time import monotonic
from typing import Any
from uuid import uuid4

from dask.system import CPU_COUNT
from distributed import Client, KilledWorker

from mlcore.base import meter
from mlcore.base.limits import limits
from mlcore.base.spec import code_version, key
from mlcore.engine.jobs import Job, Jobs, Snapshot, State
from mlcore.engine.workers import Verdict, compute, local_cluster

__all__ = ["Engine", "Snapshot", "State", "engine"]

log = logging.getLogger(__name__)

CONNECT = 10.0  # seconds that a scheduler may take to answer the first time
ANSWER = 30.0  # and later: on a machine under load it may be slow, and giving it up costs all that runs
RETRY = 2.0  # seconds until it is tried again
TICK = 1.0  # seconds between two looks at who is there, workers and sessions

NO_ANSWER = "The computing cluster does not answer. It is being tried again; what was asked for waits."
NO_WORKERS = "The computing cluster has no worker at the moment. What was asked for waits until one comes."
KILLED = "The worker was killed twice while computing this, most likely for lack of memory. Make it smaller."
INCOMPATIBLE = "The computing cluster runs another version of the laboratory. Restart both with the same one."
MISTAKE = "This experiment failed by a mistake of the laboratory, noted in its log. Try another setting."
UNSENDABLE = "The result could not leave its worker, a mistake of the laboratory that is noted in its log."


class Engine(Jobs):
    """Jobs, carried out by Dask. Returns at once; the workers come up in the background.

    `address` is that of a Dask scheduler (`mlcore.engine.workers` says what it needs); without one, `workers`
    processes are started on this machine. At most `queue` jobs wait, `per_session` of them for one session.
    Results are kept up to `cache_bytes`, besides those that somebody present has asked for. Present is who
    has looked within `patience` seconds. What a worker computes for longer than `seconds` is stopped.
    """

    def __init__(
        self,
        address: str | None = None,
        workers: int | None = None,
        queue: int = 64,
        per_session: int = 8,
        cache_bytes: int = 256 << 20,
        patience: float = 30.0,
        seconds: float = 600.0,
    ) -> None:
        super().__init__(queue, per_session, cache_bytes, patience, seconds)
        self._address, self._workers = address, workers or max(1, min(4, CPU_COUNT))
        self._topic = f"mlcore-{uuid4().hex}"  # several engines may share a cluster
        self._client: Client | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}  # by the name of the job; for the background thread
        self._loop, self._closing = asyncio.new_event_loop(), asyncio.Event()
        self._thread = threading.Thread(target=self._background, name="engine", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def close(self) -> None:
        """Stop all jobs and end the processes that were started here."""
        atexit.unregister(self.close)
        with self._lock:
            if self._open:
                self._shut()
                self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(15)

    def _changed(self) -> None:
        if self._open:
            self._loop.call_soon_threadsafe(self._settle)

    # ------------------------------------------------------------ in the background thread

    def _background(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_closed())

    async def _until_closed(self) -> None:
        duties = [asyncio.create_task(duty) for duty in (self._stay_connected(), self._watch_sessions())]
        await self._closing.wait()
        for duty in duties:
            duty.cancel()
        await asyncio.gather(*duties, return_exceptions=True)

    async def _watch_sessions(self) -> None:
        while True:
            await asyncio.sleep(min(TICK, self._patience / 4))
            self._forget_absent()
            self._stop_overlong()

    async def _stay_connected(self) -> None:
        """Serve; whatever breaks, say so and begin again."""
        while True:
            try:
                async with self._cluster() as address, self._connection(address) as client:
                    await self._serve(client)
            except OSError as error:  # includes TimeoutError
                log.warning("no connection to the computing cluster: %s", error)
            except Exception:
                log.exception("the computing cluster failed")
            self._capacity(0, NO_ANSWER)
            await asyncio.sleep(RETRY)

    def _cluster(self) -> AbstractAsyncContextManager[str]:
        return nullcontext(self._address) if self._address else local_cluster(self._workers)

    def _connection(self, address: str) -> Client:
        return Client(address, asynchronous=True, set_as_default=False, timeout=CONNECT)

    async def _serve(self, client: Client) -> None:
        """Keep count of the workers until the connection breaks."""
        client.subscribe_topic(self._topic, self._hear)
        self._client, connection = client, client.scheduler_comm
        try:
            while client.scheduler_comm is connection:  # a new one would not know what we subscribed to
                threads = await asyncio.wait_for(client.nthreads(), ANSWER)
                self._capacity(sum(threads.values()), "" if threads else NO_WORKERS)
                await asyncio.sleep(TICK)
        finally:
            self._capacity(0, NO_ANSWER)
            self._client = None

    def _hear(self, event: tuple[float, tuple[str, int, float, bytes]]) -> None:
        name, before, share, parts = event[1]
        self._heard(name, before, share, pickle.loads(parts))

    def _settle(self) -> None:
        """Send Dask the jobs that are due, and cancel those that nobody waits for."""
        with self._lock:
            sent = dict(self._sent)
        for name in self._tasks.keys() - sent.keys():
            self._tasks.pop(name).cancel()
        for name in sent.keys() - self._tasks.keys():
            self._tasks[name] = self._loop.create_task(self._carry_out(sent[name], name))

    async def _carry_out(self, job: Job, name: str) -> None:
        """Have `job` computed by a worker under `name`, and note how it ends."""
        future = None
        try:
            if self._client is None:
                return self._lost(job)
            order = (pickle.dumps(job.spec), name, self._topic, code_version())
            future = self._client.submit(compute, *order, key=name, pure=False)
            start = monotonic()
            await self._conclude(job, *await future)
            log.info("computed %s in %.2f s", type(job.spec).__name__, monotonic() - start)
        except KilledWorker:
            self._failed(job, KILLED)
        except (CancelledError, OSError):
            self._lost(job)
        except Exception:  # not of the experiment: those are verdicts
            log.exception("the computing cluster could not run %s", _named(job))
            self._failed(job, INCOMPATIBLE)
        finally:
            self._tasks.pop(name, None)
            if future is not None:
                future.release()  # the worker forgets the result, or its thread sees that it should stop

    async def _conclude(self, job: Job, verdict: str, answer: Any) -> None:
        match verdict:
            case Verdict.DONE:
                result, parts = await asyncio.to_thread(pickle.loads, answer)
                self._done(job, result, parts, len(answer))
            case Verdict.STOPPED:  # yet it is wanted here, so its worker had to close
                self._lost(job)
            case Verdict.REFUSED:
                refusal = pickle.loads(answer)
                self._failed(job, str(refusal), refusal)
            case Verdict.OTHER_VERSION:
                self._failed(job, INCOMPATIBLE)
            case _:
                log.error("%s: %s in a worker\n%s", _named(job), verdict, answer)
                self._failed(job, UNSENDABLE if verdict == Verdict.UNSENDABLE else MISTAKE)


def _named(job: Job) -> str:
    """What a log may tell of a job: a spec holds what people typed, its key and its class do not."""
    return f"{meter.kind(job.spec)} {key(job.spec)[:12]}"


_only: Engine | None = None
_creation = threading.Lock()


def engine() -> Engine:
    """The engine of this process, started when first asked for, as `mlcore.base.limits` says."""
    global _only
    with _creation:
        if _only is None:
            own = limits()
            _only = Engine(
                own.scheduler or None,
                own.workers or None,
                queue=own.queue,
                per_session=own.jobs_per_session,
                cache_bytes=own.cache << 20,
                seconds=own.seconds,
            )
        return _only
