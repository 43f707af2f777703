"""The company's days as arithmetic takes them: day -> whether the company works, where it says anything of its own.

Every step that sets a deadline asks for them, so each process keeps what it read last, by database, for as long as the
calendar's version is the same. The version costs one round trip; a statement that runs anyway can bring it along in a
column ``VERSION`` instead, and hand it over.
"""

import datetime as dt
from types import MappingProxyType
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from workflows.kernel.workdays import Overrides

#: An SQL expression: the version of the calendar, 0 before the first change.
VERSION = "coalesce((SELECT max(id) FROM calendar_change), 0)"

#: One statement, and so one snapshot, for the version and the days that belong to it.
_READ = f"""
SELECT {VERSION} AS version,
       (SELECT json_agg(json_build_array(day, works))
          FROM (SELECT DISTINCT ON (day) day, works FROM calendar_day ORDER BY day, change_id DESC) newest
         WHERE works IS NOT NULL) AS days
"""  # noqa: S608 (constants only)

_kept: WeakKeyDictionary[Engine, tuple[int, Overrides]] = WeakKeyDictionary()


def overrides(session: Session, version: int | None = None) -> Overrides:
    """Give the company's own days, as of now.

    :param version: what ``VERSION`` gave in a statement of this transaction; None asks the database
    """
    connection = session.connection()
    if version is None:
        version = int(connection.exec_driver_sql(f"SELECT {VERSION}").scalar_one())
    known = _kept.get(connection.engine)
    if known is None or known[0] != version:
        known = _kept[connection.engine] = _read(connection)
    return known[1]


def _read(connection: Connection) -> tuple[int, Overrides]:
    row = connection.exec_driver_sql(_READ).one()
    days = {dt.date.fromisoformat(day): works for day, works in row.days or []}
    return int(row.version), MappingProxyType(days)
