"""Every route of the area on its blueprint; importing the views is what puts them there."""

from webapp.notices import delivery_views, preference_views, views
from webapp.notices.blueprint import blueprint

__all__ = ["blueprint", "delivery_views", "preference_views", "views"]
