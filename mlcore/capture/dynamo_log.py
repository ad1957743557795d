"""What torch.compile says of itself, call by call: graphs, breaks, guards and recompilations."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor
from torch._logging._internal import set_logs

from mlcore.capture.functions import Function
from mlcore.capture.recorders import TENSORS, Recording, Seen, own_words

GUARDS = re.compile(r"- (?:TENSOR_MATCH|EQUALS_MATCH|RELATIONAL_GUARD|LENGTH_CHECK): (.+)")
FAILED = re.compile(r"^\s*- (\d+/\d+: .+)$", re.MULTILINE)


@dataclass(frozen=True)
class Call:
    """One call of the compiled function, and what was compiled for it: all in torch's words."""

    given: tuple[float, ...]
    result: tuple[float, ...]
    graphs: int  # made at this call
    breaks: tuple[str, ...]  # why a graph ended before the function did
    guards: tuple[str, ...]  # what is checked before a graph may be used again
    recompiled: tuple[str, ...]  # the guards that failed, so that it was compiled again


class Heard(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append((record.name.rpartition("__")[2], record.getMessage()))

    def take(self, artifact: str) -> list[str]:
        return [text for name, text in self.records if name == artifact]


@contextmanager
def listening() -> Iterator[Heard]:
    """Have torch's compiler log its artifacts to us alone, for a while."""
    set_logs(recompiles=True, graph_breaks=True, guards=True)
    heard, logger = Heard(), logging.getLogger("torch")
    names = [name for name in logging.root.manager.loggerDict if name.startswith("torch._dynamo")]
    loggers = [logger, *map(logging.getLogger, names)]
    before = [one.handlers for one in loggers]
    for one in loggers:
        one.handlers = [heard] if one.handlers else []
    try:
        yield heard
    finally:
        for one, handlers in zip(loggers, before, strict=True):
            one.handlers = handlers
        set_logs()


def watched(function: Function, inputs: Sequence[Tensor]) -> tuple[Recording, tuple[Call, ...]]:
    """Call the compiled function with one input [n] after the other. Its graphs run as they are."""
    torch._dynamo.reset()
    seen = Seen()
    compiled = torch.compile(function, backend=seen, options=dict(TENSORS))
    calls = []
    with listening() as heard:
        for x in inputs:
            heard.records.clear()
            before = len(seen.graphs)
            result = compiled(x)
            breaks = tuple(map(_reason, heard.take("graph_breaks")))
            guards = _each(GUARDS, heard.take("guards"))
            failed = _each(FAILED, heard.take("recompiles"))
            made, numbers = len(seen.graphs) - before, tuple(x.tolist())
            calls.append(Call(numbers, tuple(result.tolist()), made, breaks, guards, failed))
    return seen.recording(compiled, {"l_x_": "x"}), tuple(calls)


def _reason(text: str) -> str:
    return own_words(RuntimeError(text.partition("Reason: ")[2] or text))


def _each(pattern: re.Pattern[str], texts: Sequence[str]) -> tuple[str, ...]:
    """What the pattern finds, each once."""
    found = (re.sub(r"\s+#.*", "", match) for text in texts for match in pattern.findall(text))
    return tuple(dict.fromkeys(found))
