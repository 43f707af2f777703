"""The access table: every route stands in it, and what it says is what happens.

Whose task or advance it is, is tested where those are; here each role knocks at each door.
"""

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import BaseConverter, UUIDConverter
from werkzeug.routing import Rule as Route
from werkzeug.routing.converters import NumberConverter

from tests.application import Visitor, new_application
from webapp.access import ACCESS, Rule, unlisted_routes
from webapp.demo_people import DEMO_PEOPLE
from workflows.people.model import Role

#: What the refusal of the table looks like; an operation may refuse for reasons of its own.
REFUSED = 403


def test_every_route_stands_in_the_table_and_every_row_is_a_route(app: Flask) -> None:
    routes = {route.endpoint for route in app.url_map.iter_rules()}
    assert unlisted_routes(routes) == set()
    assert set(ACCESS) - routes == set()


def test_a_route_that_is_not_listed_is_refused(own_database: str, now: dt.datetime) -> None:
    with new_application(own_database, now) as app:
        app.add_url_rule("/forgotten", "forgotten", lambda: "open")
        assert app.test_client().get("/forgotten").status_code == REFUSED


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_the_table_says(demo: Flask, role: Role) -> None:
    login = next(person.login for person in DEMO_PEOPLE if person.roles == (role,) or role in person.roles)
    roles = frozenset(next(person.roles for person in DEMO_PEOPLE if person.login == login))
    visitor = Visitor(demo).sign_in_as(login)
    for route, method, rule in knocks(demo):
        if not route.rule.startswith("/api/") and rule.kind != "public":
            status = knock(visitor, route, method).status_code
            is_open = rule.kind == "everyone" or not rule.roles.isdisjoint(roles)
            if is_open and not rule.owner:
                assert status != REFUSED, (route.endpoint, method, status)
            if not is_open:
                assert status == REFUSED, (route.endpoint, method, status)


def test_nobody_opens_anything_but_the_public_pages_without_signing_in(demo: Flask) -> None:
    visitor = Visitor(demo)
    for route, method, rule in knocks(demo):
        answer = knock(visitor, route, method)
        if rule.kind == "public":
            continue
        if route.rule.startswith("/api/"):
            assert answer.status_code == 401, (route.endpoint, method)
            assert answer.content_type == "application/problem+json"
        else:
            assert answer.status_code == 302, (route.endpoint, method, answer.status_code)
            assert answer.headers["Location"].startswith("/login"), route.endpoint


def test_a_cookie_opens_no_api_and_a_token_opens_no_page(demo: Flask) -> None:
    visitor = Visitor(demo).sign_in_as("salesperson")
    assert visitor.get("/api/v1/me").status_code == 401
    page = visitor.post("/profile/tokens", {"name": "test", "days": "30"}).get_data(as_text=True)
    token = page.partition('id="new-token">')[2].partition("<")[0]
    bearer = {"Authorization": f"Bearer {token}"}
    assert Visitor(demo).get("/api/v1/me", headers=bearer).status_code == 200
    assert Visitor(demo).get("/profile", headers=bearer).status_code == 302


def knocks(app: Flask) -> Iterator[tuple[Route, str, Rule]]:
    """Every route with every method that it answers to."""
    for route in app.url_map.iter_rules():
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            # Signing out would end the knocking.
            if route.endpoint != "security.logout":
                yield route, method, ACCESS[route.endpoint]


def knock(visitor: Visitor, route: Route, method: str):
    """Open a route, with arguments that name nothing."""
    arguments = {name: nothing_for(converter) for name, converter in route._converters.items()}
    with visitor.client.application.test_request_context():
        adapter = visitor.client.application.url_map.bind("localhost")
        path = adapter.build(route.endpoint, arguments, method=method)
    return visitor.post(path) if method == "POST" else visitor.client.open(path, method=method)


def nothing_for(converter: BaseConverter) -> object:
    """An argument of the kind that an address takes, which names nothing."""
    if isinstance(converter, UUIDConverter):
        return uuid.UUID(int=7)
    return 999_999_999 if isinstance(converter, NumberConverter) else "nothing"
