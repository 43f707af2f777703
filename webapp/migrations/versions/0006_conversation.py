"""Copies, comments, urging and stock phrases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "copy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("copied_by_id", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.String(length=64), nullable=True),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("copied_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_copy_instance_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_copy_employee_id")),
        sa.ForeignKeyConstraint(["copied_by_id"], ["employee.id"], name=op.f("fk_copy_copied_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy")),
        sa.UniqueConstraint("instance_id", "employee_id", name=op.f("uq_copy_instance_id_employee_id")),
    )
    op.create_index("ix_copy_employee", "copy", ["employee_id", "copied_at", "id"])
    op.create_index("ix_copy_unread", "copy", ["employee_id"], postgresql_where=sa.text("read_at IS NULL"))
    op.create_table(
        "urge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("urged_by_id", sa.BigInteger(), nullable=False),
        sa.Column("urged_at", INSTANT, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_urge_instance_id")),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_urge_task_id")),
        sa.ForeignKeyConstraint(["urged_by_id"], ["employee.id"], name=op.f("fk_urge_urged_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urge")),
        sa.UniqueConstraint("task_id", "urged_by_id", "key", name=op.f("uq_urge_task_id_urged_by_id_key")),
    )
    op.create_index("ix_urge_instance", "urge", ["instance_id", "urged_at"])
    op.create_index("ix_urge_task", "urge", ["task_id", "urged_at"])
    op.create_table(
        "comment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("document_ids", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint("(body IS NULL) = (withdrawn_at IS NOT NULL)", name=op.f("ck_comment_text_or_taken_back")),
        sa.CheckConstraint("length(body) BETWEEN 1 AND 2000", name=op.f("ck_comment_length")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_comment_instance_id")),
        sa.ForeignKeyConstraint(["author_id"], ["employee.id"], name=op.f("fk_comment_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sa.UniqueConstraint("author_id", "key", name=op.f("uq_comment_author_id_key")),
    )
    op.create_index("ix_comment_instance", "comment", ["instance_id", "id"])
    op.create_table(
        "comment_mention",
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_comment_mention_comment_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_comment_mention_employee_id")),
        sa.PrimaryKeyConstraint("comment_id", "employee_id", name=op.f("pk_comment_mention")),
    )
    op.create_table(
        "phrase",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_phrase_not_empty")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_phrase_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
        sa.UniqueConstraint("employee_id", "text", name=op.f("uq_phrase_employee_id_text")),
    )
    op.create_index("ix_phrase_employee", "phrase", ["employee_id", "position", "id"])


def downgrade() -> None:
    raise NotImplementedError("What people said has no place in the older tables.")
