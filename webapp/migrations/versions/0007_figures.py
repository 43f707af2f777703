"""What the figures are read through: where in the table a time lies, and how many values an expression has.

Neither costs a step anything worth measuring: the index holds one line for 128 pages, and statistics are taken when
the table is analysed. The expressions are those of ``workflows.engine.figures``, word for word.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

EXPRESSIONS = {
    "user_task_person": "coalesce(assignee_id, closed_by_id)",
    "user_task_month": "date_trunc('month', closed_at AT TIME ZONE INTERVAL '08:00')",
    "user_task_wait": "floor(ln(1 + greatest(date_part('epoch', closed_at - opened_at), 0)) * 20)::int",
}


def upgrade() -> None:
    op.create_index(
        "ix_user_task_closed",
        "user_task",
        ["closed_at"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    for name, expression in EXPRESSIONS.items():
        op.execute(f"CREATE STATISTICS {name} ON ({expression}) FROM user_task")


def downgrade() -> None:
    for name in EXPRESSIONS:
        op.execute(f"DROP STATISTICS {name}")
    op.drop_index("ix_user_task_closed", "user_task")
