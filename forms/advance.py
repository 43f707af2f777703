"""The forms of the expense advance and of its settlement (domain.md section 2).

What only the case or the ledger can know (dates against today, amounts against balances) is refused by the operations.
"""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Form, widgets
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from forms.base import ProcessForm
from forms.decision import DecisionForm, DirectorForm
from forms.fields import (
    ChoiceField,
    DayField,
    DocumentsField,
    FlagField,
    ListField,
    MoneyField,
    Stated,
    TextField,
    WholeField,
    more_than_zero,
    needed,
)
from forms.payment import METHODS
from forms.signature import SignableForm
from forms.tables import RowField, RowsField
from workflows.advance.model import SettlementKind, SpendKind
from workflows.kernel.money import Method

#: Value and label, in the order in which people think of them.
KINDS = [
    SelectChoice(SpendKind.TRANSPORT.value, _("Transport")),
    SelectChoice(SpendKind.LODGING.value, _("Lodging")),
    SelectChoice(SpendKind.MEALS.value, _("Meals")),
    SelectChoice(SpendKind.ENTERTAINMENT.value, _("Entertainment")),
    SelectChoice(SpendKind.OTHER.value, _("Other")),
]
SETTLEMENT_KINDS = [
    SelectChoice(SettlementKind.CLAIM.value, _("Claim expenses")),
    SelectChoice(SettlementKind.RETURN.value, _("Return money")),
    SelectChoice(SettlementKind.DEDUCTION.value, _("Deduct from commission")),
]
#: As many receipts fit one claim; a page offers this many blank rows.
MOST_LINES = 50
BLANK_LINES = 6


class SpendRow(Form):
    """How much is meant for one kind of expense; a row without an amount counts as not there."""

    kind = ListField(_("Kind"), [needed()], choices=KINDS, widget=widgets.HiddenInput())
    amount = MoneyField(_("Amount"))


class RequestForm(ProcessForm):
    """The loan form (《销售借款审批表》)."""

    amount = MoneyField(_("Amount (yuan)"), [needed(), more_than_zero])
    purpose = TextField(_("Purpose"), [needed()], longest=500, lines=True)
    customer = TextField(_("Customer or sale"), longest=200)
    sale_id = WholeField(_("For the sale"), widget=widgets.TextInput())
    customer_id = WholeField(_("For the customer"), widget=widgets.TextInput())
    spend = RowsField(RowField(SpendRow), label=_("Expected spend by kind"), max_entries=len(KINDS))
    return_on = DayField(_("Expected return date"), [needed()])
    attachments = DocumentsField(_("Attachments"))

    def check(self) -> None:
        """The kinds are different and add up to the amount."""
        rows = [row.form for row in self.spend.entries if row.form.amount.data]
        if not rows:
            self.put("spend", _("Say what the money is for: at least one kind with an amount."))
        elif len({row.kind.data for row in rows}) < len(rows):
            self.put("spend", _("Name each kind of expense once."))
        elif sum(row.amount.data for row in rows) != self.amount.data:
            self.put(
                "spend",
                _(
                    "The kinds of expense add up to ¥%(sum)s, the amount is ¥%(amount)s.",
                    sum=f"{sum(row.amount.data for row in rows):,.2f}",
                    amount=f"{self.amount.data:,.2f}",
                ),
            )

    def answer(self) -> dict[str, Any]:
        """The typed values, without the kinds that nothing is meant for."""
        return {**self.data, "spend": [row for row in self.spend.data if row["amount"]]}


class PaymentForm(ProcessForm):
    """A payment, or the decision not to pay the rest, or both."""

    amount = MoneyField(_("Amount paid (yuan)"))
    paid_on = DayField(_("Paid on"))
    method = ListField(_("Method"), choices=METHODS)
    reference = TextField(_("Reference"), longest=80, description=_("Number of the transfer or of the receipt"))
    close_rest = FlagField(_("The rest will not be paid"))
    close_reason = TextField(_("Reason for not paying the rest"), longest=500)

    def check(self) -> None:
        """A payment is dated and has a method; the rest is closed with a reason."""
        if self.amount.data:
            for name in ("paid_on", "method"):
                if not self[name].data:
                    self.put(name, _("Please fill this in."))
            if self.method.data == Method.BANK_TRANSFER and not self.reference.data:
                self.put("reference", _("A bank transfer has a reference."))
        elif not self.close_rest.data:
            self.put("amount", _("The amount must be more than zero.") if self.amount.data == 0 else needed().message)
        if self.close_rest.data and not self.close_reason.data:
            self.put("close_reason", _("Please give a reason."))


class ClaimLine(Form):
    """One receipt; a row without an amount, a day and a note counts as not there."""

    kind = ListField(_("Kind"), choices=KINDS)
    spent_on = DayField(_("Date"))
    amount = MoneyField(_("Amount"))
    note = TextField(_("Note"), longest=200)
    attachments = DocumentsField(_("Receipts"), most=10)

    def is_blank(self) -> bool:
        """Whether nothing was filled in; the kind of a row is chosen beforehand and says nothing."""
        filled = (self.spent_on, self.amount, self.note)
        return not any(field.data or field.errors for field in filled) and not self.attachments.data


class SettlementForm(ProcessForm):
    """What clears an advance: receipts, returned money, or consent to a deduction from commission."""

    advance = WholeField(_("Advance"), [needed()], widget=widgets.TextInput())
    kind = ListField(_("How"), [needed()], choices=SETTLEMENT_KINDS)
    lines = RowsField(RowField(ClaimLine), label=_("Receipts"), max_entries=MOST_LINES)
    amount = MoneyField(_("Amount (yuan)"))
    returned_on = DayField(_("Returned on"))
    method = ListField(_("Method"), choices=METHODS)
    reference = TextField(_("Reference"), longest=80)
    consent = FlagField(_("I agree that this amount is withheld from my commission."))
    note = TextField(_("Note"), longest=500, lines=True)
    attachments = DocumentsField(_("Attachments"))

    def check(self) -> None:
        """Each kind has its own fields."""
        if self.kind.data == SettlementKind.CLAIM:
            self._check_lines()
            return
        self._want("amount")
        if self.amount.data == 0:
            self.put("amount", _("The amount must be more than zero."))
        if self.kind.data == SettlementKind.RETURN:
            self._want("returned_on")
            self._want("method")
        elif not self.consent.data:
            self.put("consent", _("A deduction needs your consent."))

    def answer(self) -> dict[str, Any]:
        """The typed values, without blank rows; ``row`` is where a line stood, for messages at its fields."""
        rows = enumerate(row.form for row in self.lines.entries)
        lines = [{**row.data, "row": index} for index, row in rows if not row.is_blank()]
        return {**self.data, "lines": lines if self.kind.data == SettlementKind.CLAIM else []}

    def _want(self, name: str) -> None:
        if self[name].data is None:
            self.put(name, _("Please fill this in."))

    def _check_lines(self) -> None:
        rows = [row.form for row in self.lines.entries if not row.form.is_blank()]
        if not rows:
            self.put("lines", _("Add at least one receipt."))
        for row in rows:
            for field in (row.kind, row.spent_on, row.amount):
                if field.data is None:
                    field.errors = [*field.errors, _("Please fill this in.")]
            if row.amount.data == 0:
                row.amount.errors = [*row.amount.errors, _("The amount must be more than zero.")]


class AuditLine(Form):
    """Finance's word on one receipt, named by its position in the claim."""

    line = WholeField(_("Line"), [needed()])
    accepted = FlagField(_("Accept"), [Stated()])
    reason = TextField(_("Reason for rejecting"), longest=500)


class VerdictForm(SignableForm):
    """Finance accepts or rejects; a rejection has a reason."""

    opinion = TextField(_("Opinion"), longest=1000, lines=True)
    decision = ChoiceField(
        _("Decision"), [needed()], choices=[SelectChoice("approve", _("Confirm")), SelectChoice("reject", _("Reject"))]
    )

    def check(self) -> None:
        """A rejection has a reason."""
        if self.decision.data == "reject" and not self.opinion.data:
            self.put("opinion", _("Please give a reason."))


class AuditForm(VerdictForm):
    """Finance goes through a claim line by line."""

    lines = RowsField(RowField(AuditLine), label=_("Receipts"), max_entries=MOST_LINES)

    def check(self) -> None:
        """A rejected line has a reason, unless the whole claim is rejected with one."""
        super().check()
        if self.decision.data == "reject":
            return
        for row in (entry.form for entry in self.lines.entries):
            if not row.accepted.data and not row.reason.data:
                row.reason.errors = [*row.reason.errors, _("Please give a reason.")]


FORMS: dict[tuple[str, str], type[ProcessForm]] = {
    ("expense_advance", "request_advance"): RequestForm,
    ("expense_advance", "manager_approval"): DecisionForm,
    ("expense_advance", "director_opinion"): DirectorForm,
    ("expense_advance", "general_manager_approval"): DecisionForm,
    ("expense_advance", "pay"): PaymentForm,
    ("advance_settlement", "settle_advance"): SettlementForm,
    ("advance_settlement", "audit_claim"): AuditForm,
    ("advance_settlement", "confirm_return"): VerdictForm,
    ("advance_settlement", "confirm_deduction"): VerdictForm,
}
