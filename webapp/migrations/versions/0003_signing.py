"""What several signers, hand-overs and suspended cases need on tasks and cases."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("process_instance", sa.Column("suspended_at", INSTANT))
    op.add_column("user_task", sa.Column("seat", sa.Integer, server_default="0", nullable=False))
    op.add_column("user_task", sa.Column("kind", sa.String(8), server_default="signer", nullable=False))
    op.add_column("user_task", sa.Column("read_at", INSTANT))
    op.add_column("user_task", sa.Column("asked_by_id", sa.BigInteger, sa.ForeignKey("employee.id")))
    op.add_column("user_task", sa.Column("question", sa.Text))
    for name in ("status", "closed_has_a_time"):
        op.drop_constraint(op.f(f"ck_user_task_{name}"), "user_task", type_="check")
    statuses = "status IN ('open', 'waiting', 'completed', 'skipped', 'cancelled')"
    op.create_check_constraint(op.f("ck_user_task_status"), "user_task", statuses)
    kinds = "kind IN ('signer', 'added', 'adviser', 'reviser')"
    op.create_check_constraint(op.f("ck_user_task_kind"), "user_task", kinds)
    closed = "(status IN ('open', 'waiting')) = (closed_at IS NULL)"
    op.create_check_constraint(op.f("ck_user_task_closed_has_a_time"), "user_task", closed)
    op.drop_index("uq_user_task_open_node", "user_task")
    op.create_index(
        "uq_user_task_seat",
        "user_task",
        ["instance_id", "node_id", "seat"],
        unique=True,
        postgresql_where=sa.text("status IN ('open', 'waiting')"),
    )


def downgrade() -> None:
    raise NotImplementedError("Tasks that wait or have several signers have no place in the older tables.")
