"""The ways out of the bell, and what each needs in order to reach a person.

Mail goes to the address that the administrator keeps. The three chat services are reached through a robot that the
person adds to a group of theirs: what they give is the robot's token, never an address, so that nobody can make the
server call a machine of their choice. Robot APIs:
https://open.dingtalk.com/document/robots/custom-robot-access,
https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot,
https://developer.work.weixin.qq.com/document/path/91770.
"""

import enum
import re
from dataclasses import dataclass, field


class Channel(enum.StrEnum):
    """Where a notice can go besides the bell."""

    MAIL = "mail"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WECOM = "wecom"


#: The channels that need a token of the person.
CHATS = (Channel.DINGTALK, Channel.FEISHU, Channel.WECOM)

#: What is pasted is often the whole webhook; the token is read out of the service's own address and nothing else.
_WEBHOOKS = {
    Channel.DINGTALK: re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=([0-9A-Za-z]+)"),
    Channel.FEISHU: re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([0-9A-Za-z-]+)/?"),
    Channel.WECOM: re.compile(r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([0-9A-Za-z-]+)"),
}
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_TOKENS = {
    Channel.DINGTALK: re.compile(r"[0-9a-fA-F]{64}"),
    Channel.FEISHU: re.compile(_UUID),
    Channel.WECOM: re.compile(_UUID),
}
_SECRETS = {
    Channel.DINGTALK: re.compile(r"SEC[0-9a-fA-F]{64}"),
    Channel.FEISHU: re.compile(r"[0-9A-Za-z]{20,64}"),
}
#: The channels whose robots can be told to believe signed messages only.
SIGNED = tuple(_SECRETS)


@dataclass(frozen=True, slots=True)
class Robot:
    """A person's robot: its token, and the secret that it asks messages to be signed with, empty without one."""

    token: str = field(repr=False)
    secret: str = field(default="", repr=False)


def read_token(channel: Channel, typed: str) -> str | None:
    """The token in what was typed or pasted, None when it is none of this service's."""
    pasted = _WEBHOOKS[channel].fullmatch(typed)
    token = pasted[1] if pasted else typed
    return token if _TOKENS[channel].fullmatch(token) else None


def is_secret(channel: Channel, typed: str) -> bool:
    """Whether this can be the signing secret of such a robot; services that sign nothing have none."""
    form = _SECRETS.get(channel)
    return form is not None and form.fullmatch(typed) is not None
