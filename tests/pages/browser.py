"""A Streamlit server and a Chromium for the tests that need real ones."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking"]
DRAW = """least => new Promise(done => {
  let drawn = 0;
  const next = () => ++drawn > least ? done() : requestAnimationFrame(next);
  next();
})"""  # waits for so many frames: a busy machine draws few a second
PLACE = """(gd, [x, y]) => {
    const {xaxis, yaxis} = gd._fullLayout, box = gd.getBoundingClientRect();
    return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)];
}"""  # of data coordinates, on the screen
DRAWN = """count => { const all = [...document.querySelectorAll('.mlplot-figure')];
    return document.querySelector('[data-test-script-state=notRunning]') && all.length >= count
      && all.every(gd => gd._fullData?.length); }"""  # so many figures or more, and the script has ended


def free_port() -> int:
    """One that the system has just found free: it gives the next that asks another."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(script: Path, *flags: str, log: Path | None = None) -> Iterator[str]:
    """Run `streamlit run script` with the repository importable; yield its address once it answers.

    What it prints goes to the file `log`, if one is named.
    """
    port = free_port()
    base = next((flag.split("=", 1)[1] for flag in flags if flag.startswith("--server.baseUrlPath=")), "")
    url = f"http://127.0.0.1:{port}/{base}".rstrip("/")
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    command += ["--server.address=127.0.0.1", "--server.headless=true", "--server.fileWatcherType=none"]
    command += ["--browser.gatherUsageStats=false", *flags]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with log.open("w+b") if log else tempfile.TemporaryFile() as out:  # a pipe would fill up unread
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out, cwd=script.parent)
        try:
            _wait_until_healthy(server, url)
            yield url
        except BaseException:
            out.seek(0)
            sys.stderr.write(out.read().decode(errors="replace"))
            raise
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_until_healthy(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"The server at {url} did not become healthy (exit code {server.poll()}).")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium: the system's where there is one, else Playwright's own."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def at_rest(page: Page, expression: str) -> Any:
    """The value of some JavaScript when it has stayed the same over eight frames: a scene swings out."""
    before, now = None, page.evaluate(expression)
    while now != before:
        page.evaluate(DRAW, 8)
        before, now = now, page.evaluate(expression)
    return now


def numbers(figure: Locator, trace: int) -> np.ndarray:
    """x and y of a trace as the browser has it: [2, N]."""
    places = "(gd, k) => [Array.from(gd.data[k].x), Array.from(gd.data[k].y)]"
    return np.array(figure.evaluate(places, trace), float)


def arrived(page: Page, address: str, figures: int) -> Locator:
    """Open an address: all figures of the page, once so many are drawn, the first of them in sight."""
    page.goto(address)
    page.wait_for_function(DRAWN, arg=figures)
    found = page.get_by_test_id("stMain").locator(".mlplot-figure")
    found.first.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    page.evaluate(DRAW, 8)
    return found
