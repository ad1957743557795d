"""Writing Python: parts of a script, the code of functions, literals, lines that fit."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mlcore.base.registry import Variant

WIDTH = 110  # columns of a line


@dataclass(frozen=True)
class Part:
    """A part of the script: constants for its head, then functions, then what is done with them."""

    constants: Sequence[str] = ()
    functions: Sequence[str] = ()
    lines: Sequence[str] = ()

    def __add__(self, other: Part) -> Part:
        return Part(
            [*self.constants, *other.constants],
            [*self.functions, *other.functions],
            [*self.lines, *other.lines],
        )


def sources(function: Any) -> list[str]:
    """The code of a function without its decorators, after that of those of our functions that it calls."""
    called = (i.argval for i in dis.get_instructions(function) if i.opname == "LOAD_GLOBAL")
    others = [other for name in called if inspect.isfunction(other := function.__globals__.get(name))]
    ours = [other for other in others if other.__module__.partition(".")[0] == "mlcore"]
    needed = [source for other in ours for source in sources(other)]
    code = inspect.getsource(function)
    return list(dict.fromkeys([*needed, code[code.index("def ") :].rstrip()]))


def fold(head: str, items: Iterable[str], tail: str) -> str:
    """head, items, tail: on one line where they fit, else broken as a formatter breaks a call or a list."""
    items, indent = list(items), " " * (len(head) - len(head.lstrip()))
    if len(line := head + ", ".join(items) + tail) <= WIDTH:
        return line
    inner = f"{indent}    {', '.join(items)}"
    if len(inner) > WIDTH or tail != ")":
        inner = "\n".join(f"{indent}    {item}," for item in items)
    return f"{head}\n{inner}\n{indent}{tail}"


def keywords(variant: Variant, chosen: Iterable[tuple[str, float]]) -> list[str]:
    return [f"{name}={int(v) if variant.knobs[name].integer else v!r}" for name, v in chosen]


def class_name(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def literal(level: Any) -> str:
    """A class of a table: its text, or its number, whole where it is whole."""
    if isinstance(level, str):
        return text_literal(level)
    return str(int(level)) if float(level).is_integer() else repr(float(level))


def text_literal(text: str) -> str:
    """The string as a literal: that of `repr`, in double quotes where that takes no escape."""
    literal = repr(str(text))
    return literal if '"' in literal else f'"{literal[1:-1]}"'
