"""The words for stages, statuses, reasons and moves of a sale."""

from flask_babel import lazy_gettext as _

from forms.sale import REASONS
from forms.sale_acts import COSTS
from workflows.customers.scope import Slice
from workflows.sale.model import LostReason, SaleStatus, Stage

STAGES = {
    Stage.INFORMATION: _("Information"),
    Stage.INITIATION: _("Initiation"),
    Stage.NEGOTIATION: _("Negotiation"),
    Stage.PURCHASE: _("Purchase"),
    Stage.AFTER_SALES: _("After-sales"),
}
#: What each stage is about (I7.1).
KEY_POINTS = {
    Stage.INFORMATION: _("Accurate information"),
    Stage.INITIATION: _("The relation advances"),
    Stage.NEGOTIATION: _("A signed contract"),
    Stage.PURCHASE: _("Money collected"),
    Stage.AFTER_SALES: _("A satisfied customer"),
}
#: Status -> (words, colour of the mark).
STATUSES = {
    SaleStatus.OPEN: (_("In progress"), "blue"),
    SaleStatus.LOST: (_("Lost"), "secondary"),
    SaleStatus.SUSPENDED: (_("Put aside"), "orange"),
    SaleStatus.CLOSED: (_("Completed"), "green"),
}
SLICES = {Slice.MINE: _("My sales"), Slice.DEPARTMENT: _("My department"), Slice.ALL: _("All sales")}
REASON_NAMES = {
    **{choice.value: choice.label for choice in REASONS},
    LostReason.REFUSED.value: _("The initiation was refused"),
    LostReason.LAPSED.value: _("The registration lapsed"),
}
MOVES = {
    "started": _("The need was registered"),
    "stage": _("Came to the stage"),
    "lost": _("Lost"),
    "suspended": _("Put aside"),
    "reopened": _("Taken up again"),
    "reassigned": _("Given to somebody else"),
    "closed": _("Completed"),
}
QUOTATIONS = {
    "offered": (_("Offered"), "blue"),
    "accepted": (_("Accepted"), "green"),
    "refused": (_("Not accepted"), "secondary"),
    "expired": (_("Expired"), "secondary"),
    "replaced": (_("Replaced"), "secondary"),
}
CONTRACTS = {
    "in_approval": (_("In approval"), "blue"),
    "approved": (_("Approved, to be signed"), "blue"),
    "signed": (_("Signed"), "green"),
    "rejected": (_("Rejected"), "secondary"),
    "replaced": (_("Replaced"), "secondary"),
}
AUTHORITIES = {
    "manager": _("Sales manager"),
    "director": _("Sales director"),
    "general_manager": _("General manager"),
}
COST_KINDS = {choice.value: choice.label for choice in COSTS}

#: What each act is called on its button and on its page.
ACTS = {
    "change_forecast": _("Change the forecast"),
    "reach_milestone": _("A step of the delivery is done"),
    "suspend_sale": _("Put aside"),
    "lose_sale": _("Lost"),
    "reopen_sale": _("Take up again"),
    "reassign_sale": _("Give to somebody else"),
    "record_receipt": _("Record a receipt"),
    "reverse_receipt": _("Reverse an entry"),
    "record_cost": _("Record a cost"),
}

_PRIORITY = ("I8.1", _("Inside one industry, whoever registers a need first has priority."))
#: Task -> the clauses that bind its decision.
POLICY = {
    "approve_initiation": [
        ("I7.1", _("A project needs a customer relation that advances: visits, decision makers and needs.")),
        _PRIORITY,
    ],
    "manager_contract": [("B4", _("A contract holds items, price, delivery and terms of payment."))],
    "director_contract": [
        ("H10", _("What is sold below its floor price earns commission on the audited profit only.")),
    ],
    "general_manager_contract": [
        ("H10", _("What is sold below its floor price earns commission on the audited profit only.")),
    ],
}
