"""What journeys of sales do: find a customer, register a need, take a sale through its stages."""

from tests.advance.firm import PDF
from tests.journeys.desks import Desk, Office
from tests.journeys.request import day

SCAN = {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": PDF}


def put(desk: Desk, **fields: str) -> None:
    """Fill fields by their names; what is a list is chosen from."""
    for name, value in fields.items():
        place = desk.page.locator(f"[name='{name.replace('__', '-')}']")
        if place.evaluate("one => one.tagName") == "SELECT":
            place.select_option(value)
        else:
            place.fill(value)


def new_customer(desk: Desk, name: str, industry: str) -> None:
    """Add a customer with somebody who decides; the page of the customer comes up."""
    desk.open("/customers/new")
    put(desk, name=name, industry=industry, contact="李晓梅", position="采购总监", phone="13800138000")
    put(desk, contact_kind="decides", grade="A")
    desk.press("添加")
    if desk.page.locator("[name=is_confirmed]").count():
        # Somebody else's contact may have the same number: this is another customer all the same.
        desk.page.locator("[name=is_confirmed]").check()
        desk.press("添加")
    desk.says(name)


def register(desk: Desk, customer: str, line: str, amount: str) -> None:
    """Register what a customer needs."""
    desk.open("/processes/sale/start")
    desk.page.locator("[name=customer]").select_option(label=customer)
    desk.page.locator("[name=product_line]").select_option(label=line)
    put(desk, need="为三百名员工办理会员卡", expected_amount=amount, expected_on=day(30))
    desk.press("提交")


def sale_page(desk: Desk, customer: str) -> str:
    """The address of the sale to a customer, from the list of one's sales."""
    desk.open(f"/sales/table?q={customer}")
    desk.follow(customer)
    return desk.page.url.removeprefix(desk.office.address)


def initiate(office: Office, seller: Desk, customer: str) -> None:
    """Stages 1 and 2: confirm, visit, apply, and the manager agrees."""
    seller.take_step(customer, "核实客户信息")
    seller.press("提交")
    visit(seller, customer)
    seller.take_step(customer, "填写立项申请")
    put(seller, needs="三百张会员卡", decision_makers="李总监提报,总经理决定")
    seller.press("提交")
    manager = office.desk("sales_manager")
    manager.take_step(customer, "经理审批立项")
    manager.says("三百张会员卡", "李总监提报")
    manager.press("同意")


def visit(seller: Desk, customer: str) -> None:
    """Record a visit from the page of the sale."""
    sale_page(seller, customer)
    seller.press("登记拜访")
    put(seller, visitors="张小明", content="介绍产品,了解需求", result="认可方案")
    seller.press("保存拜访")


def offer(seller: Desk, customer: str, quantity: str, price: str = "") -> None:
    """Quote one product, which the customer accepts."""
    seller.take_step(customer, "报价")
    seller.page.locator("[name=lines-0-product]").select_option(index=1)
    put(seller, **{"lines__0__quantity": quantity, "lines__0__unit_price": price})
    seller.press("提交")
    seller.take_step(customer, "客户答复")
    seller.press("接受报价")


def draft(seller: Desk, customer: str, *plan: tuple[int, str]) -> None:
    """Draft the contract with instalments as (days from today, amount)."""
    seller.take_step(customer, "拟订合同")
    put(seller, deliver_on=day(20))
    for row, (days, amount) in enumerate(plan):
        put(seller, **{f"plan__{row}__due_on": day(days), f"plan__{row}__amount": amount})
    seller.press("提交")


def sign(seller: Desk, customer: str) -> None:
    """Record that both sides signed, with the scan."""
    seller.take_step(customer, "签订合同")
    seller.page.locator("input[name='attachments__files']").set_input_files(SCAN)
    seller.page.locator("[id='attachments-documents']").get_by_text("合同.pdf").wait_for()
    seller.press("双方已签")


def receive(finance: Desk, address: str, amount: str, reference: str) -> None:
    """Finance records money that came in."""
    finance.open(f"{address}/record_receipt")
    put(finance, amount=amount, reference=reference)
    finance.press("登记回款")
    finance.says(amount if "," in amount else f"{float(amount):,.2f}")
