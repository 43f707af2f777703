"""Every page of the administrators on its blueprint; importing the views is what puts them there."""

from webapp.administration import case_views, leaver_views
from webapp.administration.blueprint import blueprint

__all__ = ["blueprint", "case_views", "leaver_views"]
