"""What came in before a sale was reopened with all of it given back counts no more."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("sale", sa.Column("settled_receipt_id", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
