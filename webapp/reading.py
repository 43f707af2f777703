"""How a request that only reads ends: with COMMIT.

At the end of a request Flask-SQLAlchemy rolls back what is still open. After a ROLLBACK psycopg throws away every
prepared statement of the connection, and each page would plan its statements anew; a COMMIT of nothing keeps them.
"""

from flask import Flask, Response, request

from webapp.extensions import db

_OK_BELOW = 400


def _end_reading(response: Response) -> Response:
    if request.method in {"GET", "HEAD"} and response.status_code < _OK_BELOW and db.session().in_transaction():
        # Objects stay readable for a template that streams; nothing is reloaded.
        db.session.commit()
    return response


def init_reading(app: Flask) -> None:
    """End every successful GET with COMMIT."""
    app.after_request(_end_reading)
