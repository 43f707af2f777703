"""Every route of ``/api/v1`` on its blueprint; importing the views is what puts them there."""

from webapp.api import case_views, views
from webapp.api.blueprint import blueprint

__all__ = ["blueprint", "case_views", "views"]
