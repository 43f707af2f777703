"""Every route of ``/api/v1`` on its blueprint; importing the views is what puts them there."""

from webapp.api import (
    administration_views,
    approvals_views,
    calendar_views,
    case_views,
    conversation_views,
    customer_views,
    draft_views,
    figures_views,
    notice_views,
    product_views,
    sale_views,
    views,
)
from webapp.api.blueprint import blueprint

__all__ = [
    "administration_views",
    "approvals_views",
    "blueprint",
    "calendar_views",
    "case_views",
    "conversation_views",
    "customer_views",
    "draft_views",
    "figures_views",
    "notice_views",
    "product_views",
    "sale_views",
    "views",
]
