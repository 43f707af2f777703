"""All pages of the archive on one blueprint."""

from webapp.customers import contact_views, editing_views, record_views, views
from webapp.customers.blueprint import blueprint

__all__ = ["blueprint", "contact_views", "editing_views", "record_views", "views"]
