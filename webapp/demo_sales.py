"""The demo company's sales, at every stage, made by the operations that pages call as the people who would.

Each salesperson's customers are taken in the order in which they were registered (``demo_customers``).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.demo_story import Story
from workflows.customers.model import Customer
from workflows.customers.visits import record_visit
from workflows.documents.files import upload
from workflows.engine.runtime import Engine
from workflows.people.model import Employee
from workflows.products.model import Product, ProductLine
from workflows.sale.model import Sale

#: One page, the smallest PDF that is still one by its first bytes: the scan of a signed contract.
SCAN = b"%PDF-1.4\n%%EOF\n"

#: What is sold: code, quantity, and what is changed of the price.
Lines = Sequence[dict[str, str]]
CARDS: Lines = ({"product": "NK-100", "quantity": "100"},)
PREMIUM: Lines = ({"product": "NK-200", "quantity": "20"}, {"product": "NK-300", "quantity": "50"})
COURSES: Lines = ({"product": "PX-200", "quantity": "3"}, {"product": "PX-300", "quantity": "200"})
#: 68,000 a set, the floor is 55,000: the director is asked.
BELOW_FLOOR: Lines = ({"product": "RJ-100", "quantity": "2", "unit_price": "52000.00"},)


def fill_demo_sales(session: Session, engine: Engine, now: dt.datetime) -> None:
    """Make the sales of the last three months. Does not commit."""
    story = _Sales(session, engine, now, prefix="demo-sale")
    story.register("salesperson", 0, 0, 2, "会员卡员工福利", "300000.00", 45)
    story.register("salesperson2", 0, 1, 5, "新学期教师培训", "120000.00", 60)
    initiated = story.register("salesperson", 1, 2, 14, "客户管理系统试点", "136000.00", 40)
    story.apply(initiated, 10, "136000.00")
    story.sold("salesperson2", 1, 1, 24, "管理者内训", "173800.00", COURSES, until="offered")
    story.sold("salesperson3", 0, 0, 30, "年节福利卡", "300000.00", CARDS, until="drafted")
    story.sold("salesperson", 2, 2, 28, "软件采购两套", "104000.00", BELOW_FLOOR, until="director")
    partly = story.sold("salesperson", 3, 0, 62, "标准年卡一百张", "300000.00", CARDS, until="ordered")
    story.receive(partly, 30, "90000.00", "ICBC-0301-7781")
    story.receive(partly, 6, "60000.00", "ICBC-0325-1190")
    closed = story.sold("salesperson3", 1, 0, 88, "尊享年卡", "280000.00", PREMIUM, until="ordered")
    story.receive(closed, 60, "280000.00", "CCB-0131-0042")
    story.answer(closed, "salesperson3", 40, accepted_on=story.day(40))
    story.answer(closed, "salesperson3", 36, satisfaction="5", customer_word="发卡及时，员工反馈很好。")
    lost = story.register("salesperson2", 2, 0, 50, "教职工福利卡", "90000.00", 20)
    story.act(lost, "lose_sale", "salesperson2", 21, reason="competitor", words="对方选择了本地服务商，价格低一成。")
    aside = story.register("salesperson3", 2, 2, 40, "数据平台", "160000.00", 90)
    story.act(
        aside, "suspend_sale", "salesperson3", 12, reason="no_budget", words="预算要等下一季度。",
        resume_on=story.day(-30),
    )  # fmt: skip


@dataclass(slots=True)
class _Sales(Story):
    def register(
        self, who: str, customer: int, line: int, ago: int, need: str, amount: str, ahead: int
    ) -> int:
        """Register a need some days ago that is expected to be signed ``ahead`` days from today; gives the case."""
        owned = select(Customer.id).join(Employee, Employee.id == Customer.owner_id).where(Employee.login == who)
        ids = list(self.session.scalars(owned.order_by(Customer.id)))
        lines = list(self.session.scalars(select(ProductLine.id).order_by(ProductLine.id)))
        fields = {
            "customer": ids[customer % len(ids)], "product_line": lines[line], "need": need,
            "expected_amount": amount, "expected_on": self.day(-ahead),
        }  # fmt: skip
        return self.start("sale", who, ago, fields)

    def apply(self, case: int, ago: int, amount: str) -> None:
        """Confirm the information, visit the customer, and apply for the initiation."""
        sale = self.session.scalars(select(Sale).where(Sale.instance_id == case)).one()
        who = self.owner(sale)
        self.answer(case, who, ago + 2)
        record_visit(
            self.session, customer_id=sale.customer_id, instance_id=case, kind="visit",
            visited_on=dt.date.fromisoformat(self.day(ago + 1)), visitors="本人", content="介绍方案，了解决策流程。",
            result="对方认可方案，愿意进入下一步。", problems="预算由总部审批。", documents=[], actor=self.actor(who),
            now=self.now - dt.timedelta(days=ago + 1),
        )  # fmt: skip
        self.answer(
            case, who, ago, needs=sale.needs, decision_makers="采购负责人提报，总经理决定。",
            competitors="本地两家同行。", expected_amount=amount, expected_on=sale.expected_on.isoformat(),
        )  # fmt: skip

    def sold(
        self, who: str, customer: int, line: int, ago: int, need: str, amount: str, lines: Lines, *, until: str
    ) -> int:
        """Take a sale to ``offered``, ``drafted`` (the manager is asked), ``director`` or ``ordered``."""
        manager = "sales_manager2" if who == "salesperson3" else "sales_manager"
        case = self.register(who, customer, line, ago, need, amount, 30)
        self.apply(case, ago - 4, amount)
        self.answer(case, manager, ago - 5, decision="approve", opinion="客户关系推进扎实，同意立项。")
        self.answer(
            case, who, ago - 8, lines=[{**each, "product": self.product(each["product"])} for each in lines],
            valid_until=self.day(-20), payment_days="60", payment_terms="签约付三成，交付后付清",
            delivery_terms="签约后十五日内",
        )  # fmt: skip
        if until == "offered":
            return case
        self.answer(case, who, ago - 11, decision="accept", opinion="总经理已同意。")
        self.answer(
            case, who, ago - 12, deliver_on=self.day(ago - 32), plan=self.plan(ago, self.total(case)),
        )  # fmt: skip
        if until == "drafted":
            return case
        self.answer(case, manager, ago - 13, decision="approve", opinion="条款合理，同意。")
        if until == "director":
            return case
        scan = upload(
            self.session, owner_id=self.actor(who).id, name="合同签字页.pdf", content=SCAN,
            now=self.now - dt.timedelta(days=ago - 16),
        )  # fmt: skip
        self.answer(case, who, ago - 16, decision="signed", signed_on=self.day(ago - 16), attachments=[scan.id])
        self.answer(
            case, who, ago - 17,
            milestones=[
                {"name": "备货", "planned_on": self.day(ago - 24)}, {"name": "发货", "planned_on": self.day(ago - 30)},
            ],
        )  # fmt: skip
        return case

    def plan(self, ago: int, total: int) -> list[dict[str, Any]]:
        """Three tenths soon, the rest a month later; fen are whole."""
        first = total * 3 // 10
        parts = ((ago - 26, first), (ago - 56, total - first))
        return [{"due_on": self.day(when), "amount": f"{fen // 100}.{fen % 100:02d}"} for when, fen in parts]

    def receive(self, case: int, ago: int, amount: str, reference: str) -> None:
        """Finance records money."""
        self.act(
            case, "record_receipt", "accountant", ago, amount=amount, received_on=self.day(ago),
            method="bank_transfer", reference=reference, payer="客户对公账户",
        )  # fmt: skip

    def owner(self, sale: Sale) -> str:
        """The login of who has a sale."""
        return str(self.session.scalars(select(Employee.login).where(Employee.id == sale.owner_id)).one())

    def product(self, code: str) -> int:
        """The id of a product."""
        return int(self.session.scalars(select(Product.id).where(Product.code == code)).one())

    def total(self, case: int) -> int:
        """What the accepted quotation of a case comes to, in fen."""
        return int(self.session.scalars(select(Sale.expected_fen).where(Sale.instance_id == case)).one())
