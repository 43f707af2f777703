"""Every case of the company, for administrators: narrowed by words, process, state, deadline and desk, page by page.

The newest come first; a page ends at a case's id, from which the next goes on. Each way of asking reads its own index
no further than a page needs, so that a page costs much the same with a thousand cases and with a million: states are
read process by process and merged, desks and deadlines from the open tasks, and words first among the newest
``_WINDOW`` cases, and among all of them, by the index on titles, only when these do not fill the page. A number such
as JK-2026-0001 is what a title begins with.
"""

import datetime as dt
import enum
import re
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from workflows.engine.model import InstanceStatus

PAGE = 25
#: How many of the newest cases are looked through before the index on titles is.
_WINDOW = 20_000


class State(enum.StrEnum):
    """What a case may be asked for by: its status, or that it is kept from moving."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"


_ID = re.compile(r"#?([0-9]{1,18})", re.ASCII)
_NUMBER = re.compile(r"[A-Za-z]{1,6}-[0-9][0-9-]*", re.ASCII)
#: Few cases end like this, so that their own titles are read instead of all.
_RARE = frozenset({State.SUSPENDED, State.REJECTED, State.WITHDRAWN, State.TERMINATED})


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What the list is narrowed to. ``words`` are a case's id, a part of its title, or its starter's name or login.

    ``waits_with`` is an employee on whose own desk it lies; ``overdue_at`` the instant by which a task was due.
    """

    words: str = ""
    process_key: str | None = None
    state: State | None = None
    starter_id: int | None = None
    waits_with: int | None = None
    overdue_at: dt.datetime | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was left out of the list on purpose."""
        return self != CaseFilter()


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as the list shows it. ``waiting``, ``holders`` and ``late`` go together, one entry for an open task."""

    id: int
    process_key: str
    definition_id: int
    title: str
    status: str
    outcome: str | None
    starter_id: int
    starter: str
    starter_en: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    suspended_at: dt.datetime | None
    waiting: list[str]
    holders: list[str]
    holders_en: list[str]
    late: list[bool]


_ROWS = """
SELECT i.id, i.process_key, i.definition_id, i.title, i.status, i.outcome, i.starter_id, s.name AS starter,
       s.name_en AS starter_en, i.started_at, i.ended_at, i.suspended_at,
       coalesce(w.waiting, '{}') AS waiting, coalesce(w.holders, '{}') AS holders,
       coalesce(w.holders_en, '{}') AS holders_en, coalesce(w.late, '{}') AS late
  FROM process_instance i
  JOIN employee s ON s.id = i.starter_id
  LEFT JOIN LATERAL (SELECT array_agg(t.element_id ORDER BY t.id) AS waiting,
                            array_agg(coalesce(e.name, t.group_role) ORDER BY t.id) AS holders,
                            array_agg(coalesce(nullif(e.name_en, ''), e.name, t.group_role) ORDER BY t.id)
                            AS holders_en,
                            array_agg(coalesce(t.due_at < %(now)s, false) ORDER BY t.id) AS late
                       FROM user_task t LEFT JOIN employee e ON e.id = t.assignee_id
                      WHERE t.instance_id = i.id AND t.status = 'open') w ON true
 WHERE i.id = ANY(%(ids)s) ORDER BY i.id DESC
"""


def cases_page(
    session: Session,
    narrowed: CaseFilter,
    *,
    now: dt.datetime,
    process_keys: list[str],
    before: int | None = None,
    limit: int = PAGE,
) -> tuple[list[CaseRow], int | None]:
    """Give cases, the newest first, and the id before which the next page begins; None where this is the last.

    ``process_keys`` are all processes that there are.
    """
    session.flush()
    ids = _found(session, narrowed, process_keys, before, limit + 1)
    rows = session.connection().exec_driver_sql(_ROWS, {"ids": ids[:limit], "now": now})
    found = [CaseRow(**row._mapping) for row in rows]
    return found, found[-1].id if len(ids) > limit else None


def _found(
    session: Session, narrowed: CaseFilter, process_keys: list[str], before: int | None, wanted: int
) -> list[int]:
    """The ids of the cases, the largest first."""
    ident = _ID.fullmatch(narrowed.words)
    if ident:
        by_id = _Asked(replace(narrowed, words=""), process_keys, before, wanted, only=int(ident[1]))
        found = by_id.read(session)
        if found:
            return found
    asked = _Asked(narrowed, process_keys, before, wanted)
    if narrowed.words and not asked.is_about_tasks and not _NUMBER.fullmatch(narrowed.words):
        newest = asked.read(session, is_windowed=True)
        if len(newest) == wanted:
            return newest
    return asked.read(session)


_STARTERS = "SELECT id FROM employee WHERE name ILIKE %(words)s OR name_en ILIKE %(words)s OR login ILIKE %(words)s"
_WINDOWED = f"""
(SELECT id, title, starter_id, process_key, status, suspended_at FROM process_instance{{before}}
  ORDER BY id DESC LIMIT {_WINDOW})"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Asked:
    """One way of asking, as a statement. What is not asked for stands in no statement, and numbers of rows stand in
    its text, so that the plan that reads an index no further than needed is seen to be the good one.
    """

    narrowed: CaseFilter
    process_keys: list[str]
    before: int | None
    wanted: int
    only: int | None = None

    @property
    def is_about_tasks(self) -> bool:
        """Whether what lies on desks is asked for."""
        return self.narrowed.waits_with is not None or self.narrowed.overdue_at is not None

    def read(self, session: Session, *, is_windowed: bool = False) -> list[int]:
        """Give the ids."""
        if self.is_about_tasks:
            sql = self._by_tasks()
        elif self.narrowed.words:
            sql = self._by_words(is_windowed=is_windowed)
        elif self._is_by_index_on_states:
            sql = self._by_states()
        else:
            sql = self._plainly()
        return list(session.connection().exec_driver_sql(sql, self._parameters()).scalars())

    @property
    def _is_by_index_on_states(self) -> bool:
        asked = self.narrowed
        if self.only is not None or asked.starter_id is not None or asked.state == State.SUSPENDED:
            return False
        return asked.state is not None or asked.process_key is not None

    def _parameters(self) -> dict[str, Any]:
        asked = self.narrowed
        escaped = asked.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        words = f"{escaped.upper()}%" if _NUMBER.fullmatch(asked.words) else f"%{escaped}%"
        return {
            "before": self.before,
            "only": self.only,
            "words": words,
            "process": asked.process_key,
            "state": asked.state.value if asked.state else None,
            "starter": asked.starter_id,
            "desk": f"p{asked.waits_with}",
            "overdue": asked.overdue_at,
            **{f"key{number}": key for number, key in enumerate(self.process_keys)},
        }

    def _where(self, of: str, ident: str, *more: str) -> str:
        said = [f"{ident} < %(before)s"] if self.before is not None else []
        said += [f"{ident} = %(only)s"] if self.only is not None else []
        said += [f"{of}.starter_id = %(starter)s"] if self.narrowed.starter_id is not None else []
        said += [f"{of}.process_key = %(process)s"] if self.narrowed.process_key else []
        return " AND ".join([*said, *more]) or "true"

    def _state(self) -> list[str]:
        state = self.narrowed.state
        if state in (State.SUSPENDED, State.RUNNING):
            return [f"i.suspended_at IS {'NOT ' if state == State.SUSPENDED else ''}NULL", "i.status = 'running'"]
        return ["i.status = %(state)s"] if state else []

    def _select(self, source: str, *more: str) -> str:
        where = self._where("i", "i.id", *self._state(), *more)
        return f"SELECT i.id FROM {source} i WHERE {where} ORDER BY i.id DESC LIMIT {self.wanted}"  # noqa: S608

    def _plainly(self) -> str:
        return self._select("process_instance")

    def _by_states(self) -> str:
        """One branch for each process and state, read backwards through the index on both, whatever is rare."""
        state = self.narrowed.state
        states = [status.value for status in InstanceStatus] if state is None else [state.value]
        keys = ["process"] if self.narrowed.process_key else [f"key{n}" for n, _ in enumerate(self.process_keys)]
        moving = ["i.suspended_at IS NULL"] if state == State.RUNNING else []
        branches = []
        for key in keys:
            for status in states:
                where = self._where("i", "i.id", f"i.process_key = %({key})s", f"i.status = '{status}'", *moving)
                branches.append(
                    f"(SELECT i.id FROM process_instance i WHERE {where} ORDER BY i.id DESC"  # noqa: S608
                    f" LIMIT {self.wanted})"
                )
        return f"SELECT id FROM ({' UNION ALL '.join(branches)}) i ORDER BY id DESC LIMIT {self.wanted}"  # noqa: S608

    def _by_words(self, *, is_windowed: bool) -> str:
        if is_windowed:
            before = " WHERE id < %(before)s" if self.before is not None else ""
            return self._select(_WINDOWED.format(before=before), self._said("i"))
        if self.narrowed.state in _RARE:
            return self._select("process_instance", self._said("i"))
        # An array is read once and then looked up by id, whatever else the cases are narrowed to.
        said = f"i.id = ANY(ARRAY(SELECT id FROM process_instance t WHERE {self._titled('t')}"  # noqa: S608
        if not _NUMBER.fullmatch(self.narrowed.words):
            said += f" UNION SELECT id FROM process_instance WHERE starter_id IN ({_STARTERS})"  # noqa: S608
        return self._select("process_instance", f"{said}))")

    def _titled(self, of: str) -> str:
        # ILIKE takes several times as long as LIKE, and Chinese knows no capitals.
        words = self.narrowed.words
        is_cased = words.lower() != words.upper() and not _NUMBER.fullmatch(words)
        return f"{of}.title {'ILIKE' if is_cased else 'LIKE'} %(words)s"

    def _said(self, of: str) -> str:
        if _NUMBER.fullmatch(self.narrowed.words):
            return self._titled(of)
        return f"({self._titled(of)} OR {of}.starter_id IN ({_STARTERS}))"

    def _by_tasks(self) -> str:
        """By what lies on desks: the open tasks carry the process, the title and the starter of their case."""
        if self.narrowed.state not in (None, State.RUNNING):
            return "SELECT NULL::bigint WHERE false"
        asked = self.narrowed
        said = ["t.status = 'open'"]
        said += ["t.desk = %(desk)s"] if asked.waits_with is not None else []
        said += ["t.due_at < %(overdue)s"] if asked.overdue_at is not None else []
        said += [self._said("t")] if asked.words else []
        return (
            f"SELECT DISTINCT t.instance_id FROM user_task t WHERE {self._where('t', 't.instance_id', *said)}"  # noqa: S608
            f" ORDER BY t.instance_id DESC LIMIT {self.wanted}"
        )
