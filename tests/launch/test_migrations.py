"""Migrations against models, and the guards that live in the database alone."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError

from tests.database import Databases
from webapp.schema import WrongSchema, alembic_config, check_schema, needed_revision, upgrade_schema
from webapp.tables import APPEND_ONLY


@pytest.fixture
def migrated(databases: Databases) -> Iterator[Engine]:
    """A database made by the migrations alone, from nothing."""
    url = databases.empty()
    upgrade_schema(url)
    engine = create_engine(url)
    yield engine
    engine.dispose()
    databases.drop(url)


def test_migrations_lead_to_the_models(migrated: Engine) -> None:
    with migrated.connect() as connection:
        command.check(alembic_config(connection))


def test_a_second_upgrade_changes_nothing(migrated: Engine) -> None:
    url = migrated.url.render_as_string(hide_password=False)
    assert upgrade_schema(url) == (needed_revision(), needed_revision())


def test_an_empty_an_older_and_a_newer_schema_are_named(migrated: Engine) -> None:
    with migrated.connect() as connection:
        check_schema(connection)
        for found, complaint in [
            ("0001", "is 0001, older than"),
            ("9999", "is 9999, which this version does not know"),
        ]:
            connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": found})
            with pytest.raises(WrongSchema, match=complaint):
                check_schema(connection)
        connection.execute(text("DELETE FROM alembic_version"))
        with pytest.raises(WrongSchema, match="is empty"):
            check_schema(connection)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_rows_written_once_are_never_changed(migrated: Engine, table: str, change: str) -> None:
    column = {"history_event": "seq", "calendar_day": "change_id"}.get(table, "id")
    sql = change.format(table, column, column) if change.startswith("UPDATE") else change.format(table)
    with migrated.connect() as connection, pytest.raises(IntegrityError, match="written once") as refused:
        connection.execute(text(sql))
    assert isinstance(refused.value.orig, psycopg.errors.IntegrityError)
    assert refused.value.orig.diag.constraint_name == f"{table}_is_append_only"
