"""The page of the figures of sales: for whom, about what, and as files."""

import io

from openpyxl import load_workbook

from tests.pages.office import Office


def test_sales_and_finance_read_the_figures_and_nobody_else(office: Office) -> None:
    for login in ("salesperson", "sales_manager", "general_manager", "accountant"):
        assert "销售漏斗" in office.page(login, "/sales/figures")
    for login in ("hr", "administrator"):
        assert office.get(login, "/sales/figures").status_code == 403


def test_the_page_holds_tables_and_charts_drawn_from_them(office: Office) -> None:
    page = office.page("sales_manager", "/sales/figures")
    for noun in ("stages", "months"):
        assert f'id="{noun}-table"' in page
        assert f'data-table="{noun}-table"' in page
    assert "赢单率" in page


def test_filters_that_do_not_fit_come_back_with_a_message(office: Office) -> None:
    for query in (
        "period=custom&from=2026-03-10&to=2026-03-09", "period=custom&from=2000-01-01&to=2026-03-09",
        "period=custom&from=x", "period=ever", "department=x", "department=999999",
    ):  # fmt: skip
        answer = office.get("sales_manager", f"/sales/figures?{query}")
        assert answer.status_code == 422, query
        assert "is-invalid" in answer.get_data(as_text=True)
        assert office.get("sales_manager", f"/sales/figures/people.csv?{query}").status_code == 422


def test_a_department_that_one_does_not_see_is_not_offered(office: Office) -> None:
    assert "华南销售部" not in office.page("sales_manager", "/sales/figures")
    assert "华南销售部" in office.page("sales_director", "/sales/figures")


def test_tables_are_files_for_spreadsheets(office: Office) -> None:
    table = office.get("accountant", "/sales/figures/stages.csv?period=this_month")
    assert table.headers["Content-Disposition"] == 'attachment; filename="sales-stages-2026-03-01-2026-03-10.csv"'
    lines = table.get_data().decode("utf-8-sig").splitlines()
    assert len(lines) == 7  # the heading, five stages, and what was closed
    assert lines[0].startswith("阶段,到达数,占报备数,预计金额（元）")
    workbook = load_workbook(io.BytesIO(office.get("accountant", "/sales/figures/figures.xlsx").get_data()))
    assert workbook.sheetnames[1:] == ["销售漏斗", "签约与回款", "按客户等级预测", "人员"]
    assert office.get("accountant", "/sales/figures/nothing.csv").status_code == 404
