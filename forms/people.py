"""What an administrator fills in about people and departments."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, HiddenField, SelectField, StringField, ValidationError
from wtforms.validators import Email, InputRequired, Length, Optional, Regexp

from forms.accounts import needed
from forms.fields import MoneyField
from forms.page import CheckboxesField, PageForm, choices
from workflows.people.model import Role

ROLE_NAMES = {
    Role.SALESPERSON: _("Salesperson"),
    Role.SALES_ASSISTANT: _("Sales assistant"),
    Role.SALES_SUPERVISOR: _("Sales supervisor"),
    Role.SALES_MANAGER: _("Sales manager"),
    Role.SALES_DIRECTOR: _("Sales director"),
    Role.GENERAL_MANAGER: _("General manager"),
    Role.HR: _("Human resources"),
    Role.ACCOUNTANT: _("Accountant"),
    Role.FINANCE_DIRECTOR: _("Finance director"),
    Role.ADMINISTRATOR: _("Administrator"),
}
EMPLOYMENT_NAMES = {
    "permanent": _("Permanent"),
    "contract": _("Contract"),
    "intern": _("Intern"),
    "outsourced": _("Outsourced"),
}


class DepartmentForm(PageForm):
    """A node of the department tree."""

    name = StringField(_("Name"), validators=[needed(), Length(max=80)])
    name_en = StringField(_("English name"), validators=[Length(max=80)])
    parent_id = SelectField(_("Part of"), coerce=int)
    manager = StringField(_("Manager"), validators=[Length(max=64)])


class EmployeeForm(PageForm):
    """A person: who they are, where they stand, what they may be asked to do."""

    revision = HiddenField()
    login = StringField(
        _("Login name"),
        validators=[
            needed(),
            Length(max=64),
            Regexp(r"^[a-z0-9][a-z0-9._-]*$", message=_("Use small letters, digits and . _ - only.")),
        ],
    )
    name = StringField(_("Full name"), validators=[needed(), Length(max=64)])
    name_en = StringField(_("English name"), validators=[Length(max=64)])
    email = StringField(_("E-mail"), validators=[Optional(), Length(max=254), Email()])
    department_id = SelectField(_("Department"), coerce=int, validators=[InputRequired()])
    superior = StringField(_("Superior"), validators=[Length(max=64)])
    roles = CheckboxesField(_("Roles"), choices=choices(ROLE_NAMES.items()))
    industry = StringField(_("Industry"), validators=[Length(max=40)])
    job_grade = SelectField(_("Job grade"), choices=choices([("", "—"), ("A", "A"), ("B", "B"), ("C", "C")]))
    employment = SelectField(_("Employment"), choices=choices(EMPLOYMENT_NAMES.items()))
    hired_on = DateField(_("Employed since"), validators=[Optional()])
    left_on = DateField(_("Left on"), validators=[Optional()])
    payout_account = StringField(_("Payout account"), validators=[Length(max=120)])
    batch_ceiling = MoneyField(_("Ceiling for approving together (yuan)"))

    def validate_left_on(self, field: Any) -> None:
        """Nobody leaves before they came."""
        if field.data and self.hired_on.data and field.data < self.hired_on.data:
            raise ValidationError(_("This day lies before the first day of employment."))


class EmployeeFilter(PageForm):
    """What the list of people is narrowed to."""

    search = StringField(_("Search by name, login or e-mail"), validators=[Length(max=64)])
    department_id = SelectField(_("Department"), coerce=lambda value: int(value or 0), default=0)
    role = SelectField(_("Role"), default="")
    state = SelectField(
        _("Account"),
        choices=choices([("active", _("Active")), ("disabled", _("Disabled")), ("all", _("All"))]),
        default="active",
    )
