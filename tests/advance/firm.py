"""The small company with the advance's own processes, driven through the forms that programs use."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.json import from_json
from forms.registry import form_class, has_form
from tests.engine.company import AUDIT_KEY, PEOPLE, START, people, submitted
from workflows.advance import PROCESSES
from workflows.advance.ledger import Figures, figures_of
from workflows.advance.model import Advance, AdvanceEntry
from workflows.documents.files import upload
from workflows.engine.deadlines import deliver
from workflows.engine.model import Message, ProcessInstance, UserTask
from workflows.engine.process import Actor
from workflows.engine.runtime import Engine
from workflows.engine.submissions import Result
from workflows.kernel.crypto import Keyring
from workflows.people.model import Role

REQUEST: dict[str, Any] = {
    "amount": "12000.00",
    "purpose": "Visit to the Hangzhou customer",
    "spend": [{"kind": "transport", "amount": "3000.00"}, {"kind": "lodging", "amount": "9000.00"}],
    "return_on": "2026-04-10",
}
#: One page of the smallest PDF that is still one by its first bytes.
PDF = b"%PDF-1.4\n%%EOF\n"
#: What the general manager draws on the pad.
SIGNATURE = [[[10, 20], [300, 100], [590, 180]]]


@dataclass
class Firm:
    """The people by their short names (``tests.engine.company``), the engine and the clock."""

    session: Session
    engine: Engine
    ids: dict[str, int]
    now: dt.datetime = START
    jobs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    #: Called after every step; tests that save and restore let go of everything here.
    after: Callable[[], None] = lambda: None

    def actor(self, name: str) -> Actor:
        return Actor(self.ids[name], frozenset({PEOPLE[name][1]}), {}, {})

    def read(self, fields: Mapping[str, Any]) -> Callable[[str, str], Mapping[str, Any]]:
        def reader(process_key: str, element_id: str) -> Mapping[str, Any]:
            signed = {"signature": SIGNATURE} if element_id == "general_manager_approval" else {}
            form = from_json(form_class(process_key, element_id), {**signed, **fields})
            if not form.validate():
                raise form.refusal()
            return form.answer()

        return reader

    def start(self, process_key: str, fields: Mapping[str, Any], who: str = "sa") -> Result:
        result = self.engine.start(
            self.session,
            process_key,
            self.read(fields),
            submitted=submitted(fields),
            actor=self.actor(who),
            now=self.now,
        )
        self.after()
        return result

    def request(self, who: str = "sa", **changes: Any) -> int:
        """Ask for an advance; gives the case."""
        return self.start("expense_advance", {**REQUEST, **changes}, who).instance_id

    def settle(self, case: int, who: str = "sa", **fields: Any) -> int:
        """Hand in a settlement of the advance of a case; gives the settlement's case."""
        return self.start("advance_settlement", {"advance": self.advance(case).id, **fields}, who).instance_id

    def claim(self, case: int, *amounts: str, who: str = "sa") -> int:
        lines = [{"kind": "meals", "spent_on": "2026-03-08", "amount": amount} for amount in amounts]
        return self.settle(case, who, kind="claim", lines=lines)

    def answer(self, case: int, element_id: str, who: str | None = None, /, **fields: Any) -> Result:
        """Answer the open task of a case as whoever has it, the first accountant for finance."""
        self.session.expire_all()
        task = self.open_task(case, element_id)
        name = who or next((n for n, i in self.ids.items() if i == task.assignee_id), None) or "ac"
        result = self.engine.complete(
            self.session, task.id, self.read(fields), submitted=submitted(fields, uuid.uuid4().hex, task.revision),
            actor=self.actor(name), now=self.now,
        )  # fmt: skip
        self.after()
        self.deliver_messages()
        return result

    def approve(self, case: int) -> None:
        """Take a request through its three approvals."""
        self.answer(case, "manager_approval", decision="approve")
        self.answer(case, "director_opinion", decision="approve", opinion="Worth it")
        self.answer(case, "general_manager_approval", decision="approve")

    def pay(self, case: int, amount: str = "12000.00", **fields: Any) -> Result:
        payment = {"amount": amount, "paid_on": "2026-03-10", "method": "cash", "reference": "R-1", **fields}
        return self.answer(case, "pay", **payment)

    def paid(self, amount: str = "12000.00", who: str = "sa", **changes: Any) -> int:
        """An advance that is approved and paid."""
        case = self.request(who, **changes)
        self.approve(case)
        self.pay(case, amount)
        return case

    def deliver_messages(self) -> None:
        """Do what the worker does with messages between cases."""
        waiting = select(Message.id).where(Message.delivered_at.is_(None)).order_by(Message.id)
        for message_id in list(self.session.scalars(waiting)):
            deliver(self.engine, self.session, message_id, now=self.now)
            self.after()

    def open_task(self, case: int, element_id: str) -> UserTask:
        tasks = [task for task in self.open_tasks(case) if task.element_id == element_id]
        assert len(tasks) == 1, [task.element_id for task in self.open_tasks(case)]
        return tasks[0]

    def open_tasks(self, case: int) -> list[UserTask]:
        self.session.expire_all()
        query = select(UserTask).where(UserTask.instance_id == case, UserTask.status == "open").order_by(UserTask.id)
        return list(self.session.scalars(query))

    def waiting(self, case: int) -> list[str]:
        return [task.element_id for task in self.open_tasks(case)]

    def case(self, case: int) -> ProcessInstance:
        self.session.expire_all()
        return self.session.get_one(ProcessInstance, case)

    def advance(self, case: int) -> Advance:
        self.session.expire_all()
        return self.session.scalars(select(Advance).where(Advance.instance_id == case)).one()

    def figures(self, case: int) -> Figures:
        return figures_of(self.session, self.advance(case).id)

    def entries(self, case: int) -> list[tuple[str, int]]:
        query = select(AdvanceEntry).where(AdvanceEntry.advance_id == self.advance(case).id).order_by(AdvanceEntry.id)
        return [(entry.kind, entry.amount_fen) for entry in self.session.scalars(query)]

    def upload(self, who: str = "sa", name: str = "receipt.pdf") -> int:
        info = upload(self.session, owner_id=self.ids[who], name=name, content=PDF, now=self.now)
        return info.id

    def snapshot(self) -> list[Any]:
        """Everything that a refused step must leave as it was."""
        self.session.expire_all()
        tables = (
            "advance", "advance_spend", "advance_entry", "advance_version", "advance_number", "settlement",
            "settlement_line", "document", "process_instance", "user_task", "history_event", "message", "submission",
        )  # fmt: skip
        read = self.session.connection().exec_driver_sql
        return [[tuple(row) for row in read(f"SELECT * FROM {table} ORDER BY 1, 2")] for table in tables]


def firm(session: Session) -> Firm:
    """A company whose engine holds both diagrams."""
    jobs: list[tuple[str, dict[str, Any]]] = []
    engine = Engine(
        PROCESSES,
        has_form=has_form,
        roles=[role.value for role in Role],
        defer=lambda _session, more: jobs.extend(more),
        audit_key=AUDIT_KEY,
        keyring=Keyring.parse(Keyring.new_key("tests")),
    )
    engine.deploy(session, now=START)
    return Firm(session, engine, people(session), jobs=jobs)
