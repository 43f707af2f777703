"""What the API answers with: plain JSON of tasks, cases, histories and the results of steps.

Instants are RFC 3339 in UTC. Names of steps and processes are in the language that the request accepts. The result of
a step holds ids and flags only, so that a repetition of its key gives the same bytes in any language.
"""

import datetime as dt
import json
from dataclasses import asdict
from typing import Any

from flask import Response

from forms.json import json_schema
from forms.registry import form_class
from webapp.accounts.account import Account
from webapp.engine import engine
from webapp.extensions import db
from webapp.i18n import current_language
from workflows.documents.files import DocumentInfo
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.inbox import Counts
from workflows.engine.process import Actor
from workflows.engine.submissions import Result


def answer(body: Any, status: int = 200) -> Response:
    """Write an answer; its members keep their order."""
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")


def instant(value: dt.datetime | None) -> str | None:
    """2026-03-10T02:00:00Z."""
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if value else None


def task_item(row: Any) -> dict[str, Any]:
    """Give a task as lists show it."""
    diagram = engine().diagram(db.session(), row.definition_id)
    return {
        "id": row.id,
        "name": _name(diagram, row.element_id),
        "process": row.process_key,
        "title": row.title,
        "opened_at": instant(row.opened_at),
        "due_at": instant(row.due_at),
        "instance_id": row.instance_id,
        "revision": row.revision,
        "status": row.status,
        "element": row.element_id,
        "role": row.role,
        "assignee_id": row.assignee_id,
        "group_role": row.group_role,
        "on_behalf_of_id": row.covered_id,
        "starter": {"id": row.starter_id, "name": row.starter_name},
        "closed_at": instant(row.closed_at),
        "decision": row.decision,
        "read_at": instant(row.read_at),
        "urged_at": instant(row.urged_at),
    }


def process_item(key: str, diagram: Diagram, actor: Actor, language: str) -> dict[str, Any]:
    """Give a process with the form that starts it."""
    start = diagram.element(diagram.start_id)
    return {
        "key": key,
        "name": diagram.name(language),
        "may_start": diagram.is_started_by(actor.roles),
        "element": start.id,
        "form": json_schema(form_class(key, start.id)),
    }


def person_item(account: Account, counts: Counts) -> dict[str, Any]:
    """Give a person, what they are, whom they stand in for, and how much waits for them (99 and more is 100)."""
    return {
        "id": account.id,
        "login": account.login,
        "name": account.name,
        "department_id": account.department_id,
        "roles": sorted(account.actor.roles),
        "stands_in_for": [{"id": who, "processes": list(keys)} for who, keys in account.actor.covers.items()],
        "counts": asdict(counts),
    }


def document_item(document: DocumentInfo) -> dict[str, Any]:
    """Give an uploaded file without its content."""
    return {
        "id": document.id,
        "name": document.name,
        "media_type": document.media_type,
        "size": document.size,
        "uploaded_at": instant(document.uploaded_at),
    }


def instance_item(row: Any, tasks: list[Any]) -> dict[str, Any]:
    """Give a case with what it waits for."""
    diagram = engine().diagram(db.session(), row.definition_id)
    return {
        "id": row.id,
        "process": row.process_key,
        "name": diagram.name(current_language()),
        "title": row.title,
        "status": row.status,
        "outcome": row.outcome,
        "starter": {"id": row.starter_id, "name": row.starter_name},
        "started_at": instant(row.started_at),
        "ended_at": instant(row.ended_at),
        "tasks": [task_item(task) for task in tasks],
    }


def history_items(definition_id: int, rows: list[Any]) -> list[dict[str, Any]]:
    """Give the events of a case."""
    diagram = engine().diagram(db.session(), definition_id)
    return [
        {
            "seq": row.seq,
            "at": instant(row.at),
            "kind": row.kind,
            "actor": _person(row.actor_id, row.actor_name),
            "on_behalf_of": _person(row.on_behalf_of_id, row.on_behalf_of_name),
            "element": row.element_id,
            "name": _name(diagram, row.element_id),
            "task_id": row.task_id,
            "details": row.details,
        }
        for row in rows
    ]


def result_of(result: Result) -> dict[str, Any]:
    """Give what a step came to."""
    return {
        "instance": {"id": result.instance_id, "status": result.status},
        "next_tasks": [
            {
                "id": task.id,
                "element": task.element_id,
                "assignee_id": task.assignee_id,
                "group_role": task.group_role,
            }
            for task in result.next_tasks
        ],
    }


def _person(ident: int | None, name: str | None) -> dict[str, Any] | None:
    return None if ident is None else {"id": ident, "name": name}


def _name(diagram: Diagram, element_id: str | None) -> str | None:
    if element_id is None or not diagram.has_element(element_id):
        return element_id
    return diagram.element(element_id).name(current_language())
