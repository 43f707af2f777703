"""The product as it really runs: gunicorn and worker as processes of their own, on a database of the test's."""

import datetime as dt
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.application import config_for
from webapp.launch.processes import start_child, stop_child


def environment(url: str, var: Path) -> dict[str, str]:
    """The demo's environment on one database, with the secrets of ``tests.application``, without the developer's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALESFLOW_")}
    config = config_for(url, dt.datetime.now(dt.UTC))
    return {
        **kept,
        "DATABASE_URL": url,
        "SALESFLOW_VAR": str(var),
        "SALESFLOW_SECRET_KEY": config["SECRET_KEY"],
        "SALESFLOW_PASSWORD_SALT": config["SECURITY_PASSWORD_SALT"],
        "SALESFLOW_KEYS": config["SALESFLOW_KEYS"],
        "SALESFLOW_AUDIT_KEY": config["AUDIT_KEY"].decode(),
    }


class Product:
    """Web server and worker on one database. ``var`` holds the secrets and logs of this product."""

    def __init__(self, url: str) -> None:
        self.database_url = url
        self.var = Path(tempfile.mkdtemp(prefix="salesflow-product-"))
        self.environ = environment(url, self.var)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.children: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_web(self, workers: int = 2, threads: int = 4) -> "subprocess.Popen[bytes]":
        """Start gunicorn and wait until it answers."""
        child = self._start(
            "-m", "gunicorn", f"--bind=127.0.0.1:{self.port}", "--worker-class=gthread", f"--workers={workers}",
            f"--threads={threads}", "--preload", "--no-control-socket", "webapp:create_app()", log="web.log",
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert child.poll() is None, self.log("web.log")
            try:
                with urllib.request.urlopen(f"{self.address}/healthy", timeout=5):
                    return child
            except urllib.error.HTTPError:
                raise AssertionError(self.log("web.log")) from None
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.log("web.log"))

    def start_worker(self) -> "subprocess.Popen[bytes]":
        """Start a worker; it takes its first job about a second later."""
        return self._start("-m", "webapp.cli", "worker", log="worker.log")

    def kill(self, child: "subprocess.Popen[bytes]") -> None:
        """End a child and all that it started as ``kill -9`` does."""
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        self.children.remove(child)

    def log(self, name: str) -> str:
        return (self.var / name).read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        for child in self.children:
            stop_child(child, signal.SIGTERM, patience=20)
        self.children.clear()
        shutil.rmtree(self.var, ignore_errors=True)

    def _start(self, *arguments: str, log: str) -> "subprocess.Popen[bytes]":
        with open(self.var / log, "ab") as output:
            child = start_child([sys.executable, *arguments], log=output.fileno(), environ=self.environ)
        self.children.append(child)
        return child
