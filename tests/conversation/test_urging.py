"""The starter urges what waits, once an hour and three times a day, and everybody sees it."""

import datetime as dt
import html
import uuid
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.advance.firm import Firm, firm
from tests.api.company import Api
from tests.engine.company import START
from tests.pages.office import Office
from workflows.engine.history import broken_entries
from workflows.engine.urging import Urge, possible_again_at, urge_case
from workflows.kernel.errors import Conflict, NotAllowed
from workflows.notices.model import Notice

HOUR = dt.timedelta(hours=1)


def at(hour: int, minute: int = 0, day: int = 10) -> dt.datetime:
    """An instant of March 2026 in Shanghai, which is eight hours ahead."""
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=dt.UTC) - 8 * HOUR


@pytest.mark.parametrize(
    ("urged", "now", "again"),
    [
        ([], at(9), None),
        ([at(9)], at(9, 1), at(10)),
        ([at(9)], at(9, 59), at(10)),
        ([at(9)], at(10), None),
        ([at(9), at(10)], at(11), None),
        ([at(9), at(10), at(11)], at(12), at(0, day=11)),
        ([at(9), at(10), at(11)], at(0, day=11), None),
        # Late in the evening the pause reaches into the next day.
        ([at(9), at(10), at(23, 30)], at(23, 40), at(0, 30, day=11)),
        ([at(23, 30)], at(0, 10, day=11), at(0, 30, day=11)),
        ([at(23, 30)], at(0, 30, day=11), None),
    ],
)
def test_when_a_case_may_be_urged_again(urged: list[dt.datetime], now: dt.datetime, again: dt.datetime | None) -> None:
    assert possible_again_at(urged, now=now) == again


def urge(made: Firm, case: int, who: str = "sa", now: dt.datetime = START, key: str = "") -> Any:
    return urge_case(
        made.session, made.engine.audit_key, case, key=key or uuid.uuid4().hex, actor=made.actor(who), now=now
    )


def snapshot(made: Firm) -> list[Any]:
    read = made.session.connection().exec_driver_sql
    return [*made.snapshot(), [tuple(row) for row in read("SELECT * FROM urge ORDER BY id")],
            [tuple(row) for row in read("SELECT * FROM notice ORDER BY id")]]  # fmt: skip


def test_urging_ten_times_leaves_one_urge_and_names_when_it_is_possible_again(session: Session) -> None:
    made = firm(session)
    case = made.request()
    urge(made, case)
    before = snapshot(made)
    for minutes in range(1, 10):
        with pytest.raises(Conflict) as refused:
            urge(made, case, now=START + dt.timedelta(minutes=minutes))
        assert refused.value.params == {"at": START + HOUR}
    assert snapshot(made) == before
    assert len(session.scalars(select(Urge)).all()) == 1


def test_three_times_a_day_and_again_the_next(session: Session) -> None:
    made = firm(session)
    case = made.request()
    for hours in (0, 1, 2):
        urge(made, case, now=START + hours * HOUR)
    with pytest.raises(Conflict) as refused:
        urge(made, case, now=START + 5 * HOUR)
    assert refused.value.params == {"at": at(0, day=11)}
    urge(made, case, now=at(0, day=11))
    told = session.scalars(select(Notice).where(Notice.kind == "task_urged")).all()
    assert [(each.employee_id, each.params["actor_id"]) for each in told] == [(made.ids["ma"], made.ids["sa"])] * 4
    assert list(broken_entries(session, made.engine.audit_key)) == []


def test_the_same_submission_again_gives_the_same_answer(session: Session) -> None:
    made = firm(session)
    case = made.request()
    first = urge(made, case, key="k")
    before = snapshot(made)
    assert urge(made, case, key="k", now=START + dt.timedelta(minutes=5)) == first
    assert snapshot(made) == before


def test_everybody_of_a_group_is_told(session: Session) -> None:
    made = firm(session)
    case = made.request()
    made.approve(case)
    urge(made, case)
    told = session.scalars(select(Notice.employee_id).where(Notice.kind == "task_urged").order_by(Notice.employee_id))
    assert list(told) == sorted([made.ids["ac"], made.ids["ad"]])


def test_nobody_else_urges_and_not_what_has_ended_or_lies_with_the_starter(session: Session) -> None:
    made = firm(session)
    case, returned, rejected = made.request(), made.request(), made.request()
    made.answer(returned, "manager_approval", decision="return", opinion="Too much", resume="restart")
    made.answer(rejected, "manager_approval", decision="reject", opinion="No")
    before = snapshot(made)
    for who, ident, kind in (
        ("sb", case, NotAllowed), ("ma", case, NotAllowed), ("sa", returned, Conflict), ("sa", rejected, Conflict),
    ):  # fmt: skip
        with pytest.raises(kind):
            urge(made, ident, who)
    assert snapshot(made) == before


def test_the_case_the_inbox_and_the_history_show_it(office: Office) -> None:
    case = office.start()
    assert "/urge" in office.page("salesperson", f"/instances/{case}")
    assert "/urge" not in office.page("sales_director", f"/instances/{case}")
    assert office.post("salesperson", f"/instances/{case}/urge").status_code == 303
    page = office.page("salesperson", f"/instances/{case}")
    assert "您已催办，2026年3月10日 11:00 之后可以再次催办。" in page
    assert "已催办 2026年3月10日 10:00" in page.partition('<ol class="way">')[2].partition("</ol>")[0]
    assert "催办：经理审批" in page.partition('<ol class="history"')[2]
    assert "已催办" in office.listed("sales_manager", "/inbox")
    refused = office.post("salesperson", f"/instances/{case}/urge")
    assert refused.status_code == 409
    assert "2026年3月10日 11:00" in html.unescape(refused.get_data(as_text=True))
    assert office.sql("SELECT count(*) FROM urge") == [(1,)]


def test_programs_urge_too(api: Api) -> None:
    case = api.start()["instance"]["id"]
    first = api.post("salesperson", f"/instances/{case}/urge", {}, key="one")
    assert (first.status_code, first.json["urged_at"]) == (200, "2026-03-10T02:00:00Z")
    assert api.post("salesperson", f"/instances/{case}/urge", {}, key="one").json == first.json
    again = api.post("salesperson", f"/instances/{case}/urge", {}, key="two")
    assert (again.status_code, again.json["code"]) == (409, "conflict")
    assert api.post("salesperson", f"/instances/{case}/urge", {}, key=None).status_code == 400
    assert api.post("salesperson2", f"/instances/{case}/urge", {}).status_code == 403
    assert api.get("sales_manager", "/tasks").json["items"][0]["urged_at"] == "2026-03-10T02:00:00Z"
