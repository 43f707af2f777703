"""Money of one sale recorded by two accountants at once, sent twice, and cut off before it was kept."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.engine.company import submitted
from tests.sale.firm import Firm, firm
from workflows.engine.submissions import Submitted
from workflows.kernel.errors import Busy, Refusal


@pytest.fixture
def signed(own_database: str) -> tuple[str, Firm, int]:
    """A committed sale of 300,000 yuan, and its company."""
    engine = create_engine(own_database)
    session = Session(engine)
    company = firm(session)
    case = company.signed()
    session.commit()
    session.close()
    return own_database, company, case


def record(company: Firm, session: Session, case: int, fields: dict[str, Any], sent: Submitted) -> bool:
    """Record one receipt in a session of its own; whether the submission had been answered before."""
    return company.engine.act(
        session, case, "record_receipt", company.read(fields), submitted=sent, actor=company.actor("ac"),
        now=company.now,
    ).replayed  # fmt: skip


def receipt(company: Firm, amount: str, reference: str) -> dict[str, Any]:
    return {
        "amount": amount, "received_on": company.today.isoformat(), "method": "bank_transfer", "reference": reference,
    }  # fmt: skip


def at_once(url: str, *actions: Callable[[Session], bool]) -> list[str]:
    """Do each in a thread and a connection of its own, begun together; gives what came of them, sorted."""
    engine = create_engine(url)
    gate, given = threading.Barrier(len(actions), timeout=30), []

    def run(action: Callable[[Session], bool]) -> None:
        with Session(engine) as session:
            gate.wait()
            try:
                replayed = action(session)
                session.commit()
                given.append("repeated" if replayed else "done")
            except Refusal as refusal:
                session.rollback()
                given.append("busy" if isinstance(refusal, Busy) else "refused")

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    engine.dispose()
    return sorted(given)


def entries(url: str) -> list[int]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [row.amount_fen for row in connection.exec_driver_sql("SELECT amount_fen FROM receipt ORDER BY id")]
    engine.dispose()
    return found


def test_two_accountants_at_once_never_collect_more_than_is_owed_unasked(signed: tuple[str, Firm, int]) -> None:
    url, company, case = signed
    first, second = (receipt(company, "200000.00", reference) for reference in ("T-1", "T-2"))
    given = at_once(
        url,
        lambda session: record(company, session, case, first, submitted(first)),
        lambda session: record(company, session, case, second, submitted(second)),
    )
    assert given == ["done", "refused"]
    assert entries(url) == [20_000_000]


def test_one_receipt_sent_twice_at_once_is_recorded_once(signed: tuple[str, Firm, int]) -> None:
    url, company, case = signed
    fields = receipt(company, "100000.00", "T-1")
    sent = submitted(fields)
    given = at_once(url, *[lambda session: record(company, session, case, fields, sent)] * 2)
    assert given == ["done", "repeated"]
    assert entries(url) == [10_000_000]


def test_a_receipt_whose_connection_broke_before_the_commit_is_recorded_when_sent_again(
    signed: tuple[str, Firm, int],
) -> None:
    url, company, case = signed
    fields = receipt(company, "100000.00", "T-1")
    sent = submitted(fields)
    engine = create_engine(url)
    with Session(engine) as broken, engine.connect() as other:
        record(company, broken, case, fields, sent)
        mine = broken.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        assert other.exec_driver_sql("SELECT pg_terminate_backend(%(pid)s)", {"pid": mine}).scalar_one()
        broken.invalidate()
    engine.dispose()
    assert entries(url) == []
    assert at_once(url, lambda session: record(company, session, case, fields, sent)) == ["done"]
    assert entries(url) == [10_000_000]
