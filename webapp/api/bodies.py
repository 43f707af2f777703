"""What programs send, read strictly: JSON bodies, the idempotency key, query parameters.

A body is UTF-8 JSON, at most ``LARGEST_BODY`` bytes, an object whose members are all known. What can't be read at all
is a 400, 413 or 415; what was read and does not fit is a 422 that names the member.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from forms.base import ProcessForm
from forms.conversation import SentAlongForm
from forms.json import from_json
from forms.tables import object_wire
from webapp.addresses import LARGEST_ID
from webapp.api.problems import stop
from webapp.conversation.sending import FIELDS
from webapp.tasks.sent import Sent
from workflows.engine.submissions import Submitted
from workflows.kernel.errors import Invalid

#: Bytes of a JSON body; 413 above.
LARGEST_BODY = 1024 * 1024
#: Printable ASCII, as long as the column of the idempotency ledger.
_KEY = re.compile(r"[\x21-\x7e]{1,120}")
#: What may stand beside the fields of a new case.
_BEGUN = frozenset({"draft", "copied_from"})
#: Nobody reads more, and a body could hold a hundred thousand wrong names.
_MOST_ERRORS = 20
_LARGEST_REVISION = 2**31 - 1
USUAL_ITEMS, MOST_ITEMS = 20, 100
_WHOLE = re.compile(r"[0-9]{1,3}", re.ASCII)
#: The place where a page of a list ended: the instant and the id of its last row. A plus sign that was not escaped in
#: the address arrives as a blank.
_PLACE = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}[+ -][0-9:]{5}~[0-9]{1,18}", re.ASCII)


def read_json() -> Any:
    """Parse the body; an empty one is an empty object. Ends the request with 400, 413 or 415 when it can't."""
    body = _body()
    if not body:
        return {}
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        stop(415, "unsupported_media_type", _("Send the body as application/json, not compressed."))
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_without_doubles, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        stop(400, "malformed_json", _("The body is not JSON in UTF-8 with every name once."))


def _body() -> bytes:
    """The raw body. One that came in chunks was cut off, silently, a byte beyond the limit (see ``blueprint``)."""
    body = request.get_data(cache=True)
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge
    return body


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        # Readers differ in which of two equal names they believe, so what was checked might not be what was meant.
        raise ValueError("a name stands twice")
    return members


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def sent_by_program(
    *,
    process_key: str | None = None,
    task_id: int | None = None,
    instance_id: int | None = None,
    act: str | None = None,
) -> Sent:
    """Read a submission that starts or acts on a case (``{"fields": {…}}``) or answers a task (with ``"revision"``).

    Either may send copies along: ``copy_to``, a list of people, and ``copy_note``. A new case may name the ``draft``
    that it was begun as, which is gone once it is sent, and the case that it was ``copied_from``.

    Raises ``Invalid`` at the member that does not fit; the fields themselves are read by their form, under the lock.
    """
    wanted = {"fields"} if task_id is None else {"fields", "revision"}
    body = _envelope(wanted, may_have=frozenset(FIELDS) | (_BEGUN if process_key is not None else frozenset()))
    revision = body.get("revision")
    named = submission(revision)
    copies = {name: body[name] for name in FIELDS if name in body}
    answer_of(SentAlongForm, copies)
    beside = object_wire(SentAlongForm(), "", copies)
    sent = Sent(named.key, named.digest, process_key, task_id, revision, beside, fields=body["fields"])
    sent.instance_id, sent.act = instance_id, act
    sent.draft = draft_key(body["draft"]) if "draft" in body else None
    sent.copied_from = _ident(body["copied_from"], "copied_from") if "copied_from" in body else None
    return sent


def draft_key(value: Any) -> uuid.UUID:
    """Read the key of a draft; raises ``Invalid`` at ``draft``."""
    try:
        return uuid.UUID(value)
    except (AttributeError, TypeError, ValueError):
        raise Invalid.at("draft", "The key of a draft is a UUID.") from None


def _ident(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_ID:
        raise Invalid.at(name, "This must be a whole number.")
    return value


def _envelope(wanted: set[str], *, may_have: frozenset[str] = frozenset()) -> Mapping[str, Any]:
    body = read_json()
    if not isinstance(body, dict):
        raise Invalid.at("", "The body must be an object with named members.")
    refused = {name: "There is no such field." for name in body if name not in wanted | may_have}
    refused |= {name: "Please fill this in." for name in wanted if name not in body}
    if "fields" not in refused and not isinstance(body["fields"], dict):
        refused["fields"] = "This must be an object with named members."
    if "revision" in wanted - refused.keys() and not _is_revision(body["revision"]):
        refused["revision"] = "This must be a whole number."
    if refused:
        named = sorted(refused.items())[:_MOST_ERRORS]
        raise Invalid({_printable(name): [(message, {})] for name, message in named})
    return body


def _is_revision(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_REVISION


def _printable(name: str) -> str:
    return "".join(sign for sign in name[:64] if sign.isprintable())


def answer_of(form_type: type[ProcessForm], fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read the fields of a form; raises ``Invalid``."""
    form = from_json(form_type, fields)
    if not form.validate():
        raise form.refusal()
    return form.answer()


def submission(revision: int | None = None) -> Submitted:
    """How this request is named in the idempotency ledger.

    The digest covers the address too, so that one key sent to two tasks is refused instead of answered for the first.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        stop(400, "idempotency_key_required", _("Send an Idempotency-Key of 1 to 120 printable ASCII characters."))
    said = f"{request.method} {request.path}\n".encode() + _body()
    return Submitted(key, hashlib.sha256(said).digest(), revision)


def page_of_list() -> tuple[int, str | None]:
    """Read ``limit`` and ``after``; raises ``Invalid`` at either."""
    limit = limit_of_list()
    after = request.args.get("after") or None
    if after is not None and not _PLACE.fullmatch(after):
        raise Invalid.at("after", "This is not the place where a page ended.")
    return limit, after


def limit_of_list() -> int:
    """Read ``limit``; raises ``Invalid``."""
    limit = request.args.get("limit", str(USUAL_ITEMS))
    if not _WHOLE.fullmatch(limit) or not 1 <= int(limit) <= MOST_ITEMS:
        raise Invalid.at("limit", "This must be a whole number from 1 to %(most)s.", most=MOST_ITEMS)
    return int(limit)


def state_of_list() -> str:
    """Read ``state``, which is ``open`` where nothing is said; raises ``Invalid``."""
    state = request.args.get("state", "open")
    if state not in ("open", "done"):
        raise Invalid.at("state", "Choose one of the options.")
    return state
