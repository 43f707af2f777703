"""What a person fills in about how chat services reach them."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from forms.page import PageForm
from workflows.notices.addresses import Given
from workflows.notices.channels import CHATS, SIGNED, Channel

#: A webhook is some 130 signs long.
_LONGEST = [Length(max=300)]


class RobotsForm(PageForm):
    """The robots of three services; an empty token leaves what is kept."""

    dingtalk_token = StringField(_("Webhook or token"), validators=_LONGEST)
    dingtalk_secret = StringField(_("Signing secret, if the robot signs"), validators=_LONGEST)
    dingtalk_remove = BooleanField(_("Forget this robot"))
    feishu_token = StringField(_("Webhook or token"), validators=_LONGEST)
    feishu_secret = StringField(_("Signing secret, if the robot signs"), validators=_LONGEST)
    feishu_remove = BooleanField(_("Forget this robot"))
    wecom_token = StringField(_("Webhook or token"), validators=_LONGEST)
    wecom_remove = BooleanField(_("Forget this robot"))

    def given(self) -> dict[Channel, Given]:
        """What was said, by channel."""
        return {channel: self._given(channel) for channel in CHATS}

    def _given(self, channel: Channel) -> Given:
        secret: Any = self[f"{channel}_secret"].data if channel in SIGNED else ""
        return Given(self[f"{channel}_token"].data or "", secret or "", self[f"{channel}_remove"].data)
