"""The one table of what people are told about.

A kind has a word, which stands in ``notice.kind``, and what happens outside the bell unless the person says otherwise.
What a kind is called and the sentence that it becomes stand in ``webapp.notices.words``, in the reader's language.
"""

import enum
from dataclasses import dataclass


class Mode(enum.StrEnum):
    """When a notice leaves by a channel."""

    #: At once.
    NOW = "now"
    #: Together with the others, on the next working day at nine.
    DIGEST = "digest"
    #: Not at all; the line in the bell remains.
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a notice may be about.

    ``default`` is the mode of every channel that the person has said nothing about. ``is_choice`` says whether the
    page of preferences offers it.
    """

    word: str
    default: Mode
    is_choice: bool = True


KINDS: dict[str, Kind] = {
    kind.word: kind
    for kind in (
        # A task came to one's desk; still lies there; lies there too long (told to the superior).
        Kind("task_opened", Mode.NOW),
        Kind("task_reminded", Mode.NOW),
        Kind("task_escalated", Mode.NOW),
        Kind("task_urged", Mode.NOW),
        # A task was handed over, decided by its deadline, or went back where it came from.
        Kind("task_handed_over", Mode.NOW),
        Kind("task_decided", Mode.DIGEST),
        Kind("task_sent_back", Mode.NOW),
        Kind("task_taken_back", Mode.DIGEST),
        Kind("signer_added", Mode.NOW),
        Kind("signer_removed", Mode.DIGEST),
        Kind("opinion_asked", Mode.NOW),
        Kind("opinion_given", Mode.NOW),
        # One reads along, or somebody wrote.
        Kind("copied", Mode.DIGEST),
        Kind("mentioned", Mode.NOW),
        Kind("commented", Mode.DIGEST),
        # One's own case came to an end, or stands still.
        Kind("case_completed", Mode.NOW),
        Kind("case_rejected", Mode.NOW),
        Kind("case_terminated", Mode.NOW),
        Kind("case_suspended", Mode.NOW),
        Kind("case_resumed", Mode.DIGEST),
        Kind("desk_received", Mode.NOW),
        Kind("advance_overdue", Mode.NOW),
        # An instalment of one's sale is due soon, or overdue (the manager is told, too).
        Kind("payment_due", Mode.DIGEST),
        Kind("payment_overdue", Mode.NOW),
        # A customer's need that one registered first: it lapses soon, has lapsed, is contested, was decided about.
        Kind("registration_lapsing", Mode.NOW),
        Kind("registration_lapsed", Mode.NOW),
        Kind("registration_kept", Mode.NOW),
        Kind("registration_transferred", Mode.NOW),
        Kind("customers_received", Mode.NOW),
        Kind("incident_opened", Mode.NOW),
        # What waits, once a working day.
        Kind("daily_digest", Mode.NOW),
        # Pressed on the page of channels; only ever goes to the channel that is tried.
        Kind("channel_tested", Mode.OFF, is_choice=False),
    )
}
