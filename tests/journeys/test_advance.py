"""The whole advance by six people: asked for, returned, changed, approved three times, paid in two parts, cleared."""

import re

from tests.journeys.desks import Desk, Office
from tests.journeys.request import ask, attach, day


def settle(desk: Desk, way: str) -> None:
    """From the advance's own page to the form that clears it."""
    desk.open("/advances")
    desk.follow("JK-")
    desk.press(way)


def test_an_advance_from_the_request_to_the_last_yuan(office: Office, viewport: tuple[int, int]) -> None:
    purpose = f"现场演示（{viewport[0]}）"
    borrower = office.desk("salesperson")
    ask(borrower, purpose)
    attach(borrower, "attachments")
    borrower.press("提交")
    borrower.says("已提交", "王志远", "发票.pdf")

    manager = office.desk("sales_manager")
    manager.take_up(purpose)
    manager.says("¥12,000.00", "壹万贰仟元整", "张小明", "发票.pdf")
    manager.see_diagram()
    manager.fill(意见="住宿标准偏高，请核减。")
    manager.page.get_by_text("如需退回：").click()
    assert manager.page.get_by_label("从该步骤起重新逐级审批").is_checked()
    manager.press("退回修改")
    manager.says("您已退回修改：")

    borrower.take_up(purpose)
    borrower.says("住宿标准偏高，请核减。")
    borrower.fill(**{"金额（元）": "10000.00", "住宿费": "5000.00"})
    borrower.press("提交")
    borrower.says("王志远")

    manager.take_up(purpose)
    manager.says("¥10,000.00", "原申请 ¥12,000.00")
    manager.fill(意见="同意。")
    manager.press("同意")
    manager.says("您已同意：", "林雪梅")

    director = office.desk("sales_director")
    director.take_up(purpose)
    director.page.get_by_text("如需退回：").click()
    director.page.get_by_label("直接回到我这里").check()
    director.press("同意")
    director.says("必须填写书面意见（H12.1）。", purpose)
    assert director.page.get_by_label("意见", exact=True).get_attribute("aria-invalid") == "true"
    assert director.page.get_by_label("直接回到我这里").is_checked(), "the rest of the form is lost"
    director.fill(意见="项目重要，建议批准。")
    director.press("同意")
    director.says("陈国栋")

    executive = office.desk("general_manager")
    executive.take_up(purpose)
    executive.says("项目重要，建议批准。", "林雪梅")
    executive.sign()
    executive.press("同意")

    accountant = office.desk("accountant")
    accountant.take_up(purpose)
    accountant.press("认领，避免他人重复处理")
    accountant.says("任务已由您认领。", "6222 0202 0000")
    pay(accountant, "6000.00", "GH-0001")
    accountant.take_up(purpose)
    accountant.says("尚需支付 ¥4,000.00")
    pay(accountant, "4000.00", "GH-0002")

    clear(office, purpose)


def pay(desk: Desk, amount: str, reference: str) -> None:
    desk.fill(**{"付款金额（元）": amount, "付款日期": day(0), "凭证号": reference})
    desk.page.locator("select[name=method]").select_option(label="银行转账")
    desk.press("提交")
    desk.says("已办理：")


def clear(office: Office, purpose: str) -> None:
    """Receipts of ¥8,500.00, of which ¥500.00 is refused, and ¥2,000.00 returned: 10,000 − 8,000 − 2,000 = 0."""
    borrower, auditor = office.desk("salesperson"), office.desk("accountant2")
    settle(borrower, "报销费用")
    for row, (kind, amount, note) in enumerate([("transport", "8000.00", "高铁往返"), ("meals", "500.00", "酒水")]):
        borrower.page.locator(f"[name=lines-{row}-kind]").select_option(kind)
        borrower.page.locator(f"[name=lines-{row}-spent_on]").fill(day(0))
        borrower.page.locator(f"[name=lines-{row}-amount]").fill(amount)
        borrower.page.locator(f"[name=lines-{row}-note]").fill(note)
    attach(borrower, "lines-0-attachments")
    borrower.press("提交")
    borrower.says("已提交")

    auditor.take_up("¥8,500.00")
    auditor.says("高铁往返", "¥8,500.00", "¥10,000.00")
    auditor.page.locator("[name=lines-1-accepted]").uncheck()
    auditor.press("确认")
    auditor.says("请填写理由。")
    auditor.page.locator("[name=lines-1-reason]").fill("酒水不予报销。")
    auditor.press("确认")
    auditor.says("您已同意：")

    settle(borrower, "归还余款")
    borrower.fill(**{"金额（元）": "2000.01", "还款日期": day(0), "凭证号": "HK-0001"})
    borrower.page.locator("select[name=method]").select_option(label="银行转账")
    borrower.press("提交")
    borrower.says("¥2,000.00")
    borrower.fill(**{"金额（元）": "2000.00"})
    borrower.press("提交")

    auditor.take_up("¥2,000.00")
    auditor.press("确认")

    borrower.open("/advances")
    borrower.says("已结清")
    borrower.follow("JK-")
    borrower.says("¥0.00", "酒水不予报销。", "GH-0002", "HK-0001", purpose)
    borrower.press("审批表")
    borrower.says("壹万元整", "项目重要，建议批准。", "王志远", "林雪梅", "陈国栋", "¥6,000.00 银行转账 GH-0001")
    printed = borrower.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
