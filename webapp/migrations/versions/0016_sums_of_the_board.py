"""Indexes that give the sums of the board, and the figures of a period, without reading the rows of all sales."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_BOARD = {
    "ix_sale_board": ["stage", "stage_since", "id"],
    "ix_sale_board_department": ["department_id", "stage", "stage_since", "id"],
    "ix_sale_board_owner": ["owner_id", "stage", "stage_since", "id"],
}


def upgrade() -> None:
    for name, columns in _BOARD.items():
        op.drop_index(name, "sale")
        op.create_index(
            name, "sale", columns, postgresql_where=sa.text("status = 'open'"), postgresql_include=["expected_fen"]
        )
