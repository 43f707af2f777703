"""What leaves the house: to whom, by which channel, in which language, at most once."""

import threading

import pytest

from tests.api.company import Api
from tests.notices.conftest import DINGTALK, FEISHU, SECRET, Office
from webapp.extensions import db
from webapp.notices.messages import subject_line
from workflows.notices.deliveries import take_delivery
from workflows.notices.model import NoticeDelivery
from workflows.notices.routing import route_notices

CHANNELS = "/profile/notices/channels"


def test_a_notice_is_mailed_once_in_the_readers_language_with_a_link(office: Office) -> None:
    office.sql("UPDATE employee SET locale = 'en' WHERE login = 'sales_manager'")
    office.tell("salesperson", "sales_manager")
    assert office.send() == 2
    assert office.send() == 0
    assert sorted(office.mail.subjects()) == [
        "[salesflow] JK-1 广州展会 is completed.", "[salesflow] JK-1 广州展会 已完成。",
    ]  # fmt: skip
    chinese = next(text for text in office.mail.texts() if "已完成" in text)
    lines = chinese.strip().splitlines()
    assert lines[0] == "JK-1 广州展会 已完成。"
    assert lines[2].startswith("点此查看：https://sales.example.com/app/notices/")
    assert lines[4] == "在这里选择接收哪些通知、以何种方式接收：https://sales.example.com/app/profile/notices"
    assert office.deliveries() == [("case_completed", "mail", "sent")] * 2


def test_the_same_event_told_twice_goes_out_once(office: Office) -> None:
    for _ in range(2):
        office.tell("salesperson")
        office.send()
    assert len(office.mail.kept) == 1


def test_the_link_leads_to_what_the_notice_is_about_and_marks_it_read(office: Office) -> None:
    office.tell("salesperson", instance_id=7)
    office.send()
    path = office.mail.texts()[0].split("https://sales.example.com/app")[1].split()[0]
    stranger, reader = office.visit("salesperson2"), office.visit("salesperson")
    assert stranger.get(path).status_code == 404
    assert "1 条未读" in reader.get("/notices").get_data(as_text=True)
    answer = reader.get(path)
    assert (answer.status_code, answer.location) == (302, "/instances/7")
    assert "0 条未读" in reader.get("/notices").get_data(as_text=True)


def test_a_title_full_of_line_breaks_makes_one_line_of_subject(office: Office) -> None:
    office.tell("salesperson", title="JK-1\r\nBcc: everyone@example.com\u2028\u202e")
    office.send()
    [(to, mail)] = office.mail.kept
    assert mail["Bcc"] is None
    assert office.mail.subjects() == ["[salesflow] JK-1 Bcc: everyone@example.com 已完成。"]
    assert to.endswith("@example.com") and to != "everyone@example.com"
    assert len(subject_line("长" * 500)) == len("[salesflow] ") + 120


def test_what_is_read_in_the_bell_first_is_not_sent(office: Office) -> None:
    office.tell("salesperson")
    with office.app.app_context():
        route_notices(db.session(), channels=office.app.config["NOTICES"].channels, now=office.now)
        db.session.commit()
    office.sql("UPDATE notice SET read_at = created_at WHERE read_at IS NULL")
    office.send()
    assert office.mail.kept == []
    assert office.deliveries() == [("case_completed", "mail", "skipped")]


def test_a_disabled_person_is_told_nothing(office: Office) -> None:
    office.sql("UPDATE employee SET active = false WHERE login = 'salesperson'")
    office.tell("salesperson")
    assert office.send() == 0
    assert office.deliveries() == []


def test_a_chat_gets_what_its_robot_expects(office: Office) -> None:
    visitor = office.visit("salesperson")
    webhook = f"https://oapi.dingtalk.com/robot/send?access_token={DINGTALK}"
    answer = visitor.post(CHANNELS, {"dingtalk_token": webhook, "dingtalk_secret": SECRET, "feishu_token": FEISHU})
    assert answer.status_code == 302
    office.sql("UPDATE employee SET email = NULL WHERE login = 'salesperson'")
    office.tell("salesperson")
    office.send()
    kept = {path: (query, sent) for path, query, sent in office.chats.kept}
    query, sent = kept["/robot/send"]
    assert query["access_token"] == [DINGTALK] and query["sign"] and query["timestamp"]
    assert sent["msgtype"] == "text"
    first, link = sent["text"]["content"].splitlines()
    assert first == "[salesflow] JK-1 广州展会 已完成。"
    assert link.startswith("点此查看：https://sales.example.com/app/notices/")
    assert kept[f"/open-apis/bot/v2/hook/{FEISHU}"][1]["msg_type"] == "text"
    assert office.deliveries() == [("case_completed", "dingtalk", "sent"), ("case_completed", "feishu", "sent")]


def test_a_service_that_answers_200_with_an_error_number_is_tried_again_and_then_failed(office: Office) -> None:
    office.visit("salesperson").post(CHANNELS, {"feishu_token": FEISHU})
    office.sql("UPDATE employee SET email = NULL WHERE login = 'salesperson'")
    office.chats.answer = (200, {"code": 19001, "msg": f"access token invalid {FEISHU}"})
    office.tell("salesperson")
    office.send()
    assert office.deliveries() == [("case_completed", "feishu", "due")]
    assert office.problems() == ["refused: 19001 access token invalid …"]
    assert office.send() == 0, "not before the pause is over"
    for minutes in (1, 5, 30, 120, 480):
        office.pass_time(minutes=minutes)
        assert office.send() == 1
    assert len(office.chats.kept) == 6
    assert office.deliveries() == [("case_completed", "feishu", "failed")]
    office.pass_time(days=3)
    assert office.send() == 0


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_service_that_sends_elsewhere_is_not_followed(office: Office, status: int) -> None:
    office.visit("salesperson").post(CHANNELS, {"feishu_token": FEISHU})
    office.sql("UPDATE employee SET email = NULL WHERE login = 'salesperson'")
    office.chats.answer = (status, {})
    office.tell("salesperson")
    office.send()
    assert [path for path, _, _ in office.chats.kept] == [f"/open-apis/bot/v2/hook/{FEISHU}"]
    assert office.problems() == [f"refused: HTTP {status}"]


def test_a_line_that_breaks_off_after_the_message_left_is_never_tried_again(office: Office) -> None:
    office.mail.hangs_up = True
    office.tell("salesperson")
    office.send()
    office.pass_time(days=1)
    office.send()
    assert len(office.mail.kept) == 1
    assert office.deliveries() == [("case_completed", "mail", "unknown")]


def test_a_refused_address_and_a_dead_server_are_tried_again(office: Office) -> None:
    office.mail.answer = "550 5.1.1 no such user"
    office.tell("salesperson")
    office.send()
    assert office.problems() == ["refused: 550 5.1.1 no such user"]
    office.mail.answer = "250 fine"
    office.pass_time(minutes=1)
    office.send()
    assert office.deliveries() == [("case_completed", "mail", "sent")]
    assert office.problems() == [None]


def test_a_worker_that_died_while_sending_leaves_it_unknown_and_nobody_sends_it_again(office: Office) -> None:
    office.tell("salesperson")
    with office.app.app_context():
        route_notices(db.session(), channels=office.app.config["NOTICES"].channels, now=office.now)
        assert take_delivery(db.session(), now=office.now) is not None
        db.session.commit()
    assert office.send() == 0
    assert office.deliveries() == [("case_completed", "mail", "sending")]
    office.pass_time(minutes=6)
    assert office.send() == 0
    assert office.deliveries() == [("case_completed", "mail", "unknown")]
    assert office.mail.kept == []


def test_two_workers_at_once_send_each_message_once(office: Office) -> None:
    people = ("salesperson", "salesperson2", "salesperson3", "sales_manager", "sales_director", "accountant", "hr")
    for number in range(6):
        office.tell(*people, key=str(number))
    workers = [threading.Thread(target=office.send) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(office.mail.kept) == 42
    assert len({(to, mail["Subject"], text) for (to, mail), text in zip(
        office.mail.kept, office.mail.texts(), strict=True)}) == 42  # fmt: skip


def test_a_robot_that_nobody_can_unseal_any_more_is_skipped(office: Office) -> None:
    office.visit("salesperson").post(CHANNELS, {"feishu_token": FEISHU})
    office.sql("UPDATE notice_address SET sealed = decode('00', 'hex')")
    office.sql("UPDATE employee SET email = NULL WHERE login = 'salesperson'")
    office.tell("salesperson")
    office.send()
    assert office.deliveries() == [("case_completed", "feishu", "skipped")]
    assert office.visit("salesperson").get("/profile/notices").status_code == 200


def test_a_delivery_is_unique_for_notice_and_channel(office: Office) -> None:
    office.tell("salesperson")
    office.send()
    office.sql("UPDATE notice SET routed_at = NULL WHERE kind = 'case_completed' AND read_at IS NULL")
    office.send()
    assert len(office.mail.kept) == 1
    with office.app.app_context():
        assert db.session.query(NoticeDelivery).count() == 1


def test_a_task_that_was_done_meanwhile_is_not_mailed_as_waiting(office: Office) -> None:
    api = Api(office.app, office.now)
    task = api.start("salesperson")["next_tasks"][0]["id"]
    office.tell("sales_manager", kind="task_urged", key="1", task_id=task, element="manager_approval")
    office.tell("sales_manager", kind="task_urged", key="2", task_id=task, element="manager_approval")
    office.sql("UPDATE notice SET routed_at = created_at WHERE event_key = 'task_urged:2'")
    office.send()
    assert office.mail.subjects() == ["[salesflow] 催办：经理审批，JK-1 广州展会。"]
    api.next_task("sales_manager", task)
    office.sql("UPDATE notice SET routed_at = NULL WHERE event_key = 'task_urged:2'")
    office.send()
    assert len(office.mail.kept) == 1
    assert office.deliveries()[1] == ("task_urged", "mail", "skipped")
