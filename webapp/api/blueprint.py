"""The blueprint of ``/api/v1``: what every request below it passes."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from webapp.api.bodies import LARGEST_BODY
from webapp.api.problems import problem
from webapp.extensions import csrf
from webapp.incidents.recording import StepFailed

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
# Only a bearer token opens the API, never a browser's cookie, so there is nothing for another site to forge.
csrf.exempt(blueprint)
#: In addresses: what a BIGINT column holds. Anything else is the address of nothing.
ID = "int(max=9223372036854775807)"


@blueprint.before_request
def bound_body() -> None:
    """JSON is small; only a document may be as large as the app allows."""
    if request.endpoint != "api.upload_document":
        # One byte more, so that a body in chunks, whose length nobody says beforehand, is seen to be too long.
        request.max_content_length = LARGEST_BODY + 1


@blueprint.after_request
def name_what_was_wrong_with_the_token(response: Response) -> Response:
    """Tell a missing token from one that is no longer good, as RFC 6750 has it."""
    if response.status_code == 401:  # noqa: PLR2004 (the status code's own name)
        wrong = ', error="invalid_token"' if "Authorization" in request.headers else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="salesflow"{wrong}'
    return response


@blueprint.errorhandler(StepFailed)
def step_failed(_failure: StepFailed) -> Response:
    """Say that the fault is ours, that nothing was changed and that it is being seen to."""
    return problem(500, "step_failed", _("The step failed. Nothing was changed, and the administrators were told."))
