"""The picture element: Plotly figures that keep camera, zoom and legend, report what is done to them, play.

`st.plotly_chart` builds its chart anew whenever the figure changes: the camera of a scene jumps back, and
clicks on heat maps, contours and surfaces never arrive. `show` keeps its charts and lets Plotly work out the
difference; `play` sends a result once and the browser steps through it without asking the server.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.offline import get_plotlyjs_version
from plotly.utils import PlotlyJSONEncoder

from pages.ui import over, site
from pages.ui.plot_events import (
    Click,
    Drag,
    Handle,
    Pen,
    Stroke,
    Zoom,
    click_of,
    drag_of,
    strokes_of,
    zoom_of,
)
from pages.ui.plot_frames import Frames, Update, one_byte
from pages.ui.text import t

__all__ = [
    "Click", "Drag", "Frames", "Handle", "Pen", "PlayLabels", "Stroke", "Update", "Zoom", "one_byte", "play",
    "show",
]  # fmt: skip

MOST_KEPT = 96
# A component is one module: its parts see each other.
PARTS = (
    "plot.js", "plot_player.js", "plot_drag.js", "plot_pen.js", "plot_words.js", "plot_hall.js",
    "plot_export.js", "plot_csv.js",
)  # fmt: skip
# The words of plot_words.js, which adds to each `alt` what its figure shows at this moment, with its numbers.
SEEN = ("more", "ends", "lowest", "highest", "range", "marks", "bars", "point", "path", "grid")
FAILED = "The picture could not be drawn. Please reload the page."


@dataclass(frozen=True)
class PlayLabels:
    """What the player's controls are called, in the language of the page."""

    play: str
    pause: str
    back: str
    forward: str
    step: str
    speed: str
    listing: str = "Code"


def show(
    figures: go.Figure | Sequence[go.Figure],
    *,
    key: str,
    alt: str | Sequence[str],
    height: int = 420,
    columns: int | None = None,
    on_click: bool | Callable[[Click], None] = False,
    least: float = 0.0,
    handles: Sequence[Handle] = (),
    on_drag: Callable[[Drag], None] = lambda drag: None,
    pen: Pen | None = None,
    on_stroke: Callable[[Stroke], None] = lambda stroke: None,
    failed: str = FAILED,
) -> Click | None:
    """Draw figures side by side, `columns` in a row where there is room; return the click behind this rerun.

    A function as `on_click` gets the click before the page runs, the one moment when it may write to the
    keys of widgets; so does `on_drag` while one of `handles` is moved, several times a second and at the end,
    and `on_stroke` after each stroke of the `pen`. `height` is that of each figure, in pixels; `alt`
    says in words what each of them shows. Where there is no room for the width `least`, in heights of the
    type, a figure is moved sideways.
    """
    listed = over.over(key, [figures] if isinstance(figures, go.Figure) else list(figures))

    def handle() -> None:
        click = click_of(st.session_state[key].get("click"), listed)
        if click and callable(on_click):
            on_click(click)

    def moved() -> None:
        if drag := drag_of(st.session_state[key].get("drag"), listed, handles):
            on_drag(drag)

    def drawn() -> None:
        for stroke in strokes_of(st.session_state[key].get("strokes"), listed, pen, heard()):
            st.session_state[last] = stroke.id
            on_stroke(stroke)

    last = f"_{key}_stroke"

    def heard() -> int:
        return int(st.session_state.get(last, 0))

    data = _data(listed, alt, height, columns, failed) | {"clicks": bool(on_click), "least": least}
    data["handles"] = [asdict(handle) for handle in handles]
    data["pen"] = asdict(pen) | {"heard": heard()} if pen else None
    hear = {"on_click_change": handle, "on_drag_change": moved, "on_strokes_change": drawn}
    return click_of(_mount(key, data, **hear).get("click"), listed)


def play(
    figures: Sequence[go.Figure],
    frames: Frames,
    *,
    key: str,
    alt: Sequence[str],
    labels: PlayLabels,
    height: int = 420,
    columns: int | None = None,
    least: float = 0.0,
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

    figures = over.over(key, figures, frames)
    total = len(frames.steps)
    for update in frames.updates:
        if not (
            update.figure in range(len(figures)) and update.trace in range(len(figures[update.figure].data))
        ):
            raise ValueError(f"There is no trace {update.trace} in figure {update.figure} to update.")
    data = _data(list(figures), alt, height, columns, failed)
    data |= {"frames": frames.text, "labels": asdict(labels), "report": report, "clicks": bool(on_click)}
    data |= {"zooms": list(zooms), "least": least}
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
    words = {name: t(f"frame.seen.{name}") for name in SEEN}
    sent = {"figures": written, "alt": texts, "words": words}
    return sent | {"height": height, "columns": columns, "failed": failed}


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


@lru_cache(maxsize=1)
def _component() -> tuple[Callable[..., Any], dict[str, str]]:
    """The component, and where the browser finds which version of plotly.js."""
    here = Path(__file__).parent
    *parts, rules = ((here / name).read_text(encoding="utf-8") for name in (*PARTS, "plot.css"))
    script = "\n".join(parts)
    # Styles are not isolated: Plotly puts its own into the page's head, where a shadow root cannot see them.
    mount = st.components.v2.component("plot", js=script, css=rules, isolate_styles=False)
    return mount, {"file": site.library(), "version": get_plotlyjs_version()}


def _mount(key: str, data: dict[str, Any], **callbacks: Callable[[], None]) -> Any:
    mount, source = _component()
    texts = {name: t(f"frame.take.{name}") for name in ("open", "png", "svg", "csv", "failed")}
    return mount(key=key, data=data | source | {"taken": {"texts": texts, "key": key}}, **callbacks)
