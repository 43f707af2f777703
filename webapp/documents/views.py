"""The two ways of a file: in, as part of a form that is being filled, and out, to whoever may read its case."""

import re
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from forms.fields import whole
from webapp.accounts.actor import current_actor
from webapp.documents.reading import may_read_archived, may_read_case
from webapp.documents.uploads import SUFFIX, own_documents, uploaded_pairs
from webapp.extensions import db
from workflows.documents.files import SHOWN_INLINE, DocumentInfo, document, information
from workflows.kernel.errors import NotFound

blueprint = Blueprint("documents", __name__, url_prefix="/documents")
blueprint.add_app_template_global(own_documents)

#: The name of a field of a form: attachments, lines-3-attachments.
_FIELD = re.compile(r"[a-z_]{1,40}(-[0-9]{1,3}-[a-z_]{1,40})?", re.ASCII)


@blueprint.post("")
def upload() -> str:
    """Take files in while a form is still being filled, and give the part of the form that lists them."""
    field = request.args.get("field", "")
    if not _FIELD.fullmatch(field) or any(not name.endswith(SUFFIX) for name in request.files):
        raise BadRequest
    pairs = uploaded_pairs()
    said = [*request.form.getlist(field), *(text for _, text in pairs)]
    return render_template(
        "documents/field.html",
        name=field,
        ids=_whole_ids(said),
        errors=[text[1:] for text in said if text.startswith("!")],
    )


@blueprint.get("/<int(max=9223372036854775807):document_id>")
def download(document_id: int) -> ResponseReturnValue:
    """Give a file to its owner or, once attached, to whoever may read the case or sees the customer."""
    info = information(db.session(), document_id)
    if info is None or not _may_read(info):
        raise NotFound("There is no such document.")
    found = document(db.session(), document_id)
    if found is None:
        raise NotFound("There is no such document.")
    return _sent(*found)


def _may_read(info: DocumentInfo) -> bool:
    actor = current_actor()
    if info.instance_id is not None:
        return may_read_case(actor, info.instance_id)
    if info.attached_at is None:
        return info.owner_id == actor.id
    return may_read_archived(actor, info.id)


def _sent(info: DocumentInfo, content: bytes) -> Response:
    shown = "inline" if info.media_type in SHOWN_INLINE and "download" not in request.args else "attachment"
    answer = Response(content, mimetype=info.media_type)
    # Names in Chinese travel percent-encoded (RFC 6266).
    answer.headers["Content-Disposition"] = f"{shown}; filename*=UTF-8''{quote(info.name, safe='')}"
    # Whatever a file holds, it runs nothing and reaches nothing.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _whole_ids(texts: list[str]) -> list[int]:
    ids = []
    for text in texts:
        try:
            ids.append(whole(text))
        except ValueError:
            continue
    return list(dict.fromkeys(ids))
