"""Drafts, signatures, where a case was copied from, and the ceiling of batch approval."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("process_key", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("pairs", postgresql.JSONB, nullable=False),
        sa.Column("document_ids", postgresql.ARRAY(sa.BigInteger), server_default="{}", nullable=False),
        sa.Column("copied_from_id", sa.BigInteger),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "key", name=op.f("pk_draft")),
        sa.ForeignKeyConstraint(["owner_id"], ["employee.id"], name=op.f("fk_draft_owner_id")),
        sa.ForeignKeyConstraint(["copied_from_id"], ["process_instance.id"], name=op.f("fk_draft_copied_from_id")),
    )
    op.create_index("ix_draft_saved", "draft", ["owner_id", "saved_at"])
    op.create_table(
        "case_origin",
        sa.Column("instance_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("copied_from_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_case_origin")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_case_origin_instance_id")),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["process_instance.id"], name=op.f("fk_case_origin_copied_from_id")
        ),
    )
    op.create_index(op.f("ix_case_origin_copied_from_id"), "case_origin", ["copied_from_id"])
    op.create_table(
        "signature",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("task_id", sa.BigInteger, nullable=False),
        sa.Column("signed_by_id", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_signature_task_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["employee.id"], name=op.f("fk_signature_signed_by_id")),
    )
    op.create_index(op.f("ix_signature_task_id"), "signature", ["task_id"])
    op.add_column("employee", sa.Column("batch_ceiling_fen", sa.BigInteger))
    op.create_check_constraint(op.f("ck_employee_batch_ceiling_fen"), "employee", "batch_ceiling_fen >= 0")


def downgrade() -> None:
    op.drop_column("employee", "batch_ceiling_fen")
    op.drop_table("signature")
    op.drop_table("case_origin")
    op.drop_table("draft")
