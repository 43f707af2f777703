"""Indexes for the lists of administrators, and what was changed about people, by whom and when."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

INSTANT = sa.DateTime(timezone=True)
INDEXES = (
    ("ix_process_instance_status", "process_instance", ["status", "process_key", "id"], None),
    ("ix_process_instance_suspended", "process_instance", ["id"], "suspended_at IS NOT NULL"),
    ("ix_process_instance_title", "process_instance", ["title", "id"], None),
    ("ix_user_task_due", "user_task", ["due_at"], "status = 'open' AND due_at IS NOT NULL"),
    ("ix_user_task_waiting", "user_task", ["desk"], "status = 'waiting'"),
)


def upgrade() -> None:
    for name, table, columns, where in INDEXES:
        # Titles are looked for by what they begin with, whatever the collation.
        ops = {"title": "text_pattern_ops"} if "title" in columns else {}
        op.create_index(name, table, columns, postgresql_where=sa.text(where) if where else None, postgresql_ops=ops)
    op.create_table(
        "employee_change",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("employee_id", sa.BigInteger, nullable=False),
        sa.Column("changed_by_id", sa.BigInteger),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("before", sa.Text, server_default="", nullable=False),
        sa.Column("after", sa.Text, server_default="", nullable=False),
        sa.Column("reason", sa.String(500), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employee_change")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_employee_change_employee_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["employee.id"], name=op.f("fk_employee_change_changed_by_id")),
    )
    op.create_index("ix_employee_change_employee", "employee_change", ["employee_id", "id"])
    op.execute(
        "CREATE TRIGGER employee_change_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON employee_change"
        " EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("employee_change")
    for name, table, _columns, _where in reversed(INDEXES):
        op.drop_index(name, table)
