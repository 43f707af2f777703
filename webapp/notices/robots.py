"""The robots of the three chat services, as plugins of Apprise.

Apprise's own plugins (2.2.0) count every HTTP 200 as sent, while these services answer 200 with an error number when a
token is wrong, a signature is missing or too much was sent; and they follow redirects. So the request is made here, to
the service's own host or to the operator's relay and nowhere else, and the answer is read to its end.
"""

import base64
import hashlib
import hmac
import time
from typing import Any

import requests
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from requests.exceptions import ConnectionError as BrokenConnection
from requests.exceptions import ConnectTimeout, ProxyError, RequestException, SSLError
from urllib3.exceptions import NewConnectionError

from workflows.notices.channels import Channel, Robot
from workflows.notices.deliveries import Outcome

_OK = 200
_UNAVAILABLE = 503
_SERVER_ERRORS = 500
_LONGEST_ANSWER = 120


class _Robot:
    """What the three have in common: one request, and an answer that says by number whether it was taken."""

    #: The members of the answer that hold the number and the words of an error.
    number, words = "errcode", "errmsg"
    host = ""
    gateway = ""
    outcome, problem = Outcome.NOT_SENT, "refused"

    request_timeout: Any
    app_id: str

    def request(self, text: str) -> tuple[str, dict[str, str], dict[str, Any]]:
        """Path, query and body of the request."""
        raise NotImplementedError

    def send(self, body: str, title: str = "", **_more: Any) -> bool:
        """Send, and keep in ``outcome`` and ``problem`` what became of it."""
        path, query, payload = self.request(f"{title}\n{body}" if title else body)
        try:
            answer = requests.post(
                f"{self.gateway or self.host}{path}", params=query, json=payload, timeout=self.request_timeout,
                allow_redirects=False, headers={"User-Agent": self.app_id},
            )  # fmt: skip
        except RequestException as problem:
            self.outcome, self.problem = _of_exception(problem)
        else:
            self.outcome, self.problem = self._of_answer(answer)
        return self.outcome is Outcome.SENT

    def _of_answer(self, answer: requests.Response) -> tuple[Outcome, str]:
        if answer.status_code != _OK:
            # A gateway in between may have handed the message on before it gave up.
            unclear = answer.status_code >= _SERVER_ERRORS and answer.status_code != _UNAVAILABLE
            return Outcome.UNCLEAR if unclear else Outcome.NOT_SENT, f"refused: HTTP {answer.status_code}"
        try:
            said = answer.json()
            number, words = said[self.number], str(said.get(self.words, ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            return Outcome.UNCLEAR, "refused: no answer of this service"
        if number == 0:
            return Outcome.SENT, ""
        return Outcome.NOT_SENT, f"refused: {number} {words[:_LONGEST_ANSWER]}".strip()


class DingTalk(_Robot, NotifyDingTalk):  # type: ignore[misc]
    """DingTalk; a secret signs by time."""

    host = "https://oapi.dingtalk.com"

    def request(self, text: str) -> tuple[str, dict[str, str], dict[str, Any]]:
        """The text, and the signature in the query."""
        query = {"access_token": self.token}
        if self.secret:
            stamp = str(round(time.time() * 1000))
            signed = hmac.digest(self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256)
            query |= {"timestamp": stamp, "sign": base64.b64encode(signed).decode()}
        return "/robot/send", query, {"msgtype": "text", "text": {"content": text}}


class Feishu(_Robot, NotifyFeishu):  # type: ignore[misc]
    """Feishu; a secret signs by time, which Apprise's plugin does not know."""

    host = "https://open.feishu.cn"
    number, words = "code", "msg"
    secret = ""

    def request(self, text: str) -> tuple[str, dict[str, str], dict[str, Any]]:
        """The text, and the signature beside it."""
        payload: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if self.secret:
            stamp = str(round(time.time()))
            signed = hmac.digest(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256)
            payload |= {"timestamp": stamp, "sign": base64.b64encode(signed).decode()}
        return f"/open-apis/bot/v2/hook/{self.token}", {}, payload


class WeCom(_Robot, NotifyWeComBot):  # type: ignore[misc]
    """WeCom; its robots sign nothing."""

    host = "https://qyapi.weixin.qq.com"

    def request(self, text: str) -> tuple[str, dict[str, str], dict[str, Any]]:
        """The text."""
        return "/cgi-bin/webhook/send", {"key": self.key}, {"msgtype": "text", "text": {"content": text}}


def robot_plugin(channel: Channel, robot: Robot, *, gateway: str, asset: Any) -> Any:
    """The plugin that reaches a person's robot."""
    if channel is Channel.DINGTALK:
        plugin: Any = DingTalk(token=robot.token, secret=robot.secret or None, asset=asset)
    elif channel is Channel.FEISHU:
        plugin = Feishu(token=robot.token, asset=asset)
        plugin.secret = robot.secret
    else:
        plugin = WeCom(key=robot.token, asset=asset)
    plugin.gateway = gateway
    return plugin


def _of_exception(problem: RequestException) -> tuple[Outcome, str]:
    """Whether the request can have left; only what never found a connection has surely not."""
    if isinstance(problem, (ConnectTimeout, ProxyError, SSLError)):
        return Outcome.NOT_SENT, "unreachable"
    if isinstance(problem, BrokenConnection):
        reason = getattr(problem.args[0] if problem.args else None, "reason", None)
        if isinstance(reason, NewConnectionError):
            return Outcome.NOT_SENT, "unreachable"
    return Outcome.UNCLEAR, "broken off"
