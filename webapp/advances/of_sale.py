"""The advances that were taken for a sale, for its page."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from workflows.advance.standing import advances_for_sale


def advances_of_sale(session: Session, sale_id: int, today: dt.date) -> dict[str, Any]:
    """What ``sales/advances.html`` shows; one query."""
    return {"sale_advances": advances_for_sale(session, sale_id, today=today)}
