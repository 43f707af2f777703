"""What is filled in about product lines and products, and what the price list is narrowed to."""

from decimal import Decimal

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, StringField, ValidationError
from wtforms.validators import Length

from forms.fields import MoneyField, needed
from forms.page import PageForm, choices
from workflows.products.model import ProductKind

#: D4: commission differs by these kinds.
KIND_NAMES = {
    ProductKind.ORDINARY: _("Ordinary"),
    ProductKind.HIGH_END: _("High-end"),
    ProductKind.NEW: _("New product"),
    ProductKind.REFERRED: _("Referred by a partner"),
}
#: The facts of a product, as its history names them.
FACT_NAMES = {
    "created": _("Added"),
    "code": _("Code"),
    "name": _("Name"),
    "name_en": _("English name"),
    "line_id": _("Product line"),
    "kind": _("Kind of product"),
    "unit": _("Unit"),
    "list_price_fen": _("List price (yuan)"),
    "floor_price_fen": _("Floor price (yuan)"),
    "cost_fen": _("Usual cost (yuan)"),
    "is_procured": _("Bought from outside"),
    "is_outsourced": _("Carried out by others"),
    "active": _("For sale"),
}


class ProductLineForm(PageForm):
    """A group of products for one need."""

    name = StringField(_("Name"), validators=[needed(), Length(max=80)])
    name_en = StringField(_("English name"), validators=[Length(max=80)])
    active = BooleanField(_("For sale"), default=True)


class ProductForm(PageForm):
    """A product with its prices; ``reason`` explains a change."""

    revision = HiddenField()
    code = StringField(_("Code"), validators=[needed(), Length(max=40)])
    name = StringField(_("Name"), validators=[needed(), Length(max=120)])
    name_en = StringField(_("English name"), validators=[Length(max=120)])
    line_id = SelectField(_("Product line"), coerce=int)
    kind = SelectField(_("Kind of product"), choices=choices(KIND_NAMES.items()))
    unit = StringField(_("Unit"), validators=[needed(), Length(max=16)])
    list_price_fen = MoneyField(_("List price (yuan)"), validators=[needed()])
    floor_price_fen = MoneyField(_("Floor price (yuan)"), validators=[needed()])
    cost_fen = MoneyField(_("Usual cost (yuan)"))
    is_procured = BooleanField(_("Bought from outside"))
    is_outsourced = BooleanField(_("Carried out by others"))
    active = BooleanField(_("For sale"), default=True)
    reason = StringField(_("Reason for the change"), validators=[Length(max=500)])

    def validate_floor_price_fen(self, field: MoneyField) -> None:
        """A floor above the list price would let nothing be sold."""
        listed: Decimal | None = self.list_price_fen.data
        if field.data is not None and listed is not None and field.data > listed:
            raise ValidationError(_("The floor price is not above the list price."))


class ProductFilter(PageForm):
    """What the price list is narrowed to."""

    search = StringField(_("Search by code or name"), validators=[Length(max=64)])
    line_id = SelectField(
        _("Product line"), coerce=lambda value: int(value) if str(value).isdecimal() else 0, default=0
    )
    kind = SelectField(_("Kind of product"), choices=choices([("", _("All kinds")), *KIND_NAMES.items()]), default="")
    state = SelectField(
        _("For sale"),
        choices=choices([("active", _("For sale")), ("inactive", _("No longer sold")), ("all", _("All"))]),
        default="active",
    )
