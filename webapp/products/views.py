"""The price list: what is sold at which price, and, for who looks after it, products and their lines."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from forms.page import choices
from forms.products import FACT_NAMES, KIND_NAMES, ProductFilter, ProductForm, ProductLineForm
from webapp.accounts.actor import current_actor
from webapp.addresses import said_here
from webapp.clock import request_now
from webapp.engine import saved
from webapp.extensions import db
from webapp.i18n import localized, money
from workflows.kernel.money import from_fen, to_fen
from workflows.people.model import Role
from workflows.products import catalogue
from workflows.products import lines as line_list
from workflows.products.catalogue import ProductData
from workflows.products.lines import LineRow, product_lines
from workflows.products.model import Product

blueprint = Blueprint("products", __name__, url_prefix="/products")

#: Who sees what a product costs the company; the others negotiate with the floor price.
_SEES_COST = frozenset(
    {Role.SALES_DIRECTOR, Role.GENERAL_MANAGER, Role.ACCOUNTANT, Role.FINANCE_DIRECTOR, Role.ADMINISTRATOR}
)


@blueprint.get("")
def overview() -> str:
    """The products, narrowed by line, kind, and whether they are still sold."""
    session = db.session()
    form = _filter(session)
    rows, following = catalogue.products_page(
        session,
        search=(form.search.data or "")[:64],
        line_id=form.line_id.data or None,
        kind=form.kind.data if form.kind.data in KIND_NAMES else None,
        active={"inactive": False, "all": None}.get(form.state.data, True),
        after=(request.args.get("after") or "").replace("\0", "")[:40] or None,
    )
    kept = said_here("search", "line_id", "kind", "state")
    more = url_for("products.overview", **kept, after=following) if following else None
    return render_template("products/overview.html", form=form, products=rows, more=more, sees_cost=_sees_cost())


@blueprint.get("/<int:product_id>")
def product(product_id: int) -> str:
    """One product and what changed about it."""
    session = db.session()
    found = catalogue.found_product(session, product_id)
    lines = {str(line.id): localized(line.name, line.name_en) for line in _lines(session)}
    history = [
        each for each in catalogue.product_history(session, product_id) if each.field != "cost_fen" or _sees_cost()
    ]
    return render_template(
        "products/product.html", product=found, lines=lines, history=history, sees_cost=_sees_cost(), value=_value
    )


@blueprint.route("/new", methods=["GET", "POST"])
def add_product() -> Response | str:
    """Add a product."""
    form = _product_form(db.session(), None)
    added: list[Product] = []
    if request.method == "POST" and form.validate() and saved(form, lambda session: added.append(
        catalogue.add_product(session, _data(form), actor_id=current_actor().id, now=request_now())
    )):
        flash(_("The product was added."), "success")
        return redirect(url_for("products.product", product_id=added[0].id))
    return render_template("products/edit.html", form=form, product=None)


@blueprint.route("/<int:product_id>/edit", methods=["GET", "POST"])
def edit_product(product_id: int) -> Response | str:
    """Change a product; what changes takes a reason."""
    found = catalogue.found_product(db.session(), product_id)
    form = _product_form(db.session(), found)
    if request.method == "POST" and form.validate() and saved(form, lambda session: catalogue.edit_product(
        session, product_id, _data(form), revision=_revision(form), reason=form.reason.data or "",
        actor_id=current_actor().id, now=request_now(),
    )):
        flash(_("The product is changed."), "success")
        return redirect(url_for("products.product", product_id=product_id))
    return render_template("products/edit.html", form=form, product=found)


@blueprint.get("/lines")
def lines() -> str:
    """The product lines."""
    return render_template("products/lines.html", lines=_lines(db.session()))


@blueprint.route("/lines/new", methods=["GET", "POST"])
def add_line() -> Response | str:
    """Add a product line."""
    form = ProductLineForm(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate() and saved(
        form, lambda session: line_list.add_line(session, name=form.name.data or "", name_en=form.name_en.data or "")
    ):
        flash(_("The product line was added."), "success")
        return redirect(url_for("products.lines"))
    return render_template("products/line.html", form=form, line=None)


@blueprint.route("/lines/<int:line_id>", methods=["GET", "POST"])
def edit_line(line_id: int) -> Response | str:
    """Rename a product line, or stop selling it."""
    found = line_list.found_line(db.session(), line_id)
    form = ProductLineForm(request.form if request.method == "POST" else None, obj=found)
    if request.method == "POST" and form.validate() and saved(form, lambda session: line_list.edit_line(
        session, line_id, name=form.name.data or "", name_en=form.name_en.data or "", active=bool(form.active.data)
    )):
        flash(_("The product line is changed."), "success")
        return redirect(url_for("products.lines"))
    return render_template("products/line.html", form=form, line=found)


def _sees_cost() -> bool:
    return not _SEES_COST.isdisjoint(current_actor().roles)


def _lines(session: Session) -> list[LineRow]:
    return product_lines(session, only_active=False)


def _line_choices(session: Session) -> list[tuple[int, str]]:
    return [(line.id, localized(line.name, line.name_en)) for line in _lines(session)]


def _filter(session: Session) -> ProductFilter:
    form = ProductFilter(request.args)
    form.line_id.choices = choices([(0, _("All product lines")), *_line_choices(session)])
    return form


def _product_form(session: Session, found: Product | None) -> ProductForm:
    known = None
    if found is not None:
        known = catalogue.data_of(found) | {"revision": str(found.revision)}
        for name in ("list_price_fen", "floor_price_fen", "cost_fen"):
            known[name] = None if known[name] is None else from_fen(known[name])
    form = ProductForm(request.form if request.method == "POST" else None, data=known)
    kept = {found.line_id} if found else set()
    form.line_id.choices = choices(
        (line.id, localized(line.name, line.name_en)) for line in _lines(session) if line.active or line.id in kept
    )
    return form


def _revision(form: ProductForm) -> int:
    said = form.revision.data or ""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0  # noqa: PLR2004 (what a column holds)


def _data(form: ProductForm) -> ProductData:
    def fen(amount: Any) -> int | None:
        return None if amount is None else to_fen(amount)

    return ProductData(
        code=form.code.data or "", name=form.name.data or "", name_en=form.name_en.data or "",
        line_id=form.line_id.data, kind=form.kind.data, unit=form.unit.data or "",
        list_price_fen=fen(form.list_price_fen.data) or 0, floor_price_fen=fen(form.floor_price_fen.data) or 0,
        cost_fen=fen(form.cost_fen.data), is_procured=bool(form.is_procured.data),
        is_outsourced=bool(form.is_outsourced.data), active=bool(form.active.data),
    )


def _value(field: str, value: str, names: dict[str, str]) -> str:
    """A value of the history in the words of the page."""
    if field == "line_id":
        return names.get(value, value)
    if field == "kind":
        return str(KIND_NAMES.get(value, value))  # type: ignore[call-overload]
    if value in ("yes", "no") and field in ("is_procured", "is_outsourced", "active"):
        return _("Yes") if value == "yes" else _("No")
    return value or "—"


@blueprint.app_template_filter("product_kind")
def product_kind(kind: str) -> str:
    """What a kind of product is called."""
    return str(KIND_NAMES.get(kind, kind))  # type: ignore[call-overload]


@blueprint.app_template_filter("product_fact")
def product_fact(field: str) -> str:
    """What a fact of a product is called."""
    return str(FACT_NAMES.get(field, field))


@blueprint.app_template_filter("product_price")
def product_price(fen: int | None) -> str:
    """A price in yuan, a dash for none."""
    return money(None if fen is None else from_fen(fen))
