"""One request's worth of examples for the description: an advance is asked for, and the director decides."""

from typing import Any

from webapp.api.problems import TYPES

ADVANCE: dict[str, Any] = {
    "amount": "12000.00",
    "purpose": "广州展会差旅",
    "customer": "华南电子",
    "spend": [{"kind": "transport", "amount": "5000.00"}, {"kind": "lodging", "amount": "7000.00"}],
    "return_on": "2026-04-30",
}
DECISION: dict[str, Any] = {"decision": "approve", "opinion": "The fair brought four contracts last year."}
RESULT: dict[str, Any] = {
    "instance": {"id": 123, "status": "running"},
    "next_tasks": [{"id": 456, "element": "general_manager_approval", "assignee_id": 7, "group_role": None}],
}
STALE: dict[str, Any] = {
    "type": f"{TYPES}stale_revision",
    "title": "The task has changed",
    "status": 409,
    "detail": "This task has changed since you opened it. Please look at it again.",
    "instance": "/api/v1/tasks/455/complete",
    "code": "stale_revision",
}
