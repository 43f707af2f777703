"""A full disk is said before anything is written to it."""

import shutil
from pathlib import Path

import pytest

from webapp.launch import LaunchError
from webapp.launch.complaints import in_one_line
from webapp.launch.database import refuse_full_disk

MB = 2**20


@pytest.mark.parametrize(("free", "is_enough"), [(200 * MB, True), (200 * MB - 1, False)])
def test_a_start_needs_200_mb(free: int, is_enough: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(500 * MB, 500 * MB - free, free))  # type: ignore[attr-defined]
    if is_enough:
        refuse_full_disk(tmp_path)
    else:
        with pytest.raises(LaunchError, match=r"The disk is full: 199 MB are left for .*, 200 MB are needed\."):
            refuse_full_disk(tmp_path)


def test_a_disk_that_fills_up_later_is_one_line_too() -> None:
    assert in_one_line(OSError(28, "No space left on device")) == "The disk is full."
    assert in_one_line(RuntimeError("a mistake of ours")) is None
