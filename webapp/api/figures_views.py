"""How long work waits, for programs: the tables of the figures page. Times in seconds, shares parts of one."""

from dataclasses import asdict
from typing import Any

from flask import Response

from webapp.accounts.actor import current_actor
from webapp.api.blueprint import blueprint
from webapp.api.shapes import answer
from webapp.clock import request_now
from webapp.extensions import db
from webapp.figures.asked import form_here, question_of
from webapp.figures.tables import step_name
from workflows.engine import figures as reading
from workflows.engine.waiting import Waiting


@blueprint.get("/figures")
def figures() -> Response:
    """Open, overdue and answered work and how long it waited, by step, department, person and month."""
    session, actor, now = db.session(), current_actor(), request_now()
    question = question_of(session, actor, form_here(session, actor))
    steps = reading.step_figures(session, actor, question, now=now)
    departments = reading.department_figures(session, actor, question, now=now)
    people = reading.person_figures(session, actor, question, now=now)
    months = reading.month_figures(session, actor, question, now=now)
    return answer(
        {
            "from": question.first_on.isoformat(),
            "to": question.last_on.isoformat(),
            "process": question.process_key,
            "department_id": question.department_id,
            "bottleneck": steps[0].element_id if steps and steps[0].waiting.share else None,
            "steps": [
                {"process": row.process_key, "element": row.element_id, "name": step_name(session, row),
                 **_waiting(row.waiting)}
                for row in steps
            ],
            "departments": [
                {"id": row.department_id, "name": row.name or None, **_waiting(row.waiting)} for row in departments
            ],
            "people": [
                {"id": row.person_id, "name": row.name or None, "department": row.department or None,
                 **_waiting(row.waiting)}
                for row in people
            ],
            "months": [{"month": f"{row.month:%Y-%m}", **_waiting(row.waiting)} for row in months],
        }
    )  # fmt: skip


def _waiting(waiting: Waiting) -> dict[str, Any]:
    return asdict(waiting)
