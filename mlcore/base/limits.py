"""What an installation may set: every environment variable of the laboratory, its default and its bounds.

`limits()` reads them all and raises `SettingError`, a sentence, for a value that cannot be. The table in
the README for whoever hosts it is made of the same declarations; a test compares them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

PREFIX = "MLCORE_"


class SettingError(ValueError):
    """An environment variable holds what cannot be; the sentence says what is allowed."""


def whole(default: int, least: int, most: int, means: str, then: str = "") -> Any:
    """A whole number. `then` says what happens where the limit is reached."""
    told = {"bounds": (least, most), "means": means, "then": then}
    return field(default=default, metadata=told)


def text(means: str, pattern: str = ".+", allowed: str = "", then: str = "") -> Any:
    """A text of this `pattern`, which `allowed` says in words; empty where nothing is set."""
    return field(default="", metadata={"pattern": pattern, "allowed": allowed, "means": means, "then": then})


@dataclass(frozen=True)
class Limits:
    """One field a variable: `sessions` is MLCORE_SESSIONS. A number of 0 lets the laboratory decide."""

    workers: int = whole(0, 1, 64, "worker processes to start; by default one per CPU and at most 4")
    scheduler: str = text(
        "address of a Dask scheduler whose workers compute; none are started here then",
        r"(tcp|tls|ucx|inproc)://\S+", "an address such as tcp://scheduler:8786",
        "a sentence in place of the progress while it does not answer; then it goes on",
    )  # fmt: skip
    device: str = text("instead of the best device there is", "cpu|cuda|mps", "cpu, cuda or mps")
    store: str = text("folder of what is kept without a database; by default one in the temporary folder")
    database: str = text(
        "address of a PostgreSQL database that keeps it for all processes", r"postgresql://\S+",
        "an address such as postgresql://user:password@host/name",
        "a sentence while it does not answer; what was kept is not lost",
    )  # fmt: skip
    sessions: int = whole(
        500, 1, 100_000, "browser tabs that one web process serves",
        "a sentence instead of the room, which tries again by itself",
    )  # fmt: skip
    queue: int = whole(
        64, 1, 10_000, "computations that wait, of all sessions together",
        "a sentence and a button that asks again",
    )  # fmt: skip
    jobs_per_session: int = whole(
        8, 1, 1_000, "computations that wait for one session", "a sentence and a button that asks again"
    )
    seconds: int = whole(
        600, 1, 86_400, "seconds that one computation may take",
        "it is stopped; a sentence says so",
    )  # fmt: skip
    cache: int = whole(
        256,
        0,
        1_000_000,
        "MB of results that a web process keeps",
        "what was not asked for longest goes",
    )
    upload: int = whole(4, 1, 4, "MB of one uploaded file", "a sentence; the file is not read")
    tables: int = whole(
        64, 4, 1_000_000, "MB of all uploaded tables together",
        "the one unused for longest goes; its link then says so",
    )  # fmt: skip
    metrics: str = text(
        "port, or address:port, where Prometheus finds figures; none by default",
        r"(\S+:)?[1-9]\d{0,4}", "a port such as 9100, or an address and a port such as 0.0.0.0:9100",
    )  # fmt: skip

    @property
    def upload_bytes(self) -> int:
        return self.upload * 2**20


def limits() -> Limits:
    """What the environment says now. Raises `SettingError`."""
    return read(os.environ)


def read(environment: Mapping[str, str]) -> Limits:
    """The same from any mapping. A variable that is set to nothing counts as not set."""
    found: dict[str, Any] = {}
    for own in fields(Limits):
        if given := environment.get(variable(own.name), "").strip():
            found[own.name] = _value(own.metadata, variable(own.name), given)
    return Limits(**found)


def variable(name: str) -> str:
    return PREFIX + name.upper()


def table() -> str:
    """All variables as a table in Markdown, for the README."""
    rows = ["| environment variable | default | means | at the limit |", "|---|---|---|---|"]
    for own in fields(Limits):
        default = str(own.default or "")
        rows.append(
            f"| `{variable(own.name)}` | {default} | {own.metadata['means']} | {own.metadata['then']} |"
        )
    return "\n".join(rows)


def _value(told: Mapping[str, Any], name: str, given: str) -> int | str:
    if "bounds" not in told:
        if not re.fullmatch(told["pattern"], given):
            shown = "not possible" if "DATABASE" in name else repr(given)  # it may hold a password
            raise SettingError(f"{name} is {shown}; it must be {told['allowed']}.")
        return given
    least, most = told["bounds"]
    if not (re.fullmatch(r"[0-9]{1,9}", given) and least <= int(given) <= most):
        raise SettingError(f"{name} is {given!r}; it must be a whole number from {least} to {most}.")
    return int(given)
