"""The embedded PostgreSQL, by starting it."""

import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from webapp.launch.account import database_account
from webapp.launch.postgres import TEST_SETTINGS, EmbeddedPostgres


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server not yet started, on a directory that its account can reach."""
    account = database_account()
    home = Path(tempfile.mkdtemp(prefix="salesflow-tests-"))
    account.own(home)
    made = EmbeddedPostgres(home / "data", "a password", account, dict(TEST_SETTINGS), home / "log")
    yield made
    made.stop()
    shutil.rmtree(home)


def test_data_survive_a_stop_and_a_start(server: EmbeddedPostgres) -> None:
    server.start()
    assert server.ensure_database("kept") is True
    server.stop()
    server.start()
    assert server.ensure_database("kept") is False


def test_the_password_is_asked_for_on_the_private_socket_too(server: EmbeddedPostgres) -> None:
    server.start()
    assert server.socket_directory is not None
    assert stat.S_IMODE(server.socket_directory.stat().st_mode) == 0o700
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(server.socket_directory), user="postgres", dbname="postgres", password="wrong")


def test_a_server_killed_outright_starts_again(server: EmbeddedPostgres) -> None:
    server.start()
    assert server.child is not None
    os.kill(server.child.pid, signal.SIGKILL)
    server.child.wait()
    assert (server.data / "postmaster.pid").exists()
    server.start()
    assert server.ensure_database("after_the_crash") is True


def test_a_pid_file_that_names_a_stranger_does_not_keep_the_server_from_starting(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n0\n5432\n/tmp\n\n0 0\nready\n")
    server.start()
    assert server.ensure_database("after_all") is True


def test_the_application_is_no_superuser(server: EmbeddedPostgres) -> None:
    server.start()
    with server.connect() as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'salesflow'").fetchone() == (False,)
