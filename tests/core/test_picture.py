"""Pictures that people bring: right ones as Pillow's whole picture has them, bad ones as sentences."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from mlcore.files import apart, picture, pixels
from mlcore.files.picture import Picture, PictureError, read
from mlcore.files.records import MAX_BYTES


def saved(image: Image.Image, kind: str = "PNG", **more: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def declared(width: int, height: int, kind: int = 2, depth: int = 8, body: bytes = b"\0" * 9) -> bytes:
    """A PNG that says how large it is, and has almost nothing in it."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    return picture.STARTS[0] + head + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def scene(mode: str = "RGB", width: int = 96, height: int = 64) -> Image.Image:
    """Red grows to the right, green downward; blue is level, but for a dark corner above on the left."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    color = np.stack([x, y, np.full_like(x, 90)], axis=-1)
    color[: height // 4, : width // 4] = 0
    return Image.fromarray(color.astype(np.uint8)).convert(mode)


def refused(raw: bytes) -> PictureError:
    with pytest.raises(PictureError) as caught:
        read(raw)
    assert str(caught.value) == PictureError.SENTENCES[caught.value.code].format(**caught.value.values)
    return caught.value


def here(raw: bytes) -> Picture:
    """The same without a process of its own, for many files."""
    return picture.made(*pixels.decode(raw), hashlib.sha256(raw).hexdigest())


def known(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB")) / 255


# ---------------------------------------------------------------- right pictures


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_small_picture_comes_as_it_is(kind: str, mode: str) -> None:
    raw = saved(scene(mode), kind)
    found = read(raw)
    np.testing.assert_allclose(found.color, known(Image.open(io.BytesIO(raw))), atol=1e-9)
    assert (found.kind, found.width, found.height, found.frames) == (kind, 96, 64, 1)
    assert found.digest == hashlib.sha256(raw).hexdigest()
    assert found.color.dtype == np.float64
    np.testing.assert_allclose(found.gray, found.color @ [0.299, 0.587, 0.114])
    with pytest.raises(ValueError):
        found.color[0, 0] = 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_large_picture_is_scaled_down_to_means(kind: str) -> None:
    g = np.random.default_rng(0)
    blocks = g.uniform(0, 255, (40, 64, 3))
    large = np.repeat(np.repeat(blocks, 40, 0), 40, 1).astype(np.uint8)  # 2560 x 1600
    found = read(saved(Image.fromarray(large), kind, **({"quality": 95} if kind == "JPEG" else {})))
    assert found.color.shape == (160, 256, 3)
    assert (found.width, found.height) == (2560, 1600)
    inner = found.color[1::4, 1::4]  # four pixels stand for a block, these lie within it
    np.testing.assert_allclose(inner, blocks / 255, atol=0.01 if kind == "PNG" else 0.05)


def test_what_is_large_and_gray_has_no_colors_that_ring() -> None:
    """A filter that overshoots would find brighter than white beside an edge."""
    large = np.zeros((1000, 1000), np.uint8)
    large[:, 500:] = 255
    found = read(saved(Image.fromarray(large))).gray
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-12
    assert sorted(np.unique(found.round(6)).tolist())[:: len(np.unique(found.round(6))) - 1] == [0.0, 1.0]


def test_sixteen_bits_are_scaled_and_not_cut_off() -> None:
    wide = np.linspace(0, 65535, 200).astype(np.uint16)[None].repeat(30, 0)
    found = read(saved(Image.fromarray(wide)))
    np.testing.assert_allclose(found.gray, wide / 65535, atol=1e-6)  # finer than 8 bits
    large = np.repeat(np.repeat(wide, 20, 0), 20, 1)
    np.testing.assert_allclose(read(saved(Image.fromarray(large))).gray.mean(), 0.5, atol=0.002)


def test_sixteen_bits_a_color_are_scaled_too() -> None:
    body = b"".join(b"\0" + struct.pack(">3H", 65535, 32768, 257) * 4 for _ in range(4))
    found = read(declared(4, 4, depth=16, body=body))
    np.testing.assert_allclose(found.color[2, 2], [1, 0.5, 1 / 255], atol=0.003)


def test_cmyk_is_a_picture_in_its_colors() -> None:
    inks = Image.new("CMYK", (40, 20), (0, 255, 255, 0))
    inks.paste((255, 0, 0, 0), (20, 0, 40, 20))
    found = read(saved(inks, "JPEG", quality=95))
    np.testing.assert_allclose(found.color[10, 5], [1, 0, 0], atol=0.03)
    np.testing.assert_allclose(found.color[10, 35], [0, 1, 1], atol=0.03)


def test_inks_that_a_program_wrote_as_ycck_are_the_right_ones() -> None:
    """Inks are written upside down; the transform 2 in a segment of Adobe's says that they are YCCK."""
    ycck = (255 - 76, 255 - 85, 0, 0)  # Y, Cb, Cr of red upside down, no black: C, M, Y = 1, 0, 0
    raw = saved(Image.new("CMYK", (40, 20), ycck), "JPEG", quality=95)
    at = raw.index(b"Adobe") + 11
    assert raw[at] == 0
    found = read(raw[:at] + b"\2" + raw[at + 1 :])
    np.testing.assert_allclose(found.color[10, 5], [0, 1, 1], atol=0.03)
    start = at - 15  # of the segment: without it the numbers are inks as they stand
    assert raw[start : start + 2] == b"\xff\xee"
    plain = read(raw[:start] + raw[start + 16 :])
    np.testing.assert_allclose(plain.color[10, 5], [76 / 255, 85 / 255, 1], atol=0.03)


@pytest.mark.parametrize("opaque", [0, 128, 255])
def test_what_is_transparent_lies_on_white(opaque: int) -> None:
    red = Image.new("RGBA", (300, 300), (200, 0, 0, opaque))
    share = opaque / 255
    wanted = [1 - share * (1 - 200 / 255), 1 - share, 1 - share]
    np.testing.assert_allclose(read(saved(red)).color[100, 100], wanted, atol=0.01)
    gray = Image.new("LA", (30, 30), (50, opaque))
    np.testing.assert_allclose(read(saved(gray)).gray[9, 9], 1 - share * (1 - 50 / 255), atol=0.01)


def test_hidden_colors_do_not_shine_through_the_edge() -> None:
    """What is not opaque may hide any color: it must not be mixed in by scaling down."""
    image = Image.new("RGBA", (1024, 1024), (0, 255, 0, 0))  # an invisible green
    image.paste((255, 0, 0, 255), (0, 0, 510, 1024))
    color = read(saved(image)).color
    assert (color[..., 1] - color[..., 2]).max() < 0.01


def test_a_palette_with_one_transparent_color_lies_on_white() -> None:
    image = Image.new("P", (50, 50), 0)
    image.putpalette([0, 0, 0, 10, 200, 10])
    image.paste(1, (25, 0, 50, 50))
    found = read(saved(image, transparency=0))
    np.testing.assert_allclose(found.color[25, 5], [1, 1, 1], atol=1e-6)
    np.testing.assert_allclose(found.color[25, 40], np.array([10, 200, 10]) / 255, atol=1e-6)


def test_one_bit_is_black_and_white() -> None:
    found = read(saved(scene("1"))).gray
    assert set(np.unique(found).round(9)) == {0.0, 1.0}


HELD: dict[int, Callable[[np.ndarray], np.ndarray]] = {  # how a reader undoes each orientation
    1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, -1), 7: lambda a: np.rot90(a.swapaxes(0, 1), 2),
    8: lambda a: np.rot90(a),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("held", HELD)
def test_a_picture_stands_as_its_camera_was_held(held: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = held
    image = scene(width=800, height=400)
    found = read(
        saved(image, kind, exif=exif, **({"quality": 95, "subsampling": 0} if kind == "JPEG" else {}))
    )
    wanted = HELD[held](known(image.resize((256, 128), Image.Resampling.BOX)))
    assert found.color.shape == wanted.shape
    assert (found.width, found.height) == ((400, 800) if held >= 5 else (800, 400))
    assert np.abs(found.color - wanted).mean() < 0.01
    assert np.quantile(np.abs(found.color - wanted), 0.99) < 0.05  # JPEG is off beside the dark corner


def test_exif_that_cannot_be_read_turns_nothing() -> None:
    image = scene()
    for held in (0, 9, 2**15):
        exif = Image.Exif()
        exif[0x0112] = held
        np.testing.assert_allclose(here(saved(image, exif=exif)).color, known(image), atol=1e-9)
    raw = saved(image, "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff nonsense")
    assert here(raw).color.shape == (64, 96, 3)


def test_of_an_animation_the_first_picture_is_taken() -> None:
    first, second = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue")
    found = read(saved(first, save_all=True, append_images=[second, second]))
    assert found.frames == 3 or found.frames == 2  # a repeated frame may be saved as a longer one
    np.testing.assert_allclose(found.color[3, 3], [1, 0, 0])


def test_more_pictures_behind_a_jpeg_are_left_alone() -> None:
    first, second = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue")
    found = read(saved(first, "MPO", save_all=True, append_images=[second]))
    assert (found.kind, found.frames) == ("JPEG", 1)
    np.testing.assert_allclose(found.color[3, 3], [1, 0, 0], atol=0.03)


def test_a_color_profile_changes_no_number() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for kind in ("PNG", "JPEG"):
        with_it, without = (here(saved(scene(), kind, **more)) for more in ({"icc_profile": profile}, {}))
        np.testing.assert_array_equal(with_it.color, without.color)


@pytest.mark.parametrize("size", [(1, 1), (1, 30_000), (30_000, 1), (2, 3)])
def test_tiny_and_thin_pictures_keep_a_pixel_each_way(size: tuple[int, int]) -> None:
    found = read(saved(Image.new("RGB", size, (51, 102, 153))))
    assert 1 <= min(found.color.shape[:2]) <= max(found.color.shape[:2]) <= pixels.SIDE
    np.testing.assert_allclose(found.color, np.broadcast_to([0.2, 0.4, 0.6], found.color.shape), atol=1e-9)


def test_a_progressive_and_an_interlaced_picture_are_pictures() -> None:
    image = scene()
    np.testing.assert_allclose(
        here(saved(image, "JPEG", progressive=True)).gray.mean(), known(image).mean(), atol=0.2
    )
    assert here(saved(scene("L"), "JPEG", progressive=True)).color.shape == (64, 96, 3)


# ---------------------------------------------------------------- bad files

BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "too many bytes": (saved(scene()) + b"\0" * MAX_BYTES, "too_large"),
    "text": (b"just some words\n" * 20, "unknown"),
    "HTML": (b"<!DOCTYPE html><html><img src='x.png'></html>", "unknown"),
    "GIF": (saved(scene(), "GIF"), "format"),
    "BMP": (saved(scene(), "BMP"), "format"),
    "TIFF": (saved(scene(), "TIFF"), "format"),
    "WebP": (saved(scene(), "WEBP"), "format"),
    "PDF": (saved(scene(), "PDF"), "format"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "format"),
    "AVIF": (saved(scene(), "AVIF"), "format"),
    "a start alone": (picture.STARTS[0], "damaged"),
    "a JPEG's start alone": (b"\xff\xd8\xff", "damaged"),
    "a PNG cut off": (saved(scene())[:-100], "damaged"),
    "a JPEG cut off": (saved(scene(), "JPEG")[:-500], "damaged"),
    "a PNG without pixels": (declared(100, 100), "damaged"),
    "no width": (declared(0, 100), "damaged"),
    "a bomb": (declared(50_000, 50_000), "pixels"),
    "a bomb of one bit": (declared(50_000, 50_000, kind=0, depth=1), "pixels"),
    "a bomb in one direction": (declared(2**31 - 1, 1), "pixels"),
    "a little too large": (declared(40_000, 1_001), "pixels"),
    "a JPEG of 65,000 x 65,000": (
        saved(scene(), "JPEG").replace(struct.pack(">HH", 64, 96), struct.pack(">HH", 65_000, 65_000)),
        "pixels",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_its_sentence(name: str) -> None:
    raw, code = BAD[name]
    found = refused(raw)
    assert found.code == code
    if code == "format":
        assert found.values["found"] == name


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "BMP", "PPM", "JPEG2000"])
def test_only_two_decoders_are_ever_asked(kind: str) -> None:
    with pytest.raises(OSError, match="cannot identify"):
        pixels.decode(saved(scene(), kind))


def test_a_name_says_nothing() -> None:
    """There is no name here at all: a JPEG called .png is a JPEG."""
    assert read(saved(scene(), "JPEG")).kind == "JPEG"


def test_a_text_that_unpacks_to_much_is_bounded() -> None:
    image = saved(scene())
    at = image.index(b"IDAT") - 4
    bomb = image[:at] + chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 2**26, 9)) + image[at:]
    assert refused(bomb).code == "damaged"


MEASURED = """
import io, json, resource, sys
from mlcore.files import apart, pixels
try:
    pixels.decode(sys.stdin.buffer.read())
    said = "decoded"
except apart.Unread as problem:
    said = problem.code
print(json.dumps([said, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024]))
"""


def measured(raw: bytes) -> tuple[str, int]:
    """What came of it, and the most memory that it took, in MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], input=raw, capture_output=True, cwd=apart.ROOT, check=True
    )
    said, memory = json.loads(done.stdout)
    return said, memory


@pytest.mark.skipif(sys.platform == "win32", reason="no such measure there")
def test_a_bomb_costs_no_memory() -> None:
    bombs = [BAD[name][0] for name in ("a bomb", "a bomb of one bit", "a bomb in one direction")]
    assert all(len(bomb) < 200 for bomb in bombs)
    nothing = measured(saved(scene()))[1]
    for bomb in bombs:
        said, memory = measured(bomb)
        assert said == "pixels"
        assert memory < nothing + 8  # the smallest of them would take 2,500 MB of gray


@pytest.mark.skipif(sys.platform == "win32", reason="no such measure there")
def test_a_large_photo_is_never_decoded_at_its_full_size() -> None:
    nothing = measured(saved(scene()))[1]
    said, memory = measured(saved(Image.new("RGB", (8000, 5000), (9, 99, 9)), "JPEG"))
    assert said == "decoded"
    assert memory < nothing + 40  # 150 MB of pixels


@pytest.mark.skipif(sys.platform == "win32", reason="no such bounds there")
def test_the_largest_pictures_stay_within_the_bounds() -> None:
    transparent = saved(Image.new("RGBA", (8000, 5000), (9, 9, 9, 9)), compress_level=1)
    photo = saved(Image.new("CMYK", (8000, 5000), (0, 9, 9, 0)), "JPEG", progressive=True)
    for raw in (transparent, photo):
        assert len(raw) < MAX_BYTES
        assert read(raw).width == 8000


def endless() -> bytes:
    """A progressive JPEG of 4 MB that goes over its 40 million pixels many thousands of times."""
    raw = saved(Image.new("L", (8000, 5000), 90), "JPEG", progressive=True)
    at, end = raw.rindex(b"\xff\xda"), raw.rindex(b"\xff\xd9")
    again = raw[at:end]
    return raw[:end] + again * ((MAX_BYTES - len(raw)) // len(again)) + raw[end:]


@pytest.mark.skipif(sys.platform == "win32", reason="no such bounds there")
def test_a_picture_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "BOUNDS", apart.Bounds(pixels.BOUNDS.memory, 1))
    command = "import mlcore.files.pixels as p; from mlcore.files import apart\n"
    command += "apart.answer(p.decode, apart.Bounds(p.BOUNDS.memory, 1))"
    run = subprocess.run

    def short(asked: list[str], **more: Any) -> subprocess.CompletedProcess[bytes]:
        return run([sys.executable, "-c", command], **more)

    monkeypatch.setattr(subprocess, "run", short)
    assert read(saved(scene())).width == 96  # one second is enough for an honest one
    assert refused(endless()).code == "heavy"


# ---------------------------------------------------------------- whatever comes

WHOLE = {
    "PNG": saved(scene("P", 40, 30), transparency=0), "JPEG": saved(scene("RGB", 40, 30), "JPEG", quality=50),
    "progressive": saved(scene("L", 40, 30), "JPEG", progressive=True),
}  # fmt: skip


def a_picture_or_nothing(raw: bytes) -> None:
    """What is read is a picture. Anything that Pillow raises becomes a sentence in `apart.answer`."""
    try:
        found = here(raw)
    except MemoryError:
        raise
    except Exception:
        return
    assert found.color.ndim == 3
    assert found.color.shape[2] == 3
    assert max(found.color.shape[:2]) <= pixels.SIDE
    assert np.isfinite(found.color).all()
    assert found.color.min() >= 0
    assert found.color.max() <= 1


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
    st.floats(0, 1),
)
def test_changed_bytes_are_a_picture_or_a_sentence(
    kind: str, changes: list[tuple[float, int]], kept: float
) -> None:
    raw = bytearray(WHOLE[kind])
    for place, byte in changes:
        raw[int(place * (len(raw) - 1))] = byte
    a_picture_or_nothing(bytes(raw[: 1 + int(kept * len(raw))]) if kept < 0.5 else bytes(raw))


@settings(max_examples=200)
@given(st.sampled_from(picture.STARTS), st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_a_sentence(start: bytes, rest: bytes) -> None:
    a_picture_or_nothing(start + rest)


@settings(max_examples=60)
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([0, 2, 3, 4, 6]), st.binary(max_size=60))
def test_any_header_is_a_picture_or_a_sentence(width: int, height: int, kind: int, body: bytes) -> None:
    a_picture_or_nothing(declared(width, height, kind, body=body))


@settings(max_examples=12)
@given(st.sampled_from(sorted(WHOLE)), st.integers(3, 400), st.binary(min_size=1, max_size=30))
def test_a_reader_of_its_own_says_the_same(kind: str, place: int, spoiled: bytes) -> None:
    """Through the process: never anything but a picture or a sentence."""
    raw = WHOLE[kind][:place] + spoiled + WHOLE[kind][place + len(spoiled) :]
    try:
        wanted: Picture | None = here(raw)
    except Exception:
        wanted = None
    if wanted is None or not raw.startswith(picture.STARTS):
        refused(raw)
    else:
        np.testing.assert_array_equal(read(raw).color, wanted.color)
