"""The engine of the app, and how a view takes one step with it.

A view builds the form, checks it, and changes things inside ``change()`` or through ``saved()``: the one place that
commits. A refusal rolls back; ``saved`` puts messages that belong to fields at the fields, every other refusal travels
on to ``webapp.errors``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session
from wtforms import Form

from forms.registry import has_form
from webapp.errors import told
from webapp.extensions import db
from webapp.jobs import defer
from workflows.advance import PROCESSES as ADVANCE
from workflows.customers.process import PROCESSES as CUSTOMERS
from workflows.engine.runtime import Engine
from workflows.kernel.errors import Invalid
from workflows.people.model import Role
from workflows.sale.process import PROCESSES as SALE


def engine() -> Engine:
    """The engine of this app."""
    found: Engine = current_app.extensions["salesflow_engine"]
    return found


def init_engine(app: Flask) -> None:
    """Build the engine from the processes of this installation."""
    app.extensions["salesflow_engine"] = Engine(
        [*ADVANCE, *CUSTOMERS, *SALE],
        has_form=has_form,
        roles=list(Role),
        defer=defer,
        audit_key=app.config["AUDIT_KEY"],
        keyring=app.extensions["keyring"],
    )


@contextmanager
def change() -> Iterator[Session]:
    """One change: committed once when the block ends well, rolled back when it does not."""
    session = db.session()
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def saved(form: Form, action: Callable[[Session], Any]) -> bool:
    """Run a change and say whether it went through; an ``Invalid`` is shown at the form's fields."""
    try:
        with change() as session:
            action(session)
    except Invalid as refusal:
        show_at_fields(form, refusal)
        return False
    return True


def show_at_fields(form: Form, refusal: Invalid) -> None:
    """Put a refusal's messages at the form's fields, those of unknown fields above the form."""
    for name, messages in refusal.fields.items():
        texts = [told(*each) for each in messages]
        if name in form:
            form[name].errors = [*form[name].errors, *texts]
        else:
            form.form_errors = [*form.form_errors, *texts]
