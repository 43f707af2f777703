"""What an administrator fills in about working days."""

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateField, FileField, RadioField, StringField, ValidationError
from wtforms.validators import Length, Optional

from forms.accounts import needed
from forms.page import PageForm, choices

#: What can be said of a day -> whether the company works on it, None for what the public calendar says.
WORKS: dict[str, bool | None] = {"off": False, "on": True, "public": None}
_CHOICES = {
    "off": _("A day off"),
    "on": _("A working day"),
    "public": _("As the public calendar says"),
}
#: More than any range that makes sense; the exact bound is the operation's.
_LONGEST_RANGE = 400


class DayForm(PageForm):
    """One day."""

    works = RadioField(_("What it is"), choices=choices(_CHOICES.items()), validators=[needed()])
    note = StringField(_("Why"), validators=[Length(max=200)])

    def said(self) -> bool | None:
        """Whether the company works on it, None for what the public calendar says."""
        return WORKS[self.works.data]


class RangeForm(DayForm):
    """Days from one to another; without a last one just the first."""

    first_on = DateField(_("First day"), validators=[needed()])
    last_on = DateField(_("Last day"), validators=[Optional()])
    only_weekdays = BooleanField(_("Only Monday to Friday"))

    def validate_last_on(self, field: Any) -> None:
        """A range runs forwards, and ends."""
        if field.data and self.first_on.data and field.data < self.first_on.data:
            raise ValidationError(_("This day lies before the first one."))
        if field.data and self.first_on.data and (field.data - self.first_on.data).days > _LONGEST_RANGE:
            raise ValidationError(_("At most %(most)s days at once.", most=366))

    def days(self) -> list[dt.date]:
        """The days that are meant."""
        first: dt.date = self.first_on.data  # type: ignore[assignment]
        count = ((self.last_on.data or first) - first).days + 1
        days = [first + dt.timedelta(days=number) for number in range(count)]
        return [day for day in days if not self.only_weekdays.data or day.isoweekday() < 6]  # noqa: PLR2004 (Saturday)


class ImportForm(PageForm):
    """A table of days from a file."""

    file = FileField(_("CSV file"))
