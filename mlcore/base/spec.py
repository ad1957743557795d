"""A spec is plain frozen values: the cache key, the link and the file you download.

Its fields are declared as in `mlcore.base.fields`, which this module passes on, so that `spec.number(...)`
declares and `spec.to_query(...)` writes.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from mlcore.base.fields import (  # fmt: skip
    ALLOWED,
    Knobs,
    Problem,
    SpecError,
    allow,
    check,
    choice,
    digest,
    flag,
    gray,
    grid,
    knobs,
    leave,
    mask,
    number,
    numbers,
    part,
    points,
    refusal,
    several,
    short,
    sizes,
    text,
)
from mlcore.base.registry import Knob

__all__ = [
    "ALLOWED", "Knobs", "Problem", "SpecError", "check", "choice", "code_version", "digest", "flag",
    "from_json", "from_query", "gray", "grid", "key", "knobs", "leave", "mask", "number", "numbers", "part",
    "points", "several", "sizes", "text", "to_json", "to_query", "written",
]  # fmt: skip

S = TypeVar("S")
NUMERAL = re.compile(r"[-+.0-9eE]+")  # Python would also read 1_0 and the digits of every script
LONGEST = 400  # characters of one value in a link, unless its field has a `longest` of its own


# ---------------------------------------------------------------- spec <-> the short codes of a link


def to_query(spec: Any, than: Any = None) -> dict[str, str]:
    """The fields that differ from their defaults (or from those of `than`), by code, as short strings."""
    query: dict[str, str] = {}
    for f in fields(spec):
        value, kind = getattr(spec, f.name), f.metadata["kind"]
        usual = _usual(f, than)
        if kind == "part":
            query |= to_query(value, usual)
        elif kind == "several":
            if len(value) != len(usual):
                query[f.metadata["code"]] = str(len(value))
            for i, item in enumerate(value):
                own = to_query(item, _item(f, usual, i)).items()
                query |= {f"{f.metadata['code']}{i + 1}.{code}": text for code, text in own}
        elif kind == "knobs":
            variant = f.metadata["registry"][getattr(spec, f.metadata["of"])]
            changed = ((k, v) for k, v in value if v != variant.knobs[k].default)
            query |= {f.metadata["prefix"] + k: _write("number", v) for k, v in changed}
        elif value != usual:
            query[f.metadata["code"]] = _write(kind, value)
    return query


def from_query(kind: type[S], query: Mapping[str, str], than: Any = None) -> tuple[S, list[Problem]]:
    """The spec that `query` describes, and the fields of it that could not be taken (they keep defaults).

    Never raises: a link is typed by people and by nobody. Codes that the spec does not know are ignored.
    Defaults are the values of `than`, where it is given.
    """
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for f in fields(cast(Any, kind)):
        meta = f.metadata
        if meta["kind"] == "part":
            values[f.name], more = from_query(meta["type"], query, _usual(f, than))
            problems += more
        elif meta["kind"] == "several":
            values[f.name] = _read_several(f, query, _usual(f, than), problems)
        elif meta["kind"] == "knobs":
            variant = meta["registry"][values[meta["of"]]]  # declared after the choice it belongs to
            read = {k: _read({"kind": "number", "knob": knob, "code": meta["prefix"] + k}, query, problems)
                    for k, knob in variant.knobs.items()}  # fmt: skip
            values[f.name] = tuple((k, v) for k, v in read.items() if v is not None)
        else:
            value = _read(meta, query, problems)
            values[f.name] = _usual(f, than) if value is None else value
    try:
        return kind(**values), problems
    except SpecError as error:  # fields that are fine alone and impossible together
        return than or kind(), problems + list(error.problems)


def _usual(f: Field[Any], than: Any) -> Any:
    """What stands in a field that nobody set; None for a part with the defaults of its type."""
    if than is None:
        return f.metadata["usual"] if f.metadata["kind"] == "part" else f.default
    return getattr(than, f.name)


def _item(f: Field[Any], usual: Sequence[Any], i: int) -> Any:
    """What the i-th of several is compared with."""
    return usual[i] if i < len(usual) else f.metadata["type"]()


def _read_several(
    f: Field[Any], query: Mapping[str, str], usual: Sequence[Any], problems: list[Problem]
) -> tuple[Any, ...]:
    code = f.metadata["code"]
    knob = Knob(len(usual), 0, f.metadata["most"], integer=True)
    count = _read({"kind": "number", "knob": knob, "code": code}, query, problems)
    items = []
    for i in range(len(usual) if count is None else count):
        lead = f"{code}{i + 1}."
        own = {key.removeprefix(lead): text for key, text in query.items() if key.startswith(lead)}
        item, more = from_query(f.metadata["type"], own, _item(f, usual, i))
        problems += [replace(problem, code=lead + problem.code) for problem in more]
        items.append(item)
    return tuple(items)


def _write(kind: str, value: Any) -> str:
    if kind == "flag":
        return str(int(value))
    if kind == "sizes":
        return "-".join(map(str, value)) or "0"
    if kind == "numbers":
        return "~".join(_write("number", v) for v in value)
    return written(value) if kind == "number" else str(value)


def written(value: float) -> str:
    """A number as a link writes it: without a point where it is whole, and it reads back as the same bits."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else str(float(value))


def _read(meta: Mapping[str, Any], query: Mapping[str, str], problems: list[Problem]) -> Any:
    """The value of one field in `query`, or None where it is absent or not allowed (then reported)."""
    if meta["code"] not in query:
        return None
    text = str(query[meta["code"]])
    try:
        value = _parse(meta, text) if len(text) <= meta.get("longest", LONGEST) else None
    except (ValueError, OverflowError):
        value = None
    no = refusal(meta, value)
    if no is None:
        return value
    problems.append(Problem(meta["code"], short(text), *no))
    return None


def _parse(meta: Mapping[str, Any], text: str) -> Any:
    kind = meta["kind"]
    if kind == "numbers":
        return tuple(_parse({"kind": "number", "knob": meta["knob"]}, part) for part in text.split("~"))
    if kind in ("number", "sizes") and not NUMERAL.fullmatch(text):
        return None
    if kind == "number":
        value = float(text)
        return int(value) if meta["knob"].integer and math.isfinite(value) and value.is_integer() else value
    if kind == "flag":
        return {"0": False, "1": True}.get(text)
    if kind == "sizes":
        return () if text == "0" else tuple(int(t) for t in text.split("-"))
    return text


# ---------------------------------------------------------------- spec <-> file, and the key


def to_json(spec: Any) -> str:
    """The whole spec with every field, nested, readable: the file that a person downloads."""
    return json.dumps(_plain(spec), indent=2, ensure_ascii=False)


def from_json(kind: type[S], text: str) -> tuple[S, list[Problem]]:
    """Read what `to_json` wrote, under the same checks and with the same promise as `from_query`."""
    try:
        loaded = json.loads(text) if len(text) <= 100_000 else None
    except (ValueError, RecursionError):  # no JSON, or a number of more digits than Python reads
        loaded = None
    declared: Any = kind
    if not isinstance(loaded, dict) or not loaded.keys() & {f.name for f in fields(declared)}:
        return kind(), [Problem("file", short(text), *allow("file"))]
    problems: list[Problem] = []
    spec, more = from_query(kind, _flatten(kind, loaded, problems))
    return spec, problems + more


def _plain(spec: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for f in fields(spec):
        value, kind = getattr(spec, f.name), f.metadata["kind"]
        plain[f.name] = (
            _plain(value) if kind == "part" else dict(value) if kind == "knobs"
            else list(value) if kind in ("sizes", "numbers") else [_plain(v) for v in value]
            if kind == "several" else value
        )  # fmt: skip
    return plain


def _flatten(kind: Any, loaded: Mapping[str, Any], problems: list[Problem]) -> dict[str, str]:
    query: dict[str, str] = {}
    unknown = [name for name in loaded if name not in {f.name for f in fields(kind)}]
    problems += [Problem(short(name), "", "", "unknown") for name in unknown]
    for f in fields(kind):
        value = loaded.get(f.name)
        if value is None:
            continue
        if f.metadata["kind"] == "part":
            query |= _flatten(f.metadata["type"], _object(f.name, value, problems), problems)
        elif f.metadata["kind"] == "knobs":
            pairs = _object(f.name, value, problems).items()
            query |= {f.metadata["prefix"] + str(k): str(v) for k, v in pairs}
        elif f.metadata["kind"] == "several":
            if not isinstance(value, list):
                problems.append(Problem(f.name, short(value), *allow("file")))
                continue
            query[f.metadata["code"]] = str(len(value))
            for i, item in enumerate(value[: f.metadata["most"]]):
                own = _flatten(f.metadata["type"], _object(f.name, item, problems), problems).items()
                query |= {f"{f.metadata['code']}{i + 1}.{code}": text for code, text in own}
        elif f.metadata["kind"] == "numbers" and isinstance(value, list):
            query[f.metadata["code"]] = "~".join(map(str, value))
        elif f.metadata["kind"] == "sizes" and isinstance(value, list):
            query[f.metadata["code"]] = "-".join(map(str, value)) or "0"
        else:
            flag = f.metadata["kind"] == "flag" and isinstance(value, bool)
            query[f.metadata["code"]] = str(int(value)) if flag else str(value)
    return query


def _object(name: str, value: Any, problems: list[Problem]) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    problems.append(Problem(name, short(value), *allow("file")))
    return {}


@lru_cache(maxsize=1)
def code_version() -> str:
    """SHA-256 over the source of this package: another version of the code is another result."""
    root = Path(__file__).parents[1]
    sources = sorted(p for p in root.rglob("*.py") if "figures" not in p.relative_to(root).parts)
    seal = hashlib.sha256()
    for path in sources:
        seal.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return seal.hexdigest()


def key(spec: Any) -> str:
    """One name for one result: type, every field and the version of the code, as a SHA-256."""
    canonical = json.dumps([type(spec).__name__, _plain(spec), code_version()], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
