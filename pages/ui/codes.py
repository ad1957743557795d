"""The codes of a spec as a link has them: what each declares, and what its control is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from pages.ui.text import t


def declared(kind: Any, lead: str = "", usual: Any = None) -> Iterable[tuple[str, dict[str, Any]]]:
    """(code, declaration) of every field of a spec and its parts; of knobs under their prefix and owner."""
    own = {f.name: f for f in fields(kind)}
    for f in own.values():
        meta = dict(f.metadata)
        default: Any = meta.get("usual", f.default) if usual is None else getattr(usual, f.name)
        if meta["kind"] == "part":
            yield from declared(meta["type"], lead, default)
        elif meta["kind"] == "several":
            yield lead + meta["code"], meta | {"default": len(default)}
            for i in range(meta["most"]):
                item = default[i] if i < len(default) else meta["type"]()
                yield from declared(meta["type"], f"{lead}{meta['code']}{i + 1}.", item)
        elif meta["kind"] == "knobs":
            of = lead + own[meta["of"]].metadata["code"]
            yield f"knobs of {of}", meta | {"of_code": of, "prefix": lead + meta["prefix"]}
        else:
            yield lead + meta["code"], meta | {"default": default}


def label_of(code: str) -> str:
    """What a control is called: the learning rate of the second rule is a learning rate."""
    return t(f"control.{code.rpartition('.')[2]}")
