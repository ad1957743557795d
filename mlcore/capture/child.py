"""The process for compilers: `python -m mlcore.capture.child`.

    pickled (function, spec) on its standard input -> pickled ("report" | "result" | "error", value)

What compilers print goes nowhere. It ends with its standard input, or after IDLE seconds without work.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

IDLE = 600.0  # seconds


def serve(read: BinaryIO, write: BinaryIO, leave: Callable[[], None]) -> None:
    """Answer one question after the other until `read` ends; `leave` when none comes for long."""

    def say(kind: str, value: Any) -> None:
        pickle.dump((kind, value), write, protocol=5)
        write.flush()

    while True:
        timer = threading.Timer(IDLE, leave)
        timer.daemon = True
        timer.start()
        try:
            function, spec = pickle.load(read)
        except EOFError:
            return
        timer.cancel()
        try:
            say("result", function(spec, lambda share, part=None: say("report", (float(share), part))))
        except Exception as error:
            say("error", _sendable(error))


def _sendable(error: Exception) -> Exception:
    """The error, or one that says the same where it cannot be pickled."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def main() -> None:
    write = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a compiler prints must not stand between the answers
    folder = tempfile.mkdtemp(prefix="mlcore-compiled-")
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder  # nothing that an earlier process compiled

    def leave() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)  # from a timer's thread, while the main thread waits for a question

    import torch

    torch.set_num_threads(1)
    serve(sys.stdin.buffer, write, leave)
    leave()


if __name__ == "__main__":
    main()
