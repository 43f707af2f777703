"""Starting a request: the form, its errors, and sending it twice."""

import html
import io
import uuid

from tests.pages.office import Office, request_fields


def test_a_request_is_sent_and_its_starter_is_shown_where_it_lies(office: Office) -> None:
    case = office.start()
    page = office.page("salesperson", f"/instances/{case}")
    assert "广州展会差旅 已提交。" in page
    assert "现由王志远处理。" in page


def test_what_is_wrong_stands_at_the_fields_and_nothing_typed_is_lost(office: Office) -> None:
    before = office.snapshot()
    answer = office.post("salesperson", "/processes/expense_advance/start", request_fields(amount="12000.001"))
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    for kept in ("12000.001", "广州展会差旅", "天河商贸", "2026-04-30", "5000.00", "7000.00"):
        assert kept in page, kept
    assert 'id="amount-error"' in page
    assert office.snapshot() == before


def test_sums_that_do_not_match_are_named(office: Office) -> None:
    # 5,000.00 + 7,000.00 = 12,000.00, not 13,000.00
    answer = office.post("salesperson", "/processes/expense_advance/start", request_fields(amount="13000.00"))
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "12,000.00" in page
    assert "13,000.00" in page


def test_what_only_the_operation_knows_comes_back_at_its_field(office: Office) -> None:
    answer = office.post("salesperson", "/processes/expense_advance/start", request_fields(return_on="2026-03-09"))
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert 'id="return_on-error"' in page
    assert "广州展会差旅" in page


def test_a_form_sent_twice_starts_one_case(office: Office) -> None:
    fields = {**request_fields(), "idempotency_key": uuid.uuid4().hex}
    answers = [office.post("salesperson", "/processes/expense_advance/start", fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert office.sql("SELECT count(*) FROM process_instance") == [(1,)]


def test_a_form_that_was_changed_after_it_was_sent_is_asked_about_and_sent_by_a_second_press(office: Office) -> None:
    key = uuid.uuid4().hex
    path = "/processes/expense_advance/start"
    office.post("salesperson", path, {**request_fields(), "idempotency_key": key})
    changed = {**request_fields(purpose="另一次出差"), "idempotency_key": key}
    answer = office.post("salesperson", path, changed)
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "另一次出差" in page
    assert key not in page
    assert "此表单已提交过" in page
    assert office.sql("SELECT count(*) FROM process_instance") == [(1,)]


def test_a_file_stays_with_a_form_that_comes_back(office: Office) -> None:
    picture = (io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(64)), "行程.png")
    fields = request_fields(amount="13000.00", attachments__files=picture)
    answer = office.post("salesperson", "/processes/expense_advance/start", fields)
    assert answer.status_code == 422
    [(document,)] = office.sql("SELECT id FROM document")
    assert f'value="{document}"' in answer.get_data(as_text=True)
    case = office.start(attachments=str(document))
    assert office.sql("SELECT instance_id FROM document") == [(case,)]
    assert "行程.png" in office.page("sales_manager", f"/tasks/{office.open_task(case)}")


def test_a_form_with_a_file_that_is_sent_twice_starts_one_case(office: Office) -> None:
    key = uuid.uuid4().hex
    codes = []
    for _ in range(2):
        picture = (io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(64)), "行程.png")
        fields = request_fields(idempotency_key=key, attachments__files=picture)
        codes.append(office.post("salesperson", "/processes/expense_advance/start", fields).status_code)
    assert codes == [303, 303]
    assert office.sql("SELECT count(*) FROM process_instance") == [(1,)]


def test_only_the_roles_that_the_diagram_names_start_a_request(office: Office) -> None:
    before = office.snapshot()
    assert office.get("hr", "/processes/expense_advance/start").status_code == 403
    assert office.post("hr", "/processes/expense_advance/start", request_fields()).status_code == 403
    assert office.snapshot() == before


def test_a_process_that_does_not_exist_is_not_found(office: Office) -> None:
    assert office.get("salesperson", "/processes/nothing/start").status_code == 404
    assert office.post("salesperson", "/processes/nothing/start", {}).status_code == 404


def test_what_one_may_start_is_listed(office: Office) -> None:
    assert "/processes/expense_advance/start" in office.page("salesperson", "/processes")
    nothing = office.page("hr", "/processes")
    assert "/processes/expense_advance/start" not in nothing
    assert "您的角色不发起申请" in nothing
