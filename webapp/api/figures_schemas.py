"""The JSON Schemas of the figures and their parameters, for the description."""

from webapp.api.schemas import ID, WORD, Schema, perhaps, record, ref

_COUNT: Schema = {"type": "integer", "minimum": 0}
_SECONDS: Schema = {"type": "number", "minimum": 0, "description": "Elapsed seconds, nights and weekends included."}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_DAY: Schema = {"type": "string", "format": "date"}
_WAITING: dict[str, Schema] = {
    "open": {**_COUNT, "description": "As of now, whatever the period; 0 in months."},
    "overdue": _COUNT,
    "answered": {**_COUNT, "description": "Completed within the period."},
    "late": _COUNT,
    "median": perhaps(_SECONDS),
    "p90": perhaps(_SECONDS),
    "waited": _SECONDS,
    "share": _SHARE,
}
FIGURES_SCHEMAS: dict[str, Schema] = {
    "Figures": record(
        {
            "from": _DAY,
            "to": _DAY,
            "process": perhaps(WORD),
            "department_id": perhaps(ID),
            "bottleneck": {**perhaps(WORD), "description": "The element on which most time was waited."},
            "steps": {"type": "array", "items": ref("StepFigures")},
            "departments": {"type": "array", "items": ref("DepartmentFigures")},
            "people": {"type": "array", "items": ref("PersonFigures")},
            "months": {"type": "array", "items": ref("MonthFigures")},
        }
    ),
    "StepFigures": record({"process": WORD, "element": WORD, "name": WORD, **_WAITING}),
    "DepartmentFigures": record({"id": perhaps(ID), "name": perhaps(WORD), **_WAITING}),
    "PersonFigures": record({"id": perhaps(ID), "name": perhaps(WORD), "department": perhaps(WORD), **_WAITING}),
    "MonthFigures": record({"month": {**WORD, "examples": ["2026-03"]}, **_WAITING}),
}

FIGURES_PARAMETERS: dict[str, Schema] = {
    "process": {
        "name": "process", "in": "query", "schema": WORD, "example": "expense_advance",
        "description": "The key of a process; every process unless said.",
    },
    "from": {
        "name": "from", "in": "query", "schema": _DAY,
        "description": "The first day, in Shanghai; unless said the first of the month two months back.",
    },
    "to": {
        "name": "to", "in": "query", "schema": _DAY,
        "description": "The last day, at most three years later; today unless said. Needs from.",
    },
    "department": {
        "name": "department", "in": "query", "schema": ID,
        "description": "The id of a department, with all that belongs to it; all that you may see unless said.",
    },
}  # fmt: skip
