"""The company of the customers' tests."""

import pytest
from sqlalchemy.orm import Session

from tests.customers.firm import Firm, firm


@pytest.fixture
def company(session: Session) -> Firm:
    return firm(session)
