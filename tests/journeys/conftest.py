"""Journeys: whole pieces of work by several people, on the running product, at a phone's width and at a desk's."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.desks import Office
from tests.product import Product

PHONE, DESKTOP = pytest.param((390, 844), id="phone"), pytest.param((1280, 800), id="desktop")


@pytest.fixture(params=[PHONE, DESKTOP])
def viewport(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Width and height of everybody's window."""
    size: tuple[int, int] = request.param
    return size


@pytest.fixture
def office(browser: Browser, product: Product, viewport: tuple[int, int]) -> Iterator[Office]:
    """The demo's people. What is wrong with any page that they saw fails the test at its end."""
    opened = Office(browser, product.address, viewport)
    yield opened
    found = opened.close()
    assert not found, "\n".join(["what was found on the pages:", *found])
