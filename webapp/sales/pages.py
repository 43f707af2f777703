"""All pages of sales on one blueprint."""

from webapp.sales import acts, views
from webapp.sales.blueprint import blueprint

__all__ = ["acts", "blueprint", "views"]
