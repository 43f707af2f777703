"""What a person wants to hear, by which channel and when; the robots that reach them; what became of it lately."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from forms.notices import RobotsForm
from webapp.clock import request_now
from webapp.engine import change, saved
from webapp.extensions import db
from webapp.notices.blueprint import blueprint, keyring, settings
from webapp.notices.words import (
    CHANNEL_NAMES,
    DIGEST_MODE_NAMES,
    KIND_NAMES,
    MODE_NAMES,
    STATUS_NAMES,
    actor_names,
    notice_text,
    problem_text,
)
from workflows.notices.addresses import keep_addresses, robots_of
from workflows.notices.channels import CHATS, SIGNED, Channel
from workflows.notices.deliveries import DeliveryFilter, deliveries_page, try_again
from workflows.notices.kinds import Mode
from workflows.notices.preferences import DIGEST, keep_wishes, wishes_of
from workflows.notices.reach import reachable_by, try_channel
from workflows.people.model import Role

_RECENT = 10


@blueprint.get("/profile/notices")
def preferences() -> str:
    """The page of all this."""
    return _page(RobotsForm())


@blueprint.post("/profile/notices")
def keep_preferences() -> Response:
    """Keep what is wanted of each kind by each channel that reaches the person."""
    wishes = {}
    for kind in _kinds():
        for channel in _reach():
            said = request.form.get(f"{kind}-{channel}")
            if said is not None:
                wishes[kind, channel] = Mode(said) if said in _modes(kind) else abort(400)
    with change() as session:
        keep_wishes(session, current_user.id, wishes)
    flash(_("Saved."), "success")
    return redirect(url_for("notices.preferences"))


@blueprint.post("/profile/notices/channels")
def keep_channels() -> Response | tuple[str, int]:
    """Keep the robots that reach the person."""
    form = RobotsForm(request.form)
    if form.validate() and saved(
        form,
        lambda session: keep_addresses(
            session,
            current_user.id,
            form.given(),
            keyring=keyring(),
            now=request_now(),
        ),
    ):
        flash(_("Saved. Send yourself a test message."), "success")
        return redirect(url_for("notices.preferences"))
    return _page(form), 422


@blueprint.post("/profile/notices/try/<channel>")
def try_one(channel: str) -> Response:
    """Send oneself a test message."""
    if channel not in list(Channel):
        abort(404)
    with change() as session:
        try_channel(session, current_user.id, Channel(channel), channels=settings().channels, now=request_now())
    flash(_("The test message leaves within a minute; below you see what becomes of it."), "success")
    return redirect(url_for("notices.preferences"))


@blueprint.post("/profile/notices/deliveries/<int:delivery_id>/retry")
def retry_own(delivery_id: int) -> Response:
    """Send one's own failed message again."""
    with change() as session:
        try_again(session, delivery_id, employee_id=current_user.id, now=request_now())
    flash(_("It will be sent again within a minute."), "success")
    return redirect(url_for("notices.preferences"))


def _page(form: RobotsForm) -> str:
    session, reach = db.session(), _reach()
    recent, _more = deliveries_page(session, DeliveryFilter(employee_id=current_user.id), limit=_RECENT)
    return render_template(
        "notices/preferences.html", form=form, kinds=_kinds(), reach=reach, wishes=wishes_of(session, current_user.id),
        chats=[chat for chat in CHATS if chat in settings().channels], signed=SIGNED, modes=_modes,
        kept=robots_of(session, current_user.id, keyring=keyring()), has_mail=Channel.MAIL in settings().channels,
        recent=recent, names=actor_names(session, recent), notice_text=notice_text, problem_text=problem_text,
        KIND_NAMES=KIND_NAMES, CHANNEL_NAMES=CHANNEL_NAMES, STATUS_NAMES=STATUS_NAMES,
    )  # fmt: skip


def _reach() -> list[Channel]:
    return reachable_by(db.session(), current_user.id, channels=settings().channels)


def _kinds() -> list[str]:
    """The kinds that can concern this person."""
    is_administrator = Role.ADMINISTRATOR in current_user.actor.roles
    return [kind for kind in KIND_NAMES if kind != "incident_opened" or is_administrator]


def _modes(kind: str) -> dict[str, object]:
    """What can be chosen for a kind; the digest has no digest to wait for."""
    return DIGEST_MODE_NAMES if kind == DIGEST else MODE_NAMES
