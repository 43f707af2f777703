"""Problems (RFC 9457): how everything below ``/api/`` says no.

Every problem has ``type``, ``title``, ``status``, ``detail``, ``instance`` and ``code``; where single fields are to
blame also ``errors``, a list of ``{"field", "message"}``. ``code`` is stable and meant for programs, ``type`` is the
same as an address; ``title`` and ``detail`` are for people, in the language that the request accepts.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn
from urllib.parse import quote

from flask import Response, abort, request
from flask_babel import lazy_gettext as _

PROBLEM_JSON = "application/problem+json"
#: Names a kind of problem; docs/api.md says what each of them means.
TYPES = "https://salesflow.example/problems/"

TITLES = {
    "bad_request": _("The request could not be understood"),
    "malformed_json": _("The body is not JSON"),
    "idempotency_key_required": _("The Idempotency-Key is missing or malformed"),
    "unauthorized": _("No valid token"),
    "forbidden": _("Not allowed"),
    "not_allowed": _("Not allowed"),
    "not_found": _("Not found"),
    "method_not_allowed": _("Method not allowed"),
    "conflict": _("The case has moved on"),
    "stale_revision": _("The task has changed"),
    "busy": _("The case is busy"),
    "request_entity_too_large": _("The body is too large"),
    "unsupported_media_type": _("The body has another media type than this address takes"),
    "idempotency_key_reused": _("The Idempotency-Key was used with another request"),
    "invalid": _("Some fields are wrong"),
    "refused": _("The rules do not allow this"),
    "too_many_requests": _("Too many requests"),
    "step_failed": _("The step failed on our side"),
    "internal_server_error": _("Something went wrong on our side"),
}
#: An address that is longer leads nowhere, so it need not be repeated whole.
_LONGEST_ADDRESS = 200
_ROW = re.compile(r"-([0-9]+)(?=-|$)-?")


def problem(status: int, code: str, detail: str, errors: Iterable[Mapping[str, str]] | None = None) -> Response:
    """Give the answer for one problem."""
    # Escaped, because a message may quote what was sent, and not all of that can be written as UTF-8.
    body = json.dumps(problem_object(status, code, detail, errors))
    return Response(body, status=status, content_type=PROBLEM_JSON)


def problem_object(
    status: int, code: str, detail: str, errors: Iterable[Mapping[str, str]] | None = None
) -> dict[str, Any]:
    """Give one problem, for an answer that holds several."""
    body: dict[str, Any] = {
        "type": TYPES + code,
        "title": str(TITLES.get(code, code.replace("_", " ").capitalize())),
        "status": status,
        "detail": detail,
        "instance": quote(request.path[:_LONGEST_ADDRESS], errors="replace"),
        "code": code,
    }
    if errors is not None:
        body["errors"] = list(errors)
    return body


def stop(status: int, code: str, detail: str) -> NoReturn:
    """End the request with a problem."""
    abort(problem(status, code, detail))


def field_errors(fields: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """Give messages by form path (``spend-0-amount``) as a list of ``{"field", "message"}`` (``spend.0.amount``)."""
    return [
        {"field": _ROW.sub(_dotted, path), "message": message} for path, texts in fields.items() for message in texts
    ]


def _dotted(found: re.Match[str]) -> str:
    return f".{found[1]}" + ("." if found[0].endswith("-") else "")
