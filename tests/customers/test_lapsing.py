"""Registrations and the clock: warned of once, prolonged by a contact, ended on their day, and by one worker only."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests.customers.shop import customer, product_line, registration
from tests.engine.company import START, company, people
from tests.engine.test_runtime import CHAIN
from workflows.customers.lapsing import end_lapsed, warn_of_lapses
from workflows.customers.registrations import Taken, register, touch
from workflows.customers.rules import change_rule
from workflows.engine.model import Message
from workflows.notices.model import Notice

#: Registered on 2026-03-10; 90 days later is 2026-06-08, and 14 days before that 2026-05-25.
WARNED = dt.datetime(2026, 5, 25, 1, 0, tzinfo=dt.UTC)
LAPSED = dt.datetime(2026, 6, 8, 1, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def no_jobs(_: Session, jobs: list[tuple[str, dict[str, Any]]]) -> None:
    """Registrations without a sale tell no case anything."""
    assert jobs == []


@pytest.fixture
def ids(session: Session) -> dict[str, int]:
    return people(session)


@pytest.fixture
def registered(session: Session, ids: dict[str, int]) -> int:
    """A need that Sa registered."""
    made = customer(session, ids["sa"], "华为技术有限公司", now=START)
    return register(
        session, customer_id=made, product_line_id=product_line(session), need="200 cards", owner_id=ids["sa"],
        instance_id=None, now=START,
    )  # fmt: skip


def bells(session: Session, ids: dict[str, int]) -> list[tuple[str, str]]:
    names = {ident: name for name, ident in ids.items()}
    return sorted((names[row.employee_id], row.kind) for row in session.scalars(select(Notice)))


def test_the_owner_is_warned_once_a_fortnight_before(session: Session, ids: dict[str, int], registered: int) -> None:
    assert warn_of_lapses(session, WARNED - DAY) == 0
    assert warn_of_lapses(session, WARNED) == 1
    assert warn_of_lapses(session, WARNED) == 0
    assert warn_of_lapses(session, WARNED + DAY) == 0
    assert bells(session, ids) == [("sa", "registration_lapsing")]
    assert registration(session, registered).warned_on == dt.date(2026, 5, 25)


def test_it_ends_on_its_day_and_the_owner_and_the_manager_hear_of_it(
    session: Session, ids: dict[str, int], registered: int
) -> None:
    warn_of_lapses(session, WARNED)
    assert end_lapsed(session, no_jobs, LAPSED - DAY) == 0
    assert registration(session, registered).ended_at is None
    assert end_lapsed(session, no_jobs, LAPSED) == 1
    ended = registration(session, registered)
    assert (ended.ended_at, ended.ended_why) == (LAPSED, "lapsed")
    assert end_lapsed(session, no_jobs, LAPSED) == 0
    assert bells(session, ids) == [
        ("ma", "registration_lapsed"), ("sa", "registration_lapsed"), ("sa", "registration_lapsing"),
    ]  # fmt: skip


def test_the_need_can_be_registered_by_another_afterwards(
    session: Session, ids: dict[str, int], registered: int
) -> None:
    row = registration(session, registered)
    fields = {"customer_id": row.customer_id, "product_line_id": row.product_line_id, "need": "150 cards"}
    with pytest.raises(Taken, match="SA registered this need of this customer on 2026-03-10"):
        register(session, **fields, owner_id=ids["sb"], instance_id=None, now=LAPSED)
    warn_of_lapses(session, WARNED)
    end_lapsed(session, no_jobs, LAPSED)
    assert register(session, **fields, owner_id=ids["sb"], instance_id=None, now=LAPSED) > registered


def test_a_contact_prolongs_it_and_takes_the_warning_back(
    session: Session, ids: dict[str, int], registered: int
) -> None:
    warn_of_lapses(session, WARNED)
    row = registration(session, registered)
    touch(session, customer_id=row.customer_id, owner_id=ids["sa"], on=dt.date(2026, 6, 1))
    assert end_lapsed(session, no_jobs, LAPSED) == 0
    row = registration(session, registered)
    # 2026-06-01 and 90 days.
    assert (row.lapses_on, row.warned_on) == (dt.date(2026, 8, 30), None)
    assert warn_of_lapses(session, dt.datetime(2026, 8, 16, 1, 0, tzinfo=dt.UTC)) == 1
    assert bells(session, ids) == [("sa", "registration_lapsing"), ("sa", "registration_lapsing")]


def test_nobody_loses_a_registration_on_the_day_of_the_warning(session: Session, registered: int) -> None:
    """The worker stood still for months: the owner still gets a day."""
    late = LAPSED + 30 * DAY
    assert end_lapsed(session, no_jobs, late) == 0
    assert warn_of_lapses(session, late) == 1
    assert end_lapsed(session, no_jobs, late) == 0
    assert end_lapsed(session, no_jobs, late + DAY) == 1


def test_the_warning_follows_the_rule_in_force(session: Session, ids: dict[str, int], registered: int) -> None:
    change_rule(session, "registration_warning", 30, reason="Earlier", actor_id=ids["admin"], now=START)
    # 30 days before 2026-06-08.
    first = dt.datetime(2026, 5, 9, 1, 0, tzinfo=dt.UTC)
    assert warn_of_lapses(session, first - DAY) == 0
    assert warn_of_lapses(session, first) == 1


def test_the_case_of_the_sale_hears_of_the_lapse_once(
    session: Session, ids: dict[str, int], registered: int, tmp_path: Path
) -> None:
    for name, content in CHAIN.items():
        (tmp_path / name).write_text(content)
    firm = company(session, tmp_path, CHAIN, hire=False)
    firm.ids = ids
    case = firm.start("sa").instance_id
    registration(session, registered).instance_id = case
    session.flush()
    jobs: list[tuple[str, dict[str, Any]]] = []
    warn_of_lapses(session, WARNED)
    end_lapsed(session, lambda _, more: jobs.extend(more), LAPSED)
    [message] = session.scalars(select(Message)).all()
    assert (message.instance_id, message.name, message.payload) == (
        case, "registration_lapsed", {"registration_id": registered},
    )  # fmt: skip
    assert jobs == [("deliver_message", {"message_id": message.id})]


def test_two_workers_at_once_warn_and_end_each_registration_once(own_database: str) -> None:
    engine = create_engine(own_database, pool_size=2)
    with Session(engine) as session:
        ids = people(session)
        line = product_line(session)
        for number in range(40):
            made = customer(session, ids["sa"], f"客户{number:02}", now=START)
            register(
                session, customer_id=made, product_line_id=line, need="cards", owner_id=ids["sa"], instance_id=None,
                now=START,
            )  # fmt: skip
        session.commit()
    gate = threading.Barrier(2)

    def work(now: dt.datetime) -> tuple[int, int]:
        with Session(engine) as session:
            gate.wait(timeout=30)
            done = end_lapsed(session, no_jobs, now), warn_of_lapses(session, now)
            session.commit()
            return done

    with ThreadPoolExecutor(2) as pool:
        first = list(pool.map(work, [WARNED, WARNED]))
        second = list(pool.map(work, [LAPSED, LAPSED]))
    assert sum(warned for _, warned in first) == 40
    assert sum(ended for ended, _ in second) == 40
    with Session(engine) as session:
        kinds = [kind for _, kind in bells(session, ids)]
        assert kinds.count("registration_lapsing") == 40
        assert kinds.count("registration_lapsed") == 80
    engine.dispose()


def test_fifty_who_register_one_need_at_once_give_one_winner_and_forty_nine_refusals(own_database: str) -> None:
    """The database decides (I8.1): each of the 49 is told who was first and on which day."""
    engine = create_engine(own_database, pool_size=50, max_overflow=0)
    with Session(engine) as session:
        ids = people(session)
        made, line = customer(session, ids["sa"], "华为技术", now=START), product_line(session)
        session.commit()
    gate = threading.Barrier(50)

    def race(number: int) -> str:
        with Session(engine) as session:
            session.connection()
            gate.wait(timeout=60)
            try:
                register(
                    session, customer_id=made, product_line_id=line, need=f"need {number}",
                    owner_id=ids["sa" if number % 2 else "sb"], instance_id=None, now=START,
                )  # fmt: skip
                session.commit()
                return "won"
            except Taken as taken:
                session.rollback()
                return str(taken)

    with ThreadPoolExecutor(50) as pool:
        given = list(pool.map(race, range(50)))
    assert given.count("won") == 1
    refusals = {each for each in given if each != "won"}
    winner = "SA" if given.index("won") % 2 else "SB"
    assert refusals == {f"{winner} registered this need of this customer on 2026-03-10 and has priority (I8.1)."}
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM registration").scalar_one() == 1
    engine.dispose()


def test_nobody_is_told_anything_by_a_registration_that_ended(
    session: Session, ids: dict[str, int], registered: int
) -> None:
    row = registration(session, registered)
    row.ended_at, row.ended_why = START, "lost"
    session.flush()
    assert warn_of_lapses(session, WARNED) == 0
    assert end_lapsed(session, no_jobs, LAPSED) == 0
    assert bells(session, ids) == []
