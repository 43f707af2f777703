"""Overdue advances remind their borrower and the borrower's manager, once a week each.

The worker calls ``remind_overdue`` from time to time; the notice's key holds the ISO week, so that it may call as often
as it likes and two workers may call at once.
"""

import datetime as dt

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows.kernel.days import day_of

#: The manager is the named superior, else the manager of the nearest department above, never the borrower.
_REMIND = text("""
WITH RECURSIVE overdue AS (
    SELECT a.id, a.instance_id, a.number, a.return_on, a.borrower_id
      FROM advance a
      CROSS JOIN LATERAL (
        SELECT sum(CASE WHEN e.kind = 'paid' THEN e.amount_fen ELSE -e.amount_fen END
                   * CASE WHEN e.reverses_id IS NULL THEN 1 ELSE -1 END) AS balance_fen
          FROM advance_entry e WHERE e.advance_id = a.id
      ) owed
     WHERE a.closed_at IS NULL AND a.return_on < :today AND owed.balance_fen > 0
), above AS (
    SELECT e.id AS borrower_id, d.id, d.parent_id, d.manager_id, 0 AS depth
      FROM (SELECT DISTINCT borrower_id FROM overdue) o
      JOIN employee e ON e.id = o.borrower_id JOIN department d ON d.id = e.department_id
    UNION ALL
    SELECT above.borrower_id, d.id, d.parent_id, d.manager_id, above.depth + 1
      FROM above JOIN department d ON d.id = above.parent_id WHERE above.depth < 30
), manager AS (
    SELECT e.id AS borrower_id,
           coalesce(e.superior_id, (SELECT manager_id FROM above
                                     WHERE above.borrower_id = e.id AND manager_id <> e.id
                                     ORDER BY depth LIMIT 1)) AS manager_id
      FROM employee e WHERE e.id IN (SELECT borrower_id FROM overdue)
), told AS (
    SELECT overdue.*, overdue.borrower_id AS employee_id FROM overdue
    UNION ALL
    SELECT overdue.*, manager.manager_id FROM overdue JOIN manager USING (borrower_id)
     WHERE manager.manager_id IS NOT NULL
)
INSERT INTO notice (employee_id, kind, event_key, instance_id, params, created_at)
SELECT told.employee_id, 'advance_overdue', 'advance_overdue:' || told.id || ':' || :week, told.instance_id,
       jsonb_build_object('advance_id', told.id, 'number', told.number, 'return_on', told.return_on), :now
  FROM told JOIN employee e ON e.id = told.employee_id AND e.active
ON CONFLICT (employee_id, event_key) DO NOTHING
RETURNING id
""")


def remind_overdue(session: Session, now: dt.datetime) -> int:
    """Put a notice into the bells of those concerned; gives how many were new."""
    today = day_of(now)
    year, week, _ = today.isocalendar()
    told = session.execute(_REMIND, {"today": today, "week": f"{year}-W{week:02}", "now": now})
    return len(told.all())
