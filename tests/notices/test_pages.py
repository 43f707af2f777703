"""The bell and its list, the page of preferences, and the administrators' list of deliveries."""

import pytest
from sqlalchemy import select

from tests.api.company import Api
from tests.notices.conftest import DINGTALK, FEISHU, SECRET, Office
from webapp.extensions import db
from webapp.notices.settings import NoticeSettings
from workflows.notices.model import Notice, NoticeAddress, NoticePreference

CHANNELS = "/profile/notices/channels"


def text_of(visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_the_bell_by_itself_says_nothing_while_its_number_is_the_same(office: Office) -> None:
    visitor = office.visit("salesperson")
    assert visitor.get("/notices/bell?seen=0").status_code == 204
    office.tell("salesperson")
    answer = visitor.get("/notices/bell?seen=0")
    assert (answer.status_code, 'aria-label="通知，1 条未读"' in answer.get_data(as_text=True)) == (200, True)
    assert visitor.get("/notices/bell?seen=1").status_code == 204
    assert office.app.test_client().get("/notices/bell?seen=1", headers={"HX-Request": "true"}).status_code == 204


def test_unread_notices_stand_first_and_the_list_has_pages(office: Office) -> None:
    for number in range(60):
        office.tell("salesperson", key=str(number), title=f"JK-{number:02}")
    with office.app.app_context():
        ids = list(db.session.scalars(select(Notice.id).where(Notice.kind == "case_completed").order_by(Notice.id)))
    office.sql(f"UPDATE notice SET read_at = created_at WHERE id >= {ids[55]}")
    visitor = office.visit("salesperson")
    first = text_of(visitor, "/notices")
    assert first.index("JK-54") < first.index("JK-05") and "JK-55" not in first and "JK-04" not in first
    second = text_of(visitor, f"/notices?before={ids[5]}")
    assert second.index("JK-04") < second.index("JK-00") < second.index("JK-59") < second.index("JK-55")


def test_one_is_marked_as_read_and_then_all_that_the_page_has_shown(office: Office) -> None:
    for number in range(3):
        office.tell("salesperson", key=str(number))
    with office.app.app_context():
        ids = list(db.session.scalars(select(Notice.id).where(Notice.kind == "case_completed").order_by(Notice.id)))
    visitor, stranger = office.visit("salesperson"), office.visit("salesperson2")
    stranger.post("/notices/read", {"notice": str(ids[0])})
    assert "3 条未读" in text_of(visitor, "/notices")
    visitor.post("/notices/read", {"notice": str(ids[0])})
    visitor.post("/notices/read", {"notice": str(ids[0])})
    assert "2 条未读" in text_of(visitor, "/notices")
    visitor.post("/notices/read", {"up_to": str(ids[1])})
    assert "1 条未读" in text_of(visitor, "/notices"), "what came after the page was shown stays unread"


def test_opening_the_task_marks_what_told_of_it_as_read(office: Office) -> None:
    login, started = "sales_manager", Api(office.app, office.now).start("salesperson")
    task_id, instance_id = started["next_tasks"][0]["id"], started["instance"]["id"]
    office.tell(login, kind="task_opened", key=str(task_id), task_id=task_id, instance_id=instance_id)
    office.tell(login, kind="case_completed", key="other", instance_id=instance_id + 1000)
    visitor = office.visit(login)
    assert "2 条未读" in text_of(visitor, "/notices")
    assert "1 条未读" in text_of(visitor, f"/tasks/{task_id}"), "the bell of the very page is right"


def test_wishes_are_kept_and_followed(office: Office) -> None:
    visitor = office.visit("salesperson")
    assert visitor.post("/profile/notices", {"case_completed-mail": "off"}).status_code == 302
    office.tell("salesperson")
    office.send()
    assert office.mail.kept == []
    visitor.post("/profile/notices", {"case_completed-mail": "now"})
    with office.app.app_context():
        assert db.session.query(NoticePreference).count() == 0, "the default is not kept"


@pytest.mark.parametrize("wish", [{"case_completed-mail": "hourly"}, {"daily_digest-mail": "digest"}])
def test_a_wish_that_nobody_can_choose_is_refused(office: Office, wish: dict[str, str]) -> None:
    assert office.visit("salesperson").post("/profile/notices", wish).status_code == 400
    with office.app.app_context():
        assert db.session.query(NoticePreference).count() == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"dingtalk_token": "http://169.254.169.254/latest"}, "这不是该服务机器人的 Webhook 或令牌。"),
        ({"dingtalk_token": "https://oapi.dingtalk.com.evil.cn/robot/send?access_token=" + DINGTALK}, "这不是"),
        ({"dingtalk_token": DINGTALK[:-1]}, "这不是该服务机器人的 Webhook 或令牌。"),
        ({"dingtalk_token": DINGTALK, "dingtalk_secret": "secret"}, "这不是该机器人的签名密钥。"),
        ({"dingtalk_secret": SECRET}, "请同时填写 Webhook 或令牌：二者一起保存。"),
        ({"feishu_token": FEISHU + "/../x"}, "这不是该服务机器人的 Webhook 或令牌。"),
        ({"wecom_token": "@127.0.0.1:22"}, "这不是该服务机器人的 Webhook 或令牌。"),
        ({"wecom_token": "x" * 301}, "300"),
    ],
)  # fmt: skip
def test_a_wrong_token_is_refused_at_its_field_and_nothing_is_kept(
    office: Office, given: dict[str, str], message: str
) -> None:
    answer = office.visit("salesperson").post(CHANNELS, {"feishu_token": FEISHU, **given})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert message in page and 'aria-invalid="true"' in page
    with office.app.app_context():
        assert db.session.query(NoticeAddress).count() == 0


def test_a_robot_is_kept_sealed_shown_to_nobody_and_forgotten_on_request(office: Office) -> None:
    visitor = office.visit("salesperson")
    visitor.post(CHANNELS, {"wecom_token": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={FEISHU}"})
    with office.app.app_context():
        kept = db.session.scalars(select(NoticeAddress)).one()
        assert FEISHU.encode() not in kept.sealed
    page = text_of(visitor, "/profile/notices")
    assert FEISHU not in page and "已保存机器人" in page
    visitor.post(CHANNELS, {"wecom_token": ""})
    assert "已保存机器人" in text_of(visitor, "/profile/notices"), "an empty field leaves what is kept"
    visitor.post(CHANNELS, {"wecom_remove": "y"})
    assert "已保存机器人" not in text_of(visitor, "/profile/notices")


def test_a_test_message_leaves_once_a_minute_and_shows_on_the_page(office: Office) -> None:
    visitor = office.visit("salesperson")
    for _ in range(2):
        assert visitor.post("/profile/notices/try/mail").status_code == 302
    assert office.send() == 1
    assert office.mail.subjects() == ["[salesflow] 这是一条测试消息。"]
    assert "已发送" in text_of(visitor, "/profile/notices")
    assert "0 条未读" in text_of(visitor, "/notices")
    assert visitor.post("/profile/notices/try/feishu").status_code == 409
    assert visitor.post("/profile/notices/try/pigeon").status_code == 404


def failed(office: Office) -> int:
    office.mail.answer = "550 no such user"
    office.tell("salesperson")
    office.send()
    office.sql("UPDATE notice_delivery SET status = 'failed', ended_at = due_at")
    with office.app.app_context():
        return int(db.session.execute(db.text("SELECT id FROM notice_delivery")).scalar_one())


def test_a_failed_message_shows_to_its_person_and_to_administrators_and_can_be_sent_again(office: Office) -> None:
    delivery = failed(office)
    visitor, stranger, administrator = map(office.visit, ("salesperson", "salesperson2", "administrator"))
    assert "被拒绝 (550 no such user)" in text_of(visitor, "/profile/notices")
    assert "被拒绝 (550 no such user)" in text_of(administrator, "/deliveries?status=failed&channel=mail&q=sales")
    assert "没有投递记录" in text_of(administrator, "/deliveries?status=unknown")
    assert stranger.get("/deliveries").status_code == 403
    assert stranger.post(f"/profile/notices/deliveries/{delivery}/retry").status_code == 404
    assert stranger.post(f"/deliveries/{delivery}/retry").status_code == 403
    assert office.deliveries() == [("case_completed", "mail", "failed")]
    office.mail.answer = "250 fine"
    for _ in range(2):
        assert visitor.post(f"/profile/notices/deliveries/{delivery}/retry").status_code == 302
    office.send()
    assert office.deliveries() == [("case_completed", "mail", "sent")]
    assert administrator.post(f"/deliveries/{delivery}/retry").status_code == 409
    assert len(office.mail.kept) == 1


def test_what_may_have_arrived_is_not_sent_again_by_anybody(office: Office) -> None:
    delivery = failed(office)
    office.sql("UPDATE notice_delivery SET status = 'unknown'")
    assert office.visit("administrator").post(f"/deliveries/{delivery}/retry").status_code == 409
    assert office.deliveries() == [("case_completed", "mail", "unknown")]


def test_an_installation_without_channels_says_so_and_sends_nothing(office: Office) -> None:
    office.app.config["NOTICES"] = NoticeSettings()
    office.tell("salesperson")
    assert office.send() == 0
    assert "公司尚未配置邮件服务器" in text_of(office.visit("salesperson"), "/profile/notices")
    assert "尚未启用任何渠道" in text_of(office.visit("administrator"), "/deliveries")
