"""The PostgreSQL of a test run: the real one, on a directory that is thrown away.

One server serves the whole run, the parallel workers of pytest-xdist included. It holds a template with the schema;
a test's own database is a copy of it, made in some 40 ms, so that no test sees another one's rows.
"""

import re
import secrets
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import make_url

from webapp.launch.account import database_account
from webapp.launch.postgres import TEST_SETTINGS, EmbeddedPostgres
from webapp.schema import upgrade_schema

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
            upgrade_schema(self.server.url(TEMPLATE))
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
