"""Beginning a new request as a copy of an old one: its values, its files, and the way back to it."""

import io
import re
import uuid

from tests.pages.office import Office, request_fields
from webapp.tasks.sent import Sent

START = "/processes/expense_advance/start"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def copied(office: Office, case: int, login: str = "salesperson", key: str = "") -> str:
    """Press the button; gives the address of the form that is filled in."""
    answer = office.post(login, f"/instances/{case}/copy", {"draft": key or str(uuid.uuid4())})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"]


def test_a_rejected_request_is_submitted_again_as_a_new_one_filled_in(office: Office) -> None:
    case = office.start()
    office.decide("sales_manager", case, "reject", opinion="超出预算")
    assert "再次提交" in office.page("salesperson", f"/instances/{case}")
    page = office.page("salesperson", copied(office, case))
    for value in ("12000.00", "广州展会差旅", "天河商贸", "5000.00", "7000.00", "2026-04-30"):
        assert value in page, value
    hidden = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("draft", "copied_from")}
    fields = {name: found[1] for name, found in hidden.items() if found}
    assert fields["copied_from"] == str(case)
    answer = office.post("salesperson", START, request_fields(**fields))
    new = int(answer.headers["Location"].rsplit("/", 1)[-1])
    assert new != case
    assert office.sql("SELECT instance_id, copied_from_id FROM case_origin") == [(new, case)]
    assert office.sql("SELECT count(*) FROM draft") == [(0,)]
    assert f'复制自\n    <a href="/instances/{case}">' in office.page("salesperson", f"/instances/{new}")
    assert f'已复制为\n    <a href="/instances/{new}">' in office.page("salesperson", f"/instances/{case}")


def test_a_request_that_runs_is_copied_too_and_is_left_as_it_was(office: Office) -> None:
    case = office.start()
    assert "复制为新申请" in office.page("salesperson", f"/instances/{case}")
    before = office.snapshot()
    copied(office, case)
    assert office.snapshot() == before


def test_a_day_that_has_passed_is_left_empty_with_a_hint(office: Office) -> None:
    case = office.start()
    office.sql("UPDATE advance SET return_on = '2026-03-09'")
    page = office.page("salesperson", copied(office, case))
    assert "2026-03-09" not in page
    assert "预计归还日期：日期已过，请重新选择。" in page
    office.sql("UPDATE advance SET return_on = '2026-03-10'")
    page = office.page("salesperson", copied(office, case))
    assert 'value="2026-03-10"' in page
    assert "日期已过" not in page


def test_files_are_copied_and_the_old_case_keeps_its_own(office: Office) -> None:
    case = office.start(attachments__files=(io.BytesIO(PNG), "行程.png"))
    [(old,)] = office.sql("SELECT id FROM document")
    page = office.page("salesperson", copied(office, case))
    assert "行程.png" in page
    [(new,)] = office.sql("SELECT id FROM document WHERE id <> :old", old=old)
    assert office.sql("SELECT document_ids FROM draft") == [([new],)]
    answer = office.post("salesperson", START, request_fields(attachments=str(new), copied_from=str(case)))
    second = int(answer.headers["Location"].rsplit("/", 1)[-1])
    assert office.sql("SELECT id, instance_id FROM document ORDER BY id") == [(old, case), (new, second)]


def test_pressing_twice_makes_one_copy(office: Office) -> None:
    case = office.start(attachments__files=(io.BytesIO(PNG), "行程.png"))
    key = str(uuid.uuid4())
    assert copied(office, case, key=key) == copied(office, case, key=key)
    assert office.sql("SELECT count(*) FROM draft") == [(1,)]
    assert office.sql("SELECT count(*) FROM document") == [(2,)]


def test_nobody_copies_another_s_request_and_no_request_names_one_as_its_origin(office: Office) -> None:
    case = office.start()
    before = office.snapshot()
    assert "复制为新申请" not in office.page("sales_manager", f"/instances/{case}")
    for login in ("sales_manager", "salesperson2"):
        assert office.post(login, f"/instances/{case}/copy").status_code == 404
    answer = office.post("salesperson2", START, request_fields(copied_from=str(case)))
    assert answer.status_code == 404
    assert office.post("salesperson2", "/drafts/expense_advance", {"copied_from": str(case)}).status_code == 404
    assert office.snapshot() == before
    assert office.sql("SELECT (SELECT count(*) FROM draft), (SELECT count(*) FROM case_origin)") == [(0, 0)]


def test_a_case_that_does_not_exist_is_not_copied(office: Office) -> None:
    assert office.post("salesperson", "/instances/999999999/copy").status_code == 404


def test_who_may_no_longer_start_such_a_request_copies_none(office: Office) -> None:
    case = office.start()
    office.sql("UPDATE employee_role SET role = 'hr' WHERE employee_id = :me", me=office.employee_id("salesperson"))
    assert office.post("salesperson", f"/instances/{case}/copy").status_code == 403
    assert office.sql("SELECT count(*) FROM draft") == [(0,)]


def test_a_claim_that_finance_refused_is_filled_in_again_with_its_receipts(office: Office) -> None:
    case = office.approved()
    paid = {"amount": "12000.00", "paid_on": "2026-03-10", "method": "cash"}
    page = office.page("accountant", f"/tasks/{office.open_task(case)}")
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision
    answer = office.post("accountant", f"/tasks/{office.open_task(case)}", {**paid, "revision": revision[1]})
    assert answer.status_code == 303
    [(advance,)] = office.sql("SELECT id FROM advance")
    fields = {
        "kind": "claim", "advance": str(advance), "lines-0-kind": "meals", "lines-0-spent_on": "2026-03-09",
        "lines-0-amount": "88.50", "lines-0-note": "客户午餐",
        "lines-0-attachments__files": (io.BytesIO(PNG), "发票.png"),
    }  # fmt: skip
    answer = office.post("salesperson", "/processes/advance_settlement/start", fields)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    claim = int(answer.headers["Location"].rsplit("/", 1)[-1])
    page = office.page("salesperson", copied(office, claim))
    # The day of a receipt lies in the past by nature and stays.
    for value in ("88.50", "客户午餐", "2026-03-09", "发票.png"):
        assert value in page, value


def test_a_failed_step_keeps_what_its_request_was_copied_from() -> None:

    sent = Sent("key", b"\0" * 32, "expense_advance", draft=uuid.UUID(int=7), copied_from=12)
    assert Sent.from_json(sent.as_json()) == sent
