"""How chat services reach a person: kept sealed, shown to nobody; the page says only that a robot is kept."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflows.kernel.crypto import Keyring, Unsealable
from workflows.kernel.errors import Invalid
from workflows.notices.channels import CHATS, SIGNED, Channel, Robot, is_secret, read_token
from workflows.notices.model import NoticeAddress

Messages = dict[str, list[tuple[str, dict[str, object]]]]


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says about one chat: an empty token leaves the robot as it is, ``remove`` forgets it."""

    token: str = ""
    secret: str = ""
    remove: bool = False


def keep_addresses(
    session: Session, employee_id: int, given: Mapping[Channel, Given], *, keyring: Keyring, now: dt.datetime
) -> None:
    """Keep the robots that a person gives, and forget those that they remove.

    :raises Invalid: at ``<channel>_token`` or ``<channel>_secret``, and then nothing is kept
    """
    messages: Messages = {}
    robots = {channel: _checked(channel, said, messages) for channel, said in given.items() if channel in CHATS}
    if messages:
        raise Invalid(messages)
    for channel, robot in robots.items():
        if given[channel].remove:
            session.execute(
                delete(NoticeAddress).where(NoticeAddress.employee_id == employee_id, NoticeAddress.channel == channel)
            )
        elif robot is not None:
            sealed = keyring.seal(json.dumps([robot.token, robot.secret]), row=address_row(employee_id, channel))
            kept = insert(NoticeAddress).values(
                employee_id=employee_id, channel=channel.value, sealed=sealed, changed_at=now
            )
            session.execute(
                kept.on_conflict_do_update(
                    index_elements=["employee_id", "channel"], set_={"sealed": sealed, "changed_at": now}
                )
            )


def robot_of(session: Session, employee_id: int, channel: Channel, *, keyring: Keyring) -> Robot | None:
    """The robot of a person, None when there is none or no configured key opens it."""
    return robots_of(session, employee_id, keyring=keyring).get(channel)


def robots_of(session: Session, employee_id: int, *, keyring: Keyring) -> dict[Channel, Robot]:
    """All robots of a person."""
    query = select(NoticeAddress.channel, NoticeAddress.sealed).where(NoticeAddress.employee_id == employee_id)
    found = {}
    for row in session.execute(query):
        try:
            token, secret = json.loads(keyring.unseal(row.sealed, row=address_row(employee_id, row.channel)))
        except Unsealable:
            continue
        found[Channel(row.channel)] = Robot(token, secret)
    return found


def address_row(employee_id: int, channel: str) -> str:
    """What a sealed robot is bound to."""
    return f"notice_address:{employee_id}:{channel}"


def _checked(channel: Channel, said: Given, messages: Messages) -> Robot | None:
    if said.remove or not (said.token or said.secret):
        return None
    token = read_token(channel, said.token)
    if not said.token:
        messages[f"{channel}_token"] = [("Give the token as well: both are kept together.", {})]
    elif token is None:
        messages[f"{channel}_token"] = [("This is not a token or webhook of this service's robots.", {})]
    if said.secret and channel not in SIGNED:
        messages[f"{channel}_secret"] = [("This service's robots sign nothing.", {})]
    elif said.secret and not is_secret(channel, said.secret):
        messages[f"{channel}_secret"] = [("This is not the signing secret of such a robot.", {})]
    return Robot(token, said.secret) if token else None
