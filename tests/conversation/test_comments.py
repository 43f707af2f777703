"""Comments stand outside the decision: whoever reads the case writes, whoever is mentioned is told."""

import datetime as dt
import html
import io
from typing import Any

import pytest
from flask import Flask

from tests.advance.firm import PDF
from tests.api.company import Api
from tests.pages.office import Office

TABLES = ("comment", "comment_mention", "notice", "document", "user_task", "history_event")


def rows(office: Office) -> list[Any]:
    return [office.sql(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]


def say(office: Office, login: str, case: int, text: str, **more: Any) -> Any:
    return office.post(login, f"/instances/{case}/comments", {"text": text, **more})


def talk(office: Office, login: str, case: int) -> str:
    page = office.page(login, f"/instances/{case}")
    return page.partition('<ol class="talk">')[2].partition("</ol>")[0]


def told(office: Office) -> list[Any]:
    return office.sql(
        "SELECT n.kind, e.login FROM notice n JOIN employee e ON e.id = n.employee_id"
        " WHERE kind IN ('mentioned', 'commented') ORDER BY n.created_at, n.event_key, e.login"
    )


def test_a_comment_stands_on_the_case_and_beside_the_task_and_decides_nothing(office: Office) -> None:
    case = office.start()
    task = office.open_task(case)
    assert say(office, "sales_manager", case, "第一行\n<b>第二行</b> http://example.com").status_code == 303
    page = talk(office, "salesperson", case)
    assert "王志远" in page
    assert "第一行\n<b>第二行</b> http://example.com" in page
    raw = office.get("salesperson", f"/instances/{case}").get_data(as_text=True)
    assert "&lt;b&gt;第二行" in raw
    assert 'href="http://example.com"' not in raw
    assert "第二行" in office.page("sales_manager", f"/tasks/{task}").partition('id="talk"')[2]
    assert office.sql("SELECT status FROM user_task") == [("open",)]
    assert told(office) == [("commented", "salesperson")]


def test_from_a_task_one_comes_back_to_the_task(office: Office) -> None:
    case = office.start()
    answer = say(office, "sales_manager", case, "好", task=str(office.open_task(case)))
    assert answer.headers["Location"] == f"/tasks/{office.open_task(case)}#talk"


def test_a_mention_in_the_text_and_one_in_the_field_are_told_once_each(office: Office) -> None:
    case = office.start()
    answer = say(
        office, "salesperson", case, "请@王志远看一下，@sales_manager", tell="林雪梅, sales_manager, salesperson"
    )
    assert answer.status_code == 303
    assert told(office) == [("mentioned", "sales_director"), ("mentioned", "sales_manager")]
    assert "提醒： 林雪梅、王志远" in " ".join(talk(office, "sales_manager", case).split())


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"text": "@冯丽 请看"}, "comment-text", "冯丽无权查看本流程，请先抄送给对方。"),
        ({"text": "@没有这个人 请看"}, "comment-text", "没有叫“没有这个人”的人员"),
        ({"text": "请看", "tell": "hr"}, "comment-tell", "冯丽无权查看本流程，请先抄送给对方。"),
        ({"text": "请看", "tell": "nobody"}, "comment-tell", "没有登录名或姓名为“nobody”的人员"),
        ({"text": "请看", "tell": "administrator, nobody"}, "comment-tell", "nobody"),
        ({"text": "长" * 2001}, "comment-text", "2000"),
        ({"text": " \n "}, "comment-text", "请填写"),
        ({"text": "a\0b"}, "comment-text", ""),
    ],
)
def test_what_is_wrong_comes_back_at_its_field_with_what_was_typed(
    office: Office, fields: dict[str, str], field: str, message: str
) -> None:
    case = office.start()
    before = rows(office)
    answer = office.post("salesperson", f"/instances/{case}/comments", fields)
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert message in page.partition(f'id="{field}-error"')[2].partition("</div></div>")[0]
    if fields["text"].strip() and "\0" not in fields["text"]:
        assert fields["text"] in page
    assert rows(office) == before


def test_after_a_copy_the_mention_goes_through(office: Office) -> None:
    case = office.start(copy_to="hr")
    assert say(office, "salesperson", case, "@冯丽 请看").status_code == 303
    assert told(office) == [("mentioned", "hr")]
    assert say(office, "hr", case, "已阅").status_code == 303
    assert told(office) == [("commented", "salesperson"), ("mentioned", "hr")]


def test_who_may_not_read_the_case_neither_reads_nor_writes(office: Office) -> None:
    case = office.start()
    before = rows(office)
    assert say(office, "hr", case, "让我看看").status_code == 404
    assert office.get("hr", f"/instances/{case}/comments").status_code == 404
    assert rows(office) == before


def test_the_same_form_sent_twice_says_it_once(office: Office) -> None:
    case = office.start()
    for _ in range(2):
        assert say(office, "salesperson", case, "一次", idempotency_key="k").status_code == 303
    assert office.sql("SELECT body FROM comment") == [("一次",)]
    before = rows(office)
    assert say(office, "salesperson", case, "另一次", idempotency_key="k").status_code == 422
    assert rows(office) == before


def test_an_ended_case_is_still_talked_about(office: Office) -> None:
    case = office.start()
    office.decide("sales_manager", case, "reject", opinion="预算已用完")
    assert say(office, "salesperson", case, "下个季度再提").status_code == 303
    assert "下个季度再提" in talk(office, "sales_manager", case)


def test_the_author_takes_a_comment_back_within_five_minutes(office: Office, demo: Flask, now: dt.datetime) -> None:
    case = office.start()
    say(office, "salesperson", case, "写错了")
    say(office, "salesperson", case, "留着")
    first, second = (row[0] for row in office.sql("SELECT id FROM comment ORDER BY id"))
    demo.config["CLOCK"] = lambda: now + dt.timedelta(minutes=5)
    assert talk(office, "salesperson", case).count("take-back") == 2
    assert talk(office, "sales_manager", case).count("take-back") == 0
    before = rows(office)
    assert office.post("sales_manager", f"/instances/{case}/comments/{first}/take-back").status_code == 403
    assert office.post("salesperson", f"/instances/{case}/comments/999/take-back").status_code == 404
    assert rows(office) == before
    for _ in range(2):
        assert office.post("salesperson", f"/instances/{case}/comments/{first}/take-back").status_code == 303
    page = talk(office, "sales_manager", case)
    assert "作者已撤回这条评论" in page
    assert "写错了" not in page
    assert office.sql("SELECT body FROM comment WHERE id = :id", id=first) == [(None,)]
    demo.config["CLOCK"] = lambda: now + dt.timedelta(minutes=5, seconds=1)
    before = rows(office)
    late = office.post("salesperson", f"/instances/{case}/comments/{second}/take-back")
    assert late.status_code == 409
    assert "2026年3月10日 10:05" in html.unescape(late.get_data(as_text=True))
    assert rows(office) == before


def test_twenty_stand_beside_the_case_and_the_rest_on_pages_of_their_own(office: Office) -> None:
    case = office.start()
    for number in range(21):
        say(office, "salesperson", case, f"第{number:02}条")
    page = talk(office, "salesperson", case)
    assert "第20条" in page
    assert "第00条" not in page
    assert "第00条" in office.page("salesperson", f"/instances/{case}/comments")


def test_files_come_with_a_comment_and_follow_the_case(office: Office) -> None:
    case = office.start()
    data = {"text": "合同见附件", "comment_files__files": (io.BytesIO(PDF), "合同.pdf")}
    assert say(office, "salesperson", case, **data).status_code == 303
    [(document, name)] = office.sql("SELECT id, name FROM document")
    assert name == "合同.pdf"
    assert f'href="/documents/{document}"' in talk(office, "sales_manager", case)
    assert office.get("sales_manager", f"/documents/{document}").status_code == 200
    assert office.get("hr", f"/documents/{document}").status_code == 404
    [(comment,)] = office.sql("SELECT id FROM comment")
    assert office.post("salesperson", f"/instances/{case}/comments/{comment}/take-back").status_code == 303
    assert office.get("sales_manager", f"/documents/{document}").status_code == 404
    assert office.get("salesperson", f"/documents/{document}").status_code == 200, "it is its owner's again"


def test_a_web_page_called_pdf_and_a_strange_file_are_refused_at_the_field(office: Office) -> None:
    case = office.start()
    own = office.start("salesperson2", purpose="深圳拜访")
    assert (
        say(office, "salesperson2", own, text="附件", comment_files__files=(io.BytesIO(PDF), "a.pdf")).status_code
        == 303
    )
    [(strange,)] = office.sql("SELECT id FROM document")
    before = rows(office)
    page = io.BytesIO(b"<html><script>alert(1)</script>")
    answer = say(office, "salesperson", case, "附件", comment_files__files=(page, "合同.pdf"))
    shown = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "合同.pdf" in shown.partition('id="comment_files-error"')[2]
    assert say(office, "salesperson", case, "附件", comment_files=str(strange)).status_code == 422
    # The case's own files, too, come only once: taking the comment back would take them from the case.
    assert say(office, "salesperson2", own, "附件", comment_files=str(strange)).status_code == 422
    assert rows(office) == before


def test_programs_comment(api: Api) -> None:
    case = api.start()["instance"]["id"]
    path = f"/instances/{case}/comments"
    said = {"text": "@sales_manager The hotel is booked.", "tell": ["sales_director"], "attachments": []}
    made = api.post("salesperson", path, said, key="c1")
    assert made.status_code == 201
    assert [each["name"] for each in made.json["mentions"]] == ["林雪梅", "王志远"]
    assert api.post("salesperson", path, said, key="c1").json == made.json
    assert api.post("salesperson", path, {"text": "Other"}, key="c1").json["code"] == "idempotency_key_reused"
    assert [each["id"] for each in api.get("sales_manager", path).json["items"]] == [made.json["id"]]
    for body in ({}, {"text": ""}, {"text": 7}, {"text": "x", "tell": "hr"}, {"text": "x", "attachments": [1]}):
        assert api.post("salesperson", path, body).status_code == 422, body
    assert api.post("hr", path, {"text": "x"}).status_code == 404
    assert api.get("salesperson", f"{path}?before=x").status_code == 422
    back = f"/comments/{made.json['id']}/take-back"
    assert api.post("sales_manager", back, {}, key=None).status_code == 403
    assert api.post("salesperson", back, {}, key=None).json["text"] is None
