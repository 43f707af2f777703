"""Taking files in and attaching them to cases.

The type of a file is read from its first bytes; what is not on the list of types is refused, so that nothing that a
browser would run is ever served. Who may read an attached document is for the caller to ask (``engine.access``).
"""

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, any_, cast, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from workflows.documents.model import Document
from workflows.engine.drafts import Draft
from workflows.engine.model import Incident
from workflows.engine.process import Step
from workflows.kernel.errors import Invalid, Refusal
from workflows.people.model import Employee

#: One file may be this large; the body of a request is bounded by the web server besides.
LARGEST = 8 * 1024 * 1024
#: How many files a person may have lying about that are attached to nothing.
LOOSE_LIMIT = 100
#: After this long, a file that was attached to nothing is thrown away.
LOOSE_FOR = dt.timedelta(days=7)

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
#: What a zip archive holds tells which document it is: (a member's name, the type).
_ARCHIVES = (
    ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("OFD.xml", "application/ofd"),
)
#: The ending that a file of each type is kept under, besides those that people also use for it.
_ENDINGS = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/ofd": ("ofd",),
}
#: Shown inside the browser; everything else is downloaded.
SHOWN_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document without its content."""

    id: int
    name: str
    media_type: str
    size: int
    owner_id: int
    instance_id: int | None
    element_id: str | None
    uploaded_at: dt.datetime
    attached_at: dt.datetime | None


_INFO = (
    Document.id, Document.name, Document.media_type, Document.size, Document.owner_id,
    Document.instance_id, Document.element_id, Document.uploaded_at, Document.attached_at,
)  # fmt: skip


def media_type_of(content: bytes) -> str | None:
    """What the bytes say they are, or None for what is not accepted."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return _archive_type(content) if content.startswith(b"PK\x03\x04") else None


def _archive_type(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    return next((media_type for member, media_type in _ARCHIVES if member in members), None)


def clean_name(name: str) -> str:
    """A file name without its path and without what breaks a header or a screen; at most 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    if len(printable) > 200:  # noqa: PLR2004 (the width of the column)
        stem, dot, ending = printable.rpartition(".")
        printable = stem[: 190 - len(ending[:9])] + dot + ending[:9] if dot else printable[:200]
    return printable or "document"


def safe_name(name: str, media_type: str) -> str:
    """A clean name that ends as its type does: ``contract.html`` that is a PDF becomes ``contract.html.pdf``.

    A file can begin as a PDF and go on as a web page; saved under the wrong ending it would be opened as that.
    """
    cleaned, endings = clean_name(name), _ENDINGS[media_type]
    ending = cleaned.rpartition(".")[2].lower() if "." in cleaned else ""
    return cleaned if ending in endings else clean_name(f"{cleaned[:190]}.{endings[0]}")


def upload(session: Session, *, owner_id: int, name: str, content: bytes, now: dt.datetime) -> DocumentInfo:
    """Take a file in; it is its owner's alone until it is attached. Raises ``Refusal`` for what is not accepted."""
    if not content:
        raise Refusal("The file %(name)s is empty.", name=clean_name(name))
    if len(content) > LARGEST:
        raise Refusal("The file %(name)s is larger than %(limit)s MB.", name=clean_name(name), limit=LARGEST // 1024**2)
    media_type = media_type_of(content)
    if media_type is None:
        raise Refusal(
            "The file %(name)s is neither a PDF, an OFD, a picture, a Word document nor a spreadsheet.",
            name=clean_name(name),
        )
    _refuse_too_many(session, owner_id)
    values = {
        "owner_id": owner_id, "name": safe_name(name, media_type), "media_type": media_type, "size": len(content),
        "sha256": hashlib.sha256(content).digest(), "content": content, "uploaded_at": now,
    }  # fmt: skip
    return DocumentInfo(*tuple(session.execute(insert(Document).values(values).returning(*_INFO)).one()))


def copy_attached(
    session: Session, ids: Sequence[int], *, instance_id: int, owner_id: int, now: dt.datetime
) -> dict[int, int]:
    """Copy documents of one case as new ones of this person, attached to nothing; gives old id -> new id.

    What does not belong to that case is left out. Whether the person may read the case has been asked before.
    """
    wanted = session.execute(select(Document.id).where(Document.id.in_(ids), Document.instance_id == instance_id))
    found = sorted(wanted.scalars())
    _refuse_too_many(session, owner_id, further=len(found))
    columns = ["owner_id", "name", "media_type", "size", "sha256", "content", "uploaded_at"]
    copies = {}
    for ident in found:
        row = select(
            literal(owner_id), Document.name, Document.media_type, Document.size, Document.sha256, Document.content,
            literal(now),
        ).where(Document.id == ident)  # fmt: skip
        copies[ident] = session.execute(insert(Document).from_select(columns, row).returning(Document.id)).scalar_one()
    return copies


def _refuse_too_many(session: Session, owner_id: int, *, further: int = 1) -> None:
    loose = session.execute(
        select(func.count()).where(Document.owner_id == owner_id, Document.attached_at.is_(None))
    ).scalar_one()
    if further and loose + further > LOOSE_LIMIT:
        raise Refusal("You have %(count)s uploaded files that are attached to nothing.", count=loose)


def attach(
    session: Session, ids: Sequence[int], *, owner_id: int, instance_id: int, element_id: str, now: dt.datetime,
    field: str = "attachments",
) -> None:  # fmt: skip
    """Attach uploaded files to a case.

    Only the owner's own, and none that already belongs to another case; what the same case already holds may be
    named again. Raises ``Invalid`` at ``field`` otherwise, without saying whether such a document exists.
    """
    if not ids:
        return
    mine = or_(Document.instance_id == instance_id, (Document.owner_id == owner_id) & Document.attached_at.is_(None))
    found = set(session.execute(select(Document.id).where(Document.id.in_(ids), mine).with_for_update()).scalars())
    for wanted in ids:
        if wanted not in found:
            raise Invalid.at(field, "There is no uploaded document %(id)s of yours.", id=wanted)
    session.execute(
        update(Document)
        .where(Document.id.in_(ids), Document.attached_at.is_(None))
        .values(instance_id=instance_id, element_id=element_id, attached_at=now)
    )


def keep(
    session: Session, ids: Sequence[int], *, owner_id: int, keeper: str, now: dt.datetime, field: str = "documents"
) -> None:
    """Attach uploaded files to something that is no case; ``keeper`` names the area that says who reads them.

    Only the owner's own that are attached to nothing. Raises ``Invalid`` at ``field`` as ``attach`` does.
    """
    mine = Document.id.in_(ids), Document.owner_id == owner_id, Document.attached_at.is_(None)
    found = set(session.execute(select(Document.id).where(*mine).with_for_update()).scalars())
    for wanted in ids:
        if wanted not in found:
            raise Invalid.at(field, "There is no uploaded document %(id)s of yours.", id=wanted)
    session.execute(update(Document).where(Document.id.in_(found)).values(element_id=keeper, attached_at=now))


def attach_answered(step: Step, answer: Mapping[str, Any]) -> None:
    """Attach the ``attachments`` of an answer to the step's case. Raises as ``attach``."""
    attach(
        step.session,
        answer.get("attachments") or [],
        owner_id=step.author_id,
        instance_id=step.instance_id,
        element_id=step.element_id,
        now=step.now,
    )


def detach(session: Session, ids: Sequence[int], *, owner_id: int, instance_id: int, element_id: str) -> None:
    """Give files that were attached with one thing that was said back to their owner, who took it back.

    They are the owner's alone again, and thrown away like any file that was attached to nothing.
    """
    if ids:
        session.execute(
            update(Document)
            .where(Document.id.in_(ids), Document.owner_id == owner_id, Document.instance_id == instance_id,
                   Document.element_id == element_id)
            .values(instance_id=None, element_id=None, attached_at=None)
        )  # fmt: skip


def documents_of(session: Session, instance_ids: Sequence[int]) -> list[DocumentInfo]:
    """The documents of some cases, in the order in which they were uploaded."""
    rows = session.execute(select(*_INFO).where(Document.instance_id.in_(instance_ids)).order_by(Document.id))
    return [DocumentInfo(*row) for row in rows]


def documents_kept(session: Session, ids: Sequence[int]) -> list[tuple[DocumentInfo, str, str]]:
    """Documents by their ids with their owner's names in both languages, the latest first."""
    if not ids:
        return []
    rows = session.execute(
        select(*_INFO, Employee.name, Employee.name_en)
        .join(Employee, Employee.id == Document.owner_id)
        .where(Document.id.in_(ids))
        .order_by(Document.id.desc())
    )
    return [(DocumentInfo(*row[:9]), row[9], row[10]) for row in rows]


def loose_documents(session: Session, owner_id: int, ids: Sequence[int]) -> list[DocumentInfo]:
    """Those of the named documents that are this person's and attached to nothing: a form shows them again."""
    rows = session.execute(
        select(*_INFO)
        .where(Document.id.in_(ids), Document.owner_id == owner_id, Document.attached_at.is_(None))
        .order_by(Document.id)
    )
    return [DocumentInfo(*row) for row in rows]


def document(session: Session, document_id: int) -> tuple[DocumentInfo, bytes] | None:
    """A document with its content."""
    row = session.execute(select(*_INFO, Document.content).where(Document.id == document_id)).one_or_none()
    return None if row is None else (DocumentInfo(*row[:9]), row[9])


def information(session: Session, document_id: int) -> DocumentInfo | None:
    """A document without its content, to decide who may read it."""
    row = session.execute(select(*_INFO).where(Document.id == document_id)).one_or_none()
    return None if row is None else DocumentInfo(*row)


def discard_loose(session: Session, *, now: dt.datetime) -> int:
    """Throw away files that were attached to nothing for a week; the worker calls it hourly. Gives how many.

    A submission that failed waits in an open incident and may name files of its sender, so all of theirs stay until
    the incident is closed: which field of which form holds ids is not for this floor to know. Files that a draft names
    stay for as long as the draft does.
    """
    sender = cast(Incident.submission["actor_id"].astext, BigInteger)
    is_waited_for = exists().where(
        Incident.closed_at.is_(None), Incident.kind == "step_failed", sender == Document.owner_id
    )
    is_in_a_draft = exists().where(Draft.owner_id == Document.owner_id, Document.id == any_(Draft.document_ids))
    gone = session.execute(
        delete(Document)
        .where(Document.attached_at.is_(None), Document.uploaded_at < now - LOOSE_FOR, ~is_waited_for, ~is_in_a_draft)
        .returning(Document.id)
    )
    return len(gone.all())
