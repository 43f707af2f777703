"""What accompanies every request: holiday cover, calling one's request back, the other language, no JavaScript."""

from tests.journeys.desks import Office
from tests.journeys.request import RECEIPT, ask, day


def test_a_colleague_decides_for_the_manager_who_is_away(office: Office, viewport: tuple[int, int]) -> None:
    purpose = f"休假期间的申请（{viewport[0]}）"
    manager = office.desk("sales_manager")
    manager.open("/profile")
    manager.follow("休假代理")
    manager.page.locator("[name=delegate]").fill("sales_manager2")
    manager.fill(开始日期=day(0), 结束日期=day(7), 原因="年假")
    manager.press("委托")
    manager.says("休假代理已设置。", "何建平", "生效中")

    borrower = office.desk("salesperson2")
    ask(borrower, purpose)
    borrower.press("提交")

    colleague = office.desk("sales_manager2")
    colleague.open("/inbox?desk=behalf")
    colleague.says("代王志远办理")
    colleague.follow(purpose)
    colleague.says("您正在代王志远办理")
    colleague.fill(意见="代为同意。")
    colleague.press("同意")

    borrower.open("/inbox/started")
    borrower.follow(purpose)
    borrower.says("何建平 代 王志远", "代为同意。")
    manager.open("/profile/delegations")
    manager.press("收回")
    manager.says("代理已收回。")


def test_a_request_is_called_back_and_leaves_every_desk(office: Office, viewport: tuple[int, int]) -> None:
    purpose = f"撤回的申请（{viewport[0]}）"
    borrower, manager = office.desk("salesperson2"), office.desk("sales_manager")
    ask(borrower, purpose)
    borrower.press("提交")
    manager.take_up(purpose)
    manager.fill(意见="同意出差。")

    borrower.page.get_by_text("撤回申请").click()
    borrower.page.once("dialog", lambda dialog: dialog.accept())
    borrower.fill(原因="客户改期。")
    borrower.press("撤回")
    borrower.says("已撤回", "客户改期。")

    # The manager was slower: told who did what, and what was typed is not lost.
    manager.press("同意")
    manager.says("未作任何更改。")
    assert manager.page.locator("textarea").input_value() == "同意出差。", "what was typed is lost"
    manager.open("/inbox")
    assert purpose not in manager.page.inner_text("main")


def test_one_click_leads_to_english_and_another_one_back(office: Office) -> None:
    desk = office.desk("salesperson3")
    for path in ("/inbox", "/advances", "/processes/expense_advance/start", "/profile", "/notices"):
        desk.open(path)
    desk.press("English")
    assert desk.page.get_attribute("html", "lang") == "en"
    assert desk.page.url.endswith("/notices"), "the language button leads away"
    desk.says("Notices")
    desk.open("/processes/expense_advance/start")
    desk.says("Ask for an advance", "Expected spend by kind")
    # The names of customers to choose from are the same in every language.
    names = "".join(desk.page.locator("select option").all_inner_texts())
    assert {said for said in desk.chinese() if said not in names} == {"中文"}
    desk.press("中文")
    desk.says("填写借款审批表")


def test_administrators_and_visitors_find_their_pages_in_order(office: Office) -> None:
    desk = office.desk("administrator")
    for path in ("/people", "/incidents", "/profile/tokens", "/profile/second-factor", "/no-such-page"):
        desk.open(path)
    desk.open("/people")
    desk.follow("赵敏")
    desk.open("/people/departments")
    desk.follow("华东销售部")


def test_everything_is_done_without_javascript(office: Office, viewport: tuple[int, int]) -> None:
    purpose = f"没有脚本（{viewport[0]}）"
    borrower = office.desk("salesperson2", javascript=False)
    ask(borrower, purpose)
    borrower.page.locator("input[name='attachments__files']").set_input_files(RECEIPT)
    borrower.fill(伙食费="1.00")
    borrower.press("提交")
    borrower.says("各类费用合计 ¥10,001.00，与借款金额 ¥12,000.00 不符。", "发票.pdf")
    borrower.fill(伙食费="2000.00")
    borrower.press("提交")
    borrower.says("已提交", "发票.pdf", "上方的流转过程有同样内容的文字说明")

    manager = office.desk("sales_manager", javascript=False)
    manager.open("/inbox?q=没有脚本")
    manager.follow(purpose)
    manager.press("退回修改")
    manager.says("请填写理由。")
    manager.press("同意")
    manager.says("您已同意：", "林雪梅")
