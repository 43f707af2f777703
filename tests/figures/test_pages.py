"""The page of the figures and its files: who opens them, what they say, and what they do with what does not fit."""

import csv
import datetime as dt
import io
import zipfile

import psycopg
import pytest
from flask import Flask
from lxml import etree, html
from playwright.sync_api import Browser, Page
from sqlalchemy import make_url

from tests.browser import serious_findings, sign_in
from tests.pages.office import Office
from tests.product import Product
from webapp.extensions import babel
from webapp.figures.files import csv_of, workbook_of
from webapp.figures.tables import Column, Row, Sheet, span


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Office:
    return Office(demo, now)


def answered(office: Office, hours: int) -> int:
    """A request on which the manager took so many hours and which then waits for the director."""
    case = office.start()
    assert office.decide("sales_manager", case, opinion="同意").status_code == 303
    office.sql(
        "UPDATE user_task SET opened_at = closed_at - :hours * interval '1 hour' WHERE instance_id = :case"
        " AND status = 'completed'", hours=hours, case=case,
    )  # fmt: skip
    return case


def rows_of(page: str, noun: str) -> list[list[str]]:
    table = html.fromstring(page).get_element_by_id(f"{noun}-table")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in table.iter("tr")]


def csv_rows(office: Office, login: str, path: str) -> list[list[str]]:
    answer = office.get(login, path)
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_page_names_steps_as_the_diagram_does_and_says_how_few_there_were(office: Office) -> None:
    answered(office, 3)
    page = office.page("general_manager", "/figures")
    assert rows_of(page, "steps") == [
        ["步骤", "流程", "未处理", "已逾期", "已办理", "超期办理", "等待中位数", "P90 等待", "等待占比"],
        ["经理审批", "销售借款", "0", "0", "1", "0", "3.0 小时 (n=1)", "3.0 小时 (n=1)", "100.0%"],
        ["总监审议意见", "销售借款", "1", "0", "0", "0", "—", "—", "0.0%"],
    ]
    assert "自然时间，含夜间和周末" in page
    english = rows_of(office.page("general_manager", "/figures?lang=en"), "steps")
    assert english[1][0] == "Manager approval"


def test_the_bar_leads_to_the_figures_for_leaders_only(office: Office) -> None:
    for login, sees in (("sales_manager", True), ("hr", True), ("administrator", True), ("salesperson", False)):
        page = office.page(login, "/inbox")
        assert ('href="/figures"' in page) is sees, login


def test_a_manager_reads_their_own_department_in_every_form_and_no_other(office: Office) -> None:
    answered(office, 3)
    own = csv_rows(office, "sales_manager", "/figures/people.csv")
    assert [row[0] for row in own] == ["人员", "王志远"]
    assert [row[0] for row in csv_rows(office, "sales_manager2", "/figures/people.csv")] == ["人员"]
    above = csv_rows(office, "sales_director", "/figures/people.csv")
    assert [row[0] for row in above] == ["人员", "王志远", "林雪梅"]
    office.page("sales_manager", "/inbox")  # Where the message about what they decided is shown.
    page = office.page("sales_manager", "/figures")
    assert "华东销售部" in page
    for stranger in ("华南销售部", "财务部", "林雪梅"):
        assert stranger not in page
    finance = office.sql("SELECT id FROM department WHERE name = '财务部'")[0][0]
    refused = office.get("sales_manager", f"/figures?department={finance}")
    assert refused.status_code == 422
    assert "财务部" not in refused.text
    assert office.get("sales_manager", f"/figures/people.csv?department={finance}").status_code == 422
    assert office.get("sales_manager", f"/figures/figures.xlsx?department={finance}").status_code == 422
    before = office.snapshot()
    for path in ("/figures", "/figures/steps.csv", "/figures/figures.xlsx"):
        assert office.get("salesperson", path).status_code == 403
    assert office.snapshot() == before


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("period=custom", "from", "请填写"),
        ("from=2026-02-30", "from", "2026-03-05"),
        ("from=2026-03-09&to=2026-03-08", "to", "结束日期早于开始日期"),
        ("from=2020-01-01", "from", "最长为三年"),
        ("process=nothing", "process", "请选择"),
        ("department=99999999999999999999", "department", "请选择"),
        ("department=%00", "department", "请选择"),
        ("period=ever", "period", "请选择"),
    ],
)
def test_filters_that_do_not_fit_come_back_with_the_reason_at_the_field(
    office: Office, query: str, field: str, words: str
) -> None:
    answer = office.get("general_manager", f"/figures?{query}")
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    (wrong,) = page.xpath(f"//*[@name='{field}']")
    assert wrong.get("aria-invalid") == "true"
    assert words in page.get_element_by_id(wrong.get("aria-describedby")).text_content()
    assert not page.xpath("//table")
    assert office.get("general_manager", f"/figures/steps.csv?{query}").status_code == 422


def test_days_that_do_not_count_are_not_looked_at(office: Office) -> None:
    page = office.page("general_manager", "/figures?period=this_month&from=nonsense&to=2026-01-01")
    shown = html.fromstring(page)
    assert shown.xpath("//input[@name='from']/@value") == ["2026-03-01"]
    assert shown.xpath("//input[@name='to']/@value") == ["2026-03-10"]


@pytest.mark.parametrize(
    ("period", "first"), [("", "2026-01-01"), ("3_months", "2026-01-01"), ("12_months", "2025-04-01")]
)
def test_periods_are_calendar_months_with_the_current_one(office: Office, period: str, first: str) -> None:
    shown = html.fromstring(office.page("general_manager", f"/figures?period={period}"))
    assert shown.xpath("//input[@name='from']/@value") == [first]


def test_a_table_is_one_statement(office: Office) -> None:
    answered(office, 3)
    office.page("general_manager", "/figures")
    with office.statements() as seen:
        office.page("general_manager", "/figures")
    assert len([statement for statement in seen if "user_task" in statement]) == 4


def test_a_name_that_a_spreadsheet_would_reckon_with_stays_a_name(office: Office) -> None:
    answered(office, 3)
    office.sql("UPDATE employee SET name = '=1+1' WHERE login = 'sales_manager'")
    assert csv_rows(office, "general_manager", "/figures/people.csv")[1][0] == "'=1+1"
    answer = office.get("general_manager", "/figures/figures.xlsx")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="figures-2026-01-01-2026-03-10.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
        pages = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(pages) == 5
        assert not any(b"<f>" in parts.read(name) for name in pages)
        assert "=1+1" in parts.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_every_sign_that_begins_a_formula_is_kept_from_beginning_one(sign: str) -> None:
    sheet = Sheet("people", "People", [Column("person", "Person", "text")], [Row("x", [f"{sign}x"], 1)])
    written = csv_of(sheet).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [f"'{sign}x"]


def test_files_hold_hours_and_parts_of_one_as_numbers() -> None:
    columns = [Column("step", "Step", "text"), Column("open", "Open", "count"), Column("median", "Median", "time"),
               Column("p90", "P90", "time"), Column("share", "Share", "share")]  # fmt: skip
    sheet = Sheet("steps", "Steps", columns, [Row("Pay", ["Pay", 2, 5_400.0, None, 0.25], 1)])
    app = Flask("tests")
    babel.init_app(app)
    with app.test_request_context():
        assert csv_of(sheet).decode("utf-8-sig").splitlines() == [
            "Step,Open,Median (hours),P90 (hours),Share", "Pay,2,1.50,,0.2500",
        ]  # fmt: skip
        book = workbook_of([sheet], ["About"])
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        page = etree.fromstring(parts.read("xl/worksheets/sheet2.xml"))
    numbers = page.xpath("//*[local-name()='c' and not(@t='s')]/*[local-name()='v']/text()")
    assert [float(number) for number in numbers] == [2, 1.5, 0.25]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "—"), (0, "0 min"), (90, "2 min"), (3_599, "60 min"), (3_600, "1.0 h"), (172_799, "48.0 h"),
     (172_800, "2.0 d")],
)  # fmt: skip
def test_a_time_is_written_in_the_unit_that_fits(demo: Flask, seconds: float | None, words: str) -> None:
    with demo.test_request_context("/?lang=en"):
        assert span(seconds) == words


@pytest.fixture(scope="module")
def busy(product: Product) -> Product:
    """The product with work to count, whichever of these tests runs first."""
    with psycopg.connect(make_url(product.database_url).set(drivername="postgresql").render_as_string(False)) as direct:
        direct.execute(_WORK)
    return product


@pytest.mark.usefixtures("busy")
def test_the_charts_are_drawn_from_the_tables_and_fit_the_window(browser_page: Page) -> None:
    page = browser_page
    sign_in(page, "sales_director")
    page.goto("/figures")
    page.wait_for_selector("[data-chart=trend][data-drawn=yes] svg")
    drawn = page.locator("[data-chart][data-drawn=yes]")
    # Waiting, share, and open of the steps; waiting and open of departments and people; the trend.
    assert drawn.count() == 8
    assert page.locator("#steps-table tbody tr").count() == 2
    first = page.locator("[data-table=steps-table]").first.inner_text()
    assert "经理审批" in first
    assert "等待中位数" in first
    for at in range(drawn.count()):
        box = drawn.nth(at).locator("svg").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_findings(page) == []


def test_without_scripts_the_tables_say_it_all(browser: Browser, busy: Product) -> None:
    context = browser.new_context(base_url=busy.address, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/login")
    page.click("[data-login=general_manager]")
    page.goto("/figures?period=12_months")
    assert page.locator("#steps-table tbody tr").count() == 2
    assert page.locator(".chart-figure:visible").count() == 0
    context.close()


#: Two steps of one case, forty answers each over the last hundred days, and five open ones.
_WORK = """
WITH definition AS (SELECT id FROM process_definition WHERE key = 'expense_advance' ORDER BY id DESC LIMIT 1),
people AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at FROM employee WHERE login LIKE 'sales%'),
kase AS (
    INSERT INTO process_instance (definition_id, process_key, title, starter_id, status, revision, state, serializer,
                                  started_at, history_count, history_hash)
    SELECT definition.id, 'expense_advance', 'a trip', people.id, 'running', 1, '', '1', now(), 0, ''
      FROM definition, people WHERE at = 0 RETURNING id, definition_id, starter_id)
INSERT INTO user_task (instance_id, node_id, process_key, definition_id, element_id, title, starter_id, role,
                       assignee_id, opened_at, status, closed_at, closed_by_id)
SELECT k.id, step || n, 'expense_advance', k.definition_id, step, 'a trip', k.starter_id, 'sales_manager', p.id,
       now() - n * interval '59 hours' - n * n * interval '2 minutes',
       CASE WHEN n > 5 THEN 'completed' ELSE 'open' END,
       CASE WHEN n > 5 THEN now() - n * interval '59 hours' END, CASE WHEN n > 5 THEN p.id END
  FROM kase k, generate_series(1, 40) n, unnest(ARRAY['manager_approval', 'director_opinion']) step,
       people p, (SELECT count(*) AS number FROM people) c
 WHERE p.at = n % c.number
"""
