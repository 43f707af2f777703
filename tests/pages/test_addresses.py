"""Addresses that nobody was given: too large numbers, characters that cannot be stored, words that links understand."""

import uuid

import pytest

from tests.application import Visitor
from tests.pages.office import Office, request_fields

TOO_LARGE = "9223372036854775808"


@pytest.mark.parametrize(
    "path",
    ["/tasks/{}", "/instances/{}", "/incidents/{}", "/people/{}", "/people/{}/disable", "/people/departments/{}",
     "/advances/{}", "/documents/{}"],
)  # fmt: skip
def test_a_number_that_no_id_reaches_is_the_address_of_nothing(office: Office, path: str) -> None:
    assert office.get("administrator", path.format(TOO_LARGE)).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/people/{}/password", "/people/{}/enable", "/people/departments/{}/remove", "/profile/tokens/{}/revoke",
     "/profile/delegations/{}/revoke", "/tasks/{}", "/tasks/{}/claim", "/instances/{}/withdraw", "/incidents/{}/retry"],
)  # fmt: skip
def test_nothing_is_changed_there_either(office: Office, path: str) -> None:
    assert office.post("administrator", path.format(TOO_LARGE)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        f"/notices?before={TOO_LARGE}", "/notices?before=-5", f"/incidents?before={TOO_LARGE}",
        f"/people?after={TOO_LARGE}", f"/people?department_id={TOO_LARGE}", "/people?role=%00", "/people?search=%00",
        "/people/pick?delegate=%00", "/inbox?q=%00", "/advances?q=%00", f"/inbox?after=2026-01-01~{TOO_LARGE}",
        "/inbox?endpoint=x", "/inbox?_scheme=javascript", "/inbox?_method=X", "/inbox?_external=1&_scheme=javascript",
        "/people?_scheme=javascript", "/processes/expense_advance/start?_scheme=javascript",
    ],
)  # fmt: skip
def test_a_query_that_means_nothing_is_passed_over(office: Office, path: str) -> None:
    assert "javascript:" not in office.page("administrator" if "start" not in path else "salesperson", path)


def test_a_key_that_cannot_be_stored_protects_nothing_and_breaks_nothing(office: Office) -> None:
    answer = office.post("salesperson", "/processes/expense_advance/start", request_fields(idempotency_key="a\0b"))
    assert answer.status_code == 303
    assert office.sql("SELECT count(*) FROM incident") == [(0,)]


def test_a_login_that_cannot_be_stored_is_a_wrong_one(visitor: Visitor) -> None:
    assert visitor.sign_in("salesperson\0x", "not the password").status_code == 200


def test_one_key_sent_to_two_tasks_decides_the_second_one_never_silently(office: Office) -> None:
    first, second = office.start(), office.start()
    answer = {"idempotency_key": uuid.uuid4().hex, "decision": "approve", "revision": "1"}
    tasks = [office.open_task(case) for case in (first, second)]
    assert [office.post("sales_manager", f"/tasks/{task}", answer).status_code for task in tasks] == [303, 422]
    assert office.sql("SELECT status FROM user_task WHERE id = :id", id=tasks[1]) == [("open",)]
