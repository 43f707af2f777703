"""Holiday cover: to whom, when, and never in a circle."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.application import Visitor
from webapp.accounts.account import account_by_id
from workflows.kernel.errors import Invalid, NotFound
from workflows.people.delegation import delegate_desk, delegations_of, revoke_delegation
from workflows.people.departments import add_department
from workflows.people.model import Delegation, Employee, EmployeeRole, Role

TODAY = dt.date(2026, 3, 10)
FRIDAY = dt.date(2026, 3, 13)


@pytest.fixture
def people(session: Session) -> dict[str, Employee]:
    """Wang, Lin and Chen of one department, and He, who has left."""
    department = add_department(session, name="销售部")
    made = {}
    for login in ("wang", "lin", "chen", "he"):
        made[login] = Employee(login=login, name=login.title(), department_id=department.id, fs_uniquifier=login,
                               active=login != "he", role_rows=[EmployeeRole(role=Role.SALES_MANAGER)])
        session.add(made[login])
    session.flush()
    return made


def hand_over(
    session: Session, giver: Employee, taker: str, *, days: tuple[dt.date, dt.date] = (TODAY, FRIDAY),
    keys: tuple[str, ...] = (),
) -> Delegation:  # fmt: skip
    return delegate_desk(
        session, giver.id, delegate_login=taker, first_on=days[0], last_on=days[1], process_keys=keys, reason="休假",
        now=dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC), today=TODAY,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "is_covered"),
    [(dt.date(2026, 3, 9), False), (TODAY, True), (FRIDAY, True), (dt.date(2026, 3, 14), False)],
)
def test_the_delegate_covers_from_the_first_to_the_last_day(
    session: Session, people: dict[str, Employee], now: dt.datetime, day: dt.date, is_covered: bool
) -> None:
    hand_over(session, people["wang"], "lin")
    account = account_by_id(session, people["lin"].id, today=day)
    assert account is not None
    assert (people["wang"].id in account.actor.covers) is is_covered
    if is_covered:
        assert account.actor.covered_roles[people["wang"].id] == {"sales_manager"}


def test_two_delegations_of_one_person_add_up(session: Session, people: dict[str, Employee]) -> None:
    hand_over(session, people["wang"], "lin", keys=("expense_advance",))
    hand_over(session, people["wang"], "lin", keys=("dispute",))
    account = account_by_id(session, people["lin"].id, today=TODAY)
    assert account is not None
    assert account.actor.covers[people["wang"].id] == ("expense_advance", "dispute")
    hand_over(session, people["wang"], "lin")
    account = account_by_id(session, people["lin"].id, today=TODAY)
    assert account is not None
    assert account.actor.covers[people["wang"].id] == ()


def test_a_desk_that_was_taken_back_is_covered_no_more(
    session: Session, people: dict[str, Employee], now: dt.datetime
) -> None:
    delegation = hand_over(session, people["wang"], "lin")
    with pytest.raises(NotFound):
        revoke_delegation(session, delegation.id, delegator_id=people["lin"].id, now=now)
    revoke_delegation(session, delegation.id, delegator_id=people["wang"].id, now=now)
    session.flush()
    account = account_by_id(session, people["lin"].id, today=TODAY)
    assert account is not None
    assert account.actor.covers == {}
    assert delegations_of(session, people["wang"].id, today=TODAY) == ([], [])


def test_nobody_covers_for_someone_whose_account_is_disabled(session: Session, people: dict[str, Employee]) -> None:
    hand_over(session, people["wang"], "lin")
    people["wang"].active = False
    session.flush()
    account = account_by_id(session, people["lin"].id, today=TODAY)
    assert account is not None
    assert account.actor.covers == {}


@pytest.mark.parametrize(
    ("taker", "days", "at"),
    [
        ("nobody", (TODAY, FRIDAY), ("delegate", "no one with the login name nobody")),
        ("wang", (TODAY, FRIDAY), ("delegate", "for yourself")),
        ("he", (TODAY, FRIDAY), ("delegate", "He is disabled")),
        ("lin", (FRIDAY, TODAY), ("last_on", "before the first")),
        ("lin", (dt.date(2026, 3, 1), dt.date(2026, 3, 9)), ("last_on", "over")),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    session: Session, people: dict[str, Employee], taker: str, days: tuple[dt.date, dt.date], at: tuple[str, str]
) -> None:
    field, message = at
    with pytest.raises(Invalid, match=message) as refused:
        hand_over(session, people["wang"], taker, days=days)
    assert set(refused.value.fields) == {field}
    assert session.query(Delegation).count() == 0


def test_desks_are_not_handed_round_in_a_circle_on_the_same_days(session: Session, people: dict[str, Employee]) -> None:
    hand_over(session, people["wang"], "lin")
    hand_over(session, people["lin"], "chen", days=(FRIDAY, dt.date(2026, 3, 20)))
    with pytest.raises(Invalid, match="Wang is away"):
        hand_over(session, people["chen"], "wang", days=(dt.date(2026, 3, 12), FRIDAY))
    # Lin hands on from Friday only, so until Thursday there is no circle; nor is there one in the week after.
    hand_over(session, people["chen"], "wang", days=(dt.date(2026, 3, 11), dt.date(2026, 3, 12)))
    hand_over(session, people["chen"], "wang", days=(dt.date(2026, 3, 14), dt.date(2026, 3, 20)))


def test_the_page_hands_over_and_takes_back(demo: Flask) -> None:
    manager = Visitor(demo).sign_in_as("sales_manager")
    sent = {"delegate": "sales_manager2", "first_on": "2026-03-10", "last_on": "2026-03-13", "reason": "年假"}
    assert manager.post("/profile/delegations", sent).status_code == 302
    assert "何建平" in manager.get("/profile/delegations").get_data(as_text=True)
    received = Visitor(demo).sign_in_as("sales_manager2").get("/profile/delegations").get_data(as_text=True)
    assert "王志远" in received
    assert "年假" in received
    wrong = manager.post("/profile/delegations", {**sent, "delegate": "sales_manager"}).get_data(as_text=True)
    assert "不能委托给自己。" in wrong
