"""The demo company's advances, at every stage, made by the operations that pages call as the people who would.

``salesperson``, whose new request a visitor is likely to try, has no overdue advance: it would refuse the request.
"""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.demo_story import Story
from workflows.advance.model import Advance
from workflows.engine.runtime import Engine

ADVANCE, SETTLEMENT = "expense_advance", "advance_settlement"
#: How the general manager of the demo signs: a few strokes on the pad.
SIGNATURE = [
    [[70, 60], [150, 50], [230, 42]],
    [[150, 30], [146, 90], [120, 150], [80, 176]],
    [[150, 84], [200, 130], [250, 168]],
    [[300, 48], [420, 40], [520, 44]],
    [[410, 44], [406, 110], [380, 160], [340, 150]],
    [[440, 90], [500, 120], [548, 160]],
]


def fill_demo_cases(session: Session, engine: Engine, now: dt.datetime) -> None:
    """Make a few advances that began over the last weeks. Does not commit."""
    story = _Story(session, engine, now)
    _cleared(story)
    _overdue(story)
    _on_the_way(story)
    _waiting(story)


class _Story(Story):
    def ask(
        self, who: str, ago: int, amount: str, purpose: str, customer: str, spend: dict[str, str], back: int
    ) -> int:
        """Ask for an advance some days ago that is due back ``back`` days from today; gives the case."""
        fields = {
            "amount": amount,
            "purpose": purpose,
            "customer": customer,
            "spend": [{"kind": kind, "amount": part} for kind, part in spend.items()],
            "return_on": self.day(-back),
        }
        return self.start(ADVANCE, who, ago, fields)

    def approve(self, case: int, ago: int, opinion: str, *, manager: str = "sales_manager") -> None:
        """Take a request through its three approvals in one day."""
        self.answer(case, manager, ago, decision="approve", opinion="同意。")
        self.answer(case, "sales_director", ago, decision="approve", opinion=opinion)
        self.answer(case, "general_manager", ago, decision="approve", signature=SIGNATURE)

    def pay(self, case: int, ago: int, amount: str, reference: str) -> None:
        self.answer(
            case, "accountant", ago, amount=amount, paid_on=self.day(ago), method="bank_transfer", reference=reference
        )

    def claim(self, case: int, who: str, ago: int, *lines: tuple[str, int, str, str]) -> int:
        """File receipts (kind, days ago, amount, note); gives the settlement's case."""
        written = [
            {"kind": kind, "spent_on": self.day(spent), "amount": amount, "note": note}
            for kind, spent, amount, note in lines
        ]
        return self.start(SETTLEMENT, who, ago, {"advance": self.advance(case), "kind": "claim", "lines": written})

    def advance(self, case: int) -> int:
        return self.session.scalars(select(Advance.id).where(Advance.instance_id == case)).one()


def _cleared(story: _Story) -> None:
    case = story.ask(
        "salesperson", 40, "5000.00", "拜访苏州康宁医院，洽谈设备续约", "苏州康宁医院",
        {"transport": "1800.00", "lodging": "2000.00", "meals": "1200.00"}, -20,
    )  # fmt: skip
    story.approve(case, 38, "客户续约在即，建议批准。")
    story.pay(case, 37, "5000.00", "GH20260001")
    claim = story.claim(
        case, "salesperson", 25,
        ("transport", 33, "1640.00", "高铁往返"), ("lodging", 32, "1980.00", "三晚"), ("meals", 32, "880.00", ""),
    )  # fmt: skip
    story.answer(claim, "accountant", 24, lines=_accepted(3), decision="approve")
    back = story.start(
        SETTLEMENT, "salesperson", 23,
        {"advance": story.advance(case), "kind": "return", "amount": "500.00", "method": "bank_transfer",
         "reference": "HK20260007", "returned_on": story.day(23)},
    )  # fmt: skip
    story.answer(back, "accountant", 22, decision="approve")


def _overdue(story: _Story) -> None:
    case = story.ask(
        "salesperson3", 34, "6000.00", "参加广州制造业展会", "广州展会",
        {"transport": "2000.00", "lodging": "2500.00", "entertainment": "1500.00"}, -6,
    )  # fmt: skip
    story.approve(case, 32, "展会客户集中，同意。", manager="sales_manager2")
    story.pay(case, 31, "6000.00", "GH20260002")
    claim = story.claim(case, "salesperson3", 12, ("transport", 27, "1850.00", "机票"))
    story.answer(claim, "accountant", 11, lines=_accepted(1), decision="approve")


def _on_the_way(story: _Story) -> None:
    case = story.ask(
        "salesperson", 12, "12000.00", "拜访杭州远景医疗，现场演示两周", "杭州远景医疗",
        {"transport": "3000.00", "lodging": "6000.00", "meals": "2000.00", "entertainment": "1000.00"}, 10,
    )  # fmt: skip
    story.approve(case, 10, "项目金额较大，现场演示必要，建议批准。")
    story.pay(case, 9, "12000.00", "GH20260003")
    story.claim(
        case, "salesperson", 2,
        ("transport", 8, "1460.00", "高铁往返"), ("lodging", 7, "1740.00", "三晚"),
    )  # fmt: skip


def _waiting(story: _Story) -> None:
    story.ask(
        "salesperson2", 1, "3200.00", "南京教育局招标答疑", "南京市教育局",
        {"transport": "1200.00", "lodging": "1400.00", "meals": "600.00"}, 14,
    )  # fmt: skip
    opinion = story.ask(
        "sales_supervisor", 3, "8000.00", "陪同客户考察工厂", "无锡同济医院",
        {"transport": "2500.00", "lodging": "3000.00", "entertainment": "2500.00"}, 20,
    )  # fmt: skip
    story.answer(opinion, "sales_manager", 2, decision="approve", opinion="客户已到合同阶段，同意。")


def _accepted(count: int) -> list[dict[str, Any]]:
    """Accept every receipt of a claim."""
    return [{"line": number, "accepted": True} for number in range(1, count + 1)]
