"""The schema of a database: which version it has, which one this code needs, and how it gets there.

Two machines may start at once on one database; an advisory lock lets the second wait for the first one's migration.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from webapp.launch import LaunchError

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
#: Any number that no other program would lock on this database.
LOCK = 7_253_659


class WrongSchema(LaunchError):
    """The database's schema and this code do not belong together, said in one line."""


def alembic_config(connection: Connection | None = None) -> Config:
    """The configuration of our migrations, to be run on the connection."""
    config = Config(MIGRATIONS / "alembic.ini")
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def needed_revision() -> str:
    """The newest revision that this code knows."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


def current_revision(connection: Connection) -> str | None:
    """The revision of the database; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def check_schema(connection: Connection) -> None:
    """Refuse a database that this code can't work with.

    :raises WrongSchema: it is empty, older, or newer than the code
    """
    current, needed = current_revision(connection), needed_revision()
    if current == needed:
        return
    if current is None:
        raise WrongSchema("The database is empty: run `salesflow db upgrade` first.")
    _refuse_newer(current)
    raise WrongSchema(
        f"The schema of the database is {current}, older than the {needed} that this version needs: "
        "run `salesflow db upgrade`."
    )


def upgrade_schema(url: str) -> tuple[str | None, str]:
    """Bring a database to the newest revision; gives the revision before and after.

    :raises WrongSchema: the database is newer than this code
    """
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            current, needed = current_revision(connection), needed_revision()
            if current == needed:
                return current, needed
            if current is not None:
                _refuse_newer(current)
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            connection.commit()
            command.upgrade(alembic_config(connection), "head")
            connection.commit()
            return current, needed
    finally:
        engine.dispose()


def _refuse_newer(current: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if current not in known:
        raise WrongSchema(
            f"The schema of the database is {current}, which this version does not know: the database belongs to a "
            "newer version of salesflow. Update the program, or use another database."
        )
