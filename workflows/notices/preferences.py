"""What each person wants to hear of, by which channel, and when."""

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflows.kernel.errors import Invalid
from workflows.notices.channels import Channel
from workflows.notices.kinds import KINDS, Mode
from workflows.notices.model import NoticePreference

#: (kind, channel) -> mode
Wishes = Mapping[tuple[str, Channel], Mode]

#: The kinds that a person decides about, in the order of the page.
CHOICES = tuple(kind for kind in KINDS.values() if kind.is_choice)
#: The digest itself either comes or does not.
DIGEST = "daily_digest"


def wishes_of(session: Session, employee_id: int) -> dict[tuple[str, Channel], Mode]:
    """The mode of every kind and channel, the default where the person has said nothing."""
    wishes = {(kind.word, channel): kind.default for kind in CHOICES for channel in Channel}
    query = select(NoticePreference).where(NoticePreference.employee_id == employee_id)
    for row in session.scalars(query):
        if (row.kind, row.channel) in wishes:
            wishes[row.kind, Channel(row.channel)] = Mode(row.mode)
    return wishes


def keep_wishes(session: Session, employee_id: int, wishes: Wishes) -> None:
    """Keep what a person wants; what is left out stays as it is, and what equals the default is not kept.

    :raises Invalid: a kind that is nobody's choice, or a digest inside the digest
    """
    for (word, channel), mode in wishes.items():
        kind = KINDS.get(word)
        if kind is None or not kind.is_choice:
            raise Invalid.at(word, "There is no such kind of notice.")
        if word == DIGEST and mode is Mode.DIGEST:
            raise Invalid.at(word, "The digest comes by itself or not at all.")
        own = (NoticePreference.employee_id == employee_id, NoticePreference.kind == word)
        if mode is kind.default:
            session.execute(delete(NoticePreference).where(*own, NoticePreference.channel == channel.value))
            continue
        kept = insert(NoticePreference).values(
            employee_id=employee_id, kind=word, channel=channel.value, mode=mode.value
        )
        session.execute(
            kept.on_conflict_do_update(index_elements=["employee_id", "kind", "channel"], set_={"mode": mode.value})
        )
