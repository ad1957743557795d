"""The topology of deploy/compose.yaml as processes on loopback, with the files of deploy/ themselves.

nginx, two web processes, PostgreSQL, a Dask scheduler and two workers; each can be killed and comes back when
`revive` is called, as `restart: always` would have it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPMessage
from pathlib import Path
from string import Template
from typing import Any

import psutil

from tests.pages.browser import ROOT, free_port
from tests.pages.protocol import AGENT
from tests.store.servers import Server

DEPLOY = ROOT / "deploy"
PATIENCE = 300.0  # seconds that anything may take on a machine that is busy
NGINX = """daemon off; pid $home/pid; error_log $home/error crit; $user
events {}
http {
    include /etc/nginx/mime.types;
    client_body_temp_path $home/body; proxy_temp_path $home/proxy; fastcgi_temp_path $home/fastcgi;
    uwsgi_temp_path $home/uwsgi; scgi_temp_path $home/scgi;
    include $home/laboratory.conf;
}
"""


def until(condition: Callable[[], Any]) -> Any:
    """Wait for `condition` to become true and return its value."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, "this never happened"
        time.sleep(0.2)
    return value


def ask(url: str, **headers: str) -> tuple[int, HTTPMessage, bytes]:
    """Status, headers and body of a GET; 0 where nobody answers."""
    wanted = urllib.request.Request(url, headers={"User-Agent": AGENT, **headers})
    try:
        with urllib.request.urlopen(wanted, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
    except OSError:
        return 0, HTTPMessage(), b""


class Topology:
    def __init__(self, database: Server) -> None:
        self.database = database
        self.home = Path(tempfile.mkdtemp(prefix="mlcore-topology-"))
        self.home.chmod(0o755)
        ports = {name: free_port() for name in ("nginx", "web1", "web2", "scheduler")}
        self.url = f"http://127.0.0.1:{ports['nginx']}"
        self.webs = {name: f"http://127.0.0.1:{ports[name]}" for name in ("web1", "web2")}
        self.database_url = database.create(f"topology{ports['nginx']}")
        scheduler = f"tcp://127.0.0.1:{ports['scheduler']}"
        dask = [sys.executable, "-m", "dask"]
        worker = [*dask, "worker", scheduler, "--nworkers", "1", "--nthreads", "1", "--host", "127.0.0.1"]
        worker += [
            "--no-dashboard",
            "--preload",
            "mlcore.engine.workers",
            "--local-directory",
            str(self.home),
        ]
        web = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address=127.0.0.1"]
        self.commands = {
            "scheduler": [*dask, "scheduler", "--host", "127.0.0.1", "--port", str(ports["scheduler"]),
                          "--no-dashboard"],
            "worker1": worker,
            "worker2": worker,
            "web1": [*web, f"--server.port={ports['web1']}"],
            "web2": [*web, f"--server.port={ports['web2']}"],
            "nginx": ["nginx", "-p", str(self.home), "-c", str(self._configure(ports))],
        }  # fmt: skip
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "DASK_CONFIG": str(DEPLOY / "dask.yaml"),
            "MLCORE_SCHEDULER": scheduler,
            "MLCORE_DATABASE": self.database_url,
            "MLCORE_STORE": str(self.home / "store"),
            "MLCORE_SESSIONS": "500",
            "STREAMLIT_SERVER_COOKIE_SECRET": "the same in every web process",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def _configure(self, ports: dict[str, int]) -> Path:
        """The files of nginx, filled in as envsubst does."""
        filled = {
            "LISTEN": f"127.0.0.1:{ports['nginx']}",
            "WEB1": f"127.0.0.1:{ports['web1']}",
            "WEB2": f"127.0.0.1:{ports['web2']}",
            "FRAMES": "http://learning.example:8080",
            "LOG": str(self.home / "access"),
        }
        text = (DEPLOY / "nginx.conf.template").read_text("utf-8")
        for name, value in filled.items():
            assert f"${{{name}}}" in text
            text = text.replace(f"${{{name}}}", value)
        (self.home / "laboratory.conf").write_text(text, "utf-8")
        user = "user root;" if os.getuid() == 0 else ""
        around = Template(NGINX).substitute(home=self.home, user=user)
        (path := self.home / "nginx.conf").write_text(around, "utf-8")
        return path

    def revive(self) -> None:
        """Start what does not run: all at first, later what was killed or has given up."""
        for name, command in self.commands.items():
            if name not in self.running or self.running[name].poll() is not None:
                with (self.home / f"{name}.log").open("ab") as log:
                    self.running[name] = subprocess.Popen(
                        command, env=self.environment, cwd=ROOT, stdout=log, stderr=log
                    )

    def kill(self, name: str) -> None:
        self.running[name].kill()
        self.running[name].wait()

    def kill_worker(self) -> None:
        """The process that computes, not the nanny above it, which starts it again."""
        children = psutil.Process(self.running["worker1"].pid).children(recursive=True)
        for child in children:
            if "resource_tracker" not in " ".join(child.cmdline()):
                child.send_signal(signal.SIGKILL)

    def health(self, web: str) -> dict[str, Any]:
        status, _, body = ask(f"{self.webs[web]}/health")
        told = json.loads(body) if body.startswith(b"{") else {"problems": ["nobody answers"], "workers": 0}
        return {**told, "status": status}

    def well(self) -> bool:
        """Whether everything answers; what has ended is started again."""
        self.revive()
        healths = [self.health(web) for web in self.webs]
        return all(found["status"] == 200 and found["workers"] == 2 for found in healths)

    def logs(self) -> str:
        files = (self.home / name for name in (*(f"{name}.log" for name in self.commands), "access", "error"))
        found = [path for path in files if path.is_file()]
        return "\n".join(f"--- {path.name}\n{path.read_text('utf-8', 'replace')}" for path in found)

    def close(self) -> None:
        for name in ("nginx", "web1", "web2", "worker1", "worker2", "scheduler"):
            if (process := self.running.get(name)) is not None and process.poll() is None:
                process.terminate()
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
                process.kill()
                process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
