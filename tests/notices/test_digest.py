"""The daily digest: one message a working day, with what waits and what was held for it, or none."""

import datetime as dt

import pytest

from tests.api.company import Api
from tests.notices.conftest import FEISHU, Office
from workflows.notices.digest import digest_day

#: 2026-03-10 is a Tuesday; ten in the morning in Shanghai.
TUESDAY = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-10T00:59:59", None),  # 8:59:59 in Shanghai
        ("2026-03-10T01:00:00", "2026-03-10"),  # nine o'clock
        ("2026-03-10T15:59:59", "2026-03-10"),  # one second before midnight
        ("2026-03-10T16:00:00", None),  # midnight
        ("2026-03-14T02:00:00", None),  # a Saturday
        ("2026-02-14T02:00:00", "2026-02-14"),  # a Saturday that is worked before the Spring Festival
    ],
)
def test_a_digest_is_due_from_nine_on_a_working_day_until_its_end(moment: str, day: str | None) -> None:
    due = digest_day(dt.datetime.fromisoformat(f"{moment}+00:00"), {})
    assert due == (dt.date.fromisoformat(day) if day else None)


def test_the_companys_own_days_go_first() -> None:
    assert digest_day(TUESDAY, {dt.date(2026, 3, 10): False}) is None


def subjects_to(office: Office, login: str) -> list[str]:
    office.send()
    return [subject for (to, _), subject in zip(office.mail.kept, office.mail.subjects(), strict=True)
            if to == f"{login}@example.com"]  # fmt: skip


def test_what_was_held_comes_with_the_next_digest_and_once(office: Office) -> None:
    office.tell("sales_assistant", kind="copied", key="1")
    office.tell("sales_assistant", kind="copied", key="2", title="JK-2 客户拜访")
    office.send()
    assert office.mail.kept == []
    assert office.digest() > 0
    [subject] = subjects_to(office, "sales_assistant")
    assert subject == "[salesflow] 2026年3月10日：0 件待办，其中 0 件已逾期，2 件新抄送。"
    text = next(text for (to, _), text in zip(office.mail.kept, office.mail.texts(), strict=True)
                if to == "sales_assistant@example.com")  # fmt: skip
    assert "- JK-1 广州展会 已抄送给您。\n- JK-2 客户拜访 已抄送给您。" in text.replace("\r\n", "\n")
    assert "https://sales.example.com/app/inbox" in text
    held = [each for each in office.deliveries() if each[0] == "copied"]
    assert held == [("copied", "mail", "bundled")] * 2


def test_a_second_worker_or_a_second_run_makes_no_second_digest(office: Office) -> None:
    office.tell("sales_assistant", kind="copied")
    office.send()
    made = office.digest()
    assert made > 0
    assert office.digest() == 0
    office.sql("DELETE FROM notice_digest_day")
    assert office.digest() == 0
    assert len(subjects_to(office, "sales_assistant")) == 1
    office.pass_time(days=1)
    office.sql("UPDATE notice SET read_at = created_at WHERE read_at IS NULL")
    office.digest()
    assert len(subjects_to(office, "sales_assistant")) == 1, "nothing new, nothing waits: no digest"


def test_who_has_tasks_waiting_gets_them_listed_with_links(office: Office) -> None:
    Api(office.app, office.now).start("salesperson")
    office.pass_time(days=1)
    office.digest()
    [subject] = subjects_to(office, "sales_manager")
    assert subject == "[salesflow] 2026年3月11日：1 件待办，其中 0 件已逾期，0 件新抄送。"
    text = next(text for (to, _), text in zip(office.mail.kept, office.mail.texts(), strict=True)
                if to == "sales_manager@example.com")  # fmt: skip
    assert "等待您处理：" in text
    assert "https://sales.example.com/app/tasks/" in text


def test_a_worker_that_was_down_at_nine_catches_up_and_a_closed_evening_is_not_mailed_after(office: Office) -> None:
    office.tell("sales_assistant", kind="copied")
    office.send()
    office.now = dt.datetime(2026, 3, 10, 0, 30, tzinfo=dt.UTC)
    assert office.digest() == 0
    office.now = dt.datetime(2026, 3, 10, 10, 0, tzinfo=dt.UTC)
    assert office.digest() > 0


def test_who_wants_no_digest_still_gets_what_they_asked_to_be_held(office: Office) -> None:
    visitor = office.visit("sales_manager")
    visitor.post("/profile/notices", {"daily_digest-mail": "off", "mentioned-mail": "digest"})
    office.digest()
    assert subjects_to(office, "sales_manager") == []
    office.pass_time(days=1)
    office.tell("sales_manager", kind="mentioned")
    office.send()
    office.digest()
    assert len(subjects_to(office, "sales_manager")) == 1


def test_each_channel_has_its_own_digest(office: Office) -> None:
    visitor = office.visit("sales_assistant")
    visitor.post("/profile/notices/channels", {"feishu_token": FEISHU})
    visitor.post("/profile/notices", {"copied-mail": "off", "daily_digest-mail": "off"})
    office.tell("sales_assistant", kind="copied")
    office.send()
    office.digest()
    assert subjects_to(office, "sales_assistant") == []
    [(_, _, sent)] = office.chats.kept
    assert "JK-1 广州展会 已抄送给您。" in sent["content"]["text"]


def test_what_was_read_meanwhile_is_left_out(office: Office) -> None:
    office.tell("sales_assistant", kind="copied")
    office.send()
    office.visit("sales_assistant").post("/notices/read")
    office.digest()
    assert subjects_to(office, "sales_assistant") == []
