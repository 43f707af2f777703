"""What several journeys do: fill the loan form, and attach a file."""

import datetime as dt

from tests.advance.firm import PDF
from tests.journeys.desks import Desk
from webapp.clock import SHANGHAI

RECEIPT = {"name": "发票.pdf", "mimeType": "application/pdf", "buffer": PDF}


def day(offset: int) -> str:
    """A day from today on, as the form wants it."""
    return (dt.datetime.now(SHANGHAI).date() + dt.timedelta(days=offset)).isoformat()


def attach(desk: Desk, field: str) -> None:
    """Choose a file, and wait until the product has it."""
    desk.page.locator(f"input[name='{field}__files']").set_input_files(RECEIPT)
    desk.page.locator(f"[id='{field}-documents']").get_by_text("发票.pdf").wait_for()


def ask(desk: Desk, purpose: str) -> None:
    """Fill the loan form: ¥12,000.00 = 3,000.00 + 7,000.00 + 2,000.00."""
    desk.open("/processes/expense_advance/start")
    desk.fill(**{"金额（元）": "12000.00", "用途": purpose, "客户或项目": "杭州远景医疗", "预计归还日期": day(30)})
    desk.fill(交通费="3000.00", 住宿费="7000.00", 伙食费="2000.00")
