"""Rooms without a browser: opened by a link, read, and their widgets found."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from streamlit.testing.v1 import AppTest

from mlcore.base import spec as specs
from mlcore.training.tasks import TrainSpec
from tests.pages.browser import ROOT

S = TypeVar("S")
TOLD = ("markdown", "caption", "error", "warning", "info", "success", "latex")
WIDGETS = ("selectbox", "select_slider", "slider", "number_input", "text_input", "toggle", "button_group")


def opened(room: str, **link: Any) -> AppTest:
    """The room in a session of its own, as a link opens it; in English unless the link has a language.

    Two underscores in a name stand for a dot of the link.
    """
    at = AppTest.from_file(ROOT / "cover.py", default_timeout=120)
    at.switch_page(f"pages/{room}.py")
    for code, value in {"lang": "en", **link}.items():
        at.query_params[code.replace("__", ".")] = value
    return rerun(at)


def asked(kind: type[S], **link: str) -> S:
    """The spec of a room that such a link says, all of which can be taken."""
    spec, problems = specs.from_query(kind, {code.replace("__", "."): value for code, value in link.items()})
    assert problems == []
    return spec


def led_to_training(training: TrainSpec) -> None:
    """The link of this training is a good one, and the training room opens it as it is."""
    link = specs.to_query(training)
    again, problems = specs.from_query(TrainSpec, link)
    assert problems == []
    assert again == training
    page = opened("training", **{code.replace(".", "__"): value for code, value in link.items()})
    assert not page.error
    assert link_of(page) == link


def rerun(at: AppTest) -> AppTest:
    """Run the page again. No page may end in an exception."""
    at.run()
    assert [found.message for found in at.exception] == []
    return at


def said(at: AppTest) -> str:
    """What a reader sees: signs that Markdown would take for its own are no longer escaped."""
    told = "\n".join(str(found.value) for kind in TOLD for found in getattr(at, kind))
    return re.sub(r"\\([^\w\s])", r"\1", told.replace("\u2060", ""))


def link_of(at: AppTest) -> dict[str, str]:
    """What the link says, but for the language."""
    link = {code: value[0] if isinstance(value, list) else value for code, value in at.query_params.items()}
    return {code: value for code, value in link.items() if code != "lang"}


def received(told: str) -> dict[str, Any]:
    """What a browser reads out of what a picture element is sent: figures and frames are texts in it."""
    sent = dict(json.loads(told))
    sent["figures"] = [json.loads(figure) for figure in sent["figures"]]
    if "frames" in sent:
        sent["frames"] = json.loads(sent["frames"])
    return sent


def pictures(at: AppTest) -> dict[str, Any]:
    """What each picture element was sent, by its key."""
    sent = {}
    for element in at.main:
        proto = getattr(element, "proto", None)
        if getattr(proto, "json", "") and '"figures"' in proto.json:
            sent[element.key] = received(proto.json)
    assert not sent.pop("_preload")["figures"]
    return sent


def widget(at: AppTest, room: str, code: str) -> Any:
    """The one widget of a field of the link."""
    found = [w for kind in WIDGETS for w in at.get(kind) if re.match(rf"{room}\.{code}(\.|$)", w.key or "")]
    assert len(found) == 1, f"one widget for {code}"
    return found[0]


def buttons(at: AppTest) -> list[Any]:
    """The room's own, without those that the frame has on every page."""
    return [found for found in at.button if not (found.key or "").startswith("_")]


def box(at: AppTest, kind: str, label: str) -> Any:
    """The first widget of a kind with this label."""
    return next(found for found in getattr(at, kind) if found.label == label)
