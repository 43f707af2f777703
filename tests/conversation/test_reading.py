"""A task is read when a holder first opens its page, and by nothing else."""

import datetime as dt

from flask import Flask
from sqlalchemy import create_engine

from tests.api.company import Api
from tests.pages.office import Office


def read_at(office: Office) -> list[object]:
    return [row[0] for row in office.sql("SELECT read_at FROM user_task ORDER BY id")]


def test_the_first_opening_by_a_holder_counts(office: Office, demo: Flask, now: dt.datetime) -> None:
    case = office.start()
    task = office.open_task(case)
    assert "is-unread" in office.listed("sales_manager", "/inbox")
    office.page("salesperson", f"/tasks/{task}")
    office.page("administrator", f"/tasks/{task}")
    office.page("sales_director", f"/instances/{case}")
    assert office.visitor("sales_manager").client.head(f"/tasks/{task}").status_code == 200
    assert read_at(office) == [None]
    assert "未读" in office.page("salesperson", f"/instances/{case}")
    office.page("sales_manager", f"/tasks/{task}")
    assert read_at(office) == [now]
    assert "is-unread" not in office.listed("sales_manager", "/inbox")
    demo.config["CLOCK"] = lambda: now + dt.timedelta(hours=1)
    office.page("sales_manager", f"/tasks/{task}")
    assert read_at(office) == [now]
    assert "已阅 2026年3月10日 10:00" in office.page("salesperson", f"/instances/{case}")


def test_it_costs_one_statement_once(office: Office) -> None:
    task = office.open_task(office.start())
    with office.statements() as first:
        office.page("sales_manager", f"/tasks/{task}")
    with office.statements() as second:
        office.page("sales_manager", f"/tasks/{task}")
    assert [len([each for each in seen if each.startswith("UPDATE")]) for seen in (first, second)] == [1, 0]


def test_a_page_does_not_wait_for_a_step_on_the_same_task(office: Office, demo: Flask) -> None:
    task = office.open_task(office.start())
    visitor = office.visitor("sales_manager")
    engine = create_engine(demo.config["SQLALCHEMY_DATABASE_URI"])
    with engine.connect() as holding:
        holding.exec_driver_sql(f"SELECT FROM user_task WHERE id = {task} FOR UPDATE")
        assert visitor.get(f"/tasks/{task}").status_code == 200
    engine.dispose()
    assert read_at(office) == [None]


def test_programs_say_so_themselves(api: Api) -> None:
    task = api.start()["next_tasks"][0]["id"]
    assert api.get("sales_manager", "/tasks").json["items"][0]["read_at"] is None
    assert api.get("sales_manager", f"/tasks/{task}").json["read_at"] is None
    assert api.post("salesperson", f"/tasks/{task}/read", {}, key=None).status_code == 403
    assert api.post("hr", f"/tasks/{task}/read", {}, key=None).status_code == 404
    assert api.post("sales_manager", f"/tasks/{task}/read", {}, key=None).json["read_at"] == "2026-03-10T02:00:00Z"
