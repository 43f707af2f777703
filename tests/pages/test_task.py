"""The page of a task: deciding, being too late, acting for somebody, and taking from a group."""

import html
import uuid

import pytest

from tests.pages.office import Office


def test_deciding_leads_back_to_the_inbox_and_to_what_waits_next(office: Office) -> None:
    case = office.start()
    waiting = office.open_task(office.start("salesperson2", purpose="深圳拜访"))
    answer = office.decide("sales_manager", case, opinion="行程已核实")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox")
    page = office.page("sales_manager", "/inbox")
    assert "您已同意：" in page
    assert "现由林雪梅处理。" in page
    assert f'href="/tasks/{waiting}">处理下一项</a>' in page


@pytest.mark.parametrize("decision", ["return", "reject"])
def test_returning_and_rejecting_need_a_reason(office: Office, decision: str) -> None:
    case = office.start()
    office.page("sales_manager", f"/tasks/{office.open_task(case)}")  # Opening it is noted.
    before = office.snapshot()
    answer = office.decide("sales_manager", case, decision)
    assert answer.status_code == 422
    page = html.unescape(answer.get_data(as_text=True))
    assert 'id="opinion-error"' in page
    assert "请填写理由。" in page
    assert office.snapshot() == before


def test_earlier_opinions_stand_on_the_page_with_their_names(office: Office) -> None:
    case = office.start()
    office.decide("sales_manager", case, opinion="行程已核实")
    page = office.page("sales_director", f"/tasks/{office.open_task(case)}")
    for words in ("行程已核实", "王志远", "¥12,000.00", "壹万贰仟元整", "张小明", "华东销售部", "H12.1"):
        assert words in page, words


def test_the_way_to_come_names_the_people_as_of_now(office: Office) -> None:
    page = office.page("sales_manager", f"/tasks/{office.open_task(office.start())}")
    way = page.partition('<ol class="way">')[2].partition("</ol>")[0]
    places = [way.index(words) for words in ("填写借款审批表", "经理审批", "林雪梅", "陈国栋", "财务付款", "会计")]
    assert places == sorted(places)


def test_whoever_is_too_late_learns_who_was_faster_and_keeps_what_they_wrote(office: Office) -> None:
    case = office.start()
    task_id = office.open_task(case)
    office.decide("sales_manager", case, opinion="行程已核实")
    before = office.snapshot()
    answer = office.post(
        "sales_manager",
        f"/tasks/{task_id}",
        {"decision": "reject", "opinion": "我改变了主意，预算已用完", "revision": "1"},
    )
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "王志远 已于 2026年3月10日 10:00 作出决定。" in page
    assert "我改变了主意，预算已用完" in page
    assert 'href="/inbox"' in page
    assert office.snapshot() == before


def test_the_same_form_sent_twice_decides_once(office: Office) -> None:
    case = office.start()
    task_id = office.open_task(case)
    fields = {"decision": "approve", "opinion": "同意", "revision": "1", "idempotency_key": uuid.uuid4().hex}
    answers = [office.post("sales_manager", f"/tasks/{task_id}", fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert office.sql("SELECT count(*) FROM user_task WHERE status = 'completed'") == [(1,)]


def test_a_form_opened_before_a_colleague_claimed_the_task_is_refused(office: Office) -> None:
    case = office.approved()
    task_id = office.open_task(case)
    office.post("accountant", f"/tasks/{task_id}/claim")
    office.post("accountant", f"/tasks/{task_id}/release")
    before = office.snapshot()
    answer = office.post("accountant2", f"/tasks/{task_id}", {"amount": "12000.00", "revision": "1"})
    assert answer.status_code == 409
    assert f'href="/tasks/{task_id}"' in answer.get_data(as_text=True)
    assert office.snapshot() == before


def test_a_task_that_a_colleague_claimed_shows_who_has_it(office: Office) -> None:
    case = office.approved()
    task_id = office.open_task(case)
    office.post("accountant", f"/tasks/{task_id}/claim")
    page = office.page("accountant2", f"/tasks/{task_id}")
    assert "由赵敏处理" in page
    assert 'name="revision"' not in page
    assert office.post("accountant2", f"/tasks/{task_id}/claim").status_code in (403, 409)


def test_the_borrower_reads_the_task_and_is_offered_no_button(office: Office) -> None:
    page = office.page("salesperson", f"/tasks/{office.open_task(office.start())}")
    assert 'name="decision"' not in page
    assert "由王志远处理" in page


@pytest.mark.parametrize("stranger", ["salesperson2", "salesperson3", "sales_manager2", "hr", "sales_assistant"])
def test_for_a_stranger_there_is_no_such_task(office: Office, stranger: str) -> None:
    case = office.start()
    task_id = office.open_task(case)
    before = office.snapshot()
    assert office.get(stranger, f"/tasks/{task_id}").status_code == 404
    assert office.post(stranger, f"/tasks/{task_id}", {"decision": "approve"}).status_code == 403
    assert office.post(stranger, f"/tasks/{task_id}/claim").status_code == 403
    assert office.snapshot() == before


def test_a_task_that_does_not_exist_is_not_found(office: Office) -> None:
    for number in ("0", "999999", "9223372036854775807", "99999999999999999999"):
        assert office.get("sales_manager", f"/tasks/{number}").status_code == 404
        assert office.post("sales_manager", f"/tasks/{number}", {"decision": "approve"}).status_code == 404


def test_both_names_stand_on_what_a_delegate_decides(office: Office) -> None:
    case = office.start()
    office.sql(
        "INSERT INTO delegation (delegator_id, delegate_id, first_on, last_on, created_at)"
        " VALUES (:absent, :delegate, '2026-03-09', '2026-03-12', now())",
        absent=office.employee_id("sales_manager"),
        delegate=office.employee_id("sales_supervisor"),
    )
    task_id = office.open_task(case)
    assert "您正在代王志远办理" in office.page("sales_supervisor", f"/tasks/{task_id}")
    assert office.decide("sales_supervisor", case, opinion="同意").status_code == 303
    assert "周文博 代 王志远" in office.page("salesperson", f"/instances/{case}")


def test_enter_in_a_line_of_text_presses_a_dead_button_first(office: Office) -> None:
    page = office.page("sales_manager", f"/tasks/{office.open_task(office.start())}")
    form = page.partition('class="card answer"')[2]
    assert form.index("disabled") < form.index('value="approve"')


def test_what_an_operation_refuses_is_told_above_the_form_with_the_figures(office: Office) -> None:
    case = office.approved()
    office.page("accountant", f"/tasks/{office.open_task(case)}")
    before = office.snapshot()
    answer = office.decide(
        "accountant", case, "", amount="12000.01", paid_on="2026-03-10", method="bank_transfer", reference="T1"
    )
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "12,000.00" in page
    assert 'value="12000.01"' in page
    assert office.snapshot() == before
