"""Customers as tables: a template, an upload with its preview and report, and exports of what one sees."""

import uuid
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from forms.customer_tables import ExportForm, TableForm
from webapp.accounts.actor import current_actor
from webapp.addresses import said_here
from webapp.clock import request_now, request_today
from webapp.customers.asked import FILTERS, wanted_here
from webapp.customers.sealing import seals
from webapp.engine import change, saved, show_at_fields
from webapp.errors import told
from webapp.extensions import db
from webapp.i18n import day, localized
from webapp.spreadsheets import refuse_other_ending, table_file
from workflows.customers.imports import Done, Preview, confirm, keep_table, preview
from workflows.customers.scope import sight_of
from workflows.customers.tables_in import COLUMNS, EXPLANATION
from workflows.customers.tables_out import exported_rows, open_for_export
from workflows.kernel.errors import Conflict, Invalid, NotAllowed
from workflows.kernel.sheets import MOST_ROWS, read_sheet

blueprint = Blueprint("customer_tables", __name__, url_prefix="/customers")

#: Bytes of an uploaded table.
LARGEST = 6 * 1024 * 1024
#: A page writes this many rows of each kind out; the report holds all of them.
SHOWN = 100


@blueprint.get("/import/template.xlsx")
def template() -> Response:
    """The table to fill in, with its columns and what belongs into them."""
    hints = [column.hint for column in COLUMNS]
    hints[0] = f"{EXPLANATION}（导入时忽略本行）：{hints[0]}"
    heading = [f"{column.label}*" if column.is_required else column.label for column in COLUMNS]
    return table_file([heading, hints], "customers-template.xlsx", title="客户")


@blueprint.route("/import", methods=["GET", "POST"])
def upload() -> BaseResponse | str | tuple[str, int]:
    """Hand a table in; what it would do is shown next."""
    form = TableForm(request.form if request.method == "POST" else None)
    if request.method == "POST":
        kept: list[int] = []
        sent = request.files.get("file")
        name = (sent.filename or "") if sent else ""

        def keep(session: Any) -> None:
            content = sent.stream.read(LARGEST + 1) if sent else b""
            if not name:
                raise Invalid.at("file", "Please choose a file.")
            if len(content) > LARGEST:
                raise Invalid.at("file", "The file is too large.")
            rows = read_sheet(content)
            kept.append(keep_table(session, rows, _name(name), seals=seals(), actor=current_actor(), now=request_now()))

        if saved(form, keep):
            return redirect(url_for("customer_tables.look", import_id=kept[0]), 303)
        return render_template("customers/import.html", form=form, most=MOST_ROWS), 422
    return render_template("customers/import.html", form=form, most=MOST_ROWS)


@blueprint.get("/import/<int:import_id>")
def look(import_id: int) -> str:
    """What an import would do, or what it did."""
    found = preview(db.session(), import_id, seals=seals(), actor=current_actor())
    return _page(found)


@blueprint.post("/import/<int:import_id>")
def take_in(import_id: int) -> BaseResponse | tuple[str, int]:
    """Create what the preview named, all of it or nothing."""
    try:
        with change() as session:
            done = confirm(
                session, import_id, request.form.get("digest", ""), seals=seals(), actor=current_actor(),
                now=request_now(),
            )  # fmt: skip
    except Conflict as refusal:
        found = preview(db.session(), import_id, seals=seals(), actor=current_actor())
        return _page(found, told(refusal.message, refusal.params)), 409
    many = sum(what == "created" for _row, _name, what, _id in done.rows)
    flash(ngettext("%(num)s customer was created.", "%(num)s customers were created.", many), "success")
    return redirect(url_for("customer_tables.look", import_id=import_id), 303)


@blueprint.get("/import/<int:import_id>/report.xlsx")
def report(import_id: int) -> Response:
    """What becomes of each row, as a table."""
    found = preview(db.session(), import_id, seals=seals(), actor=current_actor())
    rows = [[_("Row"), _("Customer"), _("Result"), _("Remark")], *_report(found)]
    return table_file(rows, f"import-{import_id}.xlsx", title=_("Report"))


@blueprint.get("/export.<kind>")
def export(kind: str) -> Response:
    """The customers of the list, contacts masked."""
    sight = sight_of(db.session(), current_actor())
    if not (sight.slices):
        raise NotAllowed("You may not open this page.")
    refuse_other_ending(kind)
    return _file(exported_rows(db.session(), wanted_here(), sight=sight, seals=seals(), opened={}), kind)


@blueprint.route("/export-contacts", methods=["GET", "POST"])
def export_contacts() -> Response | str | tuple[str, int]:
    """The same with the contacts of the customers that one owns or leads: with a reason, and each written down."""
    form = ExportForm(request.form if request.method == "POST" else None)
    if request.method == "POST":
        try:
            if not form.validate():
                raise form.refusal()
            with change() as session:
                actor, now = current_actor(), request_now()
                sight, wanted = sight_of(session, actor), wanted_here()
                opened = open_for_export(
                    session, wanted, reason=form.reason.data, sight=sight, seals=seals(), actor=actor, now=now
                )
                rows = exported_rows(session, wanted, sight=sight, seals=seals(), opened=opened)
            return _file(rows, "csv" if request.form.get("kind") == "csv" else "xlsx")
        except Invalid as refusal:
            if not form.errors:
                show_at_fields(form, refusal)
            return render_template("customers/export.html", form=form, kept=said_here(*FILTERS)), 422
    return render_template("customers/export.html", form=form, kept=said_here(*FILTERS))


def _page(found: Preview | Done, problem: str = "") -> str:
    if isinstance(found, Done):
        return render_template("customers/import_done.html", found=found, SHOWN=SHOWN)
    return render_template(
        "customers/import_preview.html", found=found, SHOWN=SHOWN, problem=problem, told=told, key=uuid.uuid4().hex
    )


def _report(found: Preview | Done) -> list[list[str]]:
    if isinstance(found, Done):
        words = {"created": _("created"), "left": _("left out, it is there already")}
        return [[str(row), name, words[what], ""] for row, name, what, _id in found.rows]
    rows = [(line.row, line.values["name"], _("to be created"), "") for line in found.ready]
    rows += [(each.row, each.name, _("left out, it is there already"), twin_text(each)) for each in found.left]
    names = {line.row: line.values["name"] for line in found.created}
    rows += [
        (each.row, names.get(each.row, ""), _("to be mended"),
         f"{each.column} {each.label}: {told(each.message, each.params)}")
        for each in found.problems
    ]  # fmt: skip
    return [[str(row), *rest] for row, *rest in sorted(rows)]


@blueprint.app_template_filter()
def twin_text(left: Any) -> str:
    """What a row is the same as."""
    if left.twin is not None:
        return _("the same as row %(row)s", row=left.twin)
    return _("%(name)s has it since %(day)s", name=localized(left.owner, left.owner_en), day=day(left.since))


def _file(rows: list[list[str]], kind: str) -> Response:
    name = f"customers-{request_today().isoformat()}.{kind}"
    return table_file(rows, name, title="客户")


def _name(text: str) -> str:
    """A file's name without its folders and without signs that cannot be printed."""
    return "".join(sign for sign in text.replace("\\", "/").rpartition("/")[2] if sign.isprintable())[:200]
