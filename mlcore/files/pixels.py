"""The pixels of a PNG or JPEG, upright and small. A process of its own: `python -m mlcore.files.pixels`.

    the bytes of a picture -> a line of JSON, then its pixels row by row

What it is, its content says, never its name. How many pixels it has is known from its header, before any is
decoded: a file of 100 bytes may declare 50,000 x 50,000. JPEG is decoded at a half, a quarter or an eighth of
its size where that is enough. numpy is left out: it takes longer to import than a photo to decode.

Of an animated PNG the first picture is taken; CMYK becomes RGB by its inks alone, and numbers stay as they
are stored, without a look at gamma or color profiles. What is transparent lies on white paper.
"""

from __future__ import annotations

import io

from PIL import Image

from mlcore.files import apart
from mlcore.files.apart import Unread

BOUNDS = apart.Bounds(memory=768 * 2**20, seconds=10)
MAX_PIXELS = 40_000_000
SIDE = 256  # pixels of the longer side of what is given back, at most
GRAY16 = (
    "F"  # the mode of what had 16 bits of gray: float32 from 0 to 65,535; all else is RGB, a byte a color
)
ORIENTATION = 0x0112  # of EXIF
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
LYING = (5, 6, 7, 8)  # what was wide is high then
Image.MAX_IMAGE_PIXELS = None  # ours is a sentence instead of a warning


def decode(raw: bytes) -> tuple[dict[str, object], bytes]:
    """Its own size, what it is, and its pixels. Raises Unread, and what Pillow meets in a bad file."""
    image: Image.Image = Image.open(io.BytesIO(raw), formats=("PNG", "JPEG"))  # so far its header
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise Unread("pixels", width=width, height=height, limit=MAX_PIXELS // 10**6)
    scale = min(1.0, SIDE / max(image.size))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    kind = "PNG" if image.format == "PNG" else "JPEG"  # also one of several in a file (MPO)
    frames = int(getattr(image, "n_frames", 1)) if kind == "PNG" else 1
    image.draft(image.mode, (2 * size[0], 2 * size[1]))
    small = smaller(image, size)
    if (held := orientation(image)) in TURNS:
        small = small.transpose(TURNS[held])
        width, height = (height, width) if held in LYING else (width, height)
    said: dict[str, object] = {"width": width, "height": height, "kind": kind, "frames": frames}
    return said | {"columns": small.width, "rows": small.height, "mode": small.mode}, small.tobytes()


def smaller(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Of this size, as RGB or GRAY16: means over what becomes one pixel."""
    image.load()
    by = Image.Resampling.BOX
    if image.mode.startswith("I"):
        return image.convert(GRAY16).resize(size, by)
    if image.has_transparency_data:
        paper = Image.new("RGBA", size, "white")
        paper.alpha_composite(image.convert("RGBA").resize(size, by))  # weighs colors by how opaque they are
        return paper.convert("RGB")
    if image.mode in ("1", "P"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    return image.resize(size, by).convert("RGB")


def orientation(image: Image.Image) -> int:
    """How a camera was held, 1 to 8; 1 where that cannot be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # whatever stands in EXIF, the pixels are right
        return 1


if __name__ == "__main__":
    apart.answer(decode, BOUNDS)
