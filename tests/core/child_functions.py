"""What the process for compilers is asked in the tests: to answer, to hang, to crash, to complain."""

from __future__ import annotations

import os
import time
from typing import Any

from mlcore.base.experiment import Report
from mlcore.capture.process import CaptureError


def answer(spec: Any, report: Report) -> Any:
    print("a compiler's chatter")
    os.write(1, b"more of it, past Python")
    report(0.5, "half")
    return spec, os.getpid()


def hang(spec: Any, report: Report) -> Any:
    report(0.1, os.getpid())
    time.sleep(600)


def crash(spec: Any, report: Report) -> Any:
    os._exit(11)


def complain(spec: Any, report: Report) -> Any:
    raise {"value": ValueError("no"), "refusal": CaptureError("crashed"), "odd": Odd(1, 2)}[spec]


class Odd(Exception):
    """One that cannot be pickled."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__("odd")
