"""The PostgreSQL of a test run: the real one, on a directory that is thrown away.

One server serves the whole run, the parallel workers of pytest-xdist included. It holds a template with the schema;
a test's own database is a copy of it, made in some 40 ms, so that no test sees another one's rows.
"""

import re
import secrets
import shutil
import tempfile
from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import create_engine, make_url, text

from webapp.launch.account import database_account
from webapp.launch.postgres import TEST_SETTINGS, EmbeddedPostgres
from webapp.tables import APPEND_ONLY, all_tables

TEMPLATE = "template_salesflow"


class TestServer:
    """A running server with the template database; ``coordinates`` go to the workers of the run."""

    __test__ = False

    def __init__(self) -> None:
        account = database_account()
        self.home = Path(tempfile.mkdtemp(prefix="salesflow-tests-"))
        account.own(self.home)
        self.server = EmbeddedPostgres(
            self.home / "data", secrets.token_hex(16), account, dict(TEST_SETTINGS), self.home / "log"
        )
        try:
            self.server.start()
            self.server.ensure_database(TEMPLATE)
            make_schema(self.server.url(TEMPLATE))
        except BaseException:
            self.stop()
            raise

    def coordinates(self) -> dict[str, str]:
        """What another process needs in order to reach the server."""
        return {"socket_directory": str(self.server.socket_directory), "password": self.server.password}

    def stop(self) -> None:
        self.server.stop()
        shutil.rmtree(self.home, ignore_errors=True)


class Databases:
    """Makes and drops databases on the server of the run; each process of the run has its own."""

    def __init__(self, coordinates: dict[str, str], worker: str) -> None:
        self.server = EmbeddedPostgres(
            Path("/nonexistent"),
            coordinates["password"],
            database_account(),
            socket_directory=Path(coordinates["socket_directory"]),
        )
        self.worker = re.sub(r"\W", "", worker)
        self.made = 0

    def copy(self, template: str = TEMPLATE) -> str:
        """A fresh database with the template's content; gives its address."""
        self.made += 1
        name = f"test_{self.worker}_{self.made}"
        with self.server.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.server.url(name)

    def empty(self) -> str:
        """A fresh database with nothing in it; gives its address."""
        return self.copy("template1")

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        name = make_url(url).database
        with self.server.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def make_schema(url: str) -> None:
    """Create every table, the job queue's included, and the guards of the append-only ones."""
    engine = create_engine(url)
    metadata = all_tables()
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(text(REFUSE_CHANGE))
        for table in APPEND_ONLY:
            if table in metadata.tables:
                connection.execute(
                    text(
                        f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
                        f" ON {table} EXECUTE FUNCTION refuse_change()"
                    )
                )
        connection.connection.driver_connection.execute(job_queue_schema())
    engine.dispose()


REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once and never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$
"""


def job_queue_schema() -> bytes:
    """The schema that the job queue ships."""
    return SchemaManager.get_schema().encode()
