"""The forms of the sale (domain.md section 1): its tasks, and what people do to a sale besides.

What only the case, the catalogue or the ledger can know (dates against the contract, amounts against what is owed) is
refused by the operations.
"""

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Form, widgets
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from forms.base import ProcessForm
from forms.decision import DecisionForm
from forms.fields import (
    ChoiceField,
    DayField,
    DocumentsField,
    ExactField,
    MoneyField,
    TextField,
    WholeField,
    more_than_zero,
    needed,
)
from forms.tables import RowField, RowsField
from workflows.sale.model import LostReason

#: As many items, instalments and milestones fit one sale; a page offers a few blank rows.
MOST_ITEMS = 100
MOST_INSTALMENTS = 36
MOST_MILESTONES = 30
BLANK_ROWS = 3
#: Nobody is sold more of one thing at once; more is a slip.
MOST_PIECES = Decimal(1_000_000)
LONGEST_PAYMENT_DAYS = 3650

REASONS = [
    SelectChoice(LostReason.PRICE.value, _("The price")),
    SelectChoice(LostReason.COMPETITOR.value, _("A competitor")),
    SelectChoice(LostReason.NO_BUDGET.value, _("No budget")),
    SelectChoice(LostReason.NO_NEED.value, _("No need any more")),
    SelectChoice(LostReason.TIMING.value, _("Not now")),
    SelectChoice(LostReason.OTHER.value, _("Something else")),
]


class OpportunityForm(ProcessForm):
    """A need of a customer, registered (I8.1)."""

    customer = WholeField(_("Customer"), [needed()], widget=widgets.TextInput())
    product_line = WholeField(_("Product line"), [needed()], widget=widgets.TextInput())
    need = TextField(_("What the customer needs"), [needed()], longest=500, lines=True)
    expected_amount = MoneyField(_("Expected amount (yuan)"), [needed(), more_than_zero])
    expected_on = DayField(_("Expected to be signed on"), [needed()])
    attachments = DocumentsField(_("Attachments"))


class InformationForm(ProcessForm):
    """Who sells says that what the archive holds is right."""

    remarks = TextField(_("Remarks"), longest=1000, lines=True)


class InitiationForm(ProcessForm):
    """What the manager decides on: needs, who decides, money and time, and who else offers."""

    needs = TextField(_("What the customer needs"), [needed()], longest=2000, lines=True)
    decision_makers = TextField(_("Who decides, and how"), [needed()], longest=2000, lines=True)
    budget = MoneyField(_("The customer's budget (yuan)"))
    competitors = TextField(_("Competitors"), longest=1000, lines=True)
    expected_amount = MoneyField(_("Expected amount (yuan)"), [needed(), more_than_zero])
    expected_on = DayField(_("Expected to be signed on"), [needed()])
    attachments = DocumentsField(_("Attachments"))


class QuotationRow(Form):
    """One item; a row without a product and a quantity counts as not there."""

    product = WholeField(_("Product"), widget=widgets.TextInput())
    quantity = ExactField(_("Quantity"), places=3, most=MOST_PIECES)
    unit_price = MoneyField(_("Unit price"), description=_("Blank for the list price"))
    discount = ExactField(_("Discount (%)"), places=2, most=Decimal(100))
    note = TextField(_("Note"), longest=200)

    def is_blank(self) -> bool:
        """Whether nothing was filled in."""
        filled = (self.product, self.quantity, self.unit_price, self.discount, self.note)
        return not any(field.data or field.errors for field in filled)


class QuotationForm(ProcessForm):
    """An offer: items and terms."""

    lines = RowsField(RowField(QuotationRow), label=_("Items"), max_entries=MOST_ITEMS)
    valid_until = DayField(_("Valid until"), [needed()])
    payment_days = ExactField(
        _("Days until the last payment"), [needed()], places=0, most=Decimal(LONGEST_PAYMENT_DAYS)
    )
    payment_terms = TextField(_("Payment terms"), longest=300)
    delivery_terms = TextField(_("Delivery terms"), longest=300)

    def check(self) -> None:
        """At least one item, each with a product and more than none of it."""
        rows = [row.form for row in self.lines.entries if not row.form.is_blank()]
        if not rows:
            self.put("lines", _("Add at least one item."))
        for row in rows:
            _want(row.product)
            _want(row.quantity)
            if row.quantity.data == 0:
                row.quantity.errors = [*row.quantity.errors, _("The quantity must be more than zero.")]

    def answer(self) -> dict[str, Any]:
        """The typed values, without blank rows; ``row`` is where a line stood, for messages at its fields."""
        return {**self.data, "payment_days": int(self.payment_days.data), "lines": _rows(self.lines)}


class AnswerForm(ProcessForm):
    """What the customer says to a quotation."""

    opinion = TextField(_("The customer's words"), longest=500, lines=True)
    decision = ChoiceField(
        _("The customer"),
        [needed()],
        choices=[
            SelectChoice("accept", _("accepts the quotation")),
            SelectChoice("revise", _("wants another one")),
        ],
    )

    def check(self) -> None:
        """Another quotation is wanted for a reason."""
        if self.decision.data == "revise" and not self.opinion.data:
            self.put("opinion", _("Please give a reason."))


class InstalmentRow(Form):
    """One planned payment; a row without a day and an amount counts as not there."""

    due_on = DayField(_("Due on"))
    amount = MoneyField(_("Amount"))
    note = TextField(_("Note"), longest=200)

    def is_blank(self) -> bool:
        """Whether nothing was filled in."""
        return not any(field.data or field.errors for field in (self.due_on, self.amount, self.note))


class ContractForm(ProcessForm):
    """The contract: when it is delivered, on what terms, and when it is paid."""

    deliver_on = DayField(_("Deliver on"), [needed()])
    terms = TextField(_("Terms"), longest=5000, lines=True)
    plan = RowsField(RowField(InstalmentRow), label=_("Payment plan"), max_entries=MOST_INSTALMENTS)
    attachments = DocumentsField(_("Attachments"))

    def check(self) -> None:
        """At least one instalment, each with its day and amount."""
        rows = [row.form for row in self.plan.entries if not row.form.is_blank()]
        if not rows:
            self.put("plan", _("Add at least one instalment."))
        for row in rows:
            _want(row.due_on)
            _want(row.amount)
            if row.amount.data == 0:
                row.amount.errors = [*row.amount.errors, _("The amount must be more than zero.")]

    def answer(self) -> dict[str, Any]:
        """The typed values, without blank rows."""
        return {**self.data, "plan": _rows(self.plan)}


class DirectorContractForm(DecisionForm):
    """The director's decision on a major contract or one below the floor, with a written opinion."""

    is_opinion_required = True
    opinion_rule = _("The director writes an opinion on every contract that comes here.")


class SigningForm(ProcessForm):
    """Both sides have signed, or the customer wants to talk again."""

    signed_on = DayField(_("Signed on"))
    attachments = DocumentsField(_("The signed contract"))
    opinion = TextField(_("Remarks"), longest=1000, lines=True)
    decision = ChoiceField(
        _("The contract"),
        [needed()],
        choices=[
            SelectChoice("signed", _("is signed by both sides")),
            SelectChoice("renegotiate", _("is negotiated again")),
        ],
    )

    def check(self) -> None:
        """A signed contract has a day and a scan, a new negotiation a reason."""
        if self.decision.data == "signed":
            _want(self.signed_on)
            if not self.attachments.data:
                self.put("attachments", _("Attach the signed contract."))
        elif not self.opinion.data:
            self.put("opinion", _("Please give a reason."))


class MilestoneRow(Form):
    """One planned step of the delivery; a row without a name and a day counts as not there."""

    name = TextField(_("Step"), longest=80)
    planned_on = DayField(_("Planned on"))

    def is_blank(self) -> bool:
        """Whether nothing was filled in."""
        return not any(field.data or field.errors for field in (self.name, self.planned_on))


class HandOverOrderForm(ProcessForm):
    """The order goes to those who deliver it (B4.6)."""

    milestones = RowsField(RowField(MilestoneRow), label=_("Steps of the delivery"), max_entries=MOST_MILESTONES)
    remarks = TextField(_("What those who deliver must know"), longest=1000, lines=True)
    attachments = DocumentsField(_("Attachments"))

    def check(self) -> None:
        """At least one step, each with a name and a day."""
        rows = [row.form for row in self.milestones.entries if not row.form.is_blank()]
        if not rows:
            self.put("milestones", _("Add at least one step."))
        for row in rows:
            _want(row.name)
            _want(row.planned_on)

    def answer(self) -> dict[str, Any]:
        """The typed values, without blank rows."""
        return {**self.data, "milestones": _rows(self.milestones)}


class AcceptanceForm(ProcessForm):
    """The customer has accepted what was delivered."""

    accepted_on = DayField(_("Accepted on"), [needed()])
    remarks = TextField(_("Remarks"), longest=1000, lines=True)
    attachments = DocumentsField(_("The certificate of acceptance"))


class SatisfactionForm(ProcessForm):
    """How satisfied the customer is, and in what words."""

    satisfaction = ChoiceField(
        _("How satisfied is the customer?"),
        [needed()],
        choices=[
            SelectChoice("5", _("5 – very satisfied")),
            SelectChoice("4", _("4 – satisfied")),
            SelectChoice("3", _("3 – neither")),
            SelectChoice("2", _("2 – dissatisfied")),
            SelectChoice("1", _("1 – very dissatisfied")),
        ],
    )
    customer_word = TextField(_("The customer's words"), [needed()], longest=1000, lines=True)


def _want(field: Any) -> None:
    if field.data in (None, "") and not field.errors:
        field.errors = [*field.errors, _("Please fill this in.")]


def _rows(table: RowsField) -> list[dict[str, Any]]:
    """The rows that are filled in, each with where it stood."""
    rows = enumerate(row.form for row in table.entries)
    return [{**row.data, "row": index} for index, row in rows if not row.is_blank()]
