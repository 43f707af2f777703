"""A step that several people sign, as arithmetic: who is asked now, and what their answers come to.

A round is made of seats. Those that the diagram declares (``signer``) count; a seat that a signer asked for belongs to
the seat that asked: an ``added`` signer is as good as a veto on that seat's vote, an ``adviser`` gives an opinion that
decides nothing. A seat is asked once every seat named in its ``after`` is settled, which is all that asking one after
the other (依次), before oneself (前加签), behind oneself (后加签) and for an opinion (委派) have in common.

Modes: ``all`` (会签) passes when every seat approves and falls with the first that does not; ``any`` (或签) goes by the
first seat that decides; ``vote`` (票签) passes as soon as ``share`` of the seats have approved, and falls as soon as
that is out of reach. A round knows neither people nor database: on whose desk a seat lies stands on its task row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Self

from workflows.engine.model import TaskKind

APPROVE = "approve"
RETURN = "return"
REJECT = "reject"
#: What an adviser's answer is called.
ADVISED = "advise"
#: Nobody needs more signers on one step than this.
MOST_SEATS = 60


@dataclass(slots=True)
class Seat:
    """One place at the table. ``said`` is the decision once given; a seat that was removed is asked no more."""

    number: int
    kind: str = TaskKind.SIGNER.value
    #: The seat that asked for this one.
    by: int | None = None
    after: list[int] = field(default_factory=list)
    said: str | None = None
    removed: bool = False
    #: The seat whose rejection made this one pointless.
    lost_to: int | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing is expected of it any more."""
        return self.said is not None or self.removed or self.lost_to is not None


@dataclass(slots=True)
class Round:
    """The seats of one step, in the order in which they were set."""

    mode: str
    share: Fraction = Fraction(1)
    seats: list[Seat] = field(default_factory=list)
    #: What the step's own operation gave for the state, kept until the round is decided.
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, count: int, *, mode: str = "all", share: Fraction = Fraction(1), sequential: bool = False) -> Self:
        """Set the table for so many declared signers."""
        seats = [Seat(n, after=[n - 1] if sequential and n else []) for n in range(count)]
        return cls(mode, share, seats)

    def seat(self, number: int) -> Seat:
        """Give one seat."""
        return self.seats[number]

    def is_asked(self, number: int) -> bool:
        """Whether it is this seat's turn."""
        seat = self.seats[number]
        return not seat.is_settled and all(self.seats[each].is_settled for each in seat.after)

    def pending(self) -> list[Seat]:
        """The seats of which something is still expected, now or later."""
        return [seat for seat in self.seats if not seat.is_settled]

    def add_before(self, number: int, count: int, kind: str = TaskKind.ADDED.value) -> list[int]:
        """Ask others first: the seat waits for them."""
        new = self._set(number, count, kind, after=[])
        self.seats[number].after += new
        return new

    def add_after(self, number: int, count: int) -> list[int]:
        """Ask others next: whoever waits for the seat waits for them, too."""
        new = self._set(number, count, TaskKind.ADDED.value, after=[number])
        for seat in self.seats:
            if number in seat.after and seat.number not in new:
                seat.after += new
        return new

    def _set(self, by: int, count: int, kind: str, *, after: list[int]) -> list[int]:
        new = [Seat(len(self.seats) + n, kind, by, list(after)) for n in range(count)]
        self.seats += new
        return [seat.number for seat in new]

    def remove(self, number: int) -> None:
        """Ask a seat no more, nor those that it asked for."""
        for seat in self._unsettled_from(number):
            seat.removed = True

    def _unsettled_from(self, number: int) -> list[Seat]:
        return [
            seat
            for seat in self.seats
            if not seat.is_settled and (seat.number == number or self._asked_through(seat, number))
        ]

    def _asked_through(self, seat: Seat, number: int) -> bool:
        while seat.by is not None:
            if seat.by == number:
                return True
            seat = self.seats[seat.by]
        return False

    def take(self, number: int, decision: str, values: Mapping[str, Any] | None = None) -> str | None:
        """Take a seat's answer in; gives what the round comes to, None while more answers are needed.

        A return ends the round at once, since what the others would sign is about to change.
        """
        self.seats[number].said = decision
        self.values |= values or {}
        if decision == RETURN:
            return RETURN
        if decision == REJECT:
            # Nobody else is needed for a vote that is lost already.
            for seat in self._unsettled_from(self._declared(self.seats[number]).number):
                seat.lost_to = number
        return self.verdict()

    def withdraw_answer(self, number: int) -> None:
        """Forget a seat's answer, so that it is asked again."""
        self.seats[number].said = None
        for seat in self.seats:
            if seat.lost_to == number:
                seat.lost_to = None

    def verdict(self) -> str | None:
        """What the answers so far come to: a decision, or None."""
        votes = [self._vote(seat) for seat in self.seats if seat.kind == TaskKind.SIGNER]
        yes = sum(vote not in (None, REJECT) for vote in votes)
        no = votes.count(REJECT)
        if self.mode == "any":
            return next((vote for vote in votes if vote is not None), None)
        wanted = -(-self.share * len(votes) // 1) if self.mode == "vote" else len(votes)
        if no > len(votes) - wanted:
            return REJECT
        # A step that is no approval (a payment) keeps its own word.
        return next(vote for vote in votes if vote not in (None, REJECT)) if yes >= wanted else None

    def _vote(self, declared: Seat) -> str | None:
        """A declared seat's vote: no as soon as one of those whom it asked says no, yes once all of them say yes."""
        party = [
            seat
            for seat in self.seats
            if seat.kind != TaskKind.ADVISER and not seat.removed and self._declared(seat) is declared
        ]
        if any(seat.said == REJECT for seat in party):
            return REJECT
        return declared.said if all(seat.said is not None for seat in party) else None

    def _declared(self, seat: Seat) -> Seat:
        while seat.by is not None:
            seat = self.seats[seat.by]
        return seat

    def tally(self) -> tuple[int, int]:
        """How many declared seats have voted, and how many there are: 2 of 3."""
        votes = [self._vote(seat) for seat in self.seats if seat.kind == TaskKind.SIGNER]
        return sum(vote is not None for vote in votes), len(votes)

    def as_json(self) -> dict[str, Any]:
        """As the state keeps it."""
        return {
            "mode": self.mode,
            "share": str(self.share),
            "values": self.values,
            "seats": [[s.kind, s.by, s.after, s.said, s.removed, s.lost_to] for s in self.seats],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read back what ``as_json`` gave."""
        seats = [
            Seat(number, kind, by, list(after), said, removed, lost_to)
            for number, (kind, by, after, said, removed, lost_to) in enumerate(kept["seats"])
        ]
        return cls(kept["mode"], Fraction(kept["share"]), seats, dict(kept["values"]))
