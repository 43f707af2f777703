"""The words for entries, events and refunds."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from workflows.products.model import ProductKind
from workflows.sale.ledger_model import EventKind, ReceiptKind

ENTRIES = {ReceiptKind.RECEIPT.value: _("Money in"), ReceiptKind.REFUND.value: _("Money back")}
EVENTS = {
    EventKind.ORDER.value: _("Ordered"),
    EventKind.RECEIPT.value: _("Collected"),
    EventKind.REFUND.value: _("Refunded"),
    EventKind.COST.value: _("Cost"),
}
#: What each kind of event means for commissions.
EXPLAINED = {
    EventKind.ORDER.value: _("What the item was sold for; it counts once all of the order is collected (H9)."),
    EventKind.RECEIPT.value: _("The item’s share of money that came in."),
    EventKind.REFUND.value: _("The item’s share of money that went back; it lowers commission (G3.2)."),
    EventKind.COST.value: _("Lowers the profit that procured and below-floor items are paid on (H3, H10)."),
}
PRODUCT_KINDS = {
    ProductKind.ORDINARY.value: _("Ordinary"),
    ProductKind.HIGH_END.value: _("High-end"),
    ProductKind.NEW.value: _("New product"),
    ProductKind.REFERRED.value: _("Referred by a partner"),
}
#: Status of the case -> (words, colour of the mark).
REFUNDS = {
    "running": (_("In approval"), "blue"),
    "completed": (_("Paid back"), "green"),
    "rejected": (_("Refused"), "secondary"),
    "withdrawn": (_("Withdrawn"), "secondary"),
    "terminated": (_("Ended by the administrator"), "secondary"),
}
TO_PAY = (_("To be paid"), "orange")
TO_CHANGE = (_("To be changed"), "secondary")
#: The rules that a decision on a refund rests on.
POLICY = [
    ("G3.2", _("What is refunded lowers the commission at the rate at which it was earned.")),
    (_("G3.2, filled"), _("No more is refunded than is held; above the manager’s limit the director decides too.")),
]


def refund_mark(refund: object) -> tuple[object, str]:
    """The mark of a refund by the status of its case and what it waits for."""
    waits_at, status = getattr(refund, "waits_at", None), str(getattr(refund, "status", ""))
    if waits_at == "pay_refund":
        return TO_PAY
    if waits_at == "request_refund":
        return TO_CHANGE
    return REFUNDS[status]


def entry_name(entry: object) -> str:
    """What an entry is called; one that undoes another says so."""
    name = str(ENTRIES[str(getattr(entry, "kind", ""))])
    return gettext("Reversed: %(what)s", what=name) if getattr(entry, "reverses_id", None) else name
