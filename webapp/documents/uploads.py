"""Files that come with a page: taken in first, so that the form holds nothing but their ids.

A file input is called after its field with ``__files`` behind it. ``uploaded_pairs`` stores what was sent and gives the
pairs that the form's ``DocumentsField`` reads, so that a form that comes back with errors keeps its files. Uploads are
committed by themselves: until they are attached they are their owner's alone, and unused ones are thrown away.
"""

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from webapp.accounts.actor import current_actor
from webapp.clock import request_now
from webapp.engine import change
from webapp.errors import told
from webapp.extensions import db
from workflows.documents.files import LARGEST, DocumentInfo, loose_documents, upload
from workflows.kernel.errors import Refusal

SUFFIX = "__files"


def uploaded_pairs() -> list[tuple[str, str]]:
    """Take in the files of this request; a refused one gives a pair that puts the reason at its field."""
    pairs = []
    for name, sent in request.files.items(multi=True):
        if not name.endswith(SUFFIX) or not sent.filename:
            continue
        field = name.removesuffix(SUFFIX)
        try:
            with change() as session:
                pairs.append((field, str(_taken(session, sent).id)))
        except Refusal as refusal:
            pairs.append((field, "!" + told(refusal.message, refusal.params)))
    return pairs


def own_documents(ids: list[int]) -> list[DocumentInfo]:
    """The reader's uploaded files among these ids, for a form that shows them again."""
    return loose_documents(db.session(), current_actor().id, ids) if ids else []


def _taken(session: Session, sent: Any) -> DocumentInfo:
    # One byte more than is allowed tells that a file is too large without reading all of it.
    content = sent.stream.read(LARGEST + 1)
    return upload(session, owner_id=current_actor().id, name=sent.filename, content=content, now=request_now())
