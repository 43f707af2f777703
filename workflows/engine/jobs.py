"""What the worker does after a step is committed. A job's arguments are ids; it reads the rest itself.

Every job may run twice (a worker can die between doing and reporting), so each does nothing the second time.
"""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflows.engine import notices
from workflows.engine.deadlines import deliver
from workflows.engine.passing import pass_case_on

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine

Job = Callable[["Engine", Session, dt.datetime, dict[str, Any]], object]

JOBS: dict[str, Job] = {
    "notify_opened": lambda _, session, now, given: notices.notify_opened(session, given["task_ids"], now=now),
    "notify_ended": lambda _, session, now, given: notices.notify_ended(session, given["instance_id"], now=now),
    "pass_case_on": lambda engine, session, now, given: pass_case_on(engine, session, **given, now=now),
    "deliver_message": lambda engine, session, now, given: deliver(engine, session, given["message_id"], now=now),
}


def run_job(engine: "Engine", session: Session, name: str, arguments: dict[str, Any], *, now: dt.datetime) -> None:
    """Do one job; the caller commits."""
    JOBS[name](engine, session, now, arguments)
