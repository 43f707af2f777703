"""The forms of a customer's complaint (I6.4)."""

from flask_babel import lazy_gettext as _
from wtforms import widgets
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from forms.base import ProcessForm
from forms.fields import ChoiceField, DayField, DocumentsField, TextField, WholeField, needed

#: From very dissatisfied to very satisfied.
SATISFACTION = [
    SelectChoice("1", _("1 – very dissatisfied")),
    SelectChoice("2", _("2 – dissatisfied")),
    SelectChoice("3", _("3 – neither")),
    SelectChoice("4", _("4 – satisfied")),
    SelectChoice("5", _("5 – very satisfied")),
]


class ComplaintForm(ProcessForm):
    """Whose complaint it is, about what or whom, and what was said."""

    customer = WholeField(_("Customer"), [needed(_("Please choose the customer."))], widget=widgets.TextInput())
    sale = WholeField(_("Sale"), widget=widgets.HiddenInput())
    about = TextField(_("About what or whom"), [needed()], longest=120)
    raised_on = DayField(_("Raised on"), [needed()])
    content = TextField(_("What the customer says"), [needed()], longest=4000, lines=True)
    attachments = DocumentsField(_("Attachments"))


class MeasuresForm(ProcessForm):
    """What the manager does about it."""

    measures = TextField(_("What is done about it"), [needed()], longest=2000, lines=True)
    attachments = DocumentsField(_("Attachments"))


class CustomerWordForm(ProcessForm):
    """What the customer says of that."""

    satisfaction = ChoiceField(_("How satisfied is the customer?"), [needed()], choices=SATISFACTION)
    customer_word = TextField(_("The customer’s words"), [needed()], longest=2000, lines=True)


FORMS: dict[tuple[str, str], type[ProcessForm]] = {
    ("complaint", "raise_complaint"): ComplaintForm,
    ("complaint", "coordinate_complaint"): MeasuresForm,
    ("complaint", "record_customer_word"): CustomerWordForm,
}
