"""What an administrator fills in about a case or a leaver; pages and programs send the same."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import StopValidation

from forms.base import ProcessForm
from forms.fields import DocumentsField, FlagField, TextField, needed

LONGEST_REASON = 500
#: Nobody leads more departments, or has more people directly below them.
MOST_HANDED_ON = 500


class IdsField(DocumentsField):
    """Ids: on a page one box for each, from a program a list of numbers."""


class ReasonForm(ProcessForm):
    """Why."""

    reason = TextField(_("Reason"), [needed(_("Please give a reason."))], longest=LONGEST_REASON, lines=True)


class ReassignForm(ReasonForm):
    """On whose desk a task comes."""

    to = TextField(_("To whom"), [needed()], longest=64)


class JumpForm(ReasonForm):
    """To which passed step a case goes back."""

    element = TextField(_("Back to"), [needed(_("Please choose a step."))], longest=64)


class SuccessionForm(ReasonForm):
    """Who takes over from a leaver: all tasks, and those departments and people that are named."""

    to = TextField(_("Successor"), [needed()], longest=64)
    departments = IdsField(_("Departments"), most=MOST_HANDED_ON)
    reports = IdsField(_("People below"), most=MOST_HANDED_ON)


def _ticked(_form: Any, field: Any) -> None:
    if not field.data:
        raise StopValidation(_("Please confirm that you have looked at this."))


class ConfirmedReasonForm(ReasonForm):
    """On a page: what cannot be undone takes a tick besides the reason."""

    confirmed = FlagField(_("I have looked at this case and want it."), [_ticked])


class ConfirmedJumpForm(JumpForm):
    """On a page: where a case goes back to, and the tick."""

    confirmed = FlagField(_("I have looked at this case and want it."), [_ticked])
