"""What is measured, started for this run only: one PostgreSQL, two gunicorns, the product's worker.

Both web servers run with the arguments of ``salesflow run``; PostgreSQL with the product's own settings, durable
commits included. Everything lies in a directory of its own and is gone at the end.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from types import TracebackType
from typing import Any

import psycopg

from webapp.config import CHECKOUT
from webapp.launch.account import database_account
from webapp.launch.postgres import BOOTSTRAP_ROLE, EmbeddedPostgres
from webapp.launch.processes import start_child, stop_child
from workflows.kernel.crypto import Keyring

WORKERS, THREADS = 2, 8
PRODUCT, BARE = "bench_product", "bench_bare"


@dataclass(frozen=True, slots=True)
class Server:
    """A gunicorn that runs."""

    port: int
    pid: int

    def worked(self) -> float:
        """Processor seconds of its processes so far."""
        nanoseconds = 0
        for pid in [self.pid, *_children(self.pid)]:
            for task in Path(f"/proc/{pid}/task").iterdir():
                nanoseconds += int((task / "schedstat").read_text().split()[0])
        return nanoseconds / 1e9


class Lab:
    """Servers that end with the ``with`` block."""

    def __init__(self) -> None:
        account = database_account()
        self.home = Path(tempfile.mkdtemp(prefix="salesflow-bench-"))
        account.own(self.home)
        self.postgres = EmbeddedPostgres(
            self.home / "data", secrets.token_hex(16), account, log=self.home / "postgres.log"
        )
        self.children: list[subprocess.Popen[bytes]] = []
        self.has_worker = False
        self.var = Path(tempfile.mkdtemp(prefix="salesflow-bench-var-"))

    def __enter__(self) -> "Lab":
        self.postgres.start()
        for name in (PRODUCT, BARE):
            self.postgres.ensure_database(name)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for child in reversed(self.children):
            stop_child(child, SIGTERM, 20)
        self.postgres.stop()
        if error is not None:
            sys.stderr.write(self.logs())
        for folder in (self.home, self.var):
            shutil.rmtree(folder, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        """The product's environment: production, every secret made for this run."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SALESFLOW_")}
        return {
            **kept,
            "DATABASE_URL": self.postgres.url(PRODUCT),
            "SALESFLOW_ENV": "production",
            "SALESFLOW_VAR": str(self.var),
            "SALESFLOW_WEB_THREADS": str(THREADS),
            "SALESFLOW_SECRET_KEY": secrets.token_urlsafe(32),
            "SALESFLOW_PASSWORD_SALT": secrets.token_urlsafe(32),
            "SALESFLOW_TOTP_SECRET": secrets.token_urlsafe(32),
            "SALESFLOW_AUDIT_KEY": secrets.token_urlsafe(32),
            "SALESFLOW_KEYS": Keyring.new_key("bench"),
        }

    def serve(self, application: str, path: str, environ: Mapping[str, str]) -> Server:
        """Start gunicorn with an application and wait until it answers."""
        port = _free_port()
        arguments = [f"--bind=127.0.0.1:{port}", "--worker-class=gthread", f"--workers={WORKERS}"]
        arguments += [f"--threads={THREADS}", "--preload", "--timeout=60", "--no-control-socket"]
        child = self._start(environ, "gunicorn", *arguments, application, log=f"{application.partition(':')[0]}.log")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=60) as probe:
                    probe.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                    if probe.recv(64).split(b" ")[1] == b"200":
                        return Server(port, child.pid)
            except (OSError, IndexError):
                pass
            time.sleep(0.1)
        raise RuntimeError(f"{application} does not answer\n{self.logs()}")

    def start_worker(self, environ: Mapping[str, str]) -> None:
        """Start the product's worker."""
        self._start(environ, "webapp.cli", "worker", log="worker.log")
        self.has_worker = True

    def connect(self, database: str = PRODUCT, *, superuser: bool = False) -> "psycopg.Connection[Any]":
        """A connection past the servers, committing each statement; only the superuser can skip triggers."""
        return self.postgres.connect(BOOTSTRAP_ROLE if superuser else "salesflow", database)

    def drain(self, patience: float = 120.0) -> int:
        """Wait until the worker has done every job of the steps; gives how many were waiting."""
        sql = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queueing_lock IS NULL"
        if not self.has_worker:
            return 0
        deadline = time.monotonic() + patience
        with self.connect() as connection:
            waiting = found = int(connection.execute(sql).fetchone()[0])  # type: ignore[index]
            while found and time.monotonic() < deadline:
                time.sleep(0.05)
                found = int(connection.execute(sql).fetchone()[0])  # type: ignore[index]
        return waiting

    def logs(self) -> str:
        """The ends of the servers' logs."""
        return "\n".join(f"{path}:\n{path.read_text(errors='replace')[-3000:]}" for path in self.var.glob("*.log"))

    def _start(self, environ: Mapping[str, str], module: str, *arguments: str, log: str) -> "subprocess.Popen[bytes]":
        with open(self.var / log, "ab") as output:
            command = [sys.executable, "-m", module, *arguments]
            child = start_child(command, log=output.fileno(), environ=environ, cwd=CHECKOUT)
        self.children.append(child)
        return child


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
