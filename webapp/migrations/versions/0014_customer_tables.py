"""Previews of imported customers, and who took contacts out of the archive."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "customer_import",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "(done_at IS NULL) = (sealed IS NOT NULL)", name=op.f("ck_customer_import_done_keeps_no_contacts")
        ),
        sa.CheckConstraint("(done_at IS NULL) = (report IS NULL)", name=op.f("ck_customer_import_done_has_a_report")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["employee.id"], name=op.f("fk_customer_import_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_import")),
    )
    op.create_index(op.f("ix_customer_import_uploaded_by_id"), "customer_import", ["uploaded_by_id"])
    op.create_index(
        "ix_customer_import_undone", "customer_import", ["uploaded_at"], postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_table(
        "contact_export",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("exported_by_id", sa.BigInteger(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["exported_by_id"], ["employee.id"], name=op.f("fk_contact_export_exported_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_export")),
    )
    op.create_index(op.f("ix_contact_export_exported_by_id"), "contact_export", ["exported_by_id"])
    op.execute(
        "CREATE TRIGGER contact_export_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contact_export"
        " EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("contact_export")
    op.drop_table("customer_import")
