"""The demo company: what a visitor finds in it."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.application import application
from webapp.demo import fill_demo
from webapp.extensions import db
from workflows.advance.ledger import figures_of
from workflows.advance.model import Advance
from workflows.engine.history import broken_entries
from workflows.engine.inbox import counts
from workflows.engine.model import ProcessInstance
from workflows.engine.process import Actor
from workflows.people.model import Employee
from workflows.sale.model import Sale

#: Stage and status of the demo's ten sales.
SALES = [
    (1, "lost"), (1, "open"), (1, "open"), (1, "suspended"), (2, "open"), (3, "open"), (3, "open"), (3, "open"),
    (4, "open"), (5, "closed"),
]  # fmt: skip


def waiting(session: Session, login: str) -> int:
    person = session.scalars(select(Employee).where(Employee.login == login)).one()
    found = counts(session, Actor(person.id, frozenset(held.role for held in person.role_rows)))
    return found.mine + found.groups


def test_the_demo_shows_advances_at_every_stage_and_leaves_its_salesperson_free_to_borrow(
    own_database: str, now: dt.datetime
) -> None:
    with application(own_database, now) as app, app.app_context():
        session, engine = db.session(), app.extensions["salesflow_engine"]
        assert fill_demo(session, engine, now, with_cases=True)
        session.commit()
        assert not fill_demo(session, engine, now, with_cases=True)
        advances = ProcessInstance.process_key != "sale"
        statuses = sorted(session.scalars(select(ProcessInstance.status).where(advances)))
        assert statuses == ["completed"] * 4 + ["running"] * 5
        sales = sorted(session.execute(select(Sale.stage, Sale.status)).tuples())
        assert sales == SALES
        # An advance each, and of sales an initiation and a contract below the floor price.
        assert [waiting(session, who) for who in ("sales_manager", "sales_director", "accountant")] == [2, 2, 1]
        # 5,000.00 paid - 4,500.00 claimed - 500.00 returned, 6,000.00 - 1,850.00, 12,000.00 with a claim under audit.
        balances = {figures_of(session, advance.id).balance_fen for advance in session.scalars(select(Advance))}
        assert balances == {0, 415000, 1200000}
        assert list(broken_entries(session, app.config["AUDIT_KEY"])) == []
