"""The company of the advance's tests."""

import pytest
from sqlalchemy.orm import Session

from tests.advance.firm import Firm, firm


@pytest.fixture
def company(session: Session) -> Firm:
    return firm(session)
