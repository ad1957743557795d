"""The picture element: Plotly figures that keep camera, zoom and legend, report what is done to them, play.

`st.plotly_chart` builds its chart anew whenever the figure changes: the camera of a scene jumps back, and
clicks on heat maps, contours and surfaces never arrive. `show` keeps its charts and lets Plotly work out the
difference; `play` sends a result once and the browser steps through it without asking the server.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import plotly
import plotly.graph_objects as go
import streamlit as st
from plotly.offline import get_plotlyjs_version
from plotly.utils import PlotlyJSONEncoder
from streamlit.components.v1 import declare_component

from pages.ui.plot_events import Click, Drag, Handle, Zoom, click_of, drag_of, zoom_of

__all__ = ["Click", "Drag", "Frames", "Handle", "PlayLabels", "Update", "Zoom", "one_byte", "play", "show"]

MOST_KEPT = 96
FAILED = "The picture could not be drawn. Please reload the page."


@dataclass(frozen=True)
class Update:
    """One attribute of one trace that changes: at frame t it is `scale * values[t] + offset`.

    `attribute` is a path such as "z", "x", "text" or "marker.color". With `grow` the trace shows
    `values[: t + 1]` instead: a path that grows costs T numbers, not T * T.
    """

    figure: int
    trace: int
    attribute: str
    values: np.ndarray  # [T, ...]
    scale: float | None = None
    offset: float = 0.0
    grow: bool = False


def one_byte(values: np.ndarray, low: float, high: float) -> dict[str, Any]:
    """`Update(0, 0, "z", **one_byte(p, 0, 1))`: one byte a value, off by at most (high - low) / 510.

    Values outside [low, high] are cut. A byte cannot say NaN: values that hold one travel as float32.
    """
    if not np.isfinite(values).all():
        return {"values": values.astype(np.float32)}
    scale = (high - low) / 255
    codes = np.rint((np.clip(values, low, high) - low) / scale)
    return {"values": codes.astype(np.uint8), "scale": scale, "offset": low}


@dataclass(frozen=True)
class Frames:
    """What `play` steps through: T frames.

    `cursors` names the figures (cost curves) in which a vertical line stands at x = steps[t]; `readout` is
    finished text shown under the slider. Fix the ranges of axes and colors, or they move with the data.
    Raises ValueError when something does not have one entry per frame.
    """

    steps: Sequence[int]  # [T]
    updates: Sequence[Update] = ()
    cursors: Sequence[int] = ()
    readout: Mapping[str, Sequence[str]] = field(default_factory=dict)  # label -> [T]
    start: int | None = None  # the frame shown first: the last one (the trained state) unless told

    def __post_init__(self) -> None:
        lengths = {f"update of {update.attribute!r}": len(update.values) for update in self.updates}
        lengths |= {f"readout {label!r}": len(texts) for label, texts in self.readout.items()}
        if len(self.steps) == 0:
            raise ValueError("There are no frames to play: give at least one step.")
        for name, length in lengths.items():
            if length != len(self.steps):
                raise ValueError(
                    f"The {name} has {length} entries for {len(self.steps)} frames: give one each."
                )

    @cached_property
    def text(self) -> str:
        """All of it in JSON: worked out once for a result that a whole class plays."""
        return json.dumps(
            {
                "steps": [int(step) for step in self.steps],
                "updates": [{**vars(update), "values": _packed(update.values)} for update in self.updates],
                "cursors": list(self.cursors),
                "readout": {label: list(texts) for label, texts in self.readout.items()},
                "start": len(self.steps) - 1 if self.start is None else self.start,
            },
            ensure_ascii=False,
        )


@dataclass(frozen=True)
class PlayLabels:
    """What the player's controls are called, in the language of the page."""

    play: str
    pause: str
    back: str
    forward: str
    step: str
    speed: str


def show(
    figures: go.Figure | Sequence[go.Figure],
    *,
    key: str,
    alt: str | Sequence[str],
    height: int = 420,
    columns: int | None = None,
    on_click: bool | Callable[[Click], None] = False,
    handles: Sequence[Handle] = (),
    on_drag: Callable[[Drag], None] = lambda drag: None,
    failed: str = FAILED,
) -> Click | None:
    """Draw figures side by side, `columns` in a row where there is room; return the click behind this rerun.

    A function as `on_click` gets the click before the page runs, the one moment when it may write to the
    keys of widgets; so does `on_drag` while one of `handles` is moved: several times a second, and at the
    end. `height` is each figure's, in pixels; `alt` says in words what each of them shows.
    """
    listed = [figures] if isinstance(figures, go.Figure) else list(figures)

    def handle() -> None:
        click = click_of(st.session_state[key].get("click"), listed)
        if click and callable(on_click):
            on_click(click)

    def moved() -> None:
        if drag := drag_of(st.session_state[key].get("drag"), listed, handles):
            on_drag(drag)

    data = _data(listed, alt, height, columns, failed) | {"clicks": bool(on_click)}
    data["handles"] = [asdict(handle) for handle in handles]
    return click_of(_mount(key, data, on_click_change=handle, on_drag_change=moved).get("click"), listed)


def play(
    figures: Sequence[go.Figure],
    frames: Frames,
    *,
    key: str,
    alt: Sequence[str],
    labels: PlayLabels,
    height: int = 420,
    columns: int | None = None,
    report: bool = False,
    on_click: Callable[[Click], None] | None = None,
    zooms: Sequence[int] = (),
    on_zoom: Callable[[Zoom], None] = lambda zoom: None,
    failed: str = FAILED,
) -> int | None:
    """Draw linked figures with one player; with `report`, return the frame where the viewer stopped, if any.

    Playing and dragging never reach the server: a frame is reported when the viewer lets go. Clicks are as
    those of `show`; so is `on_zoom`, when the viewer looks at a part of one of the figures `zooms`.
    """

    def looked() -> None:
        if zoom := zoom_of(st.session_state[key].get("zoom"), zooms):
            on_zoom(zoom)

    def handle() -> None:
        click = click_of(st.session_state[key].get("click"), list(figures))
        if click and on_click:
            on_click(click)

    total = len(frames.steps)
    for update in frames.updates:
        if not (
            update.figure in range(len(figures)) and update.trace in range(len(figures[update.figure].data))
        ):
            raise ValueError(f"There is no trace {update.trace} in figure {update.figure} to update.")
    data = _data(list(figures), alt, height, columns, failed)
    data |= {"frames": frames.text, "labels": asdict(labels), "report": report, "clicks": bool(on_click)}
    data["zooms"] = list(zooms)
    hear = {"on_frame_change": lambda: None, "on_click_change": handle, "on_zoom_change": looked}
    match _mount(key, data, **hear).get("frame"):
        case [int(frame), int(of)] if of == total and 0 <= frame < total:  # not of an earlier result
            return frame
    return None


def preload() -> None:
    """Let the browser fetch plotly.js and get it ready while the rest of the page arrives. Shows nothing."""
    _mount("_preload", _data([], [], 0, 1, FAILED))


def _data(
    figures: list[go.Figure], alt: str | Sequence[str], height: int, columns: int | None, failed: str
) -> dict[str, Any]:
    """What both kinds of picture send."""
    texts = [alt] if isinstance(alt, str) else list(alt)
    if len(texts) != len(figures):
        raise ValueError(f"{len(figures)} figures need {len(figures)} alt texts, not {len(texts)}.")
    written = [_text(figure) for figure in figures]
    columns = columns or min(len(figures), 3)
    return {"figures": written, "alt": texts, "height": height, "columns": columns, "failed": failed}


_KEPT: OrderedDict[int, tuple[go.Figure, str]] = OrderedDict()  # with the figure: its id stays its own


def _text(figure: go.Figure) -> str:
    """The figure in JSON: worked out once for a figure that is shown to a whole class.

    Streamlit writes what an element is sent twice, for each viewer: a text takes it far less time.
    """
    known = _KEPT.get(id(figure))
    if known is None:
        known = _KEPT[id(figure)] = figure, _worked_out(figure)
        if len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
    return known[1]


def _worked_out(figure: go.Figure) -> str:
    """Arrays in base64 (as text inside JSON: 82 kB, not 64 kB)."""
    plain: dict[str, Any] = figure.to_dict()
    colorway = plain["layout"].get("template", {}).get("layout", {}).get("colorway", [""])
    if colorway[0] == "#000001":  # Streamlit's default template: placeholders only st.plotly_chart can fill
        del plain["layout"]["template"]
    try:
        return json.dumps(plain, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):  # dates, or lists with a NaN, which JSON in a browser does not know
        return json.dumps(plain, ensure_ascii=False, cls=PlotlyJSONEncoder)


def _packed(values: np.ndarray) -> dict[str, Any] | list[Any]:
    """Numbers as Plotly's typed array (base64, little endian); text and booleans as a list."""
    if values.dtype.kind not in "iuf":
        return list(values.tolist())
    if values.dtype.kind == "f" or values.itemsize == 8:  # browsers have no 16-bit floats or 64-bit integers
        values = values.astype(np.promote_types(values.dtype, np.float32))
    values = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    bdata = b64encode(values.tobytes()).decode()
    return {"dtype": values.dtype.str[1:], "shape": values.shape, "bdata": bdata}


@lru_cache(maxsize=1)
def _component() -> tuple[Callable[..., Any], dict[str, str]]:
    """The component, and where the browser finds which version of plotly.js.

    Streamlit's older component interface serves plotly.js straight out of the plotly package: no copy, no
    setting, under any base path, for any number of processes, on a read-only disk. (A copy under `static/`
    needs a setting, a folder and write access, and gets no long cache header either: plot.js sees to that.)
    """
    served = declare_component("plotly", path=str(Path(plotly.__file__).parent / "package_data"))
    here = Path(__file__).parent
    script, *parts, rules = (
        (here / name).read_text(encoding="utf-8")
        for name in ("plot.js", "plot_player.js", "plot_drag.js", "plot.css")
    )
    script = "\n".join([script, *parts])  # a component is one module: its parts see each other
    # Styles are not isolated: Plotly puts its own into the page's head, where a shadow root cannot see them.
    mount = st.components.v2.component("plot", js=script, css=rules, isolate_styles=False)
    return mount, {"file": f"component/{served.name}/plotly.min.js", "version": get_plotlyjs_version()}


def _mount(key: str, data: dict[str, Any], **callbacks: Callable[[], None]) -> Any:
    mount, source = _component()
    return mount(key=key, data=data | source, **callbacks)
