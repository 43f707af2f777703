"""The inbox: who sees what, how it is narrowed and paged, and what it costs."""

import re

import pytest

from tests.pages.office import Office


def test_a_request_waits_on_the_manager_s_desk_and_on_no_other(office: Office) -> None:
    office.start()
    assert "广州展会差旅" in office.page("sales_manager", "/inbox")
    for other in ("sales_manager2", "sales_director", "salesperson", "accountant"):
        assert "广州展会差旅" not in office.listed(other, "/inbox")


def test_the_start_page_leads_to_the_inbox(office: Office) -> None:
    answer = office.get("sales_manager", "/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/inbox")


def test_what_was_decided_moves_to_done_and_the_starter_sees_whose_desk_it_lies_on(office: Office) -> None:
    case = office.start()
    office.decide("sales_manager", case, opinion="行程已核实")
    assert "广州展会差旅" not in office.listed("sales_manager", "/inbox")
    assert "广州展会差旅" in office.page("sales_manager", "/inbox/done")
    started = office.page("salesperson", "/inbox/started")
    assert "林雪梅" in started
    assert "总监审议意见" in started


def test_a_group_s_task_is_seen_by_the_whole_group_and_offers_to_be_claimed(office: Office) -> None:
    case = office.approved()
    for who in ("accountant", "accountant2"):
        page = office.page(who, "/inbox?desk=groups")
        assert "广州展会差旅" in page
        assert f"/tasks/{office.open_task(case)}/claim" in page
        assert "广州展会差旅" not in office.listed(who, "/inbox?desk=mine")


def test_a_claimed_task_leaves_the_group_s_desk_for_the_claimer_s(office: Office) -> None:
    case = office.approved()
    assert office.post("accountant", f"/tasks/{office.open_task(case)}/claim").status_code == 303
    assert "广州展会差旅" in office.page("accountant", "/inbox?desk=mine")
    assert "广州展会差旅" not in office.listed("accountant2", "/inbox")


def test_counts_stand_in_the_tabs(office: Office) -> None:
    office.start()
    office.start("salesperson2", purpose="深圳拜访")
    office.decide("sales_manager", office.start("salesperson2", purpose="上海推介"))
    tabs = office.page("sales_manager", "/inbox/counts?view=pending")
    assert re.findall(r"tab-count\">(\d+)", tabs) == ["2", "1", "0", "0", "0"]
    assert re.findall(r"tab-count\">(\d+)", office.page("salesperson2", "/inbox?counts=1")) == ["0", "0", "2", "0", "0"]


def test_search_finds_titles_and_starters_and_takes_wildcards_at_their_word(office: Office) -> None:
    office.start()
    office.start("salesperson2", purpose="深圳拜访")
    assert "深圳拜访" in office.page("sales_manager", "/inbox?q=深圳")
    assert "广州展会差旅" not in office.listed("sales_manager", "/inbox?q=深圳")
    assert "深圳拜访" in office.page("sales_manager", "/inbox?q=李婷婷")
    assert "没有符合条件的事项" in office.page("sales_manager", "/inbox?q=%25")
    assert "没有符合条件的事项" in office.page("sales_manager", "/inbox?process=advance_settlement")


def test_age_and_deadline_narrow_the_list(office: Office) -> None:
    case = office.start()
    task_id = office.open_task(case)
    assert "广州展会差旅" not in office.listed("sales_manager", "/inbox?age=1")
    office.sql("UPDATE user_task SET opened_at = opened_at - interval '25 hours' WHERE id = :id", id=task_id)
    assert "广州展会差旅" in office.page("sales_manager", "/inbox?age=1")
    assert "广州展会差旅" not in office.listed("sales_manager", "/inbox?age=3")
    assert "广州展会差旅" not in office.listed("sales_manager", "/inbox?age=overdue")
    office.sql("UPDATE user_task SET due_at = opened_at WHERE id = :id", id=task_id)
    overdue = office.page("sales_manager", "/inbox?age=overdue")
    assert "广州展会差旅" in overdue
    assert "is-late" in overdue


def test_pages_follow_each_other_without_a_gap_or_a_repetition(office: Office) -> None:
    for number in range(23):
        office.start("salesperson2", purpose=f"第{number:02}次拜访")
    first = office.page("sales_manager", "/inbox")
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = office.page("sales_manager", following[1])
    found = [re.findall(r">[^<]*(第\d\d次拜访)</a>", page) for page in (first, second)]
    assert [len(each) for each in found] == [20, 3]
    assert sorted(found[0] + found[1]) == [f"第{number:02}次拜访" for number in range(23)]
    assert 'rel="next"' not in second


def test_a_cursor_that_was_tampered_with_leads_to_the_first_page(office: Office) -> None:
    office.start()
    for cursor in ("nonsense", "2026-01-01T00:00:00~", "~", "2026-01-01T00:00:00~99999999999999999999999", "%00"):
        assert "广州展会差旅" in office.page("sales_manager", f"/inbox?after={cursor}"), cursor


def test_words_that_are_not_on_offer_count_as_not_said(office: Office) -> None:
    office.start()
    assert "广州展会差旅" in office.page("sales_manager", "/inbox?desk=x&process=y&age=-1&q=%00")


def test_an_empty_list_says_what_to_do_next(office: Office) -> None:
    assert "/processes/expense_advance/start" in office.page("salesperson", "/inbox/started")
    assert "没有待办事项" in office.page("sales_manager", "/inbox")
    assert "您还没有办理过事项" in office.page("sales_manager", "/inbox/done")


def test_htmx_gets_the_list_alone_and_everybody_else_the_whole_page(office: Office) -> None:
    office.start()
    part = office.page("sales_manager", "/inbox", headers={"HX-Request": "true", "HX-Target": "inbox"})
    assert "广州展会差旅" in part
    assert "<html" not in part
    assert "<html" in office.page("sales_manager", "/inbox", headers={"HX-Request": "true"})


@pytest.mark.parametrize(("login", "statements"), [("sales_manager", 3), ("accountant", 2)])
def test_the_inbox_costs_the_account_and_one_select_and_who_sells_their_follow_ups(
    office: Office, login: str, statements: int
) -> None:
    office.start()
    office.page(login, "/inbox")
    with office.statements() as seen:
        office.page(login, "/inbox")
    assert len(seen) == statements, seen


def test_somebody_on_holiday_is_covered_and_named(office: Office) -> None:
    office.start()
    office.sql(
        "INSERT INTO delegation (delegator_id, delegate_id, first_on, last_on, created_at)"
        " VALUES (:absent, :delegate, '2026-03-09', '2026-03-12', now())",
        absent=office.employee_id("sales_manager"),
        delegate=office.employee_id("sales_supervisor"),
    )
    page = office.page("sales_supervisor", "/inbox?desk=behalf")
    assert "广州展会差旅" in page
    assert "代王志远办理" in page
    assert "广州展会差旅" not in office.listed("sales_supervisor", "/inbox?desk=mine")


def test_a_title_is_shown_as_it_was_written(office: Office) -> None:
    office.start(purpose="<script>alert(1)</script>")
    answer = office.get("sales_manager", "/inbox").get_data(as_text=True)
    assert "<script>alert(1)" not in answer
    assert "&lt;script&gt;alert(1)" in answer
