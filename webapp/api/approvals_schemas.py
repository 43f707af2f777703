"""The JSON Schemas of what programs send and are told about colleagues and signers, for the description of the API."""

from typing import Any

from forms.approvals import COMMON
from forms.json import json_schema
from webapp.api.examples import RESULT
from webapp.api.schemas import ID, INSTANT, WORD, perhaps, record, ref
from webapp.approvals import actions
from webapp.approvals.actions import Action

SEAT = record(
    {
        "task_id": ID,
        "kind": ref("TaskKind"),
        "state": {"enum": ["signed", "rejected", "advised", "skipped", "asked", "later", "removed"]},
        "person": perhaps(ref("Person")),
        "group_role": perhaps(WORD),
        "decision": perhaps(WORD),
        "opinion": perhaps(WORD),
    }
)
ROUND = record(
    {
        "mode": {"enum": ["all", "in_turn", "any", "vote"]},
        "share": {**perhaps(WORD), "description": "Of a vote: the share of the signers that passes it, as 2/3."},
        "signed": {"type": "integer", "minimum": 0},
        "total": {"type": "integer", "minimum": 1},
        "seats": {"type": "array", "items": ref("Seat")},
    }
)
RETURN_TARGET = record(
    {
        "element": {**WORD, "description": "What goes into return_to of a decision."},
        "name": WORD,
        "person": {**WORD, "description": "Who did the step last."},
    }
)
TASK_KIND = {
    "enum": ["signer", "added", "adviser", "reviser"],
    "description": "signer: the step's own form. added: somebody asked them to sign as well. adviser: an opinion, which"
    " decides nothing. reviser: to change what was sent back.",
}
#: What ``GET /tasks/{task_id}`` says besides the task and its form.
SIGNING = record(
    {
        "kind": ref("TaskKind"),
        "asked_by": perhaps(ref("Person")),
        "question": perhaps(WORD),
        "read_at": {**perhaps(INSTANT), "description": "When a holder first opened its page."},
        "round": {**perhaps(ref("Round")), "description": "Who signs the step; null where one person decides alone."},
        "return_targets": {
            "type": "array",
            "items": ref("ReturnTarget"),
            "description": "Where it may be sent back, the starter first.",
        },
    }
)
APPROVALS_SCHEMAS: dict[str, Any] = {
    "TaskKind": TASK_KIND, "Seat": SEAT, "Round": ROUND, "ReturnTarget": RETURN_TARGET, "Signing": SIGNING,
}  # fmt: skip
#: How the forms that all processes share are called in the description.
_COMMON_NAMES = {"_added": "any.added", "_advice": "any.advice"}


def common_schemas() -> dict[str, Any]:
    """The fields of those whom a signer asked, the same in every process."""
    return {_COMMON_NAMES[key]: json_schema(form) for key, form in COMMON.items()}


def approvals_operations() -> list[dict[str, Any]]:
    """One row a route, as ``webapp.api.openapi.Operation`` takes it."""
    people = {"people": ["accountant"], "position": "before", "reason": "The budget is theirs."}
    rows: list[tuple[str, str, str, Action, dict[str, Any]]] = [
        ("hand_over_task", "hand-over", "Put my task onto a colleague's desk for good", actions.HAND_OVER,
         {"to": "sales_director", "reason": "On leave from tomorrow.", "revision": 1}),
        ("add_signers", "signers", "Ask colleagues to sign as well", actions.ADD_SIGNERS, people),
        ("ask_opinion", "opinions", "Ask colleagues for their opinion", actions.ASK_OPINION,
         {"people": ["hr"], "question": "Is there a budget for this?"}),
        ("remove_signer", "remove", "Ask somebody no more whom I have asked", actions.REMOVE,
         {"reason": "Settled by telephone."}),
        ("take_back_decision", "take-back", "Take my decision back, until the next person has opened the task",
         actions.TAKE_BACK, {"reason": "Wrong case."}),
    ]  # fmt: skip
    return [
        {
            "endpoint": endpoint,
            "method": "post",
            "path": f"/tasks/{{task_id}}/{path}",
            "summary": summary,
            "gives": "Result",
            "problems": (400, 401, 403, 404, 409, 413, 415, 422),
            "parameters": ("task_id", "idempotency_key"),
            "takes": _body(action, example),
            "example": RESULT,
        }
        for endpoint, path, summary, action, example in rows
    ]


def _body(action: Action, example: dict[str, Any]) -> dict[str, Any]:
    """What an action takes: the fields of its form, and the revision of the task where the program has read it."""
    schema = {name: said for name, said in json_schema(action.form).items() if name != "$schema"}
    revision = {"type": "integer", "minimum": 0, "description": "The revision of the task that was read."}
    schema["properties"] = {**schema["properties"], "revision": revision}
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}
