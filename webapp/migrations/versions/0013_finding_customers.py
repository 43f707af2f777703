"""Indexes that find customers by any part of their name and of its sound."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    # The parts of a text that are so many signs long. Pairs of Chinese signs and triples of Latin letters are rare
    # enough for an index to lead to few rows.
    op.execute(
        """
        CREATE FUNCTION text_grams(whole text, size integer) RETURNS text[]
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT coalesce(array_agg(DISTINCT substr(whole, at, size)), '{}')
              FROM generate_series(1, length(whole) - size + 1) AS at
        $$
        """
    )
    op.execute("CREATE INDEX ix_customer_name_grams ON customer USING gin (text_grams(name_key, 2))")
    op.execute("CREATE INDEX ix_customer_pinyin_grams ON customer USING gin (text_grams(pinyin, 3))")
    op.execute("CREATE INDEX ix_customer_initials_grams ON customer USING gin (text_grams(initials, 3))")
