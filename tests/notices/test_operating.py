"""What an operator sets and sees: the variables, and what the doctor says."""

import pytest

from tests.notices.conftest import Office
from webapp.doctor import examine
from webapp.notices.settings import BadNoticeSettings, read_settings
from workflows.notices.channels import CHATS, Channel

MAIL = {"SALESFLOW_MAIL_URL": "smtps://bot%40x:p%2Fw@mail.example.com", "SALESFLOW_MAIL_FROM": "bot@example.com"}
SITE = {"SALESFLOW_SITE_URL": "https://sales.example.com/"}


def test_nothing_leaves_without_the_address_of_the_site() -> None:
    assert read_settings(MAIL).channels == ()
    assert read_settings(SITE).channels == CHATS


def test_the_mail_server_is_read_with_its_usual_port_and_its_password_is_not_shown() -> None:
    known = read_settings({**MAIL, **SITE})
    assert known.channels == tuple(Channel)
    assert known.site_url == "https://sales.example.com"
    assert known.mail is not None
    assert (known.mail.host, known.mail.port, known.mail.secure_mode) == ("mail.example.com", 465, "ssl")
    assert (known.mail.user, known.mail.password) == ("bot@x", "p/w")
    assert "p/w" not in repr(known)


def test_channels_can_be_narrowed() -> None:
    assert read_settings({**MAIL, **SITE, "SALESFLOW_NOTICE_CHANNELS": "wecom, mail"}).channels == ("mail", "wecom")


@pytest.mark.parametrize(
    "wrong",
    [
        {"SALESFLOW_SITE_URL": "sales.example.com"},
        {"SALESFLOW_SITE_URL": "javascript:alert(1)"},
        {"SALESFLOW_SITE_URL": "https://sales.example.com/?x=1"},
        {"SALESFLOW_MAIL_URL": "mail.example.com", "SALESFLOW_MAIL_FROM": "bot@example.com"},
        {"SALESFLOW_MAIL_URL": "smtp://mail.example.com:port", "SALESFLOW_MAIL_FROM": "bot@example.com"},
        {"SALESFLOW_MAIL_URL": "smtp://mail.example.com"},
        {"SALESFLOW_MAIL_URL": "smtp://mail.example.com", "SALESFLOW_MAIL_FROM": "bot@example.com\nBcc: x@y.z"},
        {"SALESFLOW_NOTICE_CHANNELS": "pigeon"},
        {"SALESFLOW_CHAT_GATEWAY": "ftp://relay.example.com"},
    ],
)
def test_a_variable_that_cannot_be_used_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(BadNoticeSettings):
        read_settings({**SITE, **wrong})


def findings(office: Office) -> list[tuple[bool, str]]:
    return [(found.is_good, found.said) for found in examine(office.app, office.now) if found.subject == "notices"]


def test_the_doctor_tells_of_what_failed_and_of_what_waits(office: Office) -> None:
    assert findings(office) == [
        (True, "channels outside the bell: mail, dingtalk, feishu, wecom"),
        (True, "0 failed and 0 may not have arrived within a week"),
    ]
    office.tell("salesperson")
    office.pass_time(minutes=11)
    assert findings(office)[2] == (False, "1 wait to be sent for ten minutes")
    office.mail.answer = "550 no such user"
    office.send()
    office.sql("UPDATE notice_delivery SET status = 'failed', ended_at = due_at")
    assert findings(office)[1:] == [(False, "1 failed and 0 may not have arrived within a week")]
    office.pass_time(days=8)
    assert findings(office)[1:] == [(True, "0 failed and 0 may not have arrived within a week")]
