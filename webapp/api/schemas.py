"""The JSON Schemas of what the API sends, for its description. Members stand in the order in which they are sent."""

from typing import Any

Schema = dict[str, Any]

ID: Schema = {"type": "integer", "format": "int64", "minimum": 1}
INSTANT: Schema = {"type": "string", "format": "date-time", "examples": ["2026-03-10T02:00:00Z"]}
WORD: Schema = {"type": "string"}


def ref(name: str) -> Schema:
    """Point at a schema of this description."""
    return {"$ref": f"#/components/schemas/{name}"}


def perhaps(schema: Schema) -> Schema:
    """The value or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def record(required: dict[str, Schema], **optional: Schema) -> Schema:
    """An object; clients must expect members that are not named here."""
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


def items_of(name: str) -> Schema:
    """A page of a list. ``next`` goes into ``after`` for the page that follows; null ends the list."""
    return record({"items": {"type": "array", "items": ref(name)}, "next": perhaps(WORD)})


FORM_SCHEMA: Schema = {"type": "object", "description": "A JSON Schema (2020-12) of what goes into fields."}
PERSON = record({"id": ID, "name": WORD})

TASK = record(
    {
        "id": ID,
        "name": {**WORD, "description": "The step's name, in the language of the request."},
        "process": {**WORD, "examples": ["expense_advance"]},
        "title": {**WORD, "examples": ["JK-2026-000123 · ¥12,000.00 · 广州展会差旅"]},
        "opened_at": INSTANT,
        "due_at": perhaps(INSTANT),
        "instance_id": ID,
        "revision": {"type": "integer", "description": "To be sent back when the task is completed."},
        "status": {"enum": ["open", "waiting", "completed", "skipped", "cancelled"]},
        "element": {**WORD, "examples": ["director_opinion"]},
        "role": WORD,
        "assignee_id": perhaps(ID),
        "group_role": perhaps(WORD),
        "on_behalf_of_id": {**perhaps(ID), "description": "For whom one stands in, or stood in."},
        "starter": ref("Person"),
        "closed_at": perhaps(INSTANT),
        "decision": perhaps(WORD),
        "read_at": {**perhaps(INSTANT), "description": "When a holder first opened its page."},
        "urged_at": {**perhaps(INSTANT), "description": "When the starter last urged it."},
    }
)
REQUEST: Schema = {
    **perhaps({"type": "object"}),
    "description": "What the case asks for, in the members of its start form; amounts are text in yuan.",
}
TASK_WITH_FORM = {
    "allOf": [ref("Task"), record({"request": REQUEST, "form": perhaps(FORM_SCHEMA)}), ref("Signing")]
}
RESULT = record(
    {
        "instance": record({"id": ID, "status": ref("InstanceStatus")}),
        "next_tasks": {
            "type": "array",
            "items": record({"id": ID, "element": WORD, "assignee_id": perhaps(ID), "group_role": perhaps(WORD)}),
        },
    }
)
INSTANCE = record(
    {
        "id": ID,
        "process": WORD,
        "name": WORD,
        "title": WORD,
        "status": ref("InstanceStatus"),
        "outcome": {**perhaps(WORD), "description": "The id of the end event that was reached."},
        "starter": ref("Person"),
        "started_at": INSTANT,
        "ended_at": perhaps(INSTANT),
        "tasks": {"type": "array", "items": ref("Task"), "description": "What the case waits for now."},
        "request": REQUEST,
    }
)
EVENT = record(
    {
        "seq": {"type": "integer", "minimum": 1},
        "at": INSTANT,
        "kind": {**WORD, "examples": ["task_completed"]},
        "actor": perhaps(ref("Person")),
        "on_behalf_of": perhaps(ref("Person")),
        "element": perhaps(WORD),
        "name": perhaps(WORD),
        "task_id": perhaps(ID),
        "details": {"type": "object"},
    }
)
PROCESS = record({"key": WORD, "name": WORD, "may_start": {"type": "boolean"}, "element": WORD, "form": FORM_SCHEMA})
COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 100, "description": "100 stands for 100 and more."}
ME = record(
    {
        "id": ID,
        "login": WORD,
        "name": WORD,
        "department_id": ID,
        "roles": {"type": "array", "items": WORD},
        "stands_in_for": {
            "type": "array",
            "items": record({"id": ID, "processes": {"type": "array", "items": WORD}}),
            "description": "Holiday cover in force today; no processes means all of them.",
        },
        "counts": record(dict.fromkeys(("mine", "groups", "behalf", "done", "started", "copied"), COUNT)),
    }
)
DOCUMENT = record(
    {"id": ID, "name": WORD, "media_type": WORD, "size": {"type": "integer", "minimum": 1}, "uploaded_at": INSTANT}
)
CALENDAR_DAY = record(
    {
        "day": {"type": "string", "format": "date"},
        "works": {"type": "boolean"},
        "source": {
            "enum": ["week", "public", "company"],
            "description": "Who says so: Monday to Friday, the public calendar, or the company itself.",
        },
        "public_works": {"type": "boolean", "description": "What holds without the company's word."},
        "name": {**WORD, "description": "The public holiday that it is, or for which it is worked."},
        "note": WORD,
    }
)
CALENDAR = record(
    {
        "year": {"type": "integer"},
        "is_known": {"type": "boolean", "description": "Whether the public holidays of the year are known."},
        "days": {"type": "array", "items": ref("CalendarDay")},
    }
)
PROBLEM = record(
    {
        "type": {"type": "string", "format": "uri"},
        "title": WORD,
        "status": {"type": "integer"},
        "detail": WORD,
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {**WORD, "description": "Stable, for programs.", "examples": ["stale_revision"]},
    },
    errors={
        "type": "array",
        "items": record({"field": {**WORD, "examples": ["spend.0.amount"]}, "message": WORD}),
        "description": "Which fields are to blame; an empty name means the request as a whole.",
    },
)

SCHEMAS: dict[str, Schema] = {
    "Person": PERSON,
    "Me": ME,
    "Task": TASK,
    "TaskWithForm": TASK_WITH_FORM,
    "TaskList": items_of("Task"),
    "Result": RESULT,
    "InstanceStatus": {"enum": ["running", "completed", "rejected", "withdrawn", "terminated"]},
    "Instance": INSTANCE,
    "Event": EVENT,
    "History": items_of("Event"),
    "Process": PROCESS,
    "ProcessList": record({"items": {"type": "array", "items": ref("Process")}}),
    "Document": DOCUMENT,
    "Calendar": CALENDAR,
    "CalendarDay": CALENDAR_DAY,
    "Problem": PROBLEM,
}
