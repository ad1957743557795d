"""A PostgreSQL server of a test's own: a private cluster in a temporary folder, a free port of loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

ACCOUNT = "postgres"  # the server refuses to be root


def programs() -> Path | None:
    """The folder of the newest server on this machine, None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    onpath = shutil.which("postgres")
    return Path(onpath).parent if onpath else None


class Server:
    """`start` and `stop` as often as wanted: the data and the port stay."""

    def __init__(self, bin: Path) -> None:
        self.bin = bin
        self.home = Path(tempfile.mkdtemp(prefix="mlcore-postgres-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if os.getuid() == 0:
            shutil.chown(self.home, ACCOUNT)
        self._run("initdb", "-D", str(self.home / "data"), "-A", "trust", "-U", ACCOUNT, "-E", "UTF8")

    def address(self, name: str = ACCOUNT) -> str:
        return f"postgresql://{ACCOUNT}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self.home}"
        log = str(self.home / "log")
        self._run("pg_ctl", "-D", str(self.home / "data"), "-o", options, "-l", log, "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.home / "data"), "-m", "immediate", "-w", "stop")

    def create(self, name: str, space: str = "pg_default") -> str:
        """The address of a new, empty database."""
        self._run("createdb", *self._here(), "-D", space, name)
        return self.address(name)

    def space(self, folder: Path) -> str:
        """The name of a tablespace in that folder, to which the way is made free."""
        for above in folder.parents:
            if (
                above.owner() == "root"
                and os.getuid() == 0
                and above.name.startswith(("pytest", "test", "popen"))
            ):
                above.chmod(above.stat().st_mode | 0o011)
        if os.getuid() == 0:
            shutil.chown(folder, ACCOUNT)
        name = f"space{folder.stat().st_ino}_{folder.stat().st_dev}"
        self._run("psql", *self._here(), "-c", f"create tablespace {name} location '{folder}'")
        return name

    def drop(self, name: str, space: str) -> None:
        """Forget a database and the tablespace in which it lies."""
        self._run("dropdb", *self._here(), "--force", name)
        self._run("psql", *self._here(), "-c", f"drop tablespace {space}")

    def _here(self) -> tuple[str, ...]:
        return "-h", "127.0.0.1", "-p", str(self.port), "-U", ACCOUNT

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        as_other: Sequence[str] = ("runuser", "-u", ACCOUNT, "--") if os.getuid() == 0 else ()
        command = [*as_other, str(self.bin / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.home)
