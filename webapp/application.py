"""The web application: pages and API over the operations of ``workflows``.

``create_app`` reads top to bottom: configuration, then what every request passes through in the order in which it
passes, then the areas.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.access import init_access
from webapp.accounts.settings import init_security
from webapp.addresses import init_addresses
from webapp.config import LARGEST_REQUEST, load_config
from webapp.engine import init_engine
from webapp.errors import init_errors
from webapp.extensions import csrf, db, migrate
from webapp.frame import init_frame
from webapp.headers import init_headers
from webapp.i18n import init_i18n
from webapp.notices.opening import init_notices
from webapp.reading import init_reading
from webapp.static_files import init_static_files
from webapp.tables import all_tables
from webapp.templating import init_templating
from webapp.whole_body import WholeBody
from workflows.kernel.crypto import Keyring

#: The areas of the application; each is a module with a ``blueprint``.
AREAS = (
    "webapp.accounts.views",
    "webapp.notices.pages",
    "webapp.people.views",
    "webapp.people.department_views",
    "webapp.products.views",
    "webapp.decisions.views",
    "webapp.customers.pages",
    "webapp.customers.tables_views",
    "webapp.customers.leading_views",
    "webapp.customers.follow_up_views",
    "webapp.calendar.views",
    "webapp.tasks.inbox",
    "webapp.tasks.start",
    "webapp.tasks.drafts",
    "webapp.tasks.batch_views",
    "webapp.tasks.signing",
    "webapp.tasks.views",
    "webapp.approvals.views",
    "webapp.instances.views",
    "webapp.conversation.views",
    "webapp.conversation.phrase_views",
    "webapp.figures.views",
    "webapp.incidents.views",
    "webapp.administration.pages",
    "webapp.administration.diagram_views",
    "webapp.sales.pages",
    "webapp.sales.figures_views",
    "webapp.sales_money.views",
    "webapp.advances.views",
    "webapp.documents.views",
    "webapp.api.routes",
)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Build an app from the environment, overridden by ``config``.

    :raises BadConfiguration: the environment misses something, or production holds a demo secret
    """
    app = Flask(__name__)
    app.config.from_mapping(load_config() if config is None or "SQLALCHEMY_DATABASE_URI" not in config else {})
    app.config.from_mapping(config or {})
    app.extensions["keyring"] = Keyring.parse(app.config["SALESFLOW_KEYS"])
    if app.config.get("TRUSTED_PROXIES"):
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.wsgi_app = WholeBody(app.wsgi_app, app.config["MAX_CONTENT_LENGTH"] or LARGEST_REQUEST)  # type: ignore[method-assign]
    init_templating(app)
    all_tables()
    db.init_app(app)
    migrate.init_app(app, db, directory=f"{app.root_path}/migrations")
    init_addresses(app)
    init_access(app)
    csrf.init_app(app)
    init_i18n(app)
    init_security(app)
    init_headers(app)
    init_reading(app)
    init_errors(app)
    init_static_files(app)
    init_engine(app)
    init_frame(app)
    init_notices(app)
    for area in AREAS:
        app.register_blueprint(import_module(area).blueprint)
    return app
