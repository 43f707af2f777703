"""Copies open a case for reading and nothing else, once for each person, and say when they were read."""

import html
import re

import pytest

from tests.api.company import ADVANCE, Api
from tests.pages.office import Office

#: What a refused request must leave as it was.
TABLES = ("copy", "notice", "history_event", "user_task", "process_instance", "submission")


def rows(office: Office) -> list[object]:
    return [office.sql(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]


def copies(office: Office) -> list[tuple[str, str | None, str | None]]:
    """Who has a copy, who sent it, and with which step."""
    return office.sql(
        "SELECT e.login, s.login, c.element_id FROM copy c JOIN employee e ON e.id = c.employee_id"
        " LEFT JOIN employee s ON s.id = c.copied_by_id ORDER BY c.id"
    )


def test_copies_go_out_with_a_request_and_open_it_for_reading_only(office: Office) -> None:
    case = office.start(copy_to="sales_assistant，冯丽", copy_note="请知悉")
    assert copies(office) == [
        ("sales_assistant", "salesperson", "request_advance"),
        ("hr", "salesperson", "request_advance"),
    ]
    task = office.open_task(case)
    assert "广州展会差旅" in office.page("hr", f"/instances/{case}")
    assert 'name="decision"' not in office.page("hr", f"/tasks/{task}")
    before = rows(office)
    assert (
        office.post("hr", f"/tasks/{task}", {"decision": "approve", "opinion": "好", "revision": "1"}).status_code
        == 403
    )
    assert office.post("hr", f"/instances/{case}/withdraw", {"reason": "不"}).status_code == 403
    assert office.post("hr", f"/instances/{case}/urge").status_code == 403
    assert office.post("hr", f"/instances/{case}/copies", {"copy_to": "accountant"}).status_code == 403
    assert rows(office) == before
    assert office.get("accountant2", f"/instances/{case}").status_code == 200  # finance reads every advance
    assert office.get("salesperson2", f"/instances/{case}").status_code == 404


def test_an_approver_copies_with_the_decision(office: Office) -> None:
    case = office.start()
    assert office.decide("sales_manager", case, opinion="同意", copy_to="salesperson2").status_code == 303
    assert copies(office) == [("salesperson2", "sales_manager", "manager_approval")]
    assert "王志远" in office.page("salesperson2", f"/instances/{case}").partition('id="copies"')[2]


def test_a_request_sent_twice_under_one_key_copies_once(office: Office) -> None:
    for _ in range(2):
        office.start(copy_to="hr", idempotency_key="the-same-key")
    assert copies(office) == [("hr", "salesperson", "request_advance")]
    assert office.sql("SELECT count(*) FROM process_instance") == [(1,)]


@pytest.mark.parametrize(
    ("people", "message"),
    [("nobody", "没有登录名或姓名为“nobody”的人员"), ("salesperson", "不必抄送给自己"), ("a, " * 400, "最多")],
)
def test_a_wrong_copy_refuses_the_whole_request_at_the_field_and_keeps_what_was_typed(
    office: Office, people: str, message: str
) -> None:
    before = rows(office)
    fields = {
        "amount": "12000.00", "purpose": "广州展会差旅", "return_on": "2026-04-30", "spend-0-kind": "transport",
        "spend-0-amount": "12000.00", "copy_to": people, "copy_note": "请知悉",
    }  # fmt: skip
    answer = office.post("salesperson", "/processes/expense_advance/start", fields)
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert message in page.partition('id="copy_to-error"')[2]
    assert 'value="请知悉"' in page
    assert "广州展会差旅" in page
    assert rows(office) == before


def test_a_decision_with_a_wrong_copy_is_not_taken(office: Office) -> None:
    case = office.start()
    office.page("sales_manager", f"/tasks/{office.open_task(case)}")
    before = rows(office)
    answer = office.decide("sales_manager", case, opinion="同意", copy_to="nobody")
    assert answer.status_code == 422
    assert rows(office) == before


def test_sent_by_hand_with_a_note_and_a_second_time_for_nothing(office: Office) -> None:
    case = office.start()
    path = f"/instances/{case}/copies"
    assert office.post("salesperson", path, {"copy_to": "hr", "note": "备案"}).status_code == 303
    events = office.sql("SELECT kind, details ->> 'note' FROM history_event WHERE kind = 'case_copied'")
    assert events == [("case_copied", "备案")]
    office.page("salesperson", "/inbox")  # The message has been read.
    before = rows(office)
    assert office.post("sales_manager", path, {"copy_to": "hr"}).status_code == 303
    assert "此前已收到抄送" in office.page("sales_manager", "/inbox")
    assert rows(office) == before
    assert copies(office) == [("hr", "salesperson", None)]
    assert office.sql("SELECT e.login FROM notice n JOIN employee e ON e.id = n.employee_id WHERE kind = 'copied'") == [
        ("hr",)
    ]


@pytest.mark.parametrize(("people", "status"), [("", 422), ("nobody", 422), ("salesperson", 422)])
def test_by_hand_a_wrong_name_comes_back_at_the_field(office: Office, people: str, status: int) -> None:
    case = office.start()
    before = rows(office)
    answer = office.post("salesperson", f"/instances/{case}/copies", {"copy_to": people, "note": "备案"})
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == status
    assert 'id="copy-people-error"' in page
    assert 'value="备案"' in page
    assert rows(office) == before


def test_who_leads_the_starter_reads_and_yet_sends_no_copies(office: Office) -> None:
    # The director leads above the manager, and has had no task on the case yet.
    case = office.start()
    before = rows(office)
    assert office.post("sales_director", f"/instances/{case}/copies", {"copy_to": "hr"}).status_code == 403
    assert rows(office) == before


def test_the_list_shows_what_is_unread_and_opening_the_case_reads_it(office: Office) -> None:
    case = office.start(copy_to="hr", copy_note="请知悉")
    other = office.start("salesperson2", purpose="深圳拜访", copy_to="hr")
    counts = office.page("hr", "/inbox/counts?view=copied")
    assert re.search(r"抄送我的 <span[^>]*>2<", counts)
    page = office.listed("hr", "/inbox/copied")
    assert page.index("深圳拜访") < page.index("广州展会差旅")
    assert "请知悉" in page
    assert page.count("is-unread") == 2
    assert "未读" in office.page("salesperson", f"/instances/{case}").partition('id="copies"')[2]
    office.page("hr", f"/instances/{case}")
    assert office.listed("hr", "/inbox/copied").count("is-unread") == 1
    assert "已阅 2026年3月10日 10:00" in office.page("salesperson", f"/instances/{case}").partition('id="copies"')[2]
    assert "深圳拜访" not in office.listed("hr", "/inbox/copied?q=广州")
    assert office.post("hr", "/inbox/copied/read").status_code == 303
    assert "is-unread" not in office.listed("hr", "/inbox/copied")
    assert office.sql("SELECT count(*) FROM copy WHERE read_at IS NULL") == [(0,)]
    assert "深圳拜访" not in office.listed("salesperson", "/inbox/copied")
    assert other != case


def test_opening_a_copied_case_again_writes_nothing(office: Office) -> None:
    case = office.start(copy_to="hr")
    office.page("hr", f"/instances/{case}")
    with office.statements() as seen:
        office.page("hr", f"/instances/{case}")
    assert [each for each in seen if each.lstrip().startswith("UPDATE")] == []


def test_the_list_is_paged_by_key(office: Office) -> None:
    for number in range(21):
        office.start(purpose=f"第{number:02}次拜访", copy_to="hr")
    page = office.listed("hr", "/inbox/copied")
    assert "第20次拜访" in page
    assert "第00次拜访" not in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    assert "第00次拜访" in office.listed("hr", following[1])


def test_programs_send_and_read_copies(api: Api) -> None:
    body = {"fields": ADVANCE, "copy_to": ["hr"], "copy_note": "Please note"}
    case = api.post("salesperson", "/processes/expense_advance/instances", body).json["instance"]["id"]
    [mine] = api.get("hr", "/copies?state=unread").json["items"]
    assert (mine["instance_id"], mine["note"], mine["read_at"]) == (case, "Please note", None)
    assert api.get("hr", f"/instances/{case}").status_code == 200
    assert api.post("hr", "/copies/read", {"ids": [mine["id"]]}, key=None).json == {"read": 1}
    assert api.get("hr", "/copies?state=unread").json["items"] == []
    sent = api.post("salesperson", f"/instances/{case}/copies", {"copy_to": ["吴倩"], "note": ""}, key=None)
    assert [each["person"]["name"] for each in sent.json["items"]] == ["冯丽", "吴倩"]
    for said in ({"copy_to": "hr"}, {"copy_to": [7]}, {"copy_to": ["nobody"]}, {"copy_to": []}, {}, {"people": ["hr"]}):
        refused = api.post("salesperson", f"/instances/{case}/copies", said, key=None)
        assert refused.status_code == 422, said
    assert api.post("salesperson2", f"/instances/{case}/copies", {"copy_to": ["hr"]}, key=None).status_code == 404
    wrong = api.post("salesperson", "/processes/expense_advance/instances", {"fields": ADVANCE, "copy_to": ["nobody"]})
    assert wrong.json["errors"][0]["field"] == "copy_to"


def test_the_picker_keeps_the_names_before_the_last(office: Office) -> None:
    page = office.page("salesperson", "/people/several?copy_to=hr,%20王志")
    assert '<option value="hr, sales_manager, "' in page
