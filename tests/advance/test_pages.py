"""The pages of the advance: who sees which, what they say, and how files travel with a form."""

import html
import io
import re
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.advance.firm import PDF
from tests.pages.office import Office, request_fields

PAYMENT = {"amount": "12000.00", "paid_on": "2026-03-10", "method": "bank_transfer", "reference": "ICBC-1"}
CLAIM = {
    "kind": "claim",
    "lines-0-kind": "transport",
    "lines-0-spent_on": "2026-03-08",
    "lines-0-amount": "800.00",
    "lines-1-kind": "meals",
}


def file(content: bytes = PDF, name: str = "发票.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def paid(office: Office) -> int:
    """The advance of a case that finance has paid in full."""
    case = office.approved()
    assert office.decide("accountant", case, **PAYMENT).status_code == 303
    return advance_of(office, case)


def advance_of(office: Office, case: int) -> int:
    return int(office.sql(f"SELECT id FROM advance WHERE instance_id = {case}")[0][0])


def settle(office: Office, **fields: Any) -> Any:
    return office.post("salesperson", "/processes/advance_settlement/start", fields)


def test_borrower_leaders_and_finance_see_an_advance_and_nobody_else(office: Office) -> None:
    number = advance_of(office, office.start())
    seen = []
    for login in (
        "salesperson", "salesperson2", "salesperson3", "sales_assistant", "sales_manager", "sales_manager2",
        "sales_director", "general_manager", "hr", "accountant", "finance_director",
    ):  # fmt: skip
        answers = {office.get(login, f"/advances/{number}{page}").status_code for page in ("", "/print")}
        assert answers in ({200}, {404}), login
        seen += [login] if answers == {200} else []
    assert seen == [
        "salesperson", "sales_manager", "sales_director", "general_manager", "accountant", "finance_director",
    ]  # fmt: skip
    for nothing in ("999999", "9223372036854775808", "99999999999999999999999"):
        assert office.get("accountant", f"/advances/{nothing}").status_code == 404


def test_each_reader_gets_the_list_that_is_theirs(office: Office) -> None:
    office.start("salesperson")
    office.start("salesperson3", purpose="华南客户")
    assert "华南客户" not in office.page("salesperson", "/advances")
    assert "华南客户" not in office.page("sales_manager", "/advances")
    assert "华南客户" in office.page("sales_director", "/advances")
    assert "华南客户" in office.page("accountant", "/advances")
    # Asking for a list that is not one's own gives one's own.
    assert "华南客户" not in office.page("salesperson", "/advances?scope=all")
    for odd in ("after=x", "after=99999999999999999999", "after=-1", "state=paid%27", "q=%00%25", "scope=x"):
        office.page("accountant", f"/advances?{odd}")


def test_totals_and_the_ledger_show_the_figures(office: Office) -> None:
    number = paid(office)
    assert "¥12,000.00" in office.page("accountant", "/advances")
    page = office.page("salesperson", f"/advances/{number}")
    assert "ICBC-1" in page
    assert "赵敏" in page
    assert "报销费用" in page
    assert "报销费用" not in office.page("sales_manager", f"/advances/{number}")


def test_the_printed_form_holds_figures_capitals_opinions_and_names(office: Office) -> None:
    case = office.start()
    office.decide("sales_manager", case)
    office.decide("sales_director", case, opinion="客户重要，同意")
    office.decide("general_manager", case)
    page = office.page("salesperson", f"/advances/{advance_of(office, case)}/print")
    for part in (
        "销售借款审批表", "JK-2026-000001", "张小明", "华东销售部", "¥12,000.00", "壹万贰仟元整", "王志远", "林雪梅",
        "客户重要，同意", "陈国栋", "2026年3月10日",
    ):  # fmt: skip
        assert part in page, part


def test_the_printed_form_fits_one_a4_page(office: Office, browser: Browser) -> None:
    case = office.start(purpose="拜访客户，" * 90)
    for login in ("sales_manager", "sales_director", "general_manager"):
        office.decide(login, case, opinion="同意，请注意费用标准，按时归还。" * 5)
    answer = office.page("salesperson", f"/advances/{advance_of(office, case)}/print")
    style = re.search(r'href="(/static/dist/app[^"]+)"', answer)
    assert style, "the page has no style sheet"
    css = office.get("salesperson", style[1]).get_data(as_text=True)
    page = browser.new_page()
    page.set_content(re.sub(r"<link[^>]*stylesheet[^>]*>", "", answer))
    page.add_style_tag(content=css)
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1


def test_files_travel_with_a_form_and_survive_its_errors(office: Office) -> None:
    fields = {**request_fields(amount="13000.00"), "attachments__files": file()}
    answer = office.post("salesperson", "/processes/expense_advance/start", fields)
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    kept = re.search(r'name="attachments" value="(\d+)" checked', page)
    assert kept, "the uploaded file is not offered again"
    assert "发票.pdf" in page
    case = office.start(attachments=kept[1])
    assert office.sql("SELECT id, instance_id FROM document") == [(int(kept[1]), case)]
    assert "发票.pdf" in office.page("sales_manager", f"/tasks/{office.open_task(case)}")


def test_a_file_that_is_refused_stops_the_form_and_says_why(office: Office) -> None:
    fields = {**request_fields(), "attachments__files": file(b"MZ\x90 not a document", "virus.pdf")}
    answer = office.post("salesperson", "/processes/expense_advance/start", fields)
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "virus.pdf 不是 PDF" in page
    assert office.sql("SELECT count(*) FROM advance") == [(0,)]


def test_a_document_is_its_owners_until_attached_and_then_its_readers(office: Office) -> None:
    answer = office.post("salesperson", "/documents?field=attachments", {"attachments__files": file()})
    found = re.search(r'value="(\d+)" checked', answer.get_data(as_text=True))
    assert found
    path = f"/documents/{found[1]}"

    def readers() -> list[str]:
        logins = ("salesperson", "salesperson2", "sales_manager", "sales_manager2", "accountant", "administrator")
        return [login for login in logins if office.get(login, path).status_code == 200]

    assert readers() == ["salesperson"]
    office.start(attachments=found[1])
    assert readers() == ["salesperson", "sales_manager", "accountant", "administrator"]
    answer = office.get("sales_manager", path)
    assert answer.data == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert office.get("salesperson", "/documents/99999999999999999999").status_code == 404


@pytest.mark.parametrize("field", ["", "a b", "x" * 50, "attachments'", "lines-0000-attachments"])
def test_files_for_a_field_that_is_none_are_refused(office: Office, field: str) -> None:
    path = f"/documents?field={field}"
    assert office.post("salesperson", path, {"attachments__files": file()}).status_code == 400
    assert office.sql("SELECT count(*) FROM document") == [(0,)]


def test_a_claim_with_receipts_is_audited_line_by_line_and_clears_the_advance(office: Office) -> None:
    number = paid(office)
    answer = settle(office, advance=str(number), **CLAIM, **{"lines-0-attachments__files": file()})
    assert answer.status_code == 303, html.unescape(answer.get_data(as_text=True))
    case = int(answer.headers["Location"].rsplit("/", 1)[-1])
    task = office.page("accountant", f"/tasks/{office.open_task(case)}")
    assert "¥800.00" in task
    assert "发票.pdf" in task
    answer = office.decide("accountant", case, **{"lines-0-line": "1", "lines-0-accepted": "y"})
    assert answer.status_code == 303
    page = office.page("salesperson", f"/advances/{number}")
    # 12,000.00 - 800.00
    assert "¥11,200.00" in page


def test_a_rejected_receipt_without_a_reason_comes_back_at_its_line(office: Office) -> None:
    number = paid(office)
    case = int(settle(office, advance=str(number), **CLAIM).headers["Location"].rsplit("/", 1)[-1])
    answer = office.decide("accountant", case, **{"lines-0-line": "1"})
    assert answer.status_code == 422
    assert 'id="lines-0-reason-error"' in answer.get_data(as_text=True)


def test_clearing_more_than_is_owed_comes_back_with_the_figure(office: Office) -> None:
    number = paid(office)
    answer = settle(
        office, advance=str(number), kind="return", amount="12000.01", returned_on="2026-03-10", method="cash"
    )
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "这笔借款的未清余额只有 ¥12,000.00。" in page
    assert "12000.01" in page


def test_finance_alone_sees_where_the_money_goes(office: Office) -> None:
    case = office.approved()
    task = office.open_task(case)
    assert "6222 0202" in office.page("accountant", f"/tasks/{task}")
    for login in ("sales_manager", "general_manager", "salesperson"):
        assert "6222 0202" not in office.page(login, f"/tasks/{task}")
