"""What the server sends beside Streamlit's own, without a browser: headers, bytes, addresses."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import plotly
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config

from pages.ui import site
from pages.ui.frame import CONTENTS

PLOTLY = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


@pytest.fixture(params=["", "lab/mlp", "/lab/"])
def base(request: pytest.FixtureRequest) -> Iterator[str]:
    """Below which path the laboratory lies, as Streamlit's setting has it; given as an address begins."""
    before = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", request.param)
    yield "/" + request.param.strip("/") if request.param else ""
    config.set_option("server.baseUrlPath", before)


@pytest.fixture
def client(base: str) -> TestClient:
    return TestClient(Starlette(routes=site.routes()))


def test_plotly_is_kept_for_ever_and_sent_compressed(client: TestClient, base: str) -> None:
    address = f"{base}/{site.library()}"
    answer = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert answer.content == PLOTLY
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(PLOTLY) / 3
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"].startswith("text/javascript")
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert plain.content == PLOTLY
    assert "content-encoding" not in plain.headers
    assert plain.headers["cache-control"] == answer.headers["cache-control"]
    assert client.head(address).status_code == 200


def test_another_file_has_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "plotly.min.js"
    other.write_bytes(PLOTLY + b"\n")
    usual = site.library()
    monkeypatch.setattr(site, "_file", lambda: other)
    assert site.library.__wrapped__() != usual


def test_every_page_asks_for_plotly_before_anything_else_runs(client: TestClient, base: str) -> None:
    rooms = [Path(room.script).stem for _, rooms in CONTENTS for room in rooms]
    for page in ["", *rooms]:
        answer = client.get(f"{base}/{page}")
        head, _, _ = answer.text.partition("</head>")
        assert f'src="./{site.library()}"' in head, page
        assert 'src="./static/js/index.' in head, "it is Streamlit's page"
        assert answer.headers["cache-control"] == "no-cache", "it names another plotly.js after an update"
    assert client.get(f"{base}/nonsense").status_code == 404, "left to Streamlit"


def test_it_is_compressed_once(client: TestClient, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get(f"{base}/{site.library()}")
    monkeypatch.setattr(gzip, "compress", lambda *args, **more: pytest.fail("again"))
    assert client.get(f"{base}/{site.library()}").content == PLOTLY
