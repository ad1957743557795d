"""What the server sends beside Streamlit's own: plotly.js to be kept for ever, and pages that ask for it.

Streamlit's page names nothing but Streamlit: the browser would hear of plotly.js, 4.8 MB, when the first
picture has arrived, after seconds. Here the page names the file. It comes, and is compiled, while the browser
waits for the server; and of a file that has an address of its own, a browser keeps what it compiled.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from streamlit import config, file_util

FOREVER = "public, max-age=31536000, immutable"
ROOMS = Path(__file__).parents[1]


def routes() -> list[Route]:
    """The files of this house and the pages of the laboratory, below the base path, if there is one."""
    base = "/" + (config.get_option("server.baseUrlPath") or "").strip("/")
    pages = ["", *(path.stem for path in ROOMS.glob("*.py"))]
    below = base.rstrip("/")
    return [Route(f"{below}/{library()}", _library), *(Route(f"{below}/{page}", _page) for page in pages)]


@cache
def library() -> str:
    """Where plotly.js lies below the laboratory's address: another file has another name."""
    return f"assets/plotly-{hashlib.sha256(_file().read_bytes()).hexdigest()[:16]}.js"


@cache
def _file() -> Path:
    """plotly.js out of the plotly package, which need not be imported for it: no copy, no write."""
    found = find_spec("plotly")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("The pictures need the package plotly.")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"


@cache
def _packed() -> bytes:
    """plotly.js compressed: once for all visitors, 0.2 s. In memory, as the disk may be read-only."""
    return gzip.compress(_file().read_bytes(), mtime=0)


async def _library(request: Request) -> Response:
    kept = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(_file(), media_type="text/javascript", headers=kept)
    packed = await run_in_threadpool(_packed)
    return Response(packed, media_type="text/javascript", headers=kept | {"Content-Encoding": "gzip"})


async def _page(request: Request) -> Response:
    return HTMLResponse(_html(), headers={"Cache-Control": "no-cache"})


@cache
def _html() -> str:
    """Streamlit's page, asking for plotly.js, too. A tag that stands is still at work: see plot.js."""
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    ask = f'<script async src="./{library()}" onload="this.remove()" onerror="this.remove()"></script>'
    return page.replace("</head>", f"{ask}</head>", 1)
