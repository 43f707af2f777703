"""The forms around the archive: a table to take in, contacts to take out, follow-ups, rules, and other owners."""

from flask_babel import lazy_gettext as _
from wtforms import FileField, widgets

from forms.administration import LONGEST_REASON, IdsField, ReasonForm
from forms.base import ProcessForm
from forms.fields import DayField, TextField, WholeField, needed
from forms.page import PageForm


class TableForm(PageForm):
    """A table of customers from a file."""

    file = FileField(_("Table (XLSX or CSV)"))


class ExportForm(ReasonForm):
    """Why contacts leave the archive."""


class PutOffForm(ProcessForm):
    """Until when a follow-up is put off, and why."""

    follow_up_on = DayField(_("New day"), [needed()])
    reason = TextField(_("Reason"), [needed(_("Please give a reason."))], longest=LONGEST_REASON)


class RuleForm(ProcessForm):
    """Another number for a rule, and why."""

    value = WholeField(_("Days"), [needed()], widget=widgets.NumberInput(min=1))
    reason = TextField(_("Reason"), [needed(_("Please give a reason."))], longest=LONGEST_REASON)


class HandOverCustomersForm(ReasonForm):
    """Which customers go to whom."""

    customers = IdsField(_("Customers"), most=500)
    to = TextField(_("To whom"), [needed()], longest=64)
