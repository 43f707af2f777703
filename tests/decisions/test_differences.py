"""What changed between two versions of a table."""

from webapp.decisions.differences import differences
from workflows.engine.language.sheets import Label, Row

A = Row(("< 10", "false"), ('"manager"',))
B = Row((">= 10", "false"), ('"director"',))
C = Row(("-", "true"), ('"director"',), Label("急", "Urgent"))


def test_equal_rows_differ_in_nothing() -> None:
    assert differences([A, B, C], [A, B, C]) == []


def test_a_cell_that_changed_is_named() -> None:
    [change] = differences([A, B, C], [A, B, Row(("-", "true"), ('"manager"',), Label("很急", "Urgent"))])
    assert (change.before, change.after) == (3, 3)
    assert change.changed_cells() == [("answer", 0), ("remark", 0)]


def test_a_row_in_the_middle_that_is_gone_leaves_the_others_as_they_are() -> None:
    [change] = differences([A, B, C], [A, C])
    assert (change.before, change.after, change.old) == (2, None, B)


def test_a_row_that_came_in_between_and_one_that_changed() -> None:
    other = Row((">= 20", "false"), ('"director"',))
    added, changed = differences([A, C], [A, other, Row(("-", "true"), ('"manager"',))])
    assert (added.before, added.after) == (None, 2)
    assert (changed.before, changed.after, changed.changed_cells()) == (2, 3, [("answer", 0), ("remark", 0)])


def test_other_columns_are_other_rows_altogether() -> None:
    wide = Row(("-", "-", "-"), ('"manager"',))
    assert [(one.before, one.after) for one in differences([A], [wide])] == [(1, None), (None, 1)]
