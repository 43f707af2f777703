"""How many SQL statements a step sends, the authentication before it and the COMMIT after it included.

Counted in this process, on the same application and database. The driver's own BEGIN, one for each transaction, is
not counted; nor is it in the figure that is wanted.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from bench.firm import BORROWER, STEPS, Firm
from webapp.extensions import db


def statements_of_steps(firm: Firm) -> dict[str, int]:
    """START and each COMPLETE, by name, counted on the third case: the first ones fill caches."""
    client = firm.app.test_client()
    counted: dict[str, int] = {}
    for _ in range(3):
        counted["START"], answer = _counted(client, firm, BORROWER, firm.start_request())
        for element_id, login in STEPS:
            task_id = answer["next_tasks"][0]["id"]
            request = firm.complete_request(element_id, login, task_id)
            counted[element_id], answer = _counted(client, firm, login, request)
    return counted


def statements_of_inbox(firm: Firm, cookie: str) -> int:
    """The page of the inbox, as a signed-in person opens it."""
    client = firm.app.test_client(use_cookies=False)
    for _ in range(3):
        with _sent(firm.app) as sent:
            assert client.get("/inbox", headers={"Cookie": cookie}).status_code == 200
    return len(sent)


def _counted(client: FlaskClient, firm: Firm, login: str, request: bytes) -> tuple[int, dict]:
    head, body = request.split(b"\r\n\r\n", 1)
    first, *lines = head.decode().split("\r\n")
    with _sent(firm.app) as sent:
        answer = client.post(first.split()[1], data=body, headers=dict(line.split(": ", 1) for line in lines))
    assert answer.status_code in (200, 201), answer.text
    return len(sent), answer.get_json()


@contextmanager
def _sent(app: Flask) -> Iterator[list[str]]:
    sent: list[str] = []
    with app.app_context():
        engine = db.engine

    def executed(_connection, _cursor, statement: str, *_rest) -> None:
        sent.append(statement)

    def ended(_connection) -> None:
        sent.append("COMMIT or ROLLBACK")

    hooks = (("before_cursor_execute", executed), ("commit", ended), ("rollback", ended))
    for name, hook in hooks:
        event.listen(engine, name, hook)
    try:
        yield sent
    finally:
        for name, hook in hooks:
            event.remove(engine, name, hook)
