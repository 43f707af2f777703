"""Runs the migrations: on a connection handed over by ``webapp.schema``, else on the app's own engine.

The tables of the job queue belong to its library, so autogeneration and comparison pass them over.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection

from webapp.tables import all_tables

config = context.config


def is_ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Whether the comparison of models and database looks at this object."""
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", None)
    return not str(table).startswith("procrastinate_")


def run(connection: Connection) -> None:
    """Run what was asked for in one transaction, so that a failed migration leaves nothing half done."""
    context.configure(
        connection=connection, target_metadata=all_tables(), include_object=is_ours, compare_server_default=False
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = config.attributes.get("connection")
if given is not None:
    run(given)
else:
    from flask import current_app

    with current_app.extensions["migrate"].db.engine.connect() as connection:
        run(connection)
        connection.commit()
