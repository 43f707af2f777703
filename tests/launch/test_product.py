"""The product as processes, and a browser on it."""

from playwright.sync_api import Page

from tests.browser import serious_findings, sign_in


def test_a_person_signs_in_by_one_click(browser_page: Page) -> None:
    sign_in(browser_page, "salesperson")
    assert browser_page.url.endswith("/tasks") or "login" not in browser_page.url
    assert "张小明" in browser_page.content()


def test_the_sign_in_page_has_no_serious_barrier(browser_page: Page) -> None:
    browser_page.goto("/login")
    assert serious_findings(browser_page) == []
