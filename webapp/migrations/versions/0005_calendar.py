"""The company's own working days."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

APPEND_ONLY = ("calendar_change", "calendar_day")


def upgrade() -> None:
    op.create_table(
        "calendar_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("note", sa.String(200), server_default="", nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undoes_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(["undoes_id"], ["calendar_change.id"], name=op.f("fk_calendar_change_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_change")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_calendar_change_undoes_id")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("works", sa.Boolean()),
        sa.ForeignKeyConstraint(["change_id"], ["calendar_change.id"], name=op.f("fk_calendar_day_change_id")),
        sa.PrimaryKeyConstraint("day", "change_id", name=op.f("pk_calendar_day")),
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
