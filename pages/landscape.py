"""Loss landscape: a network is trained, the cost around its path is drawn, and how wrong the drawing is."""

from collections.abc import Callable
from dataclasses import replace

from mlcore.landscapes import curvature as core
from mlcore.landscapes import evaluation, landscape, lines, planes
from mlcore.landscapes.landscape import Landscape
from pages.rooms.landscape import contour, curvature, honesty, line, room, space
from pages.rooms.landscape.room import Form, RoomSpec
from pages.rooms.landscape.settings import settings
from pages.ui import sections

PLANE = (planes.draw, planes.principal, planes.Plane, landscape.landscape, evaluation.Evaluator)
LINES, ALONG = (lines.lines, lines.match), (core.curvature, core.bound, evaluation.Curvature, core.verdict)


def plane(draw: Callable[[RoomSpec, Form, Landscape], None]) -> sections.Section[RoomSpec]:
    """A view of the landscape, as far as it is computed."""

    def show(spec: RoomSpec, controls: Form) -> None:
        if seen := room.look(spec):
            draw(spec, controls, seen)

    return sections.Section(settings, show, PLANE)


VIEWS = {
    "contour": plane(contour.show),
    "space": replace(plane(space.show), choose=space.choose),
    "honesty": plane(honesty.show),
    "line": sections.Section(settings, line.show, LINES),
    "curvature": sections.Section(settings, curvature.show, ALONG),
}
sections.open_room("landscape", RoomSpec, VIEWS)
