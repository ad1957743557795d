"""A picture that a person brings: PNG or JPEG, small, upright, as numbers in [0, 1]; or a sentence why not.

    raw bytes -> read -> Picture (frozen)

Decoding is left to a process with bounds on memory and time (`mlcore.files.pixels`). Nothing is kept here:
a picture lives as long as who holds it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mlcore.base.limits import limits
from mlcore.base.refusal import Refusal
from mlcore.files import apart, pixels

FLOATS = NDArray[np.float64]
KINDS = {"image/png": "PNG", "image/jpeg": "JPEG"}  # of files, for who asks for one
STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
OTHERS = {b"GIF8": "GIF", b"BM": "BMP", b"II*\0": "TIFF", b"MM\0*": "TIFF", b"%PDF": "PDF"}
LUMA = (0.299, 0.587, 0.114)  # gray as ITU-R BT.601 weighs red, green and blue


class PictureError(Refusal):
    """A file that is no picture to use: `code` and `values` for the page, the sentence for everybody else."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "empty": "The file is empty. Choose a picture in PNG or JPEG.",
        "too_large": "The file has {megabytes:,.1f} MB; up to {limit:g} MB are taken. Save it smaller.",
        "format": "By its content this is {found}, whatever its name says. Save it as PNG or JPEG.",
        "unknown": "This is no picture in PNG or JPEG, whatever its name says. Choose another file.",
        "pixels": "The picture has {width:,} × {height:,} pixels; up to {limit} million are taken. "
        "Save it smaller.",
        "damaged": "The picture is damaged, ends too early or is of a rare kind. "
        "Save it again as PNG or JPEG.",
        "heavy": "Decoding the picture took more than {mb:,} MB of memory or {seconds} s. Save it smaller.",
    }


@dataclass(frozen=True, eq=False)
class Picture:
    """What is used of a picture. Equal files give equal pictures; the array is read-only."""

    digest: str  # SHA-256 of the file
    kind: Literal["PNG", "JPEG"]  # by its content
    width: int  # of the file's pixels, upright
    height: int
    frames: int  # of an animation, of which this is the first; else 1
    color: FLOATS = field(repr=False)  # [H, W, 3] red, green, blue in [0, 1]; at most `pixels.SIDE` each way

    @property
    def gray(self) -> FLOATS:
        """[H, W] from black, 0, to white, 1."""
        found: FLOATS = self.color @ np.array(LUMA)
        return found


def read(raw: bytes) -> Picture:
    """Raises PictureError."""
    if not raw:
        raise PictureError("empty")
    if len(raw) > (most := limits().upload_bytes):
        raise PictureError("too_large", megabytes=len(raw) / 2**20, limit=most / 2**20)
    if not raw.startswith(STARTS):
        found = other(raw)
        raise PictureError("format", found=found) if found else PictureError("unknown")
    try:
        said, body = apart.ask("mlcore.files.pixels", raw, pixels.BOUNDS)
    except apart.Unread as problem:
        raise PictureError(problem.code, **problem.values) from None
    return made(said, body, hashlib.sha256(raw).hexdigest())


def made(said: dict[str, Any], body: bytes, digest: str) -> Picture:
    """What `pixels.decode` gives back, as arrays."""
    shape = said["rows"], said["columns"]
    if said["mode"] == pixels.GRAY16:
        gray = np.frombuffer(body, np.float32).astype(np.float64) / 65535
        color = np.repeat(gray.reshape(*shape, 1), 3, axis=2)
    else:
        color = np.frombuffer(body, np.uint8).reshape(*shape, 3) / 255
    color.setflags(write=False)
    return Picture(digest, said["kind"], said["width"], said["height"], said["frames"], color)


def other(raw: bytes) -> str:
    """What a file of another kind is by its first bytes; nothing where we do not know."""
    if raw[4:8] == b"ftyp":
        return {b"avif": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC"}.get(raw[8:12], "")
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "WebP"
    return next((name for start, name in OTHERS.items() if raw.startswith(start)), "")
