"""The job queue, and how a step puts jobs into it.

A step names its jobs; ``defer`` writes them with one statement on the step's own connection, so a job exists exactly
if its step does. What the jobs do stands in ``webapp.work``, which only the worker loads.
"""

import json
from typing import Any

from procrastinate import App, PsycopgConnector
from sqlalchemy.orm import Session

#: Bound to the database by the worker; a web process only writes rows and never opens it.
queue = App(connector=PsycopgConnector())

_DEFER = (
    "SELECT procrastinate_defer_jobs_v1(array_agg("
    "ROW('default', job ->> 0, 0, NULL, NULL, job -> 1, NULL)::procrastinate_job_to_defer_v1))"
    " FROM jsonb_array_elements(%(jobs)s::jsonb) AS job"
)


def defer(session: Session, jobs: list[tuple[str, dict[str, Any]]]) -> None:
    """Enqueue jobs in the session's transaction, whatever their number with one statement."""
    if jobs:
        session.connection().exec_driver_sql(_DEFER, {"jobs": json.dumps(jobs)})
