"""Working days as files: a table (CSV) that can be edited and read back, and a calendar (iCalendar, RFC 5545).

Both hold the days of a year that are not what their weekday makes one expect. The table has the columns ``day``
(2026-10-01), ``works`` (1, 0, or empty for what the public calendar says), ``note`` and ``source``; lines whose source
is ``public`` are for reading only and are passed over when the table comes back.
"""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable

from workflows.calendar.year import DayInfo, Source
from workflows.kernel.errors import Invalid

_COLUMNS = ("day", "works", "note", "source")
_WORKS: dict[str, bool | None] = {
    "1": True, "yes": True, "true": True, "上班": True,
    "0": False, "no": False, "false": False, "休息": False,
    "": None,
}  # fmt: skip
#: Far more than a year of days needs.
_LARGEST_FILE = 256 * 1024
_MOST_LINES = 1000
#: A spreadsheet takes a cell that begins like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_LINE = 75


def as_csv(days: Iterable[DayInfo]) -> str:
    """Write the table, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for info in days:
        if info.source != Source.WEEK:
            note = info.note or info.name_zh
            safe = f"'{note}" if note.startswith(_FORMULA) else note
            writer.writerow([info.day.isoformat(), int(info.works), safe, info.source])
    return "\ufeff" + out.getvalue()


def read_csv(content: bytes) -> dict[dt.date, tuple[bool | None, str]]:
    """Read a table: day -> (whether the company works, note). Raises ``Invalid`` at ``file``, naming the line."""
    if not content:
        raise Invalid.at("file", "Please choose a file.")
    if len(content) > _LARGEST_FILE:
        raise Invalid.at("file", "The file is too large.")
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise Invalid.at("file", "This is not a CSV file in UTF-8.") from None
    found: dict[dt.date, tuple[bool | None, str]] = {}
    if len(lines) > _MOST_LINES:
        raise Invalid.at("file", "The file is too large.")
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line] + [""] * 4
        if not any(cells) or (number == 1 and cells[0] == "day") or cells[3] == Source.PUBLIC:
            continue
        found[_day(cells[0], number)] = (_said(cells[1], number), cells[2].removeprefix("'"))
    return found


def as_ics(days: Iterable[DayInfo], kind: Callable[[DayInfo], str], now: dt.datetime) -> str:
    """Write the calendar; ``kind`` says in words what a day is."""
    stamp = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//salesflow//working days//ZH"]
    for info in days:
        if info.source != Source.WEEK:
            lines += [
                "BEGIN:VEVENT",
                f"UID:{info.day.isoformat()}@salesflow",
                f"DTSTAMP:{stamp}",
                f"DTSTART;VALUE=DATE:{info.day:%Y%m%d}",
                f"SUMMARY:{_escaped(kind(info))}",
                f"TRANSP:{'OPAQUE' if info.works else 'TRANSPARENT'}",
                "END:VEVENT",
            ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _day(text: str, number: int) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Invalid.at("file", "Line %(line)s: a day is written 2026-10-01.", line=number) from None


def _said(text: str, number: int) -> bool | None:
    try:
        return _WORKS[text.lower()]
    except KeyError:
        raise Invalid.at("file", "Line %(line)s: works is 1, 0 or empty.", line=number) from None


def _escaped(text: str) -> str:
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break a line after 75 bytes at most, never inside a character."""
    parts, size = [""], 0
    for sign in line:
        width = len(sign.encode())
        if size + width > _LONGEST_LINE:
            # The blank that begins the next line counts.
            parts, size = [*parts, ""], 1
        parts[-1] += sign
        size += width
    return "\r\n ".join(parts)
