"""The demo company's customers: each salesperson's in their own industry, with contacts, visits and a competitor.

They are in the archive since a quarter of a year, so that sales of the last three months have somebody to be made to.
"""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.customers.sealing import seals
from workflows.customers.archive import CompetitorData, CustomerData, add_competitor, change_grade, create_customer
from workflows.customers.contacts import ContactData, add_contact
from workflows.customers.model import Contact, ContactKind, Standing, VisitKind
from workflows.customers.visits import record_visit
from workflows.engine.process import Actor
from workflows.kernel.days import day_of
from workflows.people.model import Employee

#: Days before now on which they were added.
ADDED = 95
#: Owner's login, industry, name, grade, standing, source, what they do, what they need.
CUSTOMERS = (
    ("salesperson", "医疗", "杭州仁和医院", "A", Standing.NEGOTIATING, "展会", "员工两千人的医院", "员工福利卡"),
    ("salesperson", "医疗", "宁波康复中心", "B", Standing.NEGOTIATING, "客户介绍", "康复医疗，三个院区", "客户管理"),
    ("salesperson", "医疗", "绍兴口腔医院", "B", Standing.POTENTIAL, "电话", "口腔专科，连锁八家", "会员与复诊管理"),
    ("salesperson", "医疗", "苏州博爱体检中心", "A", Standing.BUYING, "展会", "健康体检", "年卡与礼品卡"),
    ("sales_supervisor", "医疗", "上海明德眼科医院", "C", Standing.POTENTIAL, "网络", "眼科专科", "管理培训"),
    ("sales_supervisor", "医疗", "无锡安康药业有限公司", "D", Standing.DORMANT, "名录", "药品流通", "数据分析"),
    ("salesperson2", "教育", "杭州启明实验学校", "B", Standing.POTENTIAL, "客户介绍", "九年一贯制学校", "教师培训"),
    ("salesperson2", "教育", "南京育才教育集团", "A", Standing.NEGOTIATING, "展会", "民办教育，六所学校", "管理者内训"),
    ("salesperson2", "教育", "合肥新知职业学院", "C", Standing.DORMANT, "电话", "高等职业教育", "教职工福利卡"),
    ("salesperson3", "制造", "东莞精工模具有限公司", "B", Standing.NEGOTIATING, "展会", "精密模具", "年节福利"),
    ("salesperson3", "制造", "佛山华盛电器有限公司", "A", Standing.BUYING, "客户介绍", "小家电", "高端年卡"),
    ("salesperson3", "制造", "深圳智造机器人有限公司", "D", Standing.POTENTIAL, "网络", "工业机器人", "数据平台"),
)  # fmt: skip
#: Name, position, department and part of those at each customer, in turn; the first is the main contact.
CONTACTS = (
    ("沈立新", "副总经理", "总经理办公室", ContactKind.DECIDES),
    ("许静", "采购主管", "采购部", ContactKind.BUYS),
    ("马晓东", "行政主任", "行政部", ContactKind.USES),
    ("罗文", "总经理", "总经理办公室", ContactKind.DECIDES),
    ("唐悦", "人力资源经理", "人力资源部", ContactKind.INFLUENCES),
)
#: Kind, content and result of visits, in turn.
VISITS = (
    (VisitKind.VISIT, "上门介绍产品，了解需求和预算。", "愿意看方案，请我们报价。", "预算要到下季度才能确定。"),
    (VisitKind.PHONE, "电话回访，确认方案收到。", "对方正在内部讨论。", ""),
    (VisitKind.ONLINE, "线上演示，客户方三人参加。", "反馈良好，希望试用。", "担心与现有系统对接。"),
    (VisitKind.EVENT, "邀请参加产品说明会。", "现场交换了资料，约定下次见面。", ""),
)  # fmt: skip
#: The latest visit lies this many days back; what the grade's rhythm makes of it is due later than today.
_LATEST = {"A": 2, "B": 4, "C": 6, "D": 9}
#: Whose customers wait for a contact, so that there is something to follow up.
_OVERDUE = "sales_supervisor"


def fill_demo_customers(session: Session, now: dt.datetime) -> None:
    """Add the customers, as their owners. Does not commit."""
    people = {
        person.login: Actor(person.id, frozenset(held.role for held in person.role_rows))
        for person in session.scalars(select(Employee).where(Employee.login.in_({row[0] for row in CUSTOMERS})))
    }
    for number, (login, industry, name, grade, standing, source, business, needs) in enumerate(CUSTOMERS):
        actor, then = people[login], now - dt.timedelta(days=ADDED)
        data = CustomerData(
            name, industry, standing=standing.value, source=source, business=business, needs=needs,
            organisation="采购由使用部门提出，采购部比价。", decision_chain="使用部门提出，采购部审核，总经理决定。",
            budget=f"{(number % 4 + 1) * 10} 万元", schedule="本年度内",
        )  # fmt: skip
        customer_id = create_customer(
            session, data, grade=grade, contact=_contact(number, 0, None), seals=seals(), actor=actor, now=then,
            is_confirmed=True,
        )  # fmt: skip
        _add_colleagues(session, customer_id, number, actor, then)
        _visit(session, customer_id, number, grade, login, actor, now)
    _remark(session, customer_id, actor, now)


def _contact(number: int, which: int, above: int | None) -> ContactData:
    """One of the people at a customer, with a telephone number that nobody else has."""
    first = CONTACTS[0] if number % 2 == 0 else CONTACTS[3]
    name, position, department, kind = first if which == 0 else CONTACTS[(1, 2, 4)[(number + which) % 3]]
    return ContactData(
        name, position, f"1380013{number:02d}{which:02d}", department=department, kind=kind.value,
        reports_to_id=above, email=f"contact{number}{which}@example.com", chat=f"wx_{number}_{which}",
    )  # fmt: skip


def _add_colleagues(session: Session, customer_id: int, number: int, actor: Actor, then: dt.datetime) -> None:
    """None, one or two more people below the main contact."""
    main = session.scalars(select(Contact.id).where(Contact.customer_id == customer_id)).one()
    for which in range(1, number % 3 + 1):
        add_contact(session, customer_id, _contact(number, which, main), seals=seals(), actor=actor, now=then)


def _visit(
    session: Session, customer_id: int, number: int, grade: str, login: str, actor: Actor, now: dt.datetime
) -> None:
    latest = 60 if login == _OVERDUE else _LATEST[grade]
    for ago in (80 - number, latest):
        kind, content, result, problems = VISITS[(number + ago) % len(VISITS)]
        then = now - dt.timedelta(days=ago)
        record_visit(
            session, customer_id=customer_id, instance_id=None, kind=kind.value, visited_on=day_of(then),
            visitors="本人", content=content, result=result, problems=problems, documents=[], actor=actor, now=then,
        )  # fmt: skip


def _remark(session: Session, customer_id: int, actor: Actor, now: dt.datetime) -> None:
    """A competitor at the last one, and a grade that has changed."""
    then = now - dt.timedelta(days=30)
    competitor = CompetitorData("鹏城数据", "同类数据平台", "两名销售驻点", "价格低一成，没有本地服务。")
    add_competitor(session, customer_id, competitor, actor=actor, now=then)
    change_grade(session, customer_id, "C", reason="对方开始询价。", actor=actor, now=now - dt.timedelta(days=9))
