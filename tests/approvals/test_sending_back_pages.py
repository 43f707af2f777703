"""Ways back on the pages: to the starter, to any step passed, both ways of going on; and taking one's decision back."""

import html
from typing import Any

import pytest

from tests.approvals.firm import holders, task_of
from tests.pages.office import Office, request_fields

#: The steps to which a case may be sent back.
START, MANAGER, DIRECTOR = "request_advance", "manager_approval", "director_opinion"


def said(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def at_general_manager(office: Office) -> int:
    """A case that the manager and the director have approved."""
    case = office.start()
    for who in ("sales_manager", "sales_director"):
        assert office.decide(who, case, opinion="同意").status_code == 303
    return case


def test_the_decision_offers_the_starter_first_and_the_steps_passed_with_who_decided(office: Office) -> None:
    case = at_general_manager(office)
    page = office.page("general_manager", f"/tasks/{office.open_task(case)}")
    places = [page.index(f'value="{element}"') for element in (START, DIRECTOR, MANAGER)]
    assert places == sorted(places)
    assert "发起人张小明" in page
    assert "总监审议意见 · 林雪梅" in page
    assert "经理审批 · 王志远" in page
    first = office.page("sales_manager", f"/tasks/{office.open_task(office.start())}")
    assert f'value="{START}"' in first
    assert f'value="{MANAGER}"' not in first


def test_sent_back_to_a_step_everybody_from_there_on_is_asked_again(office: Office) -> None:
    case = at_general_manager(office)
    office.decide("general_manager", case, "return", opinion="金额请再核", return_to=MANAGER, resume="restart")
    assert holders(office, case) == [("sales_manager", "signer", "open")]
    way = office.page("salesperson", f"/instances/{case}")
    assert "退回到“经理审批”，之后重新逐级审批" in way
    page = office.page("sales_manager", f"/tasks/{office.open_task(case)}")
    assert "金额请再核" in page
    office.decide("sales_manager", case, opinion="已核")
    assert holders(office, case) == [("sales_director", "signer", "open")]


def test_sent_straight_back_only_that_step_is_done_again(office: Office) -> None:
    case = at_general_manager(office)
    office.decide("general_manager", case, "return", opinion="意见不清", return_to=DIRECTOR, resume="direct")
    assert holders(office, case) == [("sales_director", "reviser", "open"), ("general_manager", "signer", "waiting")]
    waiting = office.page("general_manager", f"/tasks/{task_of(office, case, 'general_manager')}")
    assert "林雪梅正在修改退回的内容" in waiting
    assert "修改后直接回到退回人" in office.page("salesperson", f"/instances/{case}")
    office.decide("sales_director", case, opinion="费用在预算内")
    assert holders(office, case) == [("general_manager", "signer", "open")]


@pytest.mark.parametrize(("resume", "next_one"), [("restart", "sales_manager"), ("direct", "sales_director")])
def test_the_starter_changes_the_request_on_its_own_form_and_sends_it_again(
    office: Office, resume: str, next_one: str
) -> None:
    case = office.start()
    office.decide("sales_manager", case, opinion="同意")
    office.decide("sales_director", case, "return", opinion="住宿太贵", resume=resume)
    task = task_of(office, case, "salesperson")
    page = office.page("salesperson", f"/tasks/{task}")
    assert "住宿太贵" in page
    assert 'value="12000.00"' in page  # What was asked for is filled in.
    fields = {**request_fields(amount="10000.00", **{"spend-1-amount": "5000.00"}), "revision": "1"}
    assert office.post("salesperson", f"/tasks/{task}", fields).status_code == 303
    assert [row[0] for row in holders(office, case)] == [next_one]
    assert office.sql("SELECT amount_fen FROM advance WHERE instance_id = :id", id=case) == [(1_000_000,)]


@pytest.mark.parametrize("step", ["general_manager_approval", "pay", "no_such_step"])
def test_a_step_that_the_case_never_passed_is_refused_at_the_choice(office: Office, step: str) -> None:
    case = office.start()
    office.decide("sales_manager", case, opinion="同意")
    office.page("sales_director", f"/tasks/{office.open_task(case)}")  # The first opening is noted.
    before = office.snapshot()
    refused = office.decide("sales_director", case, "return", opinion="再看看", return_to=step)
    assert refused.status_code == 422
    page = said(refused)
    assert "流程没有经过该步骤" in page[page.index('id="return_to-error"') :]
    assert "再看看" in page
    assert office.snapshot() == before


def test_a_decision_is_taken_back_and_shown_as_taken_back(office: Office) -> None:
    case = office.start()
    mine = office.open_task(case)
    office.decide("sales_manager", case, opinion="同意")
    assert f"/tasks/{mine}/take-back" in office.page("sales_manager", f"/instances/{case}")
    assert f"/tasks/{mine}/take-back" in office.page("sales_manager", f"/tasks/{mine}")
    assert "只有" not in office.page("sales_manager", f"/tasks/{mine}/take-back")
    assert office.post("sales_manager", f"/tasks/{mine}/take-back", {"reason": "看错了"}).status_code == 303
    assert holders(office, case) == [("sales_manager", "signer", "open")]
    way = office.page("salesperson", f"/instances/{case}")
    assert "已撤回" in way
    assert "王志远撤回了决定" in way
    assert "看错了" in way
    assert office.decide("sales_manager", case, "reject", opinion="不同意").status_code == 303


def test_once_the_next_one_has_opened_the_task_it_is_too_late(office: Office) -> None:
    case = office.start()
    mine = office.open_task(case)
    office.decide("sales_manager", case, opinion="同意")
    office.page("sales_director", f"/tasks/{office.open_task(case)}")
    before = office.snapshot()
    page = office.page("sales_manager", f"/instances/{case}")
    assert "林雪梅已打开任务，不能再撤回" in page
    assert f"/tasks/{mine}/take-back" not in page
    refused = office.post("sales_manager", f"/tasks/{mine}/take-back", {})
    assert (refused.status_code, "林雪梅已打开任务，不能再撤回" in said(refused)) == (409, True)
    assert office.snapshot() == before


def test_nobody_takes_back_what_another_decided(office: Office) -> None:
    case = office.start()
    mine = office.open_task(case)
    office.decide("sales_manager", case, opinion="同意")
    before = office.snapshot()
    assert office.post("sales_director", f"/tasks/{mine}/take-back", {}).status_code == 403
    assert office.post("salesperson3", f"/tasks/{mine}/take-back", {}).status_code == 403
    assert office.snapshot() == before


def test_a_copy_of_the_case_and_of_every_event_speaks_chinese_only(office: Office) -> None:
    """Every word that the history of such a case needs is there in the reader's language."""
    case = at_general_manager(office)
    office.decide("general_manager", case, "return", opinion="再核", return_to=DIRECTOR, resume="direct")
    page = office.page("salesperson", f"/instances/{case}")
    history = page[page.index('class="history"') : page.index("</ol>", page.index('class="history"'))]
    for word in ("sent_back", "task_", "instance_", "sent ", "straight"):
        assert word not in history
