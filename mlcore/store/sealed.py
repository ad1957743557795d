"""Secrets and JSON as the store keeps them."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from typing import Any

from mlcore.store.errors import StoreError

_SECRET = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


def secret() -> str:
    """22 characters for a link, of 132 bits that nobody can guess."""
    return secrets.token_urlsafe(17)[:22]


def is_secret(given: object) -> bool:
    """Whether it may have come from `secret`; anything else need not be looked for."""
    return isinstance(given, str) and _SECRET.fullmatch(given) is not None


def seal(purpose: str, given: str) -> bytes:
    """What is kept of a secret: its SHA-256, another one for each purpose."""
    return hashlib.sha256(f"{purpose}:{given}".encode("utf-8", "replace")).digest()


def written(value: Any, most: int) -> str:
    """The value as JSON of at most `most` bytes. Raises StoreError; ValueError for what JSON cannot say."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    raw = text.encode("utf-8", "replace")  # half a character, which some links hold, becomes a question mark
    if len(raw) > most:
        raise StoreError("too_large", bytes=len(raw), limit=most)
    return raw.decode()
