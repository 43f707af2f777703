"""The tables and functions of the job queue.

The library ships its schema as a row of migrations and applies none of them by itself. The ones named by ``LAST`` and
before are applied here; when a later version of the library brings more, a new migration applies those between.
"""

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"

LAST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def upgrade() -> None:
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    driver = op.get_bind().connection.driver_connection
    for file in files:
        if file.name <= LAST:
            # Sent without parameters, because the texts contain percent signs and several statements each.
            driver.execute(file.read_bytes())


def downgrade() -> None:
    raise NotImplementedError("The first release has a job queue; drop the database instead.")
