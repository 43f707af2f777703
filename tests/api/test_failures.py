"""What is nobody's fault outside: a step that breaks, and a real web server in front of senders that overdo it."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tests.api.company import ADVANCE, Api
from tests.application import application
from tests.product import Product
from webapp.extensions import db

START = "/processes/expense_advance/instances"


def test_a_step_that_breaks_is_kept_and_told_and_changes_nothing(api: Api) -> None:
    api.token("salesperson")
    before = api.snapshot()
    _execute(api, "ALTER TABLE advance_spend RENAME TO mislaid")
    broken = api.post("salesperson", START, {"fields": ADVANCE}, key="broken", headers={"Accept-Language": "en"})
    _execute(api, "ALTER TABLE mislaid RENAME TO advance_spend")
    assert (broken.status_code, broken.mimetype) == (500, "application/problem+json")
    assert broken.json["code"] == "step_failed"
    assert "mislaid" not in broken.text and "advance_spend" not in broken.text
    after = api.snapshot()
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"incident", "notice"}
    assert len(after["incident"]) == len(before["incident"]) + 1
    # The key was not used up: the same submission goes through once the fault is mended.
    assert api.post("salesperson", START, {"fields": ADVANCE}, key="broken").status_code == 201


@pytest.fixture
def server(product: Product, api: Api) -> Iterator[http.client.HTTPConnection]:
    """A connection to gunicorn."""
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=60)
    yield connection
    connection.close()


@pytest.fixture
def token(product: Product, api: Api) -> str:
    """A token of the salesperson in the product's own database."""
    with application(product.database_url, api.now) as app:
        return Api(app, api.now).new_token("salesperson")


@pytest.mark.parametrize("in_chunks", [False, True])
@pytest.mark.parametrize("path", [f"/api/v1{START}", "/api/v1/tasks/1/claim", "/api/v1/documents"])
def test_who_sends_ten_megabytes_gets_to_read_why_they_are_refused(
    server: http.client.HTTPConnection, token: str, path: str, in_chunks: bool
) -> None:
    body = b"x" * 10_000_000
    kind = "multipart/form-data; boundary=x" if path.endswith("documents") else "application/json"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind, "Idempotency-Key": "large"}
    if in_chunks:
        pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
        server.request("POST", path, pieces, {**headers, "Transfer-Encoding": "chunked"}, encode_chunked=True)
    else:
        server.request("POST", path, body, headers)
    answer = server.getresponse()
    problem = json.loads(answer.read())
    assert (answer.status, problem["status"]) == (413, 413)
    # The connection is as good as before.
    server.request("GET", "/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert server.getresponse().status == 200


def test_eight_senders_of_one_submission_start_one_case(product: Product, token: str) -> None:
    body = json.dumps({"fields": {**ADVANCE, "return_on": "2099-01-01"}})
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "at-once", "Content-Type": "application/json"}

    def send(_: int) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=30)
        connection.request("POST", f"/api/v1{START}", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(send, range(8)))
    assert {status for status, _ in answers} == {201}
    assert len({content for _, content in answers}) == 1


def _execute(api: Api, statement: str) -> None:
    with api.app.app_context():
        db.session.execute(text(statement))
        db.session.commit()
