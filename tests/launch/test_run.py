"""``salesflow run`` as a person starts it: from nothing to the address, its end, and what it says when it can't."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.database import Databases
from webapp.build import build_assets
from webapp.launch.postgres import clear_remains

COMMAND = [sys.executable, "-m", "webapp.cli"]


class Run:
    """One ``var`` and whatever is run on it."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.output = var.with_suffix(".out")
        self.started: list[subprocess.Popen[bytes]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def environ(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SALESFLOW_", "DATABASE_"))}
        return {**kept, "SALESFLOW_VAR": str(self.var), "PORT": str(self.port), **more}

    def call(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return subprocess.run(
            [*COMMAND, *arguments], env=self.environ(**more), capture_output=True, text=True, timeout=90, check=False
        )

    def start(self, **more: str) -> "subprocess.Popen[bytes]":
        """Start everything and wait until it says that it is ready."""
        with open(self.output, "wb") as output:
            child = subprocess.Popen([*COMMAND, "run"], env=self.environ(**more), stdout=output, stderr=output)
        self.started.append(child)
        deadline = time.monotonic() + 90
        while "Ready at" not in self.said():
            assert child.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        return child

    def said(self) -> str:
        return self.output.read_text()

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthy", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def socket_directory(self) -> Path:
        """Where the embedded server listens."""
        return Path(str(make_url((self.var / "run" / "database_url").read_text().strip()).query["host"]))

    def processes(self) -> list[str]:
        """The command lines that name this run's port or data."""
        found = []
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = each.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.var / "postgres") in line:
                found.append(line)
        return found


@pytest.fixture
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run on an empty ``var`` that is ended after the test, whatever the test did."""
    build_assets(lambda _: None, with_tests=True)
    var = Path(f"/tmp/salesflow-run-{os.getpid()}-{time.monotonic_ns()}")
    var.mkdir(mode=0o755)
    made = Run(var)
    yield made
    for child in made.started:
        if child.poll() is None:
            child.terminate()
            child.wait(60)
    clear_remains(var / "postgres")
    shutil.rmtree(var)
    made.output.unlink(missing_ok=True)


@pytest.fixture
def company(databases: Databases, demo_template: str) -> Iterator[str]:
    """A database with the demo company in it, for runs that are not about making one."""
    url = databases.copy(demo_template)
    yield url
    databases.drop(url)


def test_from_nothing_to_the_accounts_and_back(run: Run) -> None:
    child = run.start()
    said = run.said()
    for line in ("Making a PostgreSQL database", "Migrated the database", "Filled the demo company", "Ready at"):
        assert line in said
    assert re.search(r"salesperson +张小明", said)
    assert run.answers()
    assert run.call("doctor").returncode == 0
    assert run.call("token", "salesperson").stdout.strip().startswith("sft_")

    stopped = run.call("stop")
    assert stopped.stdout == "salesflow: Stopped\n"
    assert child.wait(30) == 0
    assert run.processes() == []
    assert not run.answers()
    assert (run.var / "postgres" / "PG_VERSION").exists()

    again = run.start()
    # What makes the first start slow is skipped; seconds would measure what else the machine does.
    for line in ("Preparing", "Making", "Installing", "Building"):
        assert line not in run.said()
    again.send_signal(signal.SIGINT)
    assert again.wait(30) == 0
    assert run.processes() == []


def test_a_run_killed_outright_leaves_nothing_that_the_next_one_trips_over(run: Run) -> None:
    child = run.start()
    sockets = run.socket_directory()
    child.kill()
    child.wait()
    run.start()
    assert run.answers()
    assert run.socket_directory() != sockets
    assert not sockets.exists()


def test_a_web_server_that_dies_is_started_again(company: str, run: Run) -> None:
    run.start(DATABASE_URL=company)
    web = next(
        int(each.parent.name)
        for each in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parent.name))
        if each.exists() and f" {run.started[0].pid} " in each.read_text().rpartition(")")[2][:40]
        and b"gunicorn" in (each.parent / "cmdline").read_bytes()
    )  # fmt: skip
    os.kill(web, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while "The web server had ended and was started again" not in run.said() or not run.answers():
        assert time.monotonic() < deadline, run.said()
        time.sleep(0.1)


def test_a_second_run_says_where_the_first_one_is(company: str, run: Run) -> None:
    run.start(DATABASE_URL=company)
    refused = run.call("run", DATABASE_URL=company)
    assert refused.returncode == 1
    assert refused.stderr == (
        f"salesflow: salesflow is already running at http://localhost:{run.port}; `make stop` ends it.\n"
    )


def test_a_port_in_use_is_named_before_anything_is_started(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", run.port))
        taken.listen()
        refused = run.call("run")
    assert refused.returncode == 1
    assert refused.stderr == (f"salesflow: Port {run.port} is in use; take another one: make run PORT={run.port + 1}\n")
    assert not (run.var / "postgres").exists()


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("postgresql://nobody:hunter2@127.0.0.1:1/none", "does not answer: connection failed"),
        ("mysql://localhost/sales", "DATABASE_URL names mysql; salesflow runs on PostgreSQL only."),
        ("nonsense", "DATABASE_URL is no address like postgresql://user:password@host/database."),
    ],
)
def test_a_broken_database_url_is_one_line(run: Run, url: str, complaint: str) -> None:
    refused = run.call("run", DATABASE_URL=url)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert complaint in refused.stderr
    assert "hunter2" not in refused.stdout + refused.stderr


def test_a_database_of_a_newer_version_is_left_alone(run: Run, own_database: str) -> None:
    address = make_url(own_database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DELETE FROM alembic_version")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    refused = run.call("run", DATABASE_URL=own_database)
    assert refused.returncode == 1
    assert "The schema of the database is 9999, which this version does not know" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_older_schema_is_brought_up_to_date(run: Run, databases: Databases) -> None:
    url = databases.empty()
    run.start(DATABASE_URL=url)
    assert "Migrated the database from nothing" in run.said()
    run.call("stop")
    databases.drop(url)


def test_production_refuses_to_start_without_its_secrets(run: Run, own_database: str) -> None:
    refused = run.call("run", DATABASE_URL=own_database, SALESFLOW_ENV="production")
    assert refused.returncode == 1
    assert refused.stderr == (
        "salesflow: SALESFLOW_SECRET_KEY is not set; production takes every secret from the environment.\n"
    )


def test_help_needs_no_database(run: Run) -> None:
    said = run.call("--help")
    assert said.returncode == 0
    for command in ("run", "worker", "demo", "db", "user", "token", "doctor"):
        assert re.search(rf"^  {command} ", said.stdout, re.MULTILINE), command
    assert "There is no database" in run.call("doctor").stderr
