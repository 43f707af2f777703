"""A leaver's customers and registrations go to the successor, in one act and with what belongs to them."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.customers.shop import customer, product_line, registration
from tests.engine.company import START, people
from workflows.customers import registrations
from workflows.customers.handing_over import hand_on_everything, hand_over, holdings_of
from workflows.customers.model import Customer, CustomerChange
from workflows.engine.process import Actor
from workflows.kernel.errors import Invalid, NotAllowed
from workflows.notices.model import Notice


def defer(_: Session, jobs: list[tuple[str, dict[str, Any]]]) -> None:
    raise AssertionError(jobs)  # No sale goes with these registrations.


@pytest.fixture
def ids(session: Session) -> dict[str, int]:
    return people(session)


def archive(session: Session, ids: dict[str, int]) -> tuple[int, int]:
    """A customer of Sa's and the registration of its need."""
    made = customer(session, ids["sa"], "华为技术", now=START)
    return made, registrations.register(
        session, customer_id=made, product_line_id=product_line(session), need="cards", owner_id=ids["sa"],
        instance_id=None, now=START,
    )  # fmt: skip


def leave(session: Session, ids: dict[str, int], to: str) -> tuple[int, int]:
    admin = Actor(ids["admin"], frozenset({"administrator"}))
    return hand_on_everything(session, defer, ids["sa"], ids[to], reason="leaves", actor=admin, now=START)


def test_everything_goes_to_the_successor_once(session: Session, ids: dict[str, int]) -> None:
    made, registered = archive(session, ids)
    holdings = holdings_of(session, ids["sa"])
    assert (holdings.customers, holdings.names, holdings.registrations) == (1, ["华为技术"], 1)
    assert leave(session, ids, "sb") == (1, 1)
    assert leave(session, ids, "sb") == (0, 0)
    session.expire_all()
    assert session.get_one(Customer, made).owner_id == ids["sb"]
    assert registration(session, registered).ended_why == "transferred"
    standing = registrations.in_force(session, made, registration(session, registered).product_line_id)
    assert standing is not None
    assert standing.owner_id == ids["sb"]
    [change] = session.scalars(select(CustomerChange)).all()
    assert (change.field, change.before, change.after, change.reason) == ("owner", "SA", "SB", "leaves")
    [notice] = session.scalars(select(Notice)).all()
    assert (notice.employee_id, notice.kind, notice.params["count"]) == (ids["sb"], "customers_received", 1)


def test_customers_go_to_somebody_who_sells_only(session: Session, ids: dict[str, int]) -> None:
    made, _ = archive(session, ids)
    with pytest.raises(Invalid, match="who sells"), session.begin_nested():
        leave(session, ids, "ac")
    assert session.get_one(Customer, made).owner_id == ids["sa"]


def test_who_has_nothing_is_succeeded_by_anybody(session: Session, ids: dict[str, int]) -> None:
    assert leave(session, ids, "ac") == (0, 0)


def test_a_manager_gives_only_what_they_lead_and_only_inside_the_industry(
    session: Session, ids: dict[str, int]
) -> None:
    from workflows.people.model import Employee  # noqa: PLC0415

    made, _ = archive(session, ids)
    strange = customer(session, ids["fd"], "别处客户", now=START)

    def give(who: str, role: str, *customers: int, to: str = "sb") -> int:
        actor = Actor(ids[who], frozenset({role}))
        with session.begin_nested():
            return hand_over(session, defer, customers, ids[to], reason="better", actor=actor, now=START)

    with pytest.raises(NotAllowed):
        give("ma", "sales_manager", made, strange)
    with pytest.raises(Invalid):
        give("sa", "salesperson", made)
    with pytest.raises(Invalid, match="departments that you lead"):
        give("ma", "sales_manager", made, to="ac")
    session.get_one(Employee, ids["sb"]).industry = "金融"
    session.flush()
    with pytest.raises(Invalid, match="industry 制造, theirs is 金融"):
        give("ma", "sales_manager", made)
    session.get_one(Employee, ids["sb"]).industry = "制造"
    session.flush()
    assert give("ma", "sales_manager", made) == 1
    session.expire_all()
    assert session.get_one(Customer, made).owner_id == ids["sb"]
