"""The one table that turns a refusal into a page or, below ``/api/``, into a problem (RFC 9457).

Operations raise ``workflows.kernel.errors`` and know no HTTP. What is refused has changed nothing: the handlers roll
back before they answer.
"""

import datetime as dt
from contextlib import suppress
from typing import Any

from flask import Flask, Response, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from webapp.api.problems import field_errors, problem
from webapp.extensions import db
from webapp.i18n import DEFAULT_LANGUAGE, chosen_language, instant
from workflows.kernel import errors

#: Refusal -> status; the most derived class first.
STATUS: dict[type[errors.Refusal], int] = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.Conflict: 409,
    errors.KeyReused: 422,
    errors.Invalid: 422,
    errors.Refusal: 422,
}


def status_of(refusal: errors.Refusal) -> int:
    """The HTTP status that a refusal is answered with."""
    return next(status for kind, status in STATUS.items() if isinstance(refusal, kind))


def wants_problem() -> bool:
    """Whether the caller is a program that reads problems instead of pages."""
    return request.path.startswith("/api/")


def told(message: str, params: dict[str, Any]) -> str:
    """A refusal's message in the language of the request; instants are written as people there write them."""
    written = {name: instant(value) if isinstance(value, dt.datetime) else value for name, value in params.items()}
    return _(message, **written) if written else _(message)


def error_page(status: int, message: str) -> tuple[str, int]:
    """A page that says what went wrong and what one can do next."""
    return render_template("errors/error.html", status=status, message=message), status


def _on_refusal(refusal: errors.Refusal) -> Response | tuple[str, int]:
    db.session.rollback()
    status = status_of(refusal)
    message = told(refusal.message, refusal.params)
    if not wants_problem():
        return error_page(status, message)
    return problem(status, refusal.code, message, errors_in(refusal))


def errors_in(refusal: errors.Refusal) -> list[dict[str, str]] | None:
    """Which fields are to blame, as a problem names them; None where it is no matter of fields."""
    if not isinstance(refusal, errors.Invalid):
        return None
    return field_errors({name: [told(*each) for each in messages] for name, messages in refusal.fields.items()})


def _on_http(error: HTTPException) -> BaseResponse | tuple[str, int]:
    if error.response is not None:
        return error.response
    db.session.rollback()
    status = error.code or 500
    if wants_problem():
        answer: BaseResponse = problem(status, error.name.lower().replace(" ", "_"), _explanation(status))
        answer.headers.extend([header for header in error.get_headers() if header[0] in {"Allow", "Retry-After"}])
        return answer
    return error_page(status, _explanation(status))


def _on_csrf(error: CSRFError) -> tuple[str, int]:
    return error_page(400, _("This form is too old or was opened before you signed in. Open the page again."))


def _on_crash(error: InternalServerError) -> BaseResponse | tuple[str, int]:
    """Answer a crash without asking the database anything: it may well be what failed."""
    with suppress(SQLAlchemyError):
        db.session.rollback()
    with force_locale(chosen_language() or DEFAULT_LANGUAGE):
        if wants_problem():
            return problem(500, "internal_server_error", _explanation(500))
        return render_template("errors/crash.html", message=_explanation(500)), 500


def _explanation(status: int) -> str:
    return {
        400: _("The request could not be understood."),
        401: _("Please sign in first."),
        403: _("You may not open this page."),
        404: _("There is no such page, or none that you may see."),
        405: _("This address does not answer to that kind of request."),
        413: _("What you sent is too large."),
        429: _("Too many requests. Please wait a moment."),
        500: _("Something went wrong on our side. Nothing was changed; please try again."),
    }.get(status, _("The request could not be answered."))


def init_errors(app: Flask) -> None:
    """Register the table."""
    app.register_error_handler(errors.Refusal, _on_refusal)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(InternalServerError, _on_crash)
    app.register_error_handler(HTTPException, _on_http)
