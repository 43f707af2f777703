"""The demo company's price list: three product lines, products of all four kinds."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.people.model import Employee
from workflows.products.catalogue import ProductData, add_product
from workflows.products.lines import add_line

LINES = (("年卡会员", "Annual membership"), ("企业培训", "Corporate training"), ("软件服务", "Software services"))
#: Code, Chinese and English name, line, kind, unit, list price, floor price and cost in yuan, procured, outsourced.
PRODUCTS = (
    ("NK-100", "标准年卡", "Standard annual card", 0, "ordinary", "张", 3_000, 2_700, 1_200, False, False),
    ("NK-200", "尊享年卡", "Premium annual card", 0, "high_end", "张", 12_000, 10_200, 4_500, False, False),
    ("NK-300", "联名礼品卡", "Partner gift card", 0, "referred", "张", 800, 720, 480, True, False),
    ("PX-100", "销售技能公开课", "Open course on selling", 1, "ordinary", "人", 1_800, 1_500, 600, False, False),
    ("PX-200", "管理者定制内训", "In-house course", 1, "high_end", "天", 38_000, 32_000, 15_000, False, False),
    ("PX-300", "新员工线上课程", "Online course for newcomers", 1, "new", "人", 299, 240, 40, False, True),
    ("RJ-100", "客户管理系统", "Customer management system", 2, "ordinary", "套", 68_000, 55_000, 20_000, False, False),
    ("RJ-200", "数据分析平台", "Data analysis platform", 2, "new", "套", 160_000, 136_000, None, False, False),
)


def fill_demo_products(session: Session, now: dt.datetime) -> None:
    """Add the price list, as the sales director."""
    director_id = session.scalars(select(Employee.id).where(Employee.login == "sales_director")).one()
    lines = [add_line(session, name=name, name_en=name_en) for name, name_en in LINES]
    for code, name, name_en, line, kind, unit, listed, floor, cost, is_procured, is_outsourced in PRODUCTS:
        data = ProductData(
            code=code, name=name, name_en=name_en, line_id=lines[line].id, kind=kind, unit=unit,
            list_price_fen=listed * 100, floor_price_fen=floor * 100, cost_fen=None if cost is None else cost * 100,
            is_procured=is_procured, is_outsourced=is_outsourced,
        )  # fmt: skip
        add_product(session, data, actor_id=director_id, now=now)
