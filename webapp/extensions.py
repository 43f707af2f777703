"""The Flask extensions, made once and bound to an app in ``create_app``.

Flask-SQLAlchemy only hands out sessions and engines: the models stand in ``workflows`` and know nothing of it.
"""

from flask_babel import Babel
from flask_migrate import Migrate
from flask_security import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from workflows.kernel.base import Base

db = SQLAlchemy(metadata=Base.metadata)
csrf = CSRFProtect()
babel = Babel()
security = Security()
migrate = Migrate()
