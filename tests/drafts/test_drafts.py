"""Drafts: kept as they were typed, opened filled in, sent, thrown away, and nobody else's."""

import datetime as dt
import html
import io
import re
import uuid

from tests.pages.office import Office, request_fields
from webapp.extensions import db
from workflows.documents.files import discard_loose

START = "/processes/expense_advance/start"
SAVE = "/drafts/expense_advance"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def save(office: Office, login: str = "salesperson", **changes: object) -> str:
    """Save a draft; gives the address that shows it."""
    answer = office.post(login, SAVE, request_fields(**changes))
    assert answer.status_code == 303, html.unescape(answer.get_data(as_text=True))
    return answer.headers["Location"]


def test_a_draft_keeps_what_was_typed_even_where_it_is_wrong(office: Office) -> None:
    page = office.page("salesperson", save(office, amount="12000.001", return_on="下周", purpose="广州展会"))
    for kept in ("12000.001", "下周", "广州展会", "天河商贸", "5000.00", "7000.00"):
        assert kept in page, kept
    assert re.search(r"草稿，保存于 .*10:00", page)
    assert office.sql("SELECT count(*) FROM process_instance") == [(0,)]


def test_drafts_are_listed_with_their_amount_and_words_the_newest_first(office: Office) -> None:
    save(office, purpose="第一份")
    office.sql("UPDATE draft SET saved_at = saved_at - interval '1 hour'")
    save(office, purpose="第二份")
    page = office.listed("salesperson", "/drafts")
    assert re.findall(r"¥12,000.00 · (第.份)</a>", page) == ["第二份", "第一份"]
    assert "您没有草稿" in office.listed("salesperson2", "/drafts")
    tabs = office.page("salesperson", "/inbox/counts?view=drafts")
    assert re.search(r'>草稿 <span class="[^"]*tab-count">2<', tabs)


def test_an_empty_draft_is_kept_and_named_as_such(office: Office) -> None:
    assert office.post("salesperson", SAVE, {}).status_code == 303
    assert "尚未填写" in office.listed("salesperson", "/drafts")


def test_saving_twice_keeps_one_draft_and_saving_again_replaces_it(office: Office) -> None:
    key = str(uuid.uuid4())
    for purpose in ("先写这些", "先写这些", "后来改了"):
        save(office, draft=key, purpose=purpose)
    assert office.sql("SELECT count(*), min(title) FROM draft") == [(1, "¥12,000.00 · 后来改了")]


def test_a_request_that_is_sent_from_a_draft_takes_the_draft_with_it(office: Office) -> None:
    address = save(office)
    page = office.page("salesperson", address)
    key = re.search(r'name="draft" value="([^"]+)"', page)
    assert key
    assert office.post("salesperson", START, request_fields(draft=key[1])).status_code == 303
    assert office.sql("SELECT count(*) FROM draft") == [(0,)]
    assert office.get("salesperson", address).status_code == 404


def test_a_request_that_is_refused_leaves_the_draft(office: Office) -> None:
    key = str(uuid.uuid4())
    save(office, draft=key)
    answer = office.post("salesperson", START, request_fields(draft=key, return_on="2026-03-09"))
    assert answer.status_code == 422
    assert f'name="draft" value="{key}"' in answer.get_data(as_text=True)
    assert office.sql("SELECT count(*) FROM draft") == [(1,)]


def test_a_draft_is_its_owner_s_alone(office: Office) -> None:
    address = save(office)
    key = address.rsplit("=", 1)[-1]
    before = office.sql("SELECT * FROM draft")
    assert office.get("salesperson2", address).status_code == 404
    assert office.post("salesperson2", f"/drafts/{key}/discard").status_code == 303
    assert office.sql("SELECT * FROM draft") == before
    # The same key in another's hands is another draft.
    save(office, "salesperson2", draft=key, purpose="别人的")
    assert office.sql("SELECT title FROM draft WHERE owner_id = :me", me=office.employee_id("salesperson")) == [
        ("¥12,000.00 · 广州展会差旅",)
    ]
    office.post("salesperson2", START, request_fields(draft=key))
    assert office.sql("SELECT * FROM draft") == before


def test_a_draft_is_deleted_by_hand_and_twice_is_once(office: Office) -> None:
    key = save(office).rsplit("=", 1)[-1]
    for _ in range(2):
        assert office.post("salesperson", f"/drafts/{key}/discard").status_code == 303
    assert office.sql("SELECT count(*) FROM draft") == [(0,)]


def test_the_fifty_first_draft_is_refused_and_a_kept_one_may_still_be_changed(office: Office) -> None:
    key = str(uuid.uuid4())
    save(office, draft=key)
    office.sql(
        "INSERT INTO draft (owner_id, key, process_key, title, pairs, saved_at)"
        " SELECT owner_id, gen_random_uuid(), process_key, title, pairs, saved_at FROM draft, generate_series(1, 49)"
    )
    answer = office.post("salesperson", SAVE, request_fields(purpose="第五十一份"))
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "您已有 50 份草稿" in page
    assert "第五十一份" in page
    assert office.sql("SELECT count(*) FROM draft") == [(50,)]
    save(office, draft=key, purpose="改好了")


def test_a_draft_that_is_too_long_is_refused(office: Office) -> None:
    before = office.sql("SELECT * FROM draft")
    answer = office.post("salesperson", SAVE, request_fields(purpose="长" * 70_000))
    assert answer.status_code == 422
    assert "内容过长" in html.unescape(answer.get_data(as_text=True))
    assert office.sql("SELECT * FROM draft") == before


def test_signs_that_the_database_cannot_hold_do_not_break_a_draft(office: Office) -> None:
    page = office.page(
        "salesperson", save(office, purpose="广\0州", customer="\ud800".encode("utf-8", "surrogatepass"))
    )
    assert "广州" in page


def test_files_stay_with_their_draft_however_long_it_lies(office: Office) -> None:
    address = save(office, attachments__files=(io.BytesIO(PNG), "行程.png"))
    later = office.now + dt.timedelta(days=30)
    assert "行程.png" in office.page("salesperson", address)
    with office.app.app_context():
        assert discard_loose(db.session(), now=later) == 0
        db.session.commit()
    assert "行程.png" in office.page("salesperson", address)
    office.post("salesperson", f"/drafts/{address.rsplit('=', 1)[-1]}/discard")
    with office.app.app_context():
        assert discard_loose(db.session(), now=later) == 1
        db.session.commit()


def test_a_file_that_is_refused_does_not_keep_the_rest_from_being_saved(office: Office) -> None:
    page = office.page("salesperson", save(office, attachments__files=(io.BytesIO(b"<html>"), "报告.pdf")))
    assert "报告.pdf" in page
    assert "广州展会差旅" in page
    assert office.sql("SELECT document_ids FROM draft") == [([],)]


def test_the_page_of_a_draft_saves_by_itself_and_does_not_bring_a_sent_one_back(office: Office) -> None:
    key = save(office).rsplit("=", 1)[-1]
    headers = {"HX-Request": "true", "HX-Target": "draft-state"}
    follow = {**request_fields(purpose="边写边存"), "draft": key}
    answer = office.visitor("salesperson").post(SAVE, follow, headers=headers)
    assert answer.status_code == 200
    assert "草稿，保存于" in html.unescape(answer.get_data(as_text=True))
    assert office.sql("SELECT title FROM draft") == [("¥12,000.00 · 边写边存",)]
    office.post("salesperson", f"/drafts/{key}/discard")
    assert office.visitor("salesperson").post(SAVE, follow, headers=headers).get_data() == b""
    assert office.sql("SELECT count(*) FROM draft") == [(0,)]


def test_only_who_may_start_a_request_keeps_a_draft_of_it(office: Office) -> None:
    assert office.post("hr", SAVE, request_fields()).status_code == 403
    assert office.post("salesperson", "/drafts/nothing", request_fields()).status_code == 404
    assert office.sql("SELECT count(*) FROM draft") == [(0,)]


def test_a_key_of_another_process_s_draft_is_refused(office: Office) -> None:
    key = str(uuid.uuid4())
    save(office, draft=key)
    answer = office.post("salesperson", "/drafts/advance_settlement", {"draft": key, "kind": "claim"})
    assert answer.status_code == 422
    assert office.get("salesperson", f"/processes/advance_settlement/start?draft={key}").status_code == 404
    assert office.sql("SELECT process_key FROM draft") == [("expense_advance",)]


def test_a_draft_of_a_claim_keeps_its_rows(office: Office) -> None:
    fields = {"kind": "claim", "lines-0-kind": "meals", "lines-0-note": "客户午餐", "lines-0-amount": "一百"}
    answer = office.post("salesperson", "/drafts/advance_settlement", fields)
    page = office.page("salesperson", answer.headers["Location"])
    assert "客户午餐" in page
    assert 'value="一百"' in page
