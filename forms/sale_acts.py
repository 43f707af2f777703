"""The forms of what people do to a sale besides answering its tasks, and the table of all of the sale's forms."""

from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from forms.base import ProcessForm
from forms.decision import DecisionForm
from forms.fields import (
    ChoiceField,
    DayField,
    FlagField,
    ListField,
    MoneyField,
    TextField,
    WholeField,
    more_than_zero,
    needed,
)
from forms.payment import METHODS
from forms.sale import (
    REASONS,
    AcceptanceForm,
    AnswerForm,
    ContractForm,
    DirectorContractForm,
    HandOverOrderForm,
    InformationForm,
    InitiationForm,
    OpportunityForm,
    QuotationForm,
    SatisfactionForm,
    SigningForm,
)
from workflows.kernel.money import Method
from workflows.sale.ledger_model import CostKind

LONGEST_WORDS = 500
COSTS = [
    SelectChoice(CostKind.PURCHASE.value, _("Procurement")),
    SelectChoice(CostKind.TAX.value, _("Tax")),
    SelectChoice(CostKind.LOGISTICS.value, _("Logistics")),
    SelectChoice(CostKind.OTHER.value, _("Other")),
]


def _words() -> TextField:
    return TextField(_("Reason"), [needed(_("Please give a reason."))], longest=LONGEST_WORDS, lines=True)


class LoseForm(ProcessForm):
    """Why a sale is lost."""

    reason = ListField(_("What it was"), [needed()], choices=REASONS)
    words = _words()


class SuspendForm(ProcessForm):
    """Why a sale is put aside, and until when."""

    reason = ListField(_("What it was"), [needed()], choices=REASONS)
    resume_on = DayField(_("Ask again on"), [needed()])
    words = _words()


class ReopenForm(ProcessForm):
    """Why a sale is taken up again."""

    words = _words()


class ReassignForm(ProcessForm):
    """Who has the sale from now on."""

    to = TextField(_("Give it to"), [needed()], longest=64)
    words = _words()


class ForecastForm(ProcessForm):
    """What is expected of the sale."""

    expected_amount = MoneyField(_("Expected amount (yuan)"), [needed(), more_than_zero])
    expected_on = DayField(_("Expected to be signed on"), [needed()])


class SuspendedForm(ProcessForm):
    """The day has come on which a sale that was put aside is asked about again."""

    words = _words()
    resume_on = DayField(_("Ask again on"))
    reason = ListField(_("What it was"), choices=REASONS)
    decision = ChoiceField(
        _("What becomes of it"),
        [needed()],
        choices=[
            SelectChoice("reopen", _("Take it up again")),
            SelectChoice("later", _("Wait longer")),
            SelectChoice("lost", _("Give it up")),
        ],
    )

    def check(self) -> None:
        """Waiting has a day, giving up a reason of the list."""
        if self.decision.data == "later" and not self.resume_on.data:
            self.put("resume_on", _("Please fill this in."))
        if self.decision.data == "lost" and not self.reason.data:
            self.put("reason", _("Please fill this in."))


class MilestoneForm(ProcessForm):
    """A step of the delivery is done."""

    position = WholeField(_("Step"), [needed()])
    reached_on = DayField(_("Done on"), [needed()])
    note = TextField(_("Note"), longest=200)


class ReceiptForm(ProcessForm):
    """Money that came in."""

    amount = MoneyField(_("Amount received (yuan)"), [needed(), more_than_zero])
    received_on = DayField(_("Received on"), [needed()])
    method = ListField(_("Method"), [needed()], choices=METHODS)
    reference = TextField(_("Reference"), longest=80, description=_("Number of the transfer or of the receipt"))
    payer = TextField(_("Payer"), longest=120)
    accept_overpayment = FlagField(_("It is more than what is owed, and meant so"))

    def check(self) -> None:
        """A transfer has a number."""
        if self.method.data == Method.BANK_TRANSFER and not self.reference.data:
            self.put("reference", _("A bank transfer has a reference."))


class ReversalForm(ProcessForm):
    """An entry was wrong."""

    receipt = WholeField(_("Entry"), [needed()])
    reason = TextField(_("Reason"), [needed(_("Please give a reason."))], longest=LONGEST_WORDS, lines=True)


class CostForm(ProcessForm):
    """What an order line cost (H3)."""

    line = WholeField(_("Order line"), [needed()])
    kind = ListField(_("Kind of cost"), [needed()], choices=COSTS)
    amount = MoneyField(_("Amount (yuan)"), [needed(), more_than_zero])
    occurred_on = DayField(_("Date"), [needed()])
    note = TextField(_("Note"), longest=200)


FORMS: dict[tuple[str, str], type[ProcessForm]] = {
    ("sale", "register_opportunity"): OpportunityForm,
    ("sale", "complete_information"): InformationForm,
    ("sale", "apply_initiation"): InitiationForm,
    ("sale", "approve_initiation"): DecisionForm,
    ("sale", "quote"): QuotationForm,
    ("sale", "await_answer"): AnswerForm,
    ("sale", "draft_contract"): ContractForm,
    ("sale", "manager_contract"): DecisionForm,
    ("sale", "director_contract"): DirectorContractForm,
    ("sale", "general_manager_contract"): DecisionForm,
    ("sale", "sign_contract"): SigningForm,
    ("sale", "hand_over_order"): HandOverOrderForm,
    ("sale", "accept_delivery"): AcceptanceForm,
    ("sale", "record_satisfaction"): SatisfactionForm,
    ("sale", "decide_on_suspended"): SuspendedForm,
    ("sale", "lose_sale"): LoseForm,
    ("sale", "suspend_sale"): SuspendForm,
    ("sale", "reopen_sale"): ReopenForm,
    ("sale", "reassign_sale"): ReassignForm,
    ("sale", "change_forecast"): ForecastForm,
    ("sale", "reach_milestone"): MilestoneForm,
    ("sale", "record_receipt"): ReceiptForm,
    ("sale", "reverse_receipt"): ReversalForm,
    ("sale", "record_cost"): CostForm,
}

