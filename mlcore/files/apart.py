"""A file that somebody else wrote, read by a process of its own: one that may end.

    bytes of a file -> a line of JSON, then bytes

The system keeps its bounds on memory and time. On Windows it keeps none; the time is kept everywhere.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WAIT = 60  # seconds until a reader is ended; it has fewer of computing, on a machine that may be busy
_TWO = threading.BoundedSemaphore(2)  # readers at a time: a class that uploads at once waits in line


class Unread(Exception):
    """`code` of a sentence and the values that fill it. "heavy" and "damaged" may come of any file."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True)
class Bounds:
    memory: int  # bytes of address space
    seconds: int  # of computing

    @property
    def exceeded(self) -> Unread:
        return Unread("heavy", mb=self.memory >> 20, seconds=self.seconds)


def ask(module: str, raw: bytes, bounds: Bounds) -> tuple[dict[str, Any], bytes]:
    """What the main function of `module`, which calls `answer`, says of a file. Raises Unread."""
    with _TWO:
        try:
            command = [sys.executable, "-m", module]
            done = subprocess.run(command, input=raw, capture_output=True, cwd=ROOT, timeout=WAIT)
        except subprocess.TimeoutExpired:
            raise bounds.exceeded from None
    if done.returncode < 0:  # the system ended it
        raise bounds.exceeded
    head, _, body = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise Unread("damaged")
    said = json.loads(head)
    if "code" in said:
        raise Unread(said["code"], **said["values"])
    return said, body


def answer(read: Callable[[bytes], tuple[dict[str, object], bytes]], bounds: Bounds) -> None:
    """In the process: read the file, or say why not."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (bounds.seconds, bounds.seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    body = b""
    try:
        said, body = read(sys.stdin.buffer.read())
    except Unread as problem:
        said = {"code": problem.code, "values": problem.values}
    except MemoryError:
        said = {"code": "heavy", "values": bounds.exceeded.values}
    except Exception:  # whatever a reader meets in a file that somebody else wrote
        said = {"code": "damaged", "values": {}}
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + body)
