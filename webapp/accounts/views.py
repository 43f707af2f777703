"""What is one's own: the language, the profile, holiday cover and tokens; and the demo's one-click sign-in."""

from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import current_user
from flask_security import login_user, verify_password
from sqlalchemy import update
from werkzeug.wrappers import Response

from forms.accounts import DelegationForm, ProfileForm, TokenForm
from forms.page import choices
from forms.people import ROLE_NAMES
from webapp.accounts.account import account_by_name
from webapp.clock import request_now, request_today
from webapp.demo_people import DEMO_LOGINS, DEMO_PASSWORD
from webapp.engine import change, saved
from webapp.extensions import db
from webapp.i18n import LANGUAGES, current_language, keep_language
from webapp.processes import process_names
from workflows.people.delegation import delegate_desk, delegations_of
from workflows.people.delegation import revoke_delegation as take_back_desk
from workflows.people.model import Department, Employee
from workflows.people.tokens import issue_token, live_tokens
from workflows.people.tokens import revoke_token as revoke

blueprint = Blueprint("accounts", __name__)


@blueprint.post("/language")
def choose_language() -> Response:
    """Switch the language here and now, in this browser and in the profile."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    if current_user.is_authenticated:
        _write_locale(language)
    return keep_language(redirect(_own_path(request.form.get("back", ""))), language)


@blueprint.post("/demo/sign-in/<login>")
def demo_sign_in(login: str) -> Response:
    """Sign in as one of the demo's people without a password; there is no such address outside the demo."""
    if not current_app.config["DEMO"] or login not in DEMO_LOGINS:
        abort(404)
    account = account_by_name(db.session(), login, today=request_today())
    # A real account that happens to be called like a demo person's does not have the password that everybody knows.
    if account is None or not account.active or not verify_password(DEMO_PASSWORD, account.password):
        abort(404)
    session.clear()
    login_user(account, remember=False, authn_via=["demo"])
    return redirect(url_for("frame.home"))


@blueprint.get("/profile")
def profile() -> str:
    """Who one is here, and what one may change about it."""
    employee = db.session.get_one(Employee, current_user.id)
    department = db.session.get_one(Department, employee.department_id)
    return render_template(
        "accounts/profile.html", employee=employee, department=department,
        superior=db.session.get(Employee, employee.superior_id) if employee.superior_id else None,
        form=ProfileForm(locale=current_language()), role_names=ROLE_NAMES,
        has_second_factor=bool(current_user.tf_primary_method),
    )


@blueprint.post("/profile")
def edit_profile() -> Response:
    """Keep the language of pages and messages."""
    form = ProfileForm(request.form)
    if not form.validate():
        abort(400)
    _write_locale(form.locale.data)
    refresh()
    return keep_language(redirect(url_for("accounts.profile")), form.locale.data)


@blueprint.route("/profile/delegations", methods=["GET", "POST"])
def delegations() -> Response | str:
    """Hand the desk to somebody for some days, and see who has it."""
    names = process_names(db.session(), current_language())
    form = DelegationForm(request.form if request.method == "POST" else None)
    form.process_keys.choices = choices(names.items())
    if request.method == "POST" and form.validate() and saved(form, lambda writing: delegate_desk(
        writing, current_user.id, delegate_login=form.delegate.data, first_on=form.first_on.data,
        last_on=form.last_on.data, process_keys=form.process_keys.chosen(), reason=form.reason.data or "",
        now=request_now(), today=request_today(),
    )):
        flash(_("Your holiday cover is set."), "success")
        return redirect(url_for("accounts.delegations"))
    given, received = delegations_of(db.session(), current_user.id, today=request_today())
    return render_template("accounts/delegations.html", form=form, given=given, received=received, names=names,
                           today=request_today())


@blueprint.post("/profile/delegations/<int:delegation_id>/revoke")
def revoke_delegation(delegation_id: int) -> Response:
    """Take the desk back."""
    with change() as writing:
        take_back_desk(writing, delegation_id, delegator_id=current_user.id, now=request_now())
    flash(_("You have your desk back."), "success")
    return redirect(url_for("accounts.delegations"))


@blueprint.route("/profile/tokens", methods=["GET", "POST"])
def tokens() -> str:
    """Make API tokens and see which live; a new one is shown this once."""
    form = TokenForm(request.form if request.method == "POST" else None)
    made: list[str] = []
    if request.method == "POST" and form.validate() and saved(form, lambda writing: made.append(issue_token(
        writing, current_user.id, form.name.data, now=request_now(), valid_for=form.valid_for()
    ))):
        form = TokenForm()
    live = live_tokens(db.session(), current_user.id, now=request_now())
    return render_template("accounts/tokens.html", form=form, live=live, made=made[0] if made else None)


@blueprint.post("/profile/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> Response:
    """Make a token worthless."""
    with change() as writing:
        revoke(writing, token_id, employee_id=current_user.id, now=request_now())
    flash(_("The token no longer opens anything."), "success")
    return redirect(url_for("accounts.tokens"))


def _write_locale(language: str) -> None:
    with change() as writing:
        writing.execute(update(Employee).where(Employee.id == current_user.id).values(locale=language))


def _own_path(back: str) -> str:
    """Where to go back to: a path of this site, without a language that was asked for in it; else the start page."""
    parts = urlsplit(back)
    if parts.scheme or parts.netloc or not back.startswith("/") or back.startswith(("//", "/\\")):
        return url_for("frame.home")
    query = "&".join(pair for pair in parts.query.split("&") if pair and not pair.startswith("lang="))
    return f"{parts.path}?{query}" if query else parts.path
