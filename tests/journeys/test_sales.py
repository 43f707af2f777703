"""Sales from lead to end in the browser: money in three parts and some of it back, lost and reopened, contested,
and one below the floor price. The whole way is gone at both widths, the turns from it at one each."""

import uuid

import pytest

from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.desks import Office
from tests.journeys.request import day
from tests.journeys.selling import draft, initiate, new_customer, offer, put, receive, register, sale_page, sign

LINE = "年卡会员"


def name(viewport: tuple[int, int], what: str) -> str:
    """A company that no other journey knows."""
    return f"{what}{uuid.uuid4().int % 10_000:04d}{viewport[0]}有限公司"


def test_a_sale_from_its_lead_over_three_instalments_to_a_refund(office: Office, viewport: tuple[int, int]) -> None:
    seller, finance, manager = office.desk("salesperson"), office.desk("accountant"), office.desk("sales_manager")
    customer = name(viewport, "康宁医药")
    new_customer(seller, customer, "医疗")
    register(seller, customer, LINE, "30000.00")
    seller.says("已提交")
    initiate(office, seller, customer)
    # 10 x ¥3,000.00 = ¥30,000.00, in three parts
    offer(seller, customer, "10")
    draft(seller, customer, (10, "10000.00"), (20, "10000.00"), (30, "9999.00"))
    seller.says("¥29,999.00", "¥30,000.00")
    put(seller, plan__2__amount="10000.00")
    seller.press("提交")
    manager.take_step(customer, "经理审批合同")
    manager.says("¥30,000.00", "¥3,000.00")
    manager.press("同意")
    sign(seller, customer)
    seller.take_step(customer, "移交订单")
    put(seller, milestones__0__name="制卡", milestones__0__planned_on=day(10))
    seller.press("提交")
    address = sale_page(seller, customer)
    seller.says("¥30,000.00", "成交收款")
    for amount in ("10000.00", "10000.00"):
        receive(finance, address, amount, str(uuid.uuid4().int)[:10])
    seller.open(address)
    seller.says("¥20,000.00", "还有 ¥10,000.00 待回款")
    receive(finance, address, "10000.00", str(uuid.uuid4().int)[:10])
    seller.take_step(customer, "客户验收")
    seller.press("提交")
    seller.take_step(customer, "满意度回访")
    seller.page.locator("[name=satisfaction][value='5']").check()
    put(seller, customer_word="发卡及时")
    seller.press("提交")
    seller.open(address)
    seller.says("已完成")

    seller.press("申请退款")
    put(seller, amount="30000.01", reason="退卡")
    seller.press("提交")
    seller.says("¥30,000.00")
    put(seller, amount="3000.00")
    seller.press("提交")
    manager.take_step("TK-", "经理审批退款")
    manager.press("同意")
    finance.take_step("TK-", "财务退款")
    put(finance, paid_on=day(0), reference=str(uuid.uuid4().int)[:10])
    finance.press("提交")
    seller.open(address)
    seller.says("¥3,000.00")


@pytest.mark.parametrize("viewport", [PHONE])
def test_a_lost_sale_is_reopened_where_it_stopped(office: Office, viewport: tuple[int, int]) -> None:
    seller = office.desk("salesperson")
    customer = name(viewport, "同济器械")
    new_customer(seller, customer, "医疗")
    register(seller, customer, LINE, "30000.00")
    seller.take_step(customer, "核实客户信息")
    seller.press("提交")
    address = sale_page(seller, customer)
    seller.press("丢单")
    put(seller, reason="price")
    seller.press("丢单")
    seller.says("请填写理由。")
    put(seller, words="对方嫌贵")
    seller.press("丢单")
    seller.says("对方嫌贵", "等待重启")
    seller.press("重启")
    put(seller, words="预算到位了")
    seller.press("重启")
    seller.open(address)
    seller.says("立项", "填写立项申请")


@pytest.mark.parametrize("viewport", [DESKTOP])
def test_a_contested_registration_goes_to_who_can_prove_it(office: Office, viewport: tuple[int, int]) -> None:
    first, second = office.desk("salesperson"), office.desk("sales_supervisor")
    manager = office.desk("sales_manager")
    customer = name(viewport, "仁爱医院")
    new_customer(first, customer, "医疗")
    register(first, customer, LINE, "30000.00")
    register(second, customer, LINE, "30000.00")
    second.says("张小明", "优先")
    second.press("提出报备争议")
    put(second, ground="三个月前已由我拜访并提交需求")
    second.press("提交")
    first.take_step(customer, "报备人答复")
    put(first, opinion="客户可以转给周文博")
    first.press("放弃报备")
    manager.take_step(customer, "经理裁定")
    manager.says("三个月前已由我拜访", "客户可以转给周文博")
    put(manager, opinion="按拜访记录判定")
    manager.press("转移给提出人")
    second.open("/sales/table")
    for _ in range(20):
        if customer in second.page.inner_text("body"):
            break
        second.page.wait_for_timeout(500)
        second.page.reload()
    second.says(customer)


@pytest.mark.parametrize("viewport", [PHONE])
def test_a_contract_below_the_floor_price_needs_the_director(office: Office, viewport: tuple[int, int]) -> None:
    seller, director = office.desk("salesperson"), office.desk("sales_director")
    customer = name(viewport, "远景诊断")
    new_customer(seller, customer, "医疗")
    register(seller, customer, LINE, "25000.00")
    initiate(office, seller, customer)
    # The floor of the standard card is ¥2,700.00: 10 x ¥2,500.00 = ¥25,000.00
    offer(seller, customer, "10", "2500.00")
    draft(seller, customer, (30, "25000.00"))
    manager = office.desk("sales_manager")
    manager.take_step(customer, "经理审批合同")
    manager.says("低于底价")
    manager.press("同意")
    director.take_step(customer, "总监审批合同")
    director.says("低于底价 ¥2,700.00", "¥25,000.00")
    director.press("同意")
    director.says("总监")
    director.fill(意见="战略客户,同意。")
    director.press("同意")
    sign(seller, customer)
    seller.says("已办理")
    address = sale_page(seller, customer)
    seller.open(address)
    seller.says("销售总监")
