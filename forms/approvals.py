"""The forms that belong to signing rather than to one process: what colleagues answer, and what one asks of them.

``ADDED`` and ``ADVICE`` are found for every process under ``workflows.engine.answering``'s keys. Who is meant by a name
and may be asked is for the operations to say (``workflows.engine.approvals``).
"""

from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from forms.base import ProcessForm
from forms.fields import ChoiceField, TextField, needed
from forms.naming import PeopleField
from workflows.engine.answering import ADDED_FORM, ADVICE_FORM

#: A reason stands in one line of the history.
LONGEST_REASON = 500
#: A person is named by login or by name (``workflows.people.model``).
LONGEST_NAME = 64


class AddedForm(ProcessForm):
    """The answer of somebody who was asked to sign as well; sending back is left to whose step it is."""

    opinion = TextField(_("Opinion"), longest=1000, lines=True)
    decision = ChoiceField(
        _("Decision"), [needed()], choices=[SelectChoice("approve", _("Approve")), SelectChoice("reject", _("Reject"))]
    )

    def check(self) -> None:
        """A rejection has a reason."""
        if self.decision.data == "reject" and not self.opinion.data:
            self.put("opinion", _("Please give a reason."))


class AdviceForm(ProcessForm):
    """An opinion, which decides nothing."""

    opinion = TextField(_("Your opinion"), [needed()], longest=1000, lines=True)


class HandOverForm(ProcessForm):
    """Whom a task is handed over to, and why."""

    to = TextField(_("Hand over to"), [needed()], longest=LONGEST_NAME)
    reason = TextField(_("Reason"), [needed(_("Please give a reason."))], longest=LONGEST_REASON)


class AddSignersForm(ProcessForm):
    """Who signs as well, whether before or behind oneself, and why."""

    people = PeopleField(_("Who signs as well"), [needed(_("Please name somebody."))])
    position = ChoiceField(
        _("When"),
        [needed()],
        choices=[
            SelectChoice("before", _("Before me: I decide once they have signed")),
            SelectChoice("after", _("Behind me: they are asked once I have signed")),
        ],
    )
    reason = TextField(_("Reason"), [needed(_("Please give a reason."))], longest=LONGEST_REASON)


class OpinionForm(ProcessForm):
    """Who is asked for an opinion, and what."""

    people = PeopleField(_("Whom to ask"), [needed(_("Please name somebody."))])
    question = TextField(_("Question"), [needed(_("Please say what you want to know."))], longest=LONGEST_REASON)


class RemoveForm(ProcessForm):
    """Why somebody is asked no more."""

    reason = TextField(_("Reason"), [needed(_("Please give a reason."))], longest=LONGEST_REASON)


class TakeBackForm(ProcessForm):
    """Why a decision is taken back, if one wants to say."""

    reason = TextField(_("Reason"), longest=LONGEST_REASON)


COMMON: dict[str, type[ProcessForm]] = {ADDED_FORM: AddedForm, ADVICE_FORM: AdviceForm}
