"""The words for what stands in the archive."""

from flask_babel import lazy_gettext as _

from forms.customers import CONTACT_KIND_NAMES, GRADE_NAMES, STANDING_NAMES, VISIT_KIND_NAMES
from workflows.customers.scope import Slice

GRADES, STANDINGS, CONTACT_KINDS, VISIT_KINDS = GRADE_NAMES, STANDING_NAMES, CONTACT_KIND_NAMES, VISIT_KIND_NAMES
#: Grade -> colour of its mark: the nearer, the warmer.
GRADE_COLOURS = {"A": "red", "B": "orange", "C": "blue", "D": "secondary"}
SLICES = {Slice.MINE: _("My customers"), Slice.DEPARTMENT: _("My department"), Slice.ALL: _("All customers")}
#: The facts whose changes are written down.
FIELDS = {
    "name": _("Company name"),
    "industry": _("Industry"),
    "standing": _("Standing"),
    "grade": _("Grade"),
    "owner": _("Owner"),
    "archived": _("Archived"),
    "follow_up": _("Next contact"),
}
ENDED = {
    "lapsed": _("lapsed"),
    "lost": _("sale lost"),
    "suspended": _("sale put aside"),
    "transferred": _("given to another owner"),
    "closed": _("sale completed"),
    "withdrawn": _("withdrawn"),
}
#: How somebody saw a contact.
HOWS = {"page": _("on the page"), "export": _("in an export"), "api": _("by a program")}


def said(field: str, value: str) -> str:
    """A value of the history in the words of the page."""
    if field == "standing":
        return str(STANDINGS.get(value, value))  # type: ignore[call-overload]
    if field == "archived":
        return str(_("Yes") if value else _("No"))
    return value or "—"
