"""Decision tables that are looked up late: their versions, the newest of them, and how the next one comes about.

A business rule task with ``salesflow:binding="latest"`` asks the newest version of its table at the moment it decides,
so that a changed limit holds for the next decision of every running case, while the case's diagram stays the one it
started on. Version 1 is the file beside the diagram; what people change in the browser are the versions after it. Rows
are only ever added (docs/adr/0010-decision-tables-looked-up-late.md).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import CheckConstraint, Engine, ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.language.cells import read_condition, read_literal
from workflows.engine.language.decisions import MOST_RULES, Fault, Table, find_fault, read_table
from workflows.engine.language.sheets import Row, read_sheet, rewritten
from workflows.kernel.base import Base, Instant, Key
from workflows.kernel.errors import Invalid, NotFound, Refusal, StaleRevision

#: Any number that no other advisory lock of the project uses.
_LOCK = 7_311
LONGEST_REASON = 500
LONGEST_CELL = 200

_NEWEST = """
SELECT id, version, CASE WHEN id = %(known)s THEN NULL ELSE text END AS text
  FROM decision_version WHERE process_key = %(process)s AND decision_id = %(decision)s
 ORDER BY version DESC LIMIT 1
"""


class DecisionVersion(Base):
    """One version of a decision table. The database refuses to change or delete a row."""

    __tablename__ = "decision_version"

    id: Mapped[Key]
    process_key: Mapped[str] = mapped_column(String(64))
    decision_id: Mapped[str] = mapped_column(String(64))
    #: Counts from 1 without gaps.
    version: Mapped[int]
    #: The DMN file.
    text: Mapped[str] = mapped_column(Text)
    #: Empty where it came with the diagram.
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    changed_at: Mapped[Instant]
    reason: Mapped[str] = mapped_column(String(500), server_default="")

    __table_args__ = (
        UniqueConstraint("process_key", "decision_id", "version"),
        CheckConstraint("version > 0", name="version"),
    )


class Unsound(Refusal):
    """Rows that overlap or leave a gap: ``fault`` says which, and by which example."""

    code = "unsound_table"

    def __init__(self, fault: Fault, table: Table) -> None:
        super().__init__("The rows overlap or leave a gap.")
        self.fault = fault
        self.table = table


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest version of a table."""

    id: int
    version: int
    table: Table


#: The newest version that each process has read, by database and by process and table.
_kept: WeakKeyDictionary[Engine, dict[tuple[str, str], Newest]] = WeakKeyDictionary()


def newest(session: Session, process_key: str, decision_id: str) -> Newest | None:
    """Give the newest version of a table, with one query that brings the text along only where it is new."""
    connection = session.connection()
    kept = _kept.setdefault(connection.engine, {})
    known = kept.get((process_key, decision_id))
    row = connection.exec_driver_sql(
        _NEWEST, {"known": known.id if known else 0, "process": process_key, "decision": decision_id}
    ).one_or_none()
    if row is None:
        return None
    if known is None or row.text is not None:
        known = Newest(row.id, row.version, read_table(row.text, f"{decision_id}.dmn"))
        kept[process_key, decision_id] = known
    return known


def publish(session: Session, diagram: Diagram, *, now: dt.datetime) -> None:
    """Give each table that a diagram looks up late a version to be found, when the diagram is deployed.

    The file becomes the next version where there is none yet, where nobody has changed the table since it last came
    with a diagram, and where the version in force has other columns than the diagram now needs. Otherwise what people
    have set stays in force.
    """
    for decision_id in sorted({each.decision for each in diagram.elements if each.decision and each.asks_newest}):
        text, table = diagram.files[f"{decision_id}.dmn"], diagram.tables[decision_id]
        last = _last(session, diagram.key, decision_id)
        if last and (last.text == text or (last.changed_by_id is not None and has_columns_of(last, table))):
            continue
        _add(session, diagram.key, decision_id, last, text, None, now, "")


def has_columns_of(version: DecisionVersion, table: Table) -> bool:
    """Whether a version reads the same facts and gives the same outputs as a table."""
    mine = read_table(version.text, f"{version.decision_id}.dmn")
    return (mine.inputs, mine.outputs, mine.hit_policy) == (table.inputs, table.outputs, table.hit_policy)


def newest_versions(session: Session) -> list[DecisionVersion]:
    """Give the newest version of every table that is looked up late."""
    return list(
        session.scalars(
            select(DecisionVersion)
            .ext(distinct_on(DecisionVersion.process_key, DecisionVersion.decision_id))
            .order_by(DecisionVersion.process_key, DecisionVersion.decision_id, DecisionVersion.version.desc())
        )
    )


def versions(
    session: Session, process_key: str, decision_id: str, *, before: int | None = None, limit: int | None = None
) -> list[DecisionVersion]:
    """Give the versions of a table, the newest first, those below ``before`` and not more than ``limit`` where asked.

    Raises ``NotFound`` where there is none.
    """
    query = select(DecisionVersion).where(
        DecisionVersion.process_key == process_key, DecisionVersion.decision_id == decision_id
    )
    if before is not None:
        query = query.where(DecisionVersion.version < before)
    found = list(session.scalars(query.order_by(DecisionVersion.version.desc()).limit(limit)))
    if not found:
        raise NotFound("There is no such decision table.")
    return found


def with_rows(text: str, decision_id: str, rows: Sequence[Row]) -> tuple[str, Table]:
    """Give the DMN text and the table that a version would be with these rows in place of its own.

    Raises ``Invalid`` at the cells that can't be read (``row_3.amount``), at ``rows`` where there are none or too many,
    and ``Unsound`` where the rows overlap or leave a gap.
    """
    name = f"{decision_id}.dmn"
    table = read_table(text, name)
    _refuse_cells(table, rows)
    changed = rewritten(text, name, rows)
    result = read_table(changed, name)
    fault = find_fault(result)
    if fault is not None:
        raise Unsound(fault, result)
    return changed, result


def change_table(
    session: Session,
    process_key: str,
    decision_id: str,
    rows: Sequence[Row],
    *,
    expected: int,
    reason: str,
    actor_id: int,
    now: dt.datetime,
) -> int:
    """Put the next version of a table into force and give its number.

    ``expected`` is the version that the person saw: where another has come since, it is refused (``StaleRevision``).
    Raises as ``with_rows``, and ``Invalid`` at ``reason``. Whoever calls this has seen to it that the actor may.
    """
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = _last(session, process_key, decision_id)
    if last is None:
        raise NotFound("There is no such decision table.")
    if last.version != expected:
        raise StaleRevision("This table was changed in the meantime. Your rows are still in the form.")
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid.at("reason", "Please give a reason.")
    if len(reason) > LONGEST_REASON:
        raise Invalid.at("reason", "At most %(count)s characters.", count=LONGEST_REASON)
    changed, _ = with_rows(last.text, decision_id, rows)
    if tuple(rows) == rows_of(last):
        raise Invalid.at("rows", "Nothing has been changed.")
    return _add(session, process_key, decision_id, last, changed, actor_id, now, reason).version


def rows_of(version: DecisionVersion) -> tuple[Row, ...]:
    """Give the rows of a version in writing."""
    return read_sheet(version.text, f"{version.decision_id}.dmn").rows


def _last(session: Session, process_key: str, decision_id: str) -> DecisionVersion | None:
    return session.scalars(
        select(DecisionVersion)
        .where(DecisionVersion.process_key == process_key, DecisionVersion.decision_id == decision_id)
        .order_by(DecisionVersion.version.desc())
        .limit(1)
    ).one_or_none()


def _add(
    session: Session,
    process_key: str,
    decision_id: str,
    last: DecisionVersion | None,
    text: str,
    actor_id: int | None,
    now: dt.datetime,
    reason: str,
) -> DecisionVersion:
    version = DecisionVersion(
        process_key=process_key,
        decision_id=decision_id,
        version=last.version + 1 if last else 1,
        text=text,
        changed_by_id=actor_id,
        changed_at=now,
        reason=reason,
    )
    session.add(version)
    session.flush()
    return version


def _refuse_cells(table: Table, rows: Sequence[Row]) -> None:
    """Collect every cell that can't be read, so that a person mends them all at once."""
    if not 0 < len(rows) <= MOST_RULES:
        raise Invalid.at("rows", "A table has between 1 and %(most)s rows.", most=MOST_RULES)
    found: dict[str, list[tuple[str, dict[str, object]]]] = {}
    for number, row in enumerate(rows, start=1):
        for column, cell in zip(table.inputs, row.conditions, strict=True):
            try:
                condition = read_condition(cell[: LONGEST_CELL + 1], column.kind)
                if len(cell) > LONGEST_CELL or any(not column.allowed.has(each) for each in condition.bounds()):
                    raise ValueError(cell)
            except ValueError:
                found[f"row_{number}.{column.fact}"] = [("This condition can't be read.", {})]
        for output, cell in zip(table.outputs, row.answers, strict=True):
            try:
                if len(cell) > LONGEST_CELL or not output.allowed.has(read_literal(cell, output.kind)):
                    raise ValueError(cell)
            except ValueError:
                found[f"row_{number}.{output.name}"] = [("Choose one of the answers that the table knows.", {})]
    if found:
        raise Invalid(found)
