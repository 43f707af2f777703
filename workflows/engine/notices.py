"""Lines in people's bells, at most one per event and person (the database's unique key sees to it)."""

import datetime as dt

from sqlalchemy.orm import Session

from workflows.engine.model import UserTask
from workflows.kernel.days import day_of

#: Everyone who has the task on a desk: the assignee or the group less the barred, and who stands in for them today.
_HOLDERS = """
WITH task AS (SELECT * FROM user_task WHERE id = ANY(%(tasks)s)),
direct AS (
    SELECT t.id AS task_id, t.instance_id, t.title, t.element_id, t.process_key, e.id AS employee_id
      FROM task t JOIN employee e ON e.active
       AND (e.id = t.assignee_id
            OR (t.assignee_id IS NULL AND NOT e.id = ANY(t.barred)
                AND EXISTS (SELECT FROM employee_role r WHERE r.employee_id = e.id AND r.role = t.group_role)))
), holder AS (
    SELECT * FROM direct
    UNION
    SELECT d.task_id, d.instance_id, d.title, d.element_id, d.process_key, g.delegate_id
      FROM direct d JOIN delegation g ON g.delegator_id = d.employee_id AND g.revoked_at IS NULL
       AND %(today)s BETWEEN g.first_on AND g.last_on
       AND (g.process_keys = '{}' OR d.process_key = ANY(g.process_keys))
)
"""
_INSERT = """
INSERT INTO notice (employee_id, kind, event_key, instance_id, task_id, params, created_at)
SELECT employee_id, %(kind)s::text, %(kind)s::text || ':' || task_id, instance_id, task_id,
       jsonb_build_object('title', title, 'element', element_id), %(now)s
  FROM {source}
ON CONFLICT (employee_id, event_key) DO NOTHING
"""
_INSERT_URGED = """
INSERT INTO notice (employee_id, kind, event_key, instance_id, task_id, params, created_at)
SELECT employee_id, %(kind)s::text, %(kind)s::text || ':' || task_id || ':' || %(second)s::bigint, instance_id, task_id,
       jsonb_build_object('title', title, 'element', element_id, 'actor_id', %(actor)s::bigint), %(now)s
  FROM holder WHERE employee_id <> %(actor)s::bigint
ON CONFLICT (employee_id, event_key) DO NOTHING
"""


def notify_opened(session: Session, task_ids: list[int], *, now: dt.datetime) -> None:
    """Tell everyone on whose desk these tasks have come to lie."""
    _notify(session, "task_opened", task_ids, now)


def notify_reminded(session: Session, task: UserTask, *, now: dt.datetime) -> None:
    """Remind everyone on whose desk the task lies."""
    _notify(session, "task_reminded", [task.id], now)


def notify_escalated(session: Session, task: UserTask, *, now: dt.datetime) -> None:
    """Tell the superiors of everyone on whose desk the task lies: the named one, else the next manager above."""
    source = """(
        SELECT DISTINCT h.task_id, h.instance_id, h.title, h.element_id, superior.id AS employee_id
          FROM holder h JOIN employee e ON e.id = h.employee_id
          CROSS JOIN LATERAL (
            WITH RECURSIVE line AS (
                SELECT d.id, d.parent_id, d.manager_id, 0 AS depth FROM department d WHERE d.id = e.department_id
                UNION ALL
                SELECT d.id, d.parent_id, d.manager_id, line.depth + 1
                  FROM department d JOIN line ON d.id = line.parent_id WHERE line.depth < 30)
            SELECT coalesce(e.superior_id, (SELECT manager_id FROM line
                    WHERE manager_id IS NOT NULL AND manager_id <> e.id ORDER BY depth LIMIT 1)) AS id
          ) superior WHERE superior.id IS NOT NULL) s"""
    sql = _HOLDERS + _INSERT.format(source=source)
    session.connection().exec_driver_sql(sql, _parameters("task_escalated", [task.id], now))


def notify_urged(session: Session, task_ids: list[int], *, actor_id: int, now: dt.datetime) -> None:
    """Tell everyone on whose desk the tasks lie that the starter waits; every urge is an event of its own."""
    parameters = {**_parameters("task_urged", task_ids, now), "actor": actor_id, "second": int(now.timestamp())}
    session.connection().exec_driver_sql(_HOLDERS + _INSERT_URGED, parameters)


def notify_ended(session: Session, instance_id: int, *, now: dt.datetime) -> None:
    """Tell the starter how their case ended; who withdrew it themselves is not told."""
    session.connection().exec_driver_sql(
        "INSERT INTO notice (employee_id, kind, event_key, instance_id, params, created_at)"
        " SELECT starter_id, 'case_' || status, 'ended:' || id, id, jsonb_build_object('title', title), %(now)s"
        " FROM process_instance WHERE id = %(instance)s AND status NOT IN ('running', 'withdrawn')"
        " ON CONFLICT (employee_id, event_key) DO NOTHING",
        {"instance": instance_id, "now": now},
    )


def _notify(session: Session, kind: str, task_ids: list[int], now: dt.datetime) -> None:
    session.connection().exec_driver_sql(_HOLDERS + _INSERT.format(source="holder"), _parameters(kind, task_ids, now))


def _parameters(kind: str, task_ids: list[int], now: dt.datetime) -> dict[str, object]:
    return {"kind": kind, "tasks": task_ids, "now": now, "today": day_of(now)}
