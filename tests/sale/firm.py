"""The small company with products, a customer and the sale's own process, driven through the forms of programs."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from forms.json import from_json
from forms.registry import form_class, has_form
from tests.advance.firm import PDF, SIGNATURE
from tests.engine.company import AUDIT_KEY, PEOPLE, START, people, submitted
from workflows.customers.archive import CustomerData, create_customer
from workflows.customers.contacts import ContactData
from workflows.customers.model import Complaint, Registration
from workflows.customers.phones import Seals
from workflows.customers.visits import record_visit
from workflows.documents.files import upload
from workflows.engine.deadlines import deliver, due_timers, fire_timer
from workflows.engine.model import Message, ProcessInstance, UserTask
from workflows.engine.process import Actor, Step
from workflows.engine.runtime import Engine
from workflows.engine.submissions import Result
from workflows.kernel.crypto import Keyring
from workflows.people.model import Role
from workflows.products.model import Product, ProductLine
from workflows.sale.ledger import Figures, Line, figures_of, lines_of
from workflows.sale.ledger_model import Receipt, SaleEvent
from workflows.sale.model import Contract, Quotation, Sale, SaleMove
from workflows.sale.process import PROCESSES

KEYRING = Keyring({"test": bytes(32)})
SEALS = Seals.of(KEYRING, AUDIT_KEY)
MRS_LI = ContactData(name="李晓梅", position="采购总监", phone="138 0013 8000", kind="decides")
#: Code -> kind, list price, floor price, cost in fen, procured, outsourced.
PRODUCTS = {
    "card": ("ordinary", 100_000, 90_000, None, False, False),
    "suite": ("high_end", 5_000_000, 4_000_000, None, False, False),
    "server": ("ordinary", 2_000_000, 1_800_000, 1_500_000, True, False),
}


@dataclass
class Firm:
    """The people by their short names (``tests.engine.company``), the engine, the clock, and one customer."""

    session: Session
    engine: Engine
    ids: dict[str, int]
    lines: dict[str, int]
    products: dict[str, int]
    customer: int = 0
    now: dt.datetime = START
    jobs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def actor(self, name: str) -> Actor:
        return Actor(self.ids[name], frozenset({PEOPLE[name][1]}), {}, {})

    def read(self, fields: Mapping[str, Any]) -> Callable[[str, str], Mapping[str, Any]]:
        def reader(process_key: str, element_id: str) -> Mapping[str, Any]:
            signed = {"signature": SIGNATURE} if element_id == "general_manager_contract" else {}
            form = from_json(form_class(process_key, element_id), {**signed, **fields})
            if not form.validate():
                raise form.refusal()
            return form.answer()

        return reader

    def new_customer(self, name: str = "云图网络有限公司", who: str = "sa", **changes: Any) -> int:
        data = CustomerData(name=name, industry=changes.pop("industry", "制造"))
        return create_customer(
            self.session, data, grade="B", contact=MRS_LI, seals=SEALS, actor=self.actor(who), now=self.now,
            is_confirmed=True, **changes,
        )  # fmt: skip

    def visit(self, case: int, who: str = "sa") -> int:
        return record_visit(
            self.session, customer_id=self.sale(case).customer_id, instance_id=case, kind="visit",
            visited_on=self.today, visitors="SA", content="Showed the product", result="They like it", problems="",
            documents=[], actor=self.actor(who), now=self.now,
        )  # fmt: skip

    @property
    def today(self) -> dt.date:
        return (self.now + dt.timedelta(hours=8)).date()

    def day(self, days: int) -> str:
        """The day so many days from today."""
        return (self.today + dt.timedelta(days=days)).isoformat()

    def register(self, who: str = "sa", **changes: Any) -> int:
        """Register an opportunity; gives the case."""
        fields = {
            "customer": self.customer, "product_line": self.lines["cards"], "need": "Cards for 300 people",
            "expected_amount": "300000.00", "expected_on": self.day(60), **changes,
        }  # fmt: skip
        return self.engine.start(
            self.session, "sale", self.read(fields), submitted=submitted(fields), actor=self.actor(who), now=self.now
        ).instance_id

    def answer(self, case: int, element_id: str, who: str | None = None, /, **fields: Any) -> Result:
        """Answer the open task of a case as whoever has it; a refusal leaves everything as it was."""
        task = self.open_task(case, element_id)
        name = who or next(n for n, i in self.ids.items() if i == task.assignee_id)
        with self.session.begin_nested():
            result = self.engine.complete(
                self.session, task.id, self.read(fields), submitted=submitted(fields, uuid.uuid4().hex, task.revision),
                actor=self.actor(name), now=self.now,
            )  # fmt: skip
        self.deliver_messages()
        return result

    def complete(self, task: UserTask, **fields: Any) -> Result:
        """Answer a task that may be closed already."""
        with self.session.begin_nested():
            return self.engine.complete(
                self.session, task.id, self.read(fields), submitted=submitted(fields), actor=self.actor("sa"),
                now=self.now,
            )  # fmt: skip

    def step(self, case: int) -> Step:
        """What a function of the package would be given."""
        return Step(self.session, self.now, self.actor("sa"), case, self.ids["sa"], "sale", "")

    def act(self, case: int, name: str, who: str = "sa", /, **fields: Any) -> Result:
        """Do something to a sale besides answering its tasks."""
        with self.session.begin_nested():
            result = self.engine.act(
                self.session, case, name, self.read(fields), submitted=submitted(fields), actor=self.actor(who),
                now=self.now,
            )  # fmt: skip
        self.deliver_messages()
        return result

    def initiate(self, case: int) -> None:
        """Take a sale through stages 1 and 2."""
        self.answer(case, "complete_information")
        self.visit(case)
        self.apply(case)
        self.answer(case, "approve_initiation", decision="approve")

    def apply(self, case: int, **changes: Any) -> Result:
        fields = {
            "needs": "Cards for 300 people", "decision_makers": "Mrs Li", "expected_amount": "300000.00",
            "expected_on": self.day(60), **changes,
        }  # fmt: skip
        return self.answer(case, "apply_initiation", **fields)

    def quote(self, case: int, *lines: Mapping[str, Any], **changes: Any) -> Result:
        """Offer items; each line names its product by code. Three hundred cards at list price unless said."""
        given = lines or ({"product": "card", "quantity": "300"},)
        fields = {
            "lines": [{**line, "product": self.products[line["product"]]} for line in given],
            "valid_until": self.day(30), "payment_days": "60", **changes,
        }  # fmt: skip
        return self.answer(case, "quote", **fields)

    def accepted(self, case: int, *lines: Mapping[str, Any], **changes: Any) -> None:
        """Offer items that the customer accepts."""
        self.quote(case, *lines, **changes)
        self.answer(case, "await_answer", decision="accept")

    def draft(self, case: int, *plan: tuple[int, str], **changes: Any) -> Result:
        """Draft the contract with instalments as (days from today, amount)."""
        given = plan or ((30, "300000.00"),)
        fields = {
            "deliver_on": self.day(20),
            "plan": [{"due_on": self.day(days), "amount": amount} for days, amount in given],
            **changes,
        }
        return self.answer(case, "draft_contract", **fields)

    def sign(self, case: int, **changes: Any) -> Result:
        fields = {"signed_on": self.today.isoformat(), "attachments": [self.upload()], "decision": "signed", **changes}
        return self.answer(case, "sign_contract", **fields)

    def signed(self, case: int | None = None, *plan: tuple[int, str], lines: Any = ()) -> int:
        """A sale with a signed contract of 300,000 yuan, in stage 4."""
        case = case or self.register()
        self.initiate(case)
        self.accepted(case, *lines)
        self.draft(case, *plan)
        self.answer(case, "manager_contract", decision="approve")
        self.sign(case)
        return case

    def hand_over(self, case: int) -> Result:
        steps = [{"name": "Cards printed", "planned_on": self.day(10)}, {"name": "Sent", "planned_on": self.day(15)}]
        return self.answer(case, "hand_over_order", milestones=steps)

    def receive(self, case: int, amount: str, who: str = "ac", **changes: Any) -> Result:
        fields = {
            "amount": amount, "received_on": self.today.isoformat(), "method": "bank_transfer",
            "reference": uuid.uuid4().hex[:12], "payer": "Yuntu", **changes,
        }  # fmt: skip
        return self.act(case, "record_receipt", who, **fields)

    def start(self, process: str, who: str, /, **fields: Any) -> int:
        """Start a case of a process; gives it."""
        with self.session.begin_nested():
            result = self.engine.start(
                self.session, process, self.read(fields), submitted=submitted(fields), actor=self.actor(who),
                now=self.now,
            )  # fmt: skip
        return result.instance_id

    def ask_back(self, case: int, amount: str, *, who: str = "sa", **changes: Any) -> int:
        """Ask for money of a sale back; gives the case of the refund."""
        fields = {"sale": self.sale(case).id, "amount": amount, "reason": "Cards came back", **changes}
        return self.start("sale_refund", who, **fields)

    def pay_back(self, refund: int, **changes: Any) -> Result:
        """Pay a refund that is approved."""
        fields = {
            "paid_on": self.today.isoformat(), "method": "bank_transfer", "reference": uuid.uuid4().hex[:12],
            "payee": "Yuntu", **changes,
        }  # fmt: skip
        task = self.open_task(refund, "pay_refund")
        if task.assignee_id is None:
            self.engine.claim(self.session, task.id, actor=self.actor("ac"), now=self.now)
        return self.answer(refund, "pay_refund", "ac", **fields)

    def paid_back(self, case: int, amount: str, **changes: Any) -> int:
        """Ask for money back, have it approved by all, and pay it; gives the case of the refund."""
        refund = self.ask_back(case, amount, **changes)
        while "pay_refund" not in self.waiting(refund):
            self.answer(refund, self.waiting(refund)[0], decision="approve", opinion="Agreed")
        self.pay_back(refund)
        return refund

    def withdraw(self, case: int, who: str = "sa") -> Result:
        """Call a case back."""
        return self.engine.withdraw(
            self.session, case, reason="Asked by mistake", submitted=submitted({}), actor=self.actor(who), now=self.now,
        )

    def order_lines(self, case: int) -> list[Line]:
        return lines_of(self.session, self.sale(case).id)

    def after_sales(self, case: int, satisfaction: str = "5") -> None:
        """Take a collected sale to its end."""
        self.answer(case, "accept_delivery", accepted_on=self.today.isoformat())
        self.answer(case, "record_satisfaction", satisfaction=satisfaction, customer_word="All fine")

    def send(self, step: Step, message: str) -> None:
        """Have a message come from outside to a case, and delivered."""
        self.session.execute(
            insert(Message).values(instance_id=step.instance_id, name=message, payload={}, key=uuid.uuid4().hex,
                                   sent_at=self.now)
        )  # fmt: skip
        self.deliver_messages()

    def complain(self, case: int) -> int:
        """A complaint about a sale, as its own case would leave it; gives its id."""
        row = insert(Complaint).values(
            instance_id=case, customer_id=self.sale(case).customer_id, sale_instance_id=case, about="Delivery",
            content="Two cards are missing", raised_on=self.today, raised_by_id=self.ids["sa"],
        )  # fmt: skip
        return int(self.session.execute(row.returning(Complaint.id)).scalar_one())

    def close_complaint(self, complaint_id: int, case: int) -> None:
        """The customer has had the last word on it."""
        self.session.execute(update(Complaint).where(Complaint.id == complaint_id).values(closed_at=self.now))
        self.send(Step(self.session, self.now, None, case, self.ids["sa"], "sale", ""), "complaint_closed")

    def receipts(self, case: int) -> list[int]:
        query = select(Receipt.id).where(Receipt.sale_id == self.sale(case).id).order_by(Receipt.id)
        return list(self.session.scalars(query))

    def deliver_messages(self) -> None:
        """Do what the worker does with messages between cases."""
        waiting = select(Message.id).where(Message.delivered_at.is_(None)).order_by(Message.id)
        for message_id in list(self.session.scalars(waiting)):
            deliver(self.engine, self.session, message_id, now=self.now)

    def pass_time(self, days: int) -> None:
        """Let days go by and fire the timers that are due then."""
        self.now += dt.timedelta(days=days)
        for timer_id in due_timers(self.session, self.now):
            fire_timer(self.engine, self.session, timer_id, now=self.now)

    def open_task(self, case: int, element_id: str) -> UserTask:
        tasks = [task for task in self.open_tasks(case) if task.element_id == element_id]
        assert len(tasks) == 1, self.waiting(case)
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

    def sale(self, case: int) -> Sale:
        self.session.expire_all()
        return self.session.scalars(select(Sale).where(Sale.instance_id == case)).one()

    def contracts(self, case: int) -> list[tuple[str, str, str | None]]:
        query = select(Contract).where(Contract.sale_id == self.sale(case).id).order_by(Contract.id)
        return [(row.number, row.status, row.authority) for row in self.session.scalars(query)]

    def quotations(self, case: int) -> list[tuple[int, int, str]]:
        query = select(Quotation).where(Quotation.sale_id == self.sale(case).id).order_by(Quotation.version)
        return [(row.version, row.total_fen, row.status) for row in self.session.scalars(query)]

    def moves(self, case: int) -> list[tuple[str, int]]:
        query = select(SaleMove).where(SaleMove.sale_id == self.sale(case).id).order_by(SaleMove.id)
        return [(row.kind, row.stage) for row in self.session.scalars(query)]

    def registrations(self) -> list[tuple[int, str | None]]:
        self.session.expire_all()
        query = select(Registration).order_by(Registration.id)
        return [(row.owner_id, row.ended_why) for row in self.session.scalars(query)]

    def events(self, case: int) -> list[tuple[str, int, str | None]]:
        """Kind, fen (negative for what a reversal takes back) and product kind of each event."""
        query = select(SaleEvent).where(SaleEvent.sale_id == self.sale(case).id).order_by(SaleEvent.id)
        return [
            (row.kind, -row.amount_fen if row.reverses_id else row.amount_fen, row.product_kind)
            for row in self.session.scalars(query)
        ]

    def figures(self, case: int) -> Figures:
        return figures_of(self.session, self.sale(case).id)

    def upload(self, who: str = "sa", name: str = "contract.pdf") -> int:
        return upload(self.session, owner_id=self.ids[who], name=name, content=PDF, now=self.now).id

    def snapshot(self) -> list[Any]:
        """Everything that a refused step must leave as it was."""
        self.session.expire_all()
        tables = (
            "sale", "sale_move", "sale_number", "quotation", "quotation_line", "contract", "instalment", "order_line",
            "receipt", "refund", "sale_event", "milestone", "registration", "document", "process_instance", "user_task",
            "history_event", "message", "submission",
        )  # fmt: skip
        read = self.session.connection().exec_driver_sql
        return [sorted(repr(tuple(row)) for row in read(f"SELECT * FROM {table}")) for table in tables]


def firm(session: Session) -> Firm:
    """A company whose engine holds the sale's diagrams."""
    jobs: list[tuple[str, dict[str, Any]]] = []
    engine = Engine(
        PROCESSES,
        has_form=has_form,
        roles=[role.value for role in Role],
        defer=lambda _session, more: jobs.extend(more),
        audit_key=AUDIT_KEY,
        keyring=KEYRING,
    )
    engine.deploy(session, now=START)
    names = insert(ProductLine).returning(ProductLine.id)
    lines = {name: session.execute(names.values(name=name)).scalar_one() for name in ("cards", "software")}
    products = {}
    for code, (kind, price, floor, cost, is_procured, is_outsourced) in PRODUCTS.items():
        row = insert(Product).values(
            code=code, name=code, line_id=lines["cards"], kind=kind, unit="pcs", list_price_fen=price,
            floor_price_fen=floor, cost_fen=cost, is_procured=is_procured, is_outsourced=is_outsourced,
        )  # fmt: skip
        products[code] = session.execute(row.returning(Product.id)).scalar_one()
    made = Firm(session, engine, people(session), lines, products, jobs=jobs)
    made.customer = made.new_customer()
    return made
