"""A process for compilers: they may take seconds, hang or crash, and Python cannot interrupt them.

A worker keeps one such process, which has its compilers imported and warm. It is ended when nobody waits any
more or when it takes too long; the next call starts another. It ends by itself when its worker does, or when
it was idle for IDLE seconds (`mlcore.capture.child`).
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from mlcore.base.experiment import Report, Stopped
from mlcore.base.refusal import Refusal

ROOT = Path(__file__).parents[2]
LOOK = 0.1  # seconds between two looks at whether somebody still waits
R = TypeVar("R")
ONE_THREAD = {  # as everything here: what is compared is what one core does
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
}


class CaptureError(Refusal):
    """A compiler that did not come to an end."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "slow": "This took more than {seconds} s and was stopped. Choose a smaller function or less data.",
        "crashed": "The compiler's process ended while it was working on this. Choose another function.",
    }


class Process:
    """One child and the thread that listens to it. Not for several threads at once."""

    def __init__(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "mlcore.capture.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=ROOT, env=os.environ | ONE_THREAD,
        )  # fmt: skip
        self.heard: queue.Queue[tuple[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.child.stdout
        try:
            while True:
                self.heard.put(pickle.load(self.child.stdout))
        except Exception:  # its end, in the middle of a message or between two
            self.heard.put(None)

    def ask(self, function: Callable[..., R], spec: Any, report: Report, seconds: float) -> R:
        assert self.child.stdin
        share, end = 0.0, time.monotonic() + seconds
        pickle.dump((function, spec), self.child.stdin)
        self.child.stdin.flush()
        while True:
            report(share, None)
            if time.monotonic() > end:
                raise CaptureError("slow", seconds=f"{seconds:g}")
            try:
                said = self.heard.get(timeout=LOOK)
            except queue.Empty:
                continue
            match said:
                case None:
                    raise CaptureError("crashed")
                case ("report", (float(share), part)):
                    report(share, part)
                case ("result", result):
                    return result  # type: ignore[no-any-return]
                case ("error", error):
                    raise error

    def end(self) -> None:
        self.child.kill()
        self.child.wait()


_kept: Process | None = None
_turn = threading.Lock()


def elsewhere(function: Callable[..., R], spec: Any, report: Report, seconds: float) -> R:
    """`function(spec, report)`, a function of a module, in the process for compilers.

    Raises `CaptureError` after so many `seconds` or when the process ended by itself, `Stopped` when
    `report` does, and whatever the function raises.
    """
    global _kept
    with _turn:
        if _kept is None or _kept.child.poll() is not None:
            _kept = Process()
        try:
            return _kept.ask(function, spec, report, seconds)
        except (CaptureError, Stopped, OSError) as error:
            _kept.end()
            _kept = None
            if isinstance(error, OSError):  # it ended while it was told
                raise CaptureError("crashed") from error
            raise
