"""What is served of an uploaded file can do no harm: neither by what it is nor by what it is called."""

import datetime as dt
import io
from typing import Any

import pytest
from flask import Flask

from tests.advance.firm import PDF
from tests.api.company import Api
from tests.documents.test_files import archive
from tests.pages.office import Office

WEB_PAGE = b"<!doctype html><script>alert(document.cookie)</script>"


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Office:
    """Everybody of the demo company."""
    return Office(demo, now)


def upload(office: Office, content: bytes, name: str) -> Any:
    """Send a file as a form does while it is being filled."""
    files = {"comment_files__files": (io.BytesIO(content), name)}
    return office.post("salesperson", "/documents?field=comment_files", files)


def served(office: Office, content: bytes, name: str) -> Any:
    assert upload(office, content, name).status_code == 200
    [(ident,)] = office.sql("SELECT max(id) FROM document")
    return office.get("salesperson", f"/documents/{ident}")


@pytest.mark.parametrize("name", ["合同.pdf", "合同.pdf.html", "picture.png", "x.svg", "x"])
def test_a_web_page_is_refused_whatever_it_is_called(office: Office, demo: Flask, now: dt.datetime, name: str) -> None:
    page = upload(office, WEB_PAGE, name).get_data(as_text=True)
    assert "既不是 PDF" in page or "PDF" in page
    assert 'aria-invalid="true"' in page
    sent = Api(demo, now).call(
        "salesperson", "POST", "/documents", data={"file": (io.BytesIO(WEB_PAGE), name)},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert sent.status_code == 422
    assert office.sql("SELECT count(*) FROM document") == [(0,)]


def test_more_than_eight_megabytes_are_refused_with_a_sentence(office: Office) -> None:
    answer = upload(office, PDF + b"0" * 8 * 1024 * 1024, "合同.pdf")
    assert answer.status_code == 413
    assert '<h1 class="empty-title">' in answer.get_data(as_text=True)
    assert office.sql("SELECT count(*) FROM document") == [(0,)]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("a'b;c=d.pdf", "a%27b%3Bc%3Dd.pdf"),
        ("evil.exe", "evil.exe.pdf"),
        ("contract.html", "contract.html.pdf"),
        ("Scan.PDF", "Scan.PDF"),
        ("合同", "%E5%90%88%E5%90%8C.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
        ("发票 100%.pdf", "%E5%8F%91%E7%A5%A8%20100%25.pdf"),
    ],
)
def test_a_dangerous_name_says_nothing_in_the_headers(office: Office, name: str, sent: str) -> None:
    answer = served(office, PDF, name)
    assert answer.headers["Content-Disposition"] == f"inline; filename*=UTF-8''{sent}"


def test_a_file_is_what_it_was_found_to_be_and_runs_nothing(office: Office) -> None:
    # A PDF by its first bytes with a page behind them: no browser is to look for itself.
    answer = served(office, PDF + WEB_PAGE, "contract.html")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_a_browser_does_not_show_is_handed_out_to_be_kept(office: Office) -> None:
    answer = served(office, archive("word/document.xml"), "letter.docx")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''letter.docx"
