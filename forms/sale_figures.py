"""What the figures of sales are asked about: a period and a department. Nothing said means all, and twelve months."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Form

from forms.fields import DayField, ListField
from forms.figures import CUSTOM, MONTHS, PERIODS
from forms.page import choices
from workflows.kernel.errors import Invalid

USUAL = "12_months"
LONGEST = dt.timedelta(days=5 * 366)


class SaleFiguresForm(Form):
    """The filters. Days count only where the period is ``custom``, which they make it where no period is named."""

    period = ListField(_("Period"), choices=choices(PERIODS))
    first_on = DayField(_("First day"), name="from")
    last_on = DayField(_("Last day"), name="to")
    department = ListField(_("Department"))

    def __init__(self, said: Any, *, departments: Iterable[tuple[int, str]]) -> None:
        super().__init__(said)
        self.department.choices = choices(
            [("", _("Every department")), *((str(ident), name) for ident, name in departments)]
        )
        has_days = bool(self.first_on.raw_data or self.last_on.raw_data)
        self.period.data = self.period.data or (CUSTOM if has_days else USUAL)

    def asked(self, today: dt.date) -> tuple[dt.date, dt.date, int | None]:
        """Give the first and the last day and the department.

        :raises Invalid: at ``period``, ``from``, ``to`` or ``department``
        """
        self.validate()
        is_custom = self.period.data == CUSTOM
        counting = [field for field in self if is_custom or field.name not in ("from", "to")]
        wrong: dict[str, list[tuple[str, dict[str, Any]]]] = {
            field.name: [(str(text), {}) for text in field.errors] for field in counting if field.errors
        }
        if wrong:
            raise Invalid(wrong)
        first_on, last_on = self._days(today)
        # The page shows the days that were counted, also where those that were sent do not count.
        for field, day in ((self.first_on, first_on), (self.last_on, last_on)):
            field.data, field.raw_data = day, None
        return first_on, last_on, int(self.department.data) if self.department.data else None

    def show(self, messages: Mapping[str, list[str]]) -> None:
        """Put messages at the fields, by the names that addresses use."""
        for field in self:
            field.errors = messages.get(field.name, ())

    def _days(self, today: dt.date) -> tuple[dt.date, dt.date]:
        if self.period.data != CUSTOM:
            month = today.year * 12 + today.month - MONTHS[self.period.data]
            return dt.date(month // 12, month % 12 + 1, 1), today
        if self.first_on.data is None:
            raise Invalid.at("from", "Please fill this in.")
        first_on, last_on = self.first_on.data, self.last_on.data or today
        if last_on < first_on:
            raise Invalid.at("to", "The last day lies before the first.")
        if last_on - first_on > LONGEST:
            raise Invalid.at("to", "At most five years.")
        return first_on, last_on
