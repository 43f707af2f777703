"""The page of a case: its way, its history, its diagram, and calling it back."""

import html
import re

import pytest

from tests.pages.office import Office
from webapp.instances.words import HAPPENINGS
from workflows.engine.history import Event


def test_everything_that_happened_is_told_in_chinese_words(office: Office) -> None:
    case = office.start()
    office.decide("sales_manager", case, opinion="行程已核实")
    page = office.page("salesperson", f"/instances/{case}")
    history = page.partition('<ol class="history"')[2].partition("</ol>")[0]
    for words in ("发起申请：填写借款审批表", "王志远", "办理：经理审批", "行程已核实", "→ 林雪梅"):
        assert words in history, words
    assert not re.search("task_|instance_", history)


def test_every_kind_of_event_has_words() -> None:
    kinds = set(re.findall(r"[a-z]+_[a-z]+", (Event.__doc__ or "").partition("Kinds:")[2]))
    assert "instance_started" in kinds
    assert kinds - HAPPENINGS.keys() == set()


@pytest.mark.parametrize(
    "reader", ["salesperson", "sales_manager", "sales_director", "general_manager", "administrator"]
)
def test_who_is_concerned_reads_the_case(office: Office, reader: str) -> None:
    assert "广州展会差旅" in office.page(reader, f"/instances/{office.start()}")


@pytest.mark.parametrize("stranger", ["salesperson2", "salesperson3", "sales_manager2", "hr"])
def test_for_a_stranger_there_is_no_such_case(office: Office, stranger: str) -> None:
    case = office.start()
    for path in (f"/instances/{case}", f"/instances/{case}/diagram.xml"):
        assert office.get(stranger, path).status_code == 404
    assert office.post(stranger, f"/instances/{case}/withdraw", {"reason": "x"}).status_code in (403, 404)


def test_a_returned_request_goes_back_to_its_starter_and_the_diagram_shows_the_way(office: Office) -> None:
    case = office.start()
    office.decide("sales_manager", case, "return", opinion="住宿偏高", resume="restart")
    page = office.page("salesperson", f"/instances/{case}")
    done = re.search(r'data-done="([^"]*)"', page)
    assert done
    assert {"request_advance", "manager_approval"} <= set(done[1].split())
    assert {"manager_decided", "director_opinion"}.isdisjoint(done[1].split())  # A return takes no flow of the diagram.
    assert 'data-current="request_advance"' in page
    assert "退回修改" in page
    assert "王志远退回修改：" in office.page("salesperson", f"/tasks/{office.open_task(case)}")


def test_the_starter_withdraws_with_a_reason(office: Office) -> None:
    case = office.start()
    answer = office.post("salesperson", f"/instances/{case}/withdraw", {"reason": "行程取消"})
    assert answer.status_code == 303
    page = office.page("salesperson", f"/instances/{case}")
    assert "已撤回" in page
    assert "行程取消" in page
    assert "广州展会差旅" not in office.listed("sales_manager", "/inbox")
    assert "/withdraw" not in page


def test_withdrawing_needs_a_reason(office: Office) -> None:
    case = office.start()
    before = office.snapshot()
    answer = office.post("salesperson", f"/instances/{case}/withdraw", {"reason": " \0 "})
    assert answer.status_code == 422
    assert office.snapshot() == before


def test_what_was_paid_is_no_longer_withdrawn_and_the_figure_is_named(office: Office) -> None:
    case = office.approved()
    paid = {"amount": "5000.00", "paid_on": "2026-03-10", "method": "bank_transfer", "reference": "T1"}
    assert office.decide("accountant", case, "", **paid).status_code == 303
    assert "/withdraw" not in office.page("salesperson", f"/instances/{case}"), "it is offered and would be refused"
    before = office.snapshot()
    answer = office.post("salesperson", f"/instances/{case}/withdraw", {"reason": "行程取消"})
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "5,000.00" in page
    assert 'value="行程取消"' in page
    assert office.snapshot() == before


def test_nobody_else_withdraws(office: Office) -> None:
    case = office.start()
    assert office.post("sales_manager", f"/instances/{case}/withdraw", {"reason": "x"}).status_code == 403
    assert office.sql("SELECT status FROM process_instance") == [("running",)]


def test_the_diagram_is_named_in_the_reader_s_language_and_fetched_once(office: Office) -> None:
    case = office.start()
    path = f"/instances/{case}/diagram.xml"
    chinese = office.get("salesperson", path)
    assert chinese.content_type == "application/xml; charset=utf-8"
    assert 'name="经理审批"' in chinese.get_data(as_text=True)
    again = office.get("salesperson", path, headers={"If-None-Match": chinese.headers["ETag"]})
    assert again.status_code == 304
    english = office.get("salesperson", f"{path}?lang=en")
    assert 'name="Manager approval"' in english.get_data(as_text=True)
    assert english.headers["ETag"] != chinese.headers["ETag"]


def test_the_page_of_a_case_costs_few_statements(office: Office) -> None:
    case = office.start()
    office.page("salesperson", f"/instances/{case}")
    with office.statements() as seen:
        office.page("salesperson", f"/instances/{case}")
    # The account; the case with its tasks; whether it may be read; the people to come and their names; the
    # history, which the way shares; the documents; the page of the advance; whether it may still be withdrawn; comments
    # and copies; what a copy of it would be started as, and where it came from; signatures.
    assert len(seen) <= 14, seen


def test_a_paid_advance_says_what_it_waits_for(office: Office) -> None:
    case = office.approved()
    paid = {"amount": "12000.00", "paid_on": "2026-03-10", "method": "bank_transfer", "reference": "T1"}
    assert office.decide("accountant", case, "", **paid).status_code == 303
    assert "等待报销或归还" in office.page("salesperson", f"/instances/{case}")
    assert "等待报销或归还" in office.listed("salesperson", "/inbox/started")


def test_people_are_named_in_english_on_english_pages(office: Office) -> None:
    case = office.start(purpose="Fair", customer="")
    office.decide("sales_manager", case, opinion="Checked")
    office.page("salesperson", "/inbox")  # The message that the request was sent has been read.
    for login, path in [
        ("salesperson", f"/instances/{case}?lang=en"),
        ("sales_director", f"/tasks/{office.open_task(case)}?lang=en"),
        ("sales_director", "/inbox?lang=en"),
        ("salesperson", "/inbox/started?lang=en"),
    ]:
        page = office.page(login, path)
        assert "Lin Xuemei" in page, path
        for name in ("张小明", "王志远", "林雪梅", "陈国栋"):
            assert name not in page, (path, name)
