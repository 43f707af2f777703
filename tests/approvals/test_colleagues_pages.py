"""Colleagues on the pages: asked to sign as well, asked for an opinion, asked no more, given the whole task."""

import html
import uuid
from typing import Any

import pytest

from tests.approvals.firm import disable, holders, task_of, tasks
from tests.pages.office import Office

REASON = "他更清楚这个客户"


def sent(**changes: Any) -> dict[str, Any]:
    return {"people": "accountant", "position": "before", "reason": REASON, "revision": "1", **changes}


def said(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_a_signer_asked_before_me_signs_first_and_then_the_task_is_mine_again(office: Office) -> None:
    case = office.start()
    mine = office.open_task(case)
    assert "加签 · 转办 · 征求意见" in office.page("sales_manager", f"/tasks/{mine}")
    assert office.post("sales_manager", f"/tasks/{mine}/signers", sent()).headers["Location"] == f"/tasks/{mine}"
    assert holders(office, case) == [("sales_manager", "signer", "waiting"), ("accountant", "added", "open")]
    page = office.page("sales_manager", f"/tasks/{mine}")
    assert "还没轮到您" in page
    assert "会签</strong> 已签 0/2" in page
    page = office.page("accountant", f"/tasks/{task_of(office, case, 'accountant')}")
    assert "王志远请您一同签署" in page
    assert REASON in page
    assert "退回修改" not in page  # Sending back is left to whose step it is.
    before = office.snapshot()
    assert office.decide("accountant", case, "reject").status_code == 422  # A rejection has a reason.
    assert office.decide("accountant", case, "return", opinion="再看").status_code == 422
    assert office.snapshot() == before
    assert office.decide("accountant", case, opinion="账面没有问题").status_code == 303
    page = office.page("sales_manager", f"/tasks/{mine}")
    assert "会签</strong> 已签 1/2" in page
    assert "账面没有问题" in page
    assert office.decide("sales_manager", case, opinion="同意").status_code == 303
    way = office.page("salesperson", f"/instances/{case}")
    assert "王志远请" in way
    assert "先签（前加签）" in way
    assert holders(office, case) == [("sales_director", "signer", "open")]


def test_a_signer_asked_behind_me_decides_after_me_and_can_stop_it(office: Office) -> None:
    case = office.start()
    mine = office.open_task(case)
    office.post("sales_manager", f"/tasks/{mine}/signers", sent(position="after", people="accountant, hr"))
    assert holders(office, case) == [
        ("sales_manager", "signer", "open"), ("accountant", "added", "waiting"), ("hr", "added", "waiting"),
    ]  # fmt: skip
    assert office.decide("sales_manager", case, opinion="同意").status_code == 303
    assert holders(office, case) == [("accountant", "added", "open"), ("hr", "added", "open")]
    theirs = task_of(office, case, "accountant")
    fields = {"decision": "reject", "opinion": "预算已用完", "revision": "2"}
    assert office.post("accountant", f"/tasks/{theirs}", fields).status_code == 303
    assert office.sql("SELECT status FROM process_instance WHERE id = :id", id=case) == [("rejected",)]
    assert "预算已用完" in office.page("salesperson", f"/instances/{case}")


def test_an_opinion_is_given_on_a_form_of_its_own_and_the_task_comes_back(office: Office) -> None:
    case = office.start()
    mine = office.open_task(case)
    asked = {"people": "hr", "question": "这笔差旅合规吗？", "revision": "1"}
    assert office.post("sales_manager", f"/tasks/{mine}/opinions", asked).status_code == 303
    theirs = task_of(office, case, "hr")
    page = office.page("hr", f"/tasks/{theirs}")
    assert "王志远征求您的意见" in page
    assert "这笔差旅合规吗？" in page
    assert 'name="decision"' not in page
    before = office.snapshot()
    assert office.post("hr", f"/tasks/{theirs}", {"opinion": " ", "revision": "1"}).status_code == 422
    assert office.snapshot() == before
    assert office.post("hr", f"/tasks/{theirs}", {"opinion": "合规", "revision": "1"}).status_code == 303
    assert holders(office, case) == [("sales_manager", "signer", "open")]
    page = office.page("sales_manager", f"/tasks/{mine}")
    assert "合规" in page
    assert "王志远征求" in page


def test_who_asked_may_ask_no_more_and_nobody_else_may(office: Office) -> None:
    case = office.start()
    mine = office.open_task(case)
    office.post("sales_manager", f"/tasks/{mine}/signers", sent())
    theirs = task_of(office, case, "accountant")
    before = office.snapshot()
    assert office.get("sales_director", f"/tasks/{theirs}/remove").status_code == 403
    assert office.post("sales_director", f"/tasks/{theirs}/remove", {"reason": "不必"}).status_code == 403
    assert office.post("salesperson3", f"/tasks/{theirs}/remove", {"reason": "不必"}).status_code == 403
    refused = office.post("sales_manager", f"/tasks/{theirs}/remove", {"reason": " "})
    assert (refused.status_code, "请填写理由" in said(refused)) == (422, True)
    assert office.snapshot() == before
    assert f"/tasks/{theirs}/remove" in office.page("sales_manager", f"/tasks/{mine}")
    assert "减签" in office.page("sales_manager", f"/tasks/{theirs}/remove")
    assert office.post("sales_manager", f"/tasks/{theirs}/remove", {"reason": "不必"}).status_code == 303
    assert holders(office, case) == [("sales_manager", "signer", "open")]
    assert "减签，不再请" in office.page("salesperson", f"/instances/{case}")


def test_who_has_answered_cannot_be_asked_no_more(office: Office) -> None:
    case = office.start()
    mine = office.open_task(case)
    office.post("sales_manager", f"/tasks/{mine}/signers", sent())
    theirs = task_of(office, case, "accountant")
    office.decide("accountant", case, opinion="好")
    before = office.snapshot()
    assert office.get("sales_manager", f"/tasks/{theirs}/remove").status_code == 409
    refused = office.post("sales_manager", f"/tasks/{theirs}/remove", {"reason": "不必"})
    assert (refused.status_code, "对方已经答复" in said(refused)) == (409, True)
    assert office.snapshot() == before


def test_a_task_that_is_handed_over_leaves_the_desk_with_both_names_and_the_reason(office: Office) -> None:
    case = office.start()
    mine = office.open_task(case)
    fields = {"to": "何建平", "reason": "明天起休假", "revision": "1", "idempotency_key": uuid.uuid4().hex}
    for _time in range(2):  # The second time nothing more happens.
        assert office.post("sales_manager", f"/tasks/{mine}/hand-over", fields).headers["Location"] == "/inbox"
    assert holders(office, case) == [("sales_manager2", "signer", "open")]
    way = office.page("salesperson", f"/instances/{case}")
    assert "王志远将任务由王志远转办给何建平" in way
    assert "明天起休假" in way
    assert office.sql("SELECT count(*) FROM history_event WHERE kind = 'task_handed_over'") == [(1,)]
    assert office.decide("sales_manager2", case, opinion="同意").status_code == 303


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("sales_manager", "此任务已由王志远处理"),
        ("salesperson", "张小明是此流程的发起人"),
        ("accountant", "无权审批本步骤"),
        ("administrator", "只负责系统管理，不参与决定"),
        ("hr", "的账号已停用"),
        ("nobody_at_all", "nobody_at_all"),
        ("", "请填写此项"),
    ],
)
def test_a_task_is_not_handed_over_to_who_may_not_have_it(office: Office, to: str, message: str) -> None:
    case = office.start()
    mine = office.open_task(case)
    disable(office, "hr")
    before = office.snapshot()
    refused = office.post("sales_manager", f"/tasks/{mine}/hand-over", {"to": to, "reason": REASON, "revision": "1"})
    assert refused.status_code == 422
    assert message in said(refused)
    assert REASON in said(refused)  # What was typed is still there.
    assert office.snapshot() == before


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ("accountant", "已在本步骤的签署人之中"),
        ("finance_director", "已在本步骤作出决定"),
        ("sales_manager", "此任务已由王志远处理"),
        ("salesperson", "发起人"),
        (", ", "请填写人员"),
        (", ".join(["accountant"] * 1 + ["何建平", "没有这个人"]), "没有这个人"),
    ],
)
def test_who_is_asked_already_or_has_decided_is_not_asked_to_sign_again(
    office: Office, people: str, message: str
) -> None:
    case = office.start()
    mine = office.open_task(case)
    office.post("sales_manager", f"/tasks/{mine}/signers", sent(people="finance_director"))
    office.decide("finance_director", case, opinion="好")
    revision = office.sql("SELECT revision FROM user_task WHERE id = :id", id=mine)[0][0]
    office.post("sales_manager", f"/tasks/{mine}/signers", sent(position="after", revision=revision))
    before = office.snapshot()
    refused = office.post("sales_manager", f"/tasks/{mine}/signers", sent(people=people, revision=revision))
    assert (refused.status_code, message in said(refused)) == (422, True)
    assert office.snapshot() == before


def test_a_page_opened_before_the_task_changed_is_refused_and_keeps_what_was_typed(office: Office) -> None:
    case = office.start()
    mine = office.open_task(case)
    before = office.snapshot()
    refused = office.post("sales_manager", f"/tasks/{mine}/signers", sent(revision="7"))
    assert refused.status_code == 409
    assert REASON in said(refused)
    assert office.snapshot() == before


def test_who_asks_for_an_advance_and_who_only_reads_the_case_find_no_such_buttons(office: Office) -> None:
    case = office.start()
    task = office.open_task(case)
    assert "task-actions" not in office.page("salesperson", f"/tasks/{task}")
    for path in ("hand-over", "signers", "opinions", "remove", "take-back"):
        assert office.get("salesperson", f"/tasks/{task}/{path}").status_code == 403
        assert office.get("salesperson3", f"/tasks/{task}/{path}").status_code == 404
    assert "每一位" not in office.page("salesperson", f"/tasks/{task}/round")
    assert tasks(office, case)[0][1:] == ("sales_manager", "signer", "open")
