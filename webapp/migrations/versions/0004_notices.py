"""Channels of notices, what each person wants, and what became of each delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("notice", sa.Column("routed_at", _INSTANT, nullable=True))
    # What was told before there were channels is not sent out afterwards.
    op.execute("UPDATE notice SET routed_at = created_at")
    op.create_index("ix_notice_bell", "notice", ["employee_id", "id"])
    op.create_index("ix_notice_unrouted", "notice", ["id"], postgresql_where=sa.text("routed_at IS NULL"))
    op.create_table(
        "notice_preference",
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.CheckConstraint("mode IN ('now', 'digest', 'off')", name=op.f("ck_notice_preference_mode")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], ondelete="CASCADE", name=op.f("fk_notice_preference_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", "kind", "channel", name=op.f("pk_notice_preference")),
    )
    op.create_table(
        "notice_address",
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], ondelete="CASCADE", name=op.f("fk_notice_address_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", "channel", name=op.f("pk_notice_address")),
    )
    op.create_table(
        "notice_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("problem", sa.String(200), nullable=True),
        sa.Column("digest_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.CheckConstraint(
            "status IN ('due', 'held', 'bundled', 'sending', 'sent', 'failed', 'unknown', 'skipped')",
            name=op.f("ck_notice_delivery_status"),
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], ondelete="CASCADE", name=op.f("fk_notice_delivery_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_delivery")),
        sa.UniqueConstraint("notice_id", "channel", name=op.f("uq_notice_delivery_notice_id_channel")),
    )
    op.create_index("ix_notice_delivery_due", "notice_delivery", ["due_at", "id"], postgresql_where=sa.text("status = 'due'"))
    op.create_index("ix_notice_delivery_held", "notice_delivery", ["notice_id"], postgresql_where=sa.text("status = 'held'"))
    op.create_index("ix_notice_delivery_sending", "notice_delivery", ["taken_at"], postgresql_where=sa.text("status = 'sending'"))
    op.create_index("ix_notice_delivery_status", "notice_delivery", ["status", "id"])
    op.create_index("ix_notice_delivery_digest", "notice_delivery", ["digest_id"], postgresql_where=sa.text("digest_id IS NOT NULL"))
    op.create_table(
        "notice_digest_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_notice_digest_day")),
    )


def downgrade() -> None:
    op.drop_table("notice_digest_day")
    op.drop_table("notice_delivery")
    op.drop_table("notice_address")
    op.drop_table("notice_preference")
    op.drop_index("ix_notice_unrouted", table_name="notice")
    op.drop_index("ix_notice_bell", table_name="notice")
    op.drop_column("notice", "routed_at")
