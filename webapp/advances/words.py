"""The words for states, kinds and methods, and the rules that a decision on an advance rests on."""

from flask_babel import lazy_gettext as _

from forms.advance import KINDS, SETTLEMENT_KINDS
from forms.payment import METHODS
from workflows.advance.model import EntryKind
from workflows.advance.standing import Scope, State

#: State -> (words, colour of the mark).
STATES = {
    State.DRAFT: (_("To be changed"), "secondary"),
    State.IN_APPROVAL: (_("In approval"), "blue"),
    State.APPROVED: (_("Approved, not paid"), "blue"),
    State.PARTLY_PAID: (_("Partly paid"), "blue"),
    State.PAID: (_("Paid"), "blue"),
    State.PARTLY_CLEARED: (_("Partly cleared"), "green"),
    State.CLEARED: (_("Cleared"), "green"),
    State.OVERDUE: (_("Overdue"), "red"),
    State.REJECTED: (_("Rejected"), "secondary"),
    State.WITHDRAWN: (_("Withdrawn"), "secondary"),
}
SCOPES = {Scope.MINE: _("My advances"), Scope.TEAM: _("My team"), Scope.ALL: _("All advances")}
ENTRY_KINDS = {
    EntryKind.PAID: _("Paid out"),
    EntryKind.CLAIMED: _("Expenses accepted"),
    EntryKind.RETURNED: _("Money returned"),
    EntryKind.DEDUCTED: _("Deducted from commission"),
}
SPEND_KINDS = {choice.value: choice.label for choice in KINDS}
METHOD_NAMES = {choice.value: choice.label for choice in METHODS}
SETTLEMENT_NAMES = {choice.value: choice.label for choice in SETTLEMENT_KINDS}
SETTLEMENT_STATES = {
    "running": _("With finance"),
    "completed": _("Posted"),
    "rejected": _("Refused"),
    "withdrawn": _("Withdrawn"),
    "terminated": _("Ended by the administrator"),
}
DECISIONS = {
    "approve": _("Approved"),
    "return": _("Returned for changes"),
    "reject": _("Rejected"),
    "submit": _("Changed"),
    "pay": _("Paid"),
    "close_rest": _("Rest closed"),
}

_ORDER = ("H12.1", _("Department manager, then the sales director with a written opinion, then the general manager."))
_OVERDUE = (_("H12, filled"), _("Nobody borrows again while an advance of theirs is overdue."))
_RECEIPTS = ("G3.1", _("Transport, lodging and reasonable meals are reimbursed; finance audits the receipts."))
_OPINION = ("H12.1", _("The director's opinion is always in writing."))
_AFTER = ("H12.1", _("Finance pays after the general manager's approval, and no more than was approved."))
_CONSENT = (_("H12, filled"), _("What is left may be taken from commission only with the borrower's consent."))

#: Element -> the clauses that its decision rests on: key and rule.
POLICY = {
    "manager_approval": [_ORDER, _OVERDUE],
    "director_opinion": [_OPINION, _ORDER, _OVERDUE],
    "general_manager_approval": [_ORDER, _OVERDUE],
    "request_advance": [_ORDER],
    "pay": [_AFTER],
    "audit_claim": [_RECEIPTS],
    "confirm_return": [(_("H12, filled"), _("No more is returned than is outstanding."))],
    "confirm_deduction": [_CONSENT],
}
