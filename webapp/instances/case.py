"""A case as its pages show it: head and tasks in one statement, the history in another.

``CaseTask`` carries what ``workflows.engine.acting`` asks of a locked row (assignee, group, barred, status), so that a
page knows without a lock whether its reader may answer. The lock decides again when they do.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from workflows.engine.answering import form_key
from workflows.engine.model import InstanceStatus, TaskKind, TaskStatus
from workflows.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class CaseTask:
    """One task of a case with the names of who has it, who did it and for whom."""

    id: int
    element_id: str
    process_key: str
    role: str
    status: str
    assignee_id: int | None
    assignee: str | None
    assignee_en: str | None
    group_role: str | None
    barred: Sequence[int]
    revision: int
    opened_at: dt.datetime
    due_at: dt.datetime | None
    closed_at: dt.datetime | None
    closed_by_id: int | None
    closed_by: str | None
    closed_by_en: str | None
    on_behalf_of: str | None
    on_behalf_of_en: str | None
    decision: str | None
    opinion: str | None
    #: When a holder first opened it, and when the starter last urged it.
    read_at: dt.datetime | None = None
    urged_at: dt.datetime | None = None
    #: The task of the state, which of its signers this is, and what the person is asked for.
    node_id: str = ""
    seat: int = 0
    kind: str = TaskKind.SIGNER.value
    #: Who asked for it, and in what words.
    asked_by_id: int | None = None
    asked_by: str | None = None
    asked_by_en: str | None = None
    question: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits on a desk."""
        return self.status == TaskStatus.OPEN

    @property
    def is_waiting(self) -> bool:
        """Whether it is asked later."""
        return self.status == TaskStatus.WAITING

    @property
    def is_taken_back(self) -> bool:
        """Whether it was decided, and whoever decided took that back."""
        return self.status == TaskStatus.CANCELLED and self.decision is not None

    @property
    def form_key(self) -> str:
        """The name of its form, its template and its fields: the step's, or that of everybody who is asked so."""
        return form_key(self.kind, self.element_id)


@dataclass(frozen=True, slots=True)
class Case:
    """One case and all its tasks in the order in which they were opened."""

    id: int
    process_key: str
    definition_id: int
    title: str
    status: str
    outcome: str | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    starter_id: int
    starter: str
    starter_en: str
    department: str
    department_en: str
    tasks: tuple[CaseTask, ...]
    #: Set while an administrator keeps it from moving.
    suspended_at: dt.datetime | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.status == InstanceStatus.RUNNING

    @property
    def open_tasks(self) -> list[CaseTask]:
        """What waits now."""
        return [task for task in self.tasks if task.is_open]

    @property
    def pending_tasks(self) -> list[CaseTask]:
        """What waits now or is asked later."""
        return [task for task in self.tasks if task.is_open or task.is_waiting]

    def task(self, task_id: int) -> CaseTask:
        """One of its tasks."""
        return next(task for task in self.tasks if task.id == task_id)


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the history, with names: who did it, ``to`` whom and, of a task, ``giver``: from whom.

    ``details`` is what the entry says besides.
    """

    seq: int
    at: dt.datetime
    kind: str
    actor: str | None
    actor_en: str | None
    on_behalf_of: str | None
    on_behalf_of_en: str | None
    element_id: str | None
    to: str | None
    to_en: str | None
    giver: str | None
    giver_en: str | None
    details: dict[str, Any]


_HEAD = (
    "id", "process_key", "definition_id", "title", "status", "outcome", "started_at", "ended_at", "starter_id",
    "starter", "starter_en", "department", "department_en", "suspended_at",
)  # fmt: skip
_CASE = """
SELECT i.id, i.process_key, i.definition_id, i.title, i.status, i.outcome, i.started_at, i.ended_at, i.starter_id,
       s.name AS starter, s.name_en AS starter_en, d.name AS department, d.name_en AS department_en, i.suspended_at,
       t.id AS t_id, t.element_id AS t_element_id, t.process_key AS t_process_key, t.role AS t_role,
       t.status AS t_status, t.assignee_id AS t_assignee_id, a.name AS t_assignee, a.name_en AS t_assignee_en,
       t.group_role AS t_group_role,
       t.barred AS t_barred, t.revision AS t_revision, t.opened_at AS t_opened_at, t.due_at AS t_due_at,
       t.closed_at AS t_closed_at, t.closed_by_id AS t_closed_by_id, c.name AS t_closed_by,
       c.name_en AS t_closed_by_en, b.name AS t_on_behalf_of, b.name_en AS t_on_behalf_of_en,
       t.decision AS t_decision, t.opinion AS t_opinion, t.read_at AS t_read_at,
       t.node_id AS t_node_id, t.seat AS t_seat, t.kind AS t_kind, t.asked_by_id AS t_asked_by_id,
       q.name AS t_asked_by, q.name_en AS t_asked_by_en, t.question AS t_question,
       (SELECT max(u.urged_at) FROM urge u WHERE u.task_id = t.id) AS t_urged_at
  FROM process_instance i
  JOIN employee s ON s.id = i.starter_id JOIN department d ON d.id = s.department_id
  LEFT JOIN user_task t ON t.instance_id = i.id
  LEFT JOIN employee a ON a.id = t.assignee_id
  LEFT JOIN employee c ON c.id = t.closed_by_id
  LEFT JOIN employee b ON b.id = t.on_behalf_of_id
  LEFT JOIN employee q ON q.id = t.asked_by_id
 WHERE i.id = {which} ORDER BY t.id
"""
_HISTORY = """
SELECT h.seq, h.at, h.kind, a.name AS actor, a.name_en AS actor_en, b.name AS on_behalf_of,
       b.name_en AS on_behalf_of_en, h.element_id, o.name AS "to", o.name_en AS to_en,
       g.name AS giver, g.name_en AS giver_en, h.details
  FROM history_event h
  LEFT JOIN employee a ON a.id = h.actor_id
  LEFT JOIN employee b ON b.id = h.on_behalf_of_id
  LEFT JOIN employee o ON o.id = coalesce(h.details ->> 'to', h.details ->> 'assignee_id')::bigint
  LEFT JOIN employee g ON g.id = (h.details ->> 'from')::bigint
 WHERE h.instance_id = %(id)s AND (%(kinds)s::text[] IS NULL OR h.kind = ANY(%(kinds)s)) ORDER BY h.seq
"""


def case_of_instance(session: Session, instance_id: int) -> Case:
    """Give a case; raises ``NotFound`` where there is none. Whether it may be read is for the caller to ask."""
    return _case(session, "%(id)s", instance_id)


def case_of_task(session: Session, task_id: int) -> Case:
    """Give the case that a task belongs to; raises ``NotFound`` where there is none."""
    return _case(session, "(SELECT instance_id FROM user_task WHERE id = %(id)s)", task_id)


def history_of(session: Session, instance_id: int, kinds: Collection[str] | None = None) -> list[Happening]:
    """Give what happened in a case, the oldest first; ``kinds`` leaves out everything else."""
    parameters = {"id": instance_id, "kinds": sorted(kinds) if kinds is not None else None}
    rows = session.connection().exec_driver_sql(_HISTORY, parameters)
    return [Happening(**row._mapping) for row in rows]


def _case(session: Session, which: str, ident: int) -> Case:
    rows = session.connection().exec_driver_sql(_CASE.format(which=which), {"id": ident}).all()
    if not rows:
        raise NotFound("There is no such case or task.")
    tasks = tuple(_task(row._mapping) for row in rows if row.t_id is not None)
    return Case(**{name: rows[0]._mapping[name] for name in _HEAD}, tasks=tasks)


def _task(row: Any) -> CaseTask:
    return CaseTask(**{name: row[f"t_{name}"] for name in CaseTask.__slots__})
