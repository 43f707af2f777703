"""The database of a run: the server named by ``DATABASE_URL``, or the embedded one."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from webapp.config import checked_url, demo_secret
from webapp.launch import LaunchError
from webapp.launch.account import data_directory, database_account
from webapp.launch.postgres import EmbeddedPostgres
from webapp.launch.running import Running

DATABASE = "salesflow"
#: A new database and its first log take some 60 MB; below this a start would end half-way.
SMALLEST_ROOM = 200 * 1024 * 1024


def open_database(
    environ: Mapping[str, str], var: Path, running: Running, say: Callable[[str], None]
) -> tuple[str, EmbeddedPostgres | None]:
    """Give the address of a database that answers, and the server when it is our own.

    :raises LaunchError: no server answers, or ours can't be started
    """
    given = environ.get("DATABASE_URL")
    if given:
        url = checked_url(given)
        say(f"Using PostgreSQL at {make_url(url).render_as_string(hide_password=True)}")
        probe(url)
        return url, None
    refuse_full_disk(var)
    forget_sockets(running)
    account = database_account(environ)
    data = data_directory(account, var / "postgres")
    is_new = not (data / "PG_VERSION").exists()
    say("Making a PostgreSQL database in var/postgres" if is_new else "Starting PostgreSQL")
    server = EmbeddedPostgres(
        data, demo_secret("database_password", var / "secrets"), account, log=var / "log" / "postgres.log"
    )
    server.start()
    try:
        server.ensure_database(DATABASE)
        url = server.url(DATABASE)
        running.keep_database_url(url)
    except BaseException:
        server.stop()
        raise
    return url, server


def forget_sockets(running: Running) -> None:
    """Remove the directory of the socket that a killed run has left behind."""
    left = running.folder / "database_url"
    if left.exists():
        host = make_url(left.read_text().strip()).query.get("host", "")
        if isinstance(host, str) and host.startswith("/tmp/salesflow-"):  # noqa: S108  ours, by its name
            shutil.rmtree(host, ignore_errors=True)
        left.unlink()


def probe(url: str) -> None:
    """Connect once; whatever is wrong is said without the password."""
    try:
        with psycopg.connect(
            make_url(url).set(drivername="postgresql").render_as_string(False), connect_timeout=5
        ) as c:
            c.execute("SELECT 1")
    except psycopg.Error as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise LaunchError(f"The database named in DATABASE_URL does not answer: {reason}") from None


def refuse_full_disk(var: Path) -> None:
    """Say that the disk is full before PostgreSQL says it in its own way."""
    free = shutil.disk_usage(var).free
    if free < SMALLEST_ROOM:
        raise LaunchError(f"The disk is full: {free // 2**20} MB are left for {var}, 200 MB are needed.")
