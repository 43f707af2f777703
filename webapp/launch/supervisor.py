"""Starts everything, watches it, and ends everything: what ``make run`` is.

Children stand in sessions of their own, so Ctrl-C reaches the supervisor alone, which then ends them in order: web and
worker first, the database last. The port is bound here and handed to gunicorn, so that a port in use is known before
anything was started, and a web server that is started again needs no new one.
"""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from webapp.build import build_assets
from webapp.config import load_config, var_directory
from webapp.launch import LaunchError
from webapp.launch.accounts_shown import demo_accounts
from webapp.launch.database import open_database
from webapp.launch.postgres import EmbeddedPostgres
from webapp.launch.prepare import is_prepared
from webapp.launch.processes import start_child, stop_child
from webapp.launch.running import Running
from webapp.messages import compile_translations

#: A child that lives shorter than this after a start is not started again and again without pause.
SHORT_LIFE_SECONDS = 10.0
MOST_SHORT_LIVES = 5
READY_PATIENCE_SECONDS = 60.0
STOP_PATIENCE_SECONDS = 25.0
LOG_LIMIT = 20 * 1024 * 1024


class Stopped(BaseException):
    """Somebody asked us to stop, at whatever point we were."""


@dataclass(slots=True)
class Service:
    """A child that runs as long as we do."""

    name: str
    command: list[str]
    log: Path
    pass_fds: tuple[int, ...] = ()
    child: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    short_lives: int = 0

    def start(self) -> None:
        """Start it, its output going to its log."""
        with open(self.log, "ab") as log:
            self.child = start_child(self.command, log=log.fileno(), pass_fds=self.pass_fds)
        self.started_at = time.monotonic()

    def revive(self) -> bool:
        """Start it again when it has ended; True when it had.

        :raises LaunchError: it ends as soon as it is started
        """
        if self.child is None or self.child.poll() is None:
            return False
        lived = time.monotonic() - self.started_at
        self.short_lives = self.short_lives + 1 if lived < SHORT_LIFE_SECONDS else 0
        if self.short_lives >= MOST_SHORT_LIVES:
            raise LaunchError(f"The {self.name} ends as soon as it is started; see {self.log}.")
        self.start()
        return True


@dataclass(slots=True)
class Supervisor:
    """One run of the product, from the first line that it says to the last."""

    environ: Mapping[str, str]
    host: str
    port: int
    say: Callable[[str], None]
    var: Path = field(init=False)
    running: Running = field(init=False)
    listener: socket.socket | None = None
    database: EmbeddedPostgres | None = None
    services: list[Service] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.var = var_directory(self.environ)
        self.running = Running(self.var)

    @property
    def address(self) -> str:
        """Where a browser finds the product."""
        host = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else self.host  # noqa: S104
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Start everything and stay until asked to stop.

        :raises LaunchError: something keeps the product from running
        """
        for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wanted, _stop)
        self.running.begin()
        try:
            self.start()
            while True:
                time.sleep(0.5)
                self.watch()
        except Stopped:
            pass
        finally:
            for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(wanted, signal.SIG_IGN)
            self.stop()

    def start(self) -> None:
        """From nothing to the address and the accounts."""
        (self.var / "log").mkdir(parents=True, exist_ok=True)
        self.listener = bind(self.host, self.port)
        build_assets(self.say)
        compile_translations()
        url, self.database = open_database(self.environ, self.var, self.running, self.say)
        load_config(self.environ)
        if not is_prepared(url, self.var / "prepared"):
            self.say("Preparing the database")
            if subprocess.run([sys.executable, "-m", "webapp.launch.prepare"], check=False).returncode != 0:
                raise LaunchError("The database could not be prepared.")
        self.say("Starting the web server and the worker")
        self.services = [self.web(), Service("worker", cli("worker"), fresh_log(self.var / "log" / "worker.log"))]
        for service in self.services:
            service.start()
        self.await_web()
        self.running.note(address=self.address)
        accounts = demo_accounts(url, self.environ)
        self.say(f"Ready at {self.address}   (Ctrl-C stops it; logs are in {self.var / 'log'})\n{accounts}")

    def web(self) -> Service:
        """The web server on the socket that we hold."""
        assert self.listener is not None  # noqa: S101  start() has bound it
        threads = self.environ.get("SALESFLOW_WEB_THREADS", "8")
        workers = self.environ.get("SALESFLOW_WEB_WORKERS", "2")
        command = [sys.executable, "-m", "gunicorn", f"--bind=fd://{self.listener.fileno()}", "--worker-class=gthread"]
        command += [f"--workers={workers}", f"--threads={threads}", "--preload", "--timeout=60"]
        command += ["--graceful-timeout=15", "--no-control-socket", "--name=salesflow", "webapp:create_app()"]
        return Service("web server", command, fresh_log(self.var / "log" / "web.log"), (self.listener.fileno(),))

    def await_web(self) -> None:
        """Wait until the web server answers, whatever it answers."""
        deadline = time.monotonic() + READY_PATIENCE_SECONDS
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104
        while time.monotonic() < deadline:
            for service in self.services:
                if service.child is not None and service.child.poll() is not None:
                    raise LaunchError(f"The {service.name} did not start; see {service.log}.")
            try:
                with urllib.request.urlopen(f"http://{host}:{self.port}/healthy", timeout=5):
                    return
            except urllib.error.HTTPError:
                raise LaunchError(f"The web server does not answer properly; see {self.services[0].log}.") from None
            except OSError:
                time.sleep(0.05)
        raise LaunchError(f"The web server did not answer within {READY_PATIENCE_SECONDS:.0f} s.")

    def watch(self) -> None:
        """Start again what has ended; without its database there is nothing to go on with."""
        if self.database is not None and self.database.child is not None and self.database.child.poll() is not None:
            raise LaunchError(f"PostgreSQL has ended; see {self.database.log}.")
        for service in self.services:
            if service.revive():
                self.say(f"The {service.name} had ended and was started again; see {service.log}")

    def stop(self) -> None:
        """End everything that was started, in order."""
        if self.services or self.database is not None:
            self.say("Stopping")
        for service in self.services:
            if service.child is not None and service.child.poll() is None:
                service.child.send_signal(signal.SIGTERM)
        for service in self.services:
            if service.child is not None:
                stop_child(service.child, signal.SIGTERM, STOP_PATIENCE_SECONDS)
        if self.database is not None:
            self.database.stop()
        if self.listener is not None:
            self.listener.close()
        self.running.end()


def bind(host: str, port: int) -> socket.socket:
    """Reserve the port.

    :raises LaunchError: it is in use, or may not be used
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Two sockets can be bound to one port as long as neither listens, so listen before anything is started.
        listener.listen(128)
    except (OSError, OverflowError) as problem:
        listener.close()
        if getattr(problem, "errno", None) == errno.EADDRINUSE:
            raise LaunchError(f"Port {port} is in use; take another one: make run PORT={port + 1}") from None
        raise LaunchError(f"Port {port} of {host} can't be used: {getattr(problem, 'strerror', problem)}.") from None
    return listener


def fresh_log(path: Path) -> Path:
    """The log, after an overlong one was put aside."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        os.replace(path, path.with_suffix(".log.1"))
    return path


def cli(*arguments: str) -> list[str]:
    """Our own command line, whatever the path of the environment looks like."""
    return [sys.executable, "-m", "webapp.cli", *arguments]


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped(number)
