"""Files of the customer archive belong to no case, and are attached all the same."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_document_attached_has_a_time"), "document")
    op.create_check_constraint(
        op.f("ck_document_attached_has_a_time"), "document", "instance_id IS NULL OR attached_at IS NOT NULL"
    )
    op.drop_index("ix_document_loose", "document")
    op.create_index(
        "ix_document_loose", "document", ["owner_id", "uploaded_at"], postgresql_where=sa.text("attached_at IS NULL")
    )
