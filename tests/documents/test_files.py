"""Uploaded files are what their bytes say, belong to their owner until attached, and are thrown away if never used."""

import datetime as dt
import io
import zipfile

import pytest
from sqlalchemy.orm import Session

from tests.engine.company import START, people
from workflows.documents.files import (
    LARGEST,
    LOOSE_LIMIT,
    attach,
    clean_name,
    discard_loose,
    document,
    documents_of,
    loose_documents,
    media_type_of,
    upload,
)
from workflows.engine.model import Incident
from workflows.kernel.errors import Invalid, Refusal

PDF = b"%PDF-1.4\n%%EOF\n"


def archive(member: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr(member, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (archive("OFD.xml"), "application/ofd"),
        (archive("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (archive("evil.exe"), None),
        (b"PK\x03\x04 broken", None),
        (b"<html><script>alert(1)</script>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"MZ....", None),
        (b"RIFF....WAVE", None),
    ],
)
def test_the_type_is_what_the_bytes_say(content: bytes, media_type: str | None) -> None:
    assert media_type_of(content) == media_type


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("发票.pdf", "发票.pdf"),
        ("C:\\Users\\wang\\发票.pdf", "发票.pdf"),
        ("../../etc/passwd", "passwd"),
        ('a"b\r\nSet-Cookie: x', 'a"bSet-Cookie: x'),
        ("", "document"),
        ("...", "document"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a" * 300 + ".pdf", "a" * 187 + ".pdf"),
    ],
)
def test_a_name_is_stripped_of_paths_and_of_what_does_not_print(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def test_a_document_is_its_owners_alone_until_it_is_attached(session: Session) -> None:
    ids = people(session)
    mine = upload(session, owner_id=ids["sa"], name="a.pdf", content=PDF, now=START)
    assert (mine.media_type, mine.size, mine.instance_id) == ("application/pdf", 15, None)
    assert [each.id for each in loose_documents(session, ids["sa"], [mine.id])] == [mine.id]
    assert loose_documents(session, ids["sb"], [mine.id]) == []
    with pytest.raises(Invalid):
        attach(session, [mine.id], owner_id=ids["sb"], instance_id=7, element_id="x", now=START)
    attach(session, [mine.id], owner_id=ids["sa"], instance_id=7, element_id="x", now=START)
    attach(session, [mine.id], owner_id=ids["sb"], instance_id=7, element_id="y", now=START)
    with pytest.raises(Invalid):
        attach(session, [mine.id], owner_id=ids["sa"], instance_id=8, element_id="x", now=START)
    [attached] = documents_of(session, [7])
    assert (attached.element_id, attached.instance_id) == ("x", 7)
    assert document(session, mine.id) == (attached, PDF)


def test_what_is_empty_too_large_or_unknown_is_refused(session: Session) -> None:
    ids = people(session)
    for content, part in ((b"", "empty"), (PDF + b"0" * LARGEST, "larger than 8 MB"), (b"hello", "neither a PDF")):
        with pytest.raises(Refusal, match=part):
            upload(session, owner_id=ids["sa"], name="a.pdf", content=content, now=START)
    upload(session, owner_id=ids["sa"], name="a.pdf", content=PDF + b"0" * (LARGEST - len(PDF)), now=START)


def test_files_that_were_attached_to_nothing_are_bounded_and_thrown_away_after_a_week(session: Session) -> None:
    ids = people(session)
    for _ in range(LOOSE_LIMIT):
        kept = upload(session, owner_id=ids["sa"], name="a.pdf", content=PDF, now=START)
    with pytest.raises(Refusal, match="100 uploaded files"):
        upload(session, owner_id=ids["sa"], name="a.pdf", content=PDF, now=START)
    attach(session, [kept.id], owner_id=ids["sa"], instance_id=7, element_id="x", now=START)
    assert discard_loose(session, now=START + dt.timedelta(days=7)) == 0
    assert discard_loose(session, now=START + dt.timedelta(days=7, seconds=1)) == LOOSE_LIMIT - 1
    assert [each.id for each in documents_of(session, [7])] == [kept.id]


def test_files_of_a_submission_that_waits_in_an_open_incident_are_kept_until_it_is_closed(session: Session) -> None:
    ids = people(session)
    waited = upload(session, owner_id=ids["sa"], name="a.pdf", content=PDF, now=START)
    upload(session, owner_id=ids["sb"], name="b.pdf", content=PDF, now=START)
    incident = Incident(
        kind="step_failed", cause="the tablespace is full", opened_at=START,
        submission={"actor_id": ids["sa"], "key": "k", "fields": [["attachments", str(waited.id)]]},
    )  # fmt: skip
    session.add(incident)
    session.flush()
    later = START + dt.timedelta(days=30)
    assert discard_loose(session, now=later) == 1
    assert [each.id for each in loose_documents(session, ids["sa"], [waited.id])] == [waited.id]
    incident.closed_at = later
    session.flush()
    assert discard_loose(session, now=later) == 1
