"""The forms of the customer archive: a customer, its people, its competitors, visits, its grade."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from forms.base import ProcessForm
from forms.fields import ChoiceField, DayField, DocumentsField, FlagField, ListField, TextField, WholeField, needed
from workflows.customers.archive import LONGEST_TEXT
from workflows.customers.contacts import LONGEST
from workflows.customers.model import ContactKind, Grade, Standing, VisitKind
from workflows.customers.phones import is_phone

#: I6.1: how near a purchase is.
GRADE_NAMES = {
    Grade.A: _("A: buys within a month"),
    Grade.B: _("B: buys within 2–3 months"),
    Grade.C: _("C: buys within 3–6 months"),
    Grade.D: _("D: plans only"),
}
STANDING_NAMES = {
    Standing.POTENTIAL: _("Potential"),
    Standing.NEGOTIATING: _("Negotiating"),
    Standing.BUYING: _("Buying"),
    Standing.DORMANT: _("Dormant"),
}
CONTACT_KIND_NAMES = {
    ContactKind.DECIDES: _("Decides"),
    ContactKind.INFLUENCES: _("Influences"),
    ContactKind.BUYS: _("Buys"),
    ContactKind.USES: _("Uses it"),
    ContactKind.OTHER: _("Other part"),
}
VISIT_KIND_NAMES = {
    VisitKind.VISIT: _("Visit"),
    VisitKind.PHONE: _("Telephone"),
    VisitKind.ONLINE: _("Online"),
    VisitKind.EVENT: _("Event"),
}
_LONGEST_REASON = 500
_A_REASON = _("Please give a reason.")


def _choices(names: Any) -> list[SelectChoice]:
    return [SelectChoice(str(value), words) for value, words in names.items()]


class CustomerForm(ProcessForm):
    """What the archive holds of a customer. The grade changes with a reason, in a form of its own."""

    revision = HiddenField()
    name = TextField(_("Company name"), [needed()], longest=120)
    industry = TextField(_("Industry"), [needed()], longest=40)
    standing = ListField(_("Standing"), [needed()], choices=_choices(STANDING_NAMES), default=Standing.POTENTIAL.value)
    source = TextField(_("Source"), longest=80)
    address = TextField(_("Address"), longest=200)
    website = TextField(_("Website"), longest=200)
    business = TextField(_("What they do"), longest=LONGEST_TEXT, lines=True)
    needs = TextField(_("What they need"), longest=LONGEST_TEXT, lines=True)
    organisation = TextField(_("How they are organised"), longest=LONGEST_TEXT, lines=True)
    decision_chain = TextField(_("How they decide"), longest=LONGEST_TEXT, lines=True)
    budget = TextField(_("Budget"), longest=200)
    schedule = TextField(_("Schedule of the purchase"), longest=200)
    reason = TextField(_("Reason for the change"), longest=_LONGEST_REASON)
    is_confirmed = FlagField(_("It is another customer: save it all the same."))


class NewCustomerForm(CustomerForm):
    """The same with its grade, its main contact, and whose it will be."""

    grade = ListField(_("Grade"), [needed()], choices=_choices(GRADE_NAMES), default=Grade.C.value)
    contact = TextField(_("Main contact"), longest=LONGEST["name"])
    position = TextField(_("Position"), longest=LONGEST["position"])
    phone = TextField(_("Telephone"), longest=LONGEST["phone"], render_kw={"type": "tel"})
    contact_kind = ListField(
        _("Part in the decision"), choices=_choices(CONTACT_KIND_NAMES), default=ContactKind.DECIDES.value
    )
    owner = TextField(_("Owner"), longest=64)

    def check(self) -> None:
        """A contact is given whole or not at all (B3: name, position, telephone)."""
        given = (self.contact, self.position, self.phone)
        if not any(field.data for field in given):
            return
        for field in given:
            if not field.data:
                self.put(field.name, _("Please fill this in."))
        if self.phone.data and not is_phone(self.phone.data):
            self.put(
                "phone", _("Write a phone number with digits, + and -, such as 138 0013 8000 or 0571-88886666.")
            )


class ContactForm(ProcessForm):
    """Somebody at the customer."""

    revision = HiddenField()
    name = TextField(_("Name"), [needed()], longest=LONGEST["name"])
    position = TextField(_("Position"), [needed()], longest=LONGEST["position"])
    phone = TextField(_("Telephone"), longest=LONGEST["phone"], render_kw={"type": "tel"})
    kind = ListField(
        _("Part in the decision"), [needed()], choices=_choices(CONTACT_KIND_NAMES), default=ContactKind.OTHER.value
    )
    department = TextField(_("Department"), longest=LONGEST["department"])
    reports_to_id = WholeField(_("Reports to"))
    email = TextField(_("E-mail"), longest=LONGEST["email"])
    chat = TextField(_("WeChat or other"), longest=LONGEST["chat"])
    remarks = TextField(_("Remarks"), longest=LONGEST["remarks"], lines=True)
    is_main = FlagField(_("Main contact"))


class VisitForm(ProcessForm):
    """One contact with the customer: short enough to be filled in at their door."""

    kind = ChoiceField(_("Kind"), [needed()], choices=_choices(VISIT_KIND_NAMES), default=VisitKind.VISIT.value)
    visited_on = DayField(_("Day"), [needed()])
    visitors = TextField(_("Who went"), [needed()], longest=200)
    content = TextField(_("What was talked about"), [needed()], longest=4000, lines=True)
    result = TextField(_("Result"), [needed()], longest=2000, lines=True)
    problems = TextField(_("Open problems"), longest=2000, lines=True)
    instance_id = WholeField(_("For the sale"))
    documents = DocumentsField(_("Files"))


class FilesForm(ProcessForm):
    """Files for the archive."""

    documents = DocumentsField(_("Files"))


class GradeForm(ProcessForm):
    """Another grade, and why."""

    grade = ListField(_("Grade"), [needed()], choices=_choices(GRADE_NAMES))
    reason = TextField(_("Reason"), [needed(_A_REASON)], longest=_LONGEST_REASON)


class ArchiveForm(ProcessForm):
    """Why a customer is put away, or taken out again."""

    # It stands on one page with the form of the grade, which asks for a reason, too.
    reason = TextField(_("Reason"), [needed(_A_REASON)], longest=_LONGEST_REASON, id="archiving-reason")


class CompetitorForm(ProcessForm):
    """Who else offers something to the customer."""

    name = TextField(_("Name"), [needed()], longest=120)
    product = TextField(_("Product"), longest=200)
    people = TextField(_("People"), longest=200)
    remarks = TextField(_("Remarks"), longest=1000, lines=True)
