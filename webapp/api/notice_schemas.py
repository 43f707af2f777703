"""How the description speaks of notices: what is sent, what is taken, and what stands in their addresses."""

from typing import Any

from webapp.api.schemas import ID, INSTANT, WORD, Schema, perhaps, record
from workflows.notices.channels import Channel
from workflows.notices.kinds import Mode
from workflows.notices.preferences import CHOICES

_MODE: Schema = {
    "enum": [mode.value for mode in Mode],
    "description": "At once, in the digest of the next working day, or not at all.",
}
_OF_CHANNEL: Schema = {
    "type": "object",
    "properties": dict.fromkeys(Channel, _MODE),
    "additionalProperties": False,
}
_OF_KIND: Schema = {
    "type": "object",
    "properties": {kind.word: _OF_CHANNEL for kind in CHOICES},
    "additionalProperties": False,
}

NOTICE_SCHEMAS: dict[str, Schema] = {
    "Notice": record(
        {
            "id": ID,
            "kind": WORD,
            "text": {**WORD, "description": "The sentence, in the language of the request."},
            "url": perhaps(WORD),
            "task_id": perhaps(ID),
            "instance_id": perhaps(ID),
            "created_at": INSTANT,
            "read_at": perhaps(INSTANT),
        }
    ),
    "NoticeList": record(
        {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Notice"}}, "next": perhaps(WORD)}
    ),
    "Unread": record({"unread": {"type": "integer", "minimum": 0}}),
    "NoticePreferences": record(
        {
            "channels": {
                "type": "array",
                "items": {"enum": [channel.value for channel in Channel]},
                "description": "Those that reach me now; the bell always does.",
            },
            "preferences": _OF_KIND,
        }
    ),
}
NOTICE_PARAMETERS: dict[str, dict[str, Any]] = {
    "notice_state": {"name": "state", "in": "query", "schema": {"enum": ["unread", "read"], "default": "unread"}},
    "before": {
        "name": "before",
        "in": "query",
        "schema": {"type": "string"},
        "description": "The next of the page before.",
    },
}
READ_BODY: Schema = {
    "type": "object",
    "properties": {
        "ids": {"type": "array", "items": ID, "maxItems": 1000},
        "up_to": {**ID, "description": "This one and all before it."},
    },
    "additionalProperties": False,
    "description": "Nothing named means all.",
}
PREFERENCES_BODY: Schema = {
    "type": "object",
    "required": ["preferences"],
    "properties": {"preferences": _OF_KIND},
    "additionalProperties": False,
}
