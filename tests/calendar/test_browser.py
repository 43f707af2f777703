"""Working days on a phone and at a desk: nothing in the way, nothing sideways, and a range changed by hand."""

from playwright.sync_api import Page, expect

from tests.browser import serious_findings, sign_in


def test_a_range_is_set_off_in_a_year_that_nobody_knows_yet(browser_page: Page, viewport: tuple[int, int]) -> None:
    page, year = browser_page, "2051" if viewport[0] < 500 else "2052"
    page.goto("/login")
    sign_in(page, "administrator")
    page.goto(f"/calendar?year={year}")
    expect(page.get_by_role("note")).to_contain_text("尚未收录")
    page.locator(".calendar-change summary").click()
    page.fill("#first_on", f"{year}-02-06")
    page.fill("#last_on", f"{year}-02-12")
    page.fill("#note", "春节（预排）")
    page.get_by_role("button", name="更改", exact=True).click()
    # Seven days in a row have five from Monday to Friday.
    expect(page.locator("a.day-company")).to_have_count(5)
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == viewport[0]
    page.locator("a.day-company").first.click()
    expect(page.locator("h1")).to_contain_text(f"{year}年2月")
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == viewport[0]
