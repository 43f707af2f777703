"""What changed from one version of a decision table to the next, row by row and cell by cell.

Rows have no name of their own. Where as many rows stand before as after, each is compared with the one in its place;
else rows are paired, in order, so that as many cells as possible stay as they were.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.engine.language.sheets import Row

#: Beyond so many pairs to be compared, rows are paired by their place alone.
_MOST_PAIRS = 40_000


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that is new, gone, or other than it was. Numbers count from 1; None where there is no such row."""

    before: int | None
    after: int | None
    old: Row | None
    new: Row | None

    def changed_cells(self) -> list[tuple[str, int]]:
        """The cells of a row that stayed and changed: ``condition`` or ``answer`` and its column, or ``remark``."""
        if self.old is None or self.new is None:
            return []
        found = [
            ("condition", index)
            for index, (old, new) in enumerate(zip(self.old.conditions, self.new.conditions, strict=True))
            if old != new
        ]
        found += [
            ("answer", index)
            for index, (old, new) in enumerate(zip(self.old.answers, self.new.answers, strict=True))
            if old != new
        ]
        return found + ([("remark", 0)] if self.old.remark != self.new.remark else [])


def differences(before: Sequence[Row], after: Sequence[Row]) -> list[RowChange]:
    """Give what changed, in the order of the rows."""
    if before and after and _width(before[0]) != _width(after[0]):
        gone = [RowChange(number, None, row, None) for number, row in enumerate(before, 1)]
        return gone + [RowChange(None, number, None, row) for number, row in enumerate(after, 1)]
    found = []
    for one, other in _pairs(before, after):
        old = None if one is None else before[one]
        new = None if other is None else after[other]
        if old != new:
            found.append(
                RowChange(None if one is None else one + 1, None if other is None else other + 1, old, new)
            )
    return found


def _width(row: Row) -> tuple[int, int]:
    return len(row.conditions), len(row.answers)


def _pairs(before: Sequence[Row], after: Sequence[Row]) -> list[tuple[int | None, int | None]]:
    if len(before) == len(after) or len(before) * len(after) > _MOST_PAIRS:
        longest = max(len(before), len(after))
        return [
            (index if index < len(before) else None, index if index < len(after) else None) for index in range(longest)
        ]
    best = _table_of_best(before, after)
    pairs: list[tuple[int | None, int | None]] = []
    one, other = 0, 0
    while one < len(before) or other < len(after):
        if one == len(before):
            pairs.append((None, other))
            other += 1
        elif other == len(after) or best[one][other] == best[one + 1][other]:
            pairs.append((one, None))
            one += 1
        elif best[one][other] == best[one][other + 1]:
            pairs.append((None, other))
            other += 1
        else:
            pairs.append((one, other))
            one, other = one + 1, other + 1
    return pairs


def _table_of_best(before: Sequence[Row], after: Sequence[Row]) -> list[list[int]]:
    """How many cells at most stay the same from row ``one`` of before and row ``other`` of after on."""
    best = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for one in reversed(range(len(before))):
        for other in reversed(range(len(after))):
            paired = best[one + 1][other + 1] + _alike(before[one], after[other])
            best[one][other] = max(best[one + 1][other], best[one][other + 1], paired)
    return best


def _alike(old: Row, new: Row) -> int:
    pairs = zip((*old.conditions, *old.answers), (*new.conditions, *new.answers), strict=True)
    # A row that stayed altogether is worth more than two that share a few cells.
    return sum(one == other for one, other in pairs) + (len(old.conditions) if old == new else 0)
