"""The forms of a refund (G3.2): what is asked back, the decisions on it, and the payment.

What only the ledger can know (what is held, what others have asked back) is refused by ``workflows.sale.refunds``.
"""

from flask_babel import lazy_gettext as _
from wtforms import widgets

from forms.base import ProcessForm
from forms.decision import DecisionForm
from forms.fields import (
    DayField,
    DocumentsField,
    ListField,
    MoneyField,
    TextField,
    WholeField,
    more_than_zero,
    needed,
)
from forms.payment import METHODS
from workflows.kernel.money import Method


class RefundForm(ProcessForm):
    """Which sale, how much, for which line of it, and why."""

    sale = WholeField(_("Sale"), [needed(_("Please choose the sale."))], widget=widgets.TextInput())
    line = WholeField(_("Order line"), widget=widgets.TextInput())
    amount = MoneyField(_("Amount to be refunded (yuan)"), [needed(), more_than_zero])
    reason = TextField(_("Reason"), [needed(_("Please give a reason."))], longest=500, lines=True)
    attachments = DocumentsField(_("Attachments"))


class DirectorRefundForm(DecisionForm):
    """The director's decision on a large refund, with a written opinion."""

    is_opinion_required = True
    opinion_rule = _("A written opinion is required.")


class RefundPaymentForm(ProcessForm):
    """The money went back."""

    paid_on = DayField(_("Paid on"), [needed()])
    method = ListField(_("Method"), [needed()], choices=METHODS)
    reference = TextField(_("Reference"), longest=80, description=_("Number of the transfer or of the receipt"))
    payee = TextField(_("Payee"), longest=120)
    attachments = DocumentsField(_("Attachments"))

    def check(self) -> None:
        """A transfer has a number."""
        if self.method.data == Method.BANK_TRANSFER and not self.reference.data:
            self.put("reference", _("A bank transfer has a reference."))


FORMS: dict[tuple[str, str], type[ProcessForm]] = {
    ("sale_refund", "request_refund"): RefundForm,
    ("sale_refund", "approve_refund"): DecisionForm,
    ("sale_refund", "approve_refund_director"): DirectorRefundForm,
    ("sale_refund", "pay_refund"): RefundPaymentForm,
}
