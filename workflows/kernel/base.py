"""The declarative base of every table, with one naming rule for constraints.

Constraints carry predictable names because a violated one is turned into a message at a form field by its name.
Flask-SQLAlchemy takes this metadata; nothing here knows Flask.
"""

import datetime as dt
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Identity, MetaData
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


class Base(DeclarativeBase):
    """Every model's base."""

    metadata = MetaData(naming_convention=NAMING)


#: A surrogate key that the database counts up.
Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
#: A UTC instant; columns of this type end in ``_at``.
Instant = Annotated[dt.datetime, mapped_column(DateTime(timezone=True))]
