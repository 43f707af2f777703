"""The company of the sale's tests."""

import pytest
from sqlalchemy.orm import Session

from tests.sale.firm import Firm, firm


@pytest.fixture
def company(session: Session) -> Firm:
    return firm(session)
