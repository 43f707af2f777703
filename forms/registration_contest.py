"""The forms of a contested registration (I8.1): a ground, the owner's reply, the manager's decision.

Whether a registration may be contested at all is refused by the operations (``workflows.customers.contests``).
"""

from flask_babel import lazy_gettext as _
from wtforms import widgets
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from forms.base import ProcessForm
from forms.fields import ChoiceField, DocumentsField, TextField, WholeField, needed


class ContestForm(ProcessForm):
    """Which registration, and why it should be one's own."""

    registration = WholeField(
        _("Registration"), [needed(_("Please choose the registration."))], widget=widgets.TextInput()
    )
    ground = TextField(_("Why should it be yours?"), [needed()], longest=2000, lines=True)
    attachments = DocumentsField(_("Evidence"))


class ReplyForm(ProcessForm):
    """What the owner of the registration says to it."""

    opinion = TextField(_("Your reply"), [needed()], longest=2000, lines=True)
    attachments = DocumentsField(_("Evidence"))
    decision = ChoiceField(
        _("Reply"),
        [needed()],
        choices=[
            SelectChoice("reject", _("I keep my registration")),
            SelectChoice("approve", _("I give it up")),
        ],
    )


class ContestDecisionForm(ProcessForm):
    """The manager's word, always with a reason."""

    opinion = TextField(_("Reason"), [needed(_("Please give a reason."))], longest=1000, lines=True)
    decision = ChoiceField(
        _("Decision"),
        [needed()],
        choices=[
            SelectChoice("approve", _("Transfer it to the claimant")),
            SelectChoice("reject", _("It stays as it is")),
        ],
    )


FORMS: dict[tuple[str, str], type[ProcessForm]] = {
    ("registration_contest", "contest_registration"): ContestForm,
    ("registration_contest", "reply_to_contest"): ReplyForm,
    ("registration_contest", "decide_contest"): ContestDecisionForm,
}
