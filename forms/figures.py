"""What the figures are asked about: a process, a period and a department. Nothing said means all, and three months."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Form

from forms.fields import DayField, ListField
from forms.page import choices
from workflows.engine.waiting import Question
from workflows.kernel.errors import Invalid

#: Period -> how many calendar months it reaches back, the current one included.
MONTHS = {"this_month": 1, "3_months": 3, "12_months": 12}
USUAL = "3_months"
CUSTOM = "custom"
PERIODS = [
    ("this_month", _("This month")),
    ("3_months", _("The last 3 months")),
    ("12_months", _("The last 12 months")),
    (CUSTOM, _("From day to day")),
]


class FiguresForm(Form):
    """The filters. Days count only where the period is ``custom``, which they make it where no period is named."""

    process_key = ListField(_("Process"), name="process")
    period = ListField(_("Period"), choices=choices(PERIODS))
    first_on = DayField(_("First day"), name="from")
    last_on = DayField(_("Last day"), name="to")
    department = ListField(_("Department"))

    def __init__(
        self,
        said: Any,
        *,
        processes: Mapping[str, str],
        departments: Iterable[tuple[int, str]],
    ) -> None:
        super().__init__(said)
        self.process_key.choices = choices([("", _("Every process")), *processes.items()])
        self.department.choices = choices(
            [("", _("Every department")), *((str(ident), name) for ident, name in departments)]
        )
        self.period.data = self.period.data or (CUSTOM if self._has_days() else USUAL)

    def question(self, today: dt.date) -> Question:
        """Give what was asked.

        :raises Invalid: at ``process``, ``period``, ``from``, ``to`` or ``department``
        """
        self.validate()
        wrong: dict[str, list[tuple[str, dict[str, Any]]]] = {
            field.name: [(str(text), {}) for text in field.errors] for field in self._asked() if field.errors
        }
        if wrong:
            raise Invalid(wrong)
        first_on, last_on = self._days(today)
        # The page shows the days that were counted, also where those that were sent do not count.
        for field, day in ((self.first_on, first_on), (self.last_on, last_on)):
            field.data, field.raw_data = day, None
        department = int(self.department.data) if self.department.data else None
        return Question(first_on, last_on, self.process_key.data or None, department)

    def show(self, messages: Mapping[str, list[str]]) -> None:
        """Put messages at the fields, by the names that addresses use."""
        for field in self:
            field.errors = messages.get(field.name, ())

    def _days(self, today: dt.date) -> tuple[dt.date, dt.date]:
        if self.period.data == CUSTOM:
            if self.first_on.data is None:
                raise Invalid.at("from", "Please fill this in.")
            return self.first_on.data, self.last_on.data or today
        month = today.year * 12 + today.month - MONTHS[self.period.data]
        return dt.date(month // 12, month % 12 + 1, 1), today

    def _has_days(self) -> bool:
        return bool(self.first_on.raw_data or self.last_on.raw_data)

    def _asked(self) -> list[Any]:
        """The fields that count: days only where the period is made of them."""
        return [field for field in self if self.period.data == CUSTOM or field.name not in ("from", "to")]
