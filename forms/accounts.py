"""What a person fills in about themselves: language, holiday cover, tokens."""

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from forms.page import CheckboxesField, PageForm, choices

#: Holiday cover for longer than this is a change of job, and belongs to the administrator.
LONGEST_COVER = dt.timedelta(days=366)


def needed() -> DataRequired:
    """The validator of a field that must be filled in, with more than spaces."""
    return DataRequired(_("Please fill this in."))


class ProfileForm(PageForm):
    """The language of pages and messages."""

    locale = RadioField(_("Language"), choices=choices([("zh_Hans", "中文"), ("en", "English")]), validators=[needed()])


class DelegationForm(PageForm):
    """Holiday cover: who, from when to when, for which processes."""

    delegate = StringField(_("Who stands in for you"), validators=[needed(), Length(max=64)])
    first_on = DateField(_("First day"), validators=[needed()])
    last_on = DateField(_("Last day"), validators=[needed()])
    process_keys = CheckboxesField(_("Only for these requests"))
    reason = StringField(_("Reason"), validators=[Length(max=200)])

    def validate_last_on(self, field: Any) -> None:
        """The days are in order and not a year apart."""
        if self.first_on.data is None or field.data is None:
            return
        if field.data < self.first_on.data:
            raise ValidationError(_("The last day lies before the first."))
        if field.data - self.first_on.data >= LONGEST_COVER:
            raise ValidationError(_("Holiday cover lasts a year at most."))


class TokenForm(PageForm):
    """A new API token: what it is for, and how long it lives."""

    name = StringField(_("What it is for"), validators=[needed(), Length(max=80)])
    days = SelectField(
        _("Valid for"),
        choices=choices([("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year"))]),
        default="90",
    )

    def valid_for(self) -> dt.timedelta:
        """How long the token is to live."""
        return dt.timedelta(days=int(self.days.data))
