"""Stock phrases: each person's own, in their own order, thirty at most."""

import html
from typing import Any

from tests.api.company import Api
from tests.pages.office import Office

PATH = "/profile/phrases"


def texts(office: Office, login: str = "sales_manager") -> list[str]:
    query = "SELECT p.text FROM phrase p JOIN employee e ON e.id = p.employee_id WHERE e.login = :login"
    return [row[0] for row in office.sql(f"{query} ORDER BY p.position, p.id", login=login)]


def add(office: Office, text: str, login: str = "sales_manager") -> Any:
    return office.post(login, PATH, {"text": text})


def ident(office: Office, text: str) -> int:
    [(found,)] = office.sql("SELECT id FROM phrase WHERE text = :text", text=text)
    return int(found)


def test_the_usual_ones_are_offered_until_there_are_own_ones(office: Office) -> None:
    task = office.open_task(office.start())
    chips = office.page("sales_manager", f"/tasks/{task}").partition('data-phrases="opinion"')[2].partition("</div>")[0]
    assert chips.count("data-phrase=") == 5
    assert 'data-phrase="请补充说明。"' in chips
    assert add(office, "按预算执行，注意票据").status_code == 303
    chips = office.page("sales_manager", f"/tasks/{task}").partition('data-phrases="opinion"')[2].partition("</div>")[0]
    assert chips.count("data-phrase=") == 1
    assert 'data-phrase="按预算执行，注意票据"' in chips


def test_they_are_kept_moved_changed_and_deleted(office: Office) -> None:
    for text in ("一", "二", "三"):
        add(office, text)
    add(office, "二")  # What is there stays where it is.
    assert texts(office) == ["一", "二", "三"]
    office.post("sales_manager", f"{PATH}/{ident(office, '三')}/move", {"way": "up"})
    assert texts(office) == ["一", "三", "二"]
    office.post("sales_manager", f"{PATH}/{ident(office, '一')}/move", {"way": "up"})
    office.post("sales_manager", f"{PATH}/{ident(office, '二')}/move", {"way": "down"})
    assert texts(office) == ["一", "三", "二"]
    office.post("sales_manager", f"{PATH}/{ident(office, '一')}/move", {"way": "down"})
    assert texts(office) == ["三", "一", "二"]
    assert office.post("sales_manager", f"{PATH}/{ident(office, '一')}", {"text": "壹"}).status_code == 303
    for _ in range(2):
        gone = ident(office, "三") if "三" in texts(office) else gone  # noqa: F821 (set the first time)
        assert office.post("sales_manager", f"{PATH}/{gone}/remove").status_code == 303
    assert texts(office) == ["壹", "二"]


def test_what_is_wrong_comes_back_at_its_field(office: Office) -> None:
    for text in ("一", "二"):
        add(office, text)
    one = ident(office, "一")
    for path, text, message in (
        (PATH, " ", "请填写"), (PATH, "长" * 201, "200"), (f"{PATH}/{one}", "二", "已有相同的常用语"),
        (f"{PATH}/{one}", "", "请填写"),
    ):  # fmt: skip
        answer = office.post("sales_manager", path, {"text": text})
        assert answer.status_code == 422, text
        assert message in html.unescape(answer.get_data(as_text=True)), text
    assert texts(office) == ["一", "二"]
    assert add(office, "长" * 200).status_code == 303


def test_thirty_and_no_more(office: Office) -> None:
    for number in range(30):
        add(office, f"第{number}条")
    answer = add(office, "第三十一条")
    assert answer.status_code == 409
    assert "最多保存 30 条" in html.unescape(answer.get_data(as_text=True))
    assert len(texts(office)) == 30
    assert add(office, "第0条").status_code == 303, "one that is there is no further one"


def test_nobody_touches_another_person_s(office: Office) -> None:
    add(office, "一")
    one = ident(office, "一")
    assert office.post("salesperson", f"{PATH}/{one}", {"text": "改"}).status_code == 404
    assert office.post("salesperson", f"{PATH}/{one}/move", {"way": "up"}).status_code == 404
    assert office.post("salesperson", f"{PATH}/{one}/remove").status_code == 303
    assert texts(office) == ["一"]


def test_programs_keep_them_as_a_whole(api: Api) -> None:
    assert api.get("sales_manager", "/me/phrases").json == {"items": []}
    kept = api.call("sales_manager", "PUT", "/me/phrases", json={"items": ["Agreed.", " Please  explain. "]})
    assert kept.json == {"items": ["Agreed.", "Please explain."]}
    for body in ({}, {"items": "x"}, {"items": [7]}, {"items": [""]}, {"items": ["x", "x"]}, {"items": ["x" * 201]},
                 {"items": [f"{n}" for n in range(31)]}, {"items": ["a\0b"]}, {"items": [], "more": 1}):  # fmt: skip
        assert api.call("sales_manager", "PUT", "/me/phrases", json=body).status_code == 422, body
    assert api.get("sales_manager", "/me/phrases").json == kept.json
