"""Processes that write into the store until they are killed, and say what they were promised.

    python -m tests.store.writer

One line in, a seed: a process is forked, which has everything imported already. Lines out: its number, then
one for each thing kept, printed when the store has said that it is; "end" when it is dead.
"""

from __future__ import annotations

import os
import random
import sys

from mlcore.store import store


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            print("pid", os.getpid(), flush=True)
            write(int(line))
            os._exit(0)
        os.waitpid(child, 0)
        print("end", flush=True)


def write(seed: int) -> None:
    draw, kept = random.Random(seed), store()
    tray = kept.documents.create("tray", {"seed": seed})
    print("tray", tray, seed, flush=True)
    code, _ = kept.classes.open_class({"seed": seed})
    print("class", code, seed, flush=True)
    kept.classes.join(code, "phone", ("Otter",))
    for i in range(10_000):
        size = draw.choice((10, 1_000, 60_000))
        number = kept.documents.append("tray", tray, {"i": i}, bytes([i % 256]) * size)
        print("item", tray, number, i, size, flush=True)
        kept.classes.answer(code, "phone", i, i)
        print("answer", code, i, flush=True)
        if i % 20 == 19:  # a tray has an end
            tray = kept.documents.create("tray", {"seed": seed})
            print("tray", tray, seed, flush=True)


if __name__ == "__main__":
    assert "torch" not in sys.modules, "the store comes up without the core that computes"
    main()
