"""Read marks (已阅): when a holder first opened the page of a task."""

import datetime as dt

from sqlalchemy.orm import Session


def mark_task_read(session: Session, task_id: int, *, now: dt.datetime) -> None:
    """Note that a holder has opened an open task; the first time counts. Whether it lies on their desk is asked before.

    Never waits: while somebody takes a step on the task the mark is left out, and the next opening sets it.
    """
    session.connection().exec_driver_sql(
        "UPDATE user_task SET read_at = %(now)s WHERE id = (SELECT id FROM user_task WHERE id = %(task)s"
        " AND status = 'open' AND read_at IS NULL FOR UPDATE SKIP LOCKED)",
        {"task": task_id, "now": now},
    )
