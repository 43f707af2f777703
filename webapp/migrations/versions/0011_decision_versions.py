"""The versions of decision tables that are looked up at the moment they decide."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "decision_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("process_key", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_decision_version_version")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["employee.id"], name=op.f("fk_decision_version_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_version")),
        sa.UniqueConstraint(
            "process_key", "decision_id", "version", name=op.f("uq_decision_version_process_key_decision_id_version")
        ),
    )
    op.execute(
        "CREATE TRIGGER decision_version_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_version"
        " EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("decision_version")
