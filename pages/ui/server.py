"""What happens once in a web process, before anybody is served: settings, logs, workers, figures.

`app.py` does it when the server starts, so that a wrong setting ends the start and the first visitor finds
the workers warm. Where a page is run without it, as tests do, the first page does.
"""

from __future__ import annotations

import logging
from functools import cache

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit import config

from mlcore.base import discreet
from mlcore.base.device import device
from mlcore.base.limits import limits
from mlcore.engine.engine import Engine
from mlcore.store import StoreError, store
from pages.ui import compute, metrics


@cache
def begin() -> Engine:
    """The engine of this process, once settings are found to be possible.

    Raises `SettingError`, or `RuntimeError` for a device that is not here.
    """
    own = limits()
    device()
    discreet.all_logs()
    log = logging.getLogger("mlcore")
    log.setLevel(logging.INFO)  # a line for every computation: what kind it was and how long it took
    log.addHandler(logging.StreamHandler())
    door = compute.door()
    if own.metrics:
        metrics.serve(own.metrics, door)
    return door


def routes() -> list[Route]:
    """What is there besides pages and files, below the base path, if there is one."""
    base = (config.get_option("server.baseUrlPath") or "").strip("/")
    return [Route(f"/{base}/health" if base else "/health", health)]


def health(_: Request) -> Response:
    """Whether people can work here: 200, or 503 with sentences that say what is missing.

    For whoever watches. Whether the process lives, which a proxy asks, is Streamlit's `/_stcore/health`.
    """
    load = begin().load()
    problems = [load.trouble] if load.trouble else []
    if not load.workers and not problems:
        problems.append("The workers are starting.")
    try:
        with store().database.read():
            pass
    except StoreError as error:
        problems.append(str(error))
    told = {"workers": load.workers, "waiting": load.waiting, "problems": problems}
    return JSONResponse(told, 503 if problems else 200, headers={"Cache-Control": "no-store"})
