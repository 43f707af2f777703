"""Whatever stands in the fields of a page's form, in its address or behind it, the answer is never a 500."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
from lxml import html

from tests.access.scene import Scene, Session, scene
from tests.application import application
from tests.database import Databases
from tests.engine.company import START

#: As text or, where no text could be sent so, as bytes.
HOSTILE: list[str | bytes] = [
    "", " ", "\0", "a\0b", "x" * 100_000, "-1", "0", "1", "1e9", "NaN", "Infinity", "0.001", "9" * 400, "９", "٩", "²",
    "①", str(2**31), str(2**63), "9" * 30, "-9223372036854775809", "2026-02-30", "9999-12-31", "0001-01-01",
    "0000-00-00", "2026-W10-2", "true", "null", "[]", "{}", "' OR 1=1 --", "%s %(x)s %", "{{ 7 * 7 }}",
    "<script>alert(1)</script>", "../../etc/passwd", "//evil.example", "a\r\nX-Injected: 1", "\u202e\u2028\ufeff",
    "😀" * 300, "none", "approve", "return", "claim", b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x9f",
]  # fmt: skip
#: Whose page it is, and where; forms that lead elsewhere (signing out, the language) are filled once, on the first.
PAGES: list[tuple[str, str]] = [
    ("salesperson", "/processes/expense_advance/start"),
    ("salesperson", "/processes/advance_settlement/start?advance={paid_advance}&kind=claim"),
    ("salesperson", "/processes/advance_settlement/start?advance={paid_advance}&kind=return"),
    ("salesperson", "/processes/advance_settlement/start?advance={paid_advance}&kind=deduction"),
    ("salesperson", "/tasks/{returned_task}"),
    ("salesperson", "/instances/{returned}"),
    ("salesperson", "/inbox"),
    ("salesperson", "/advances"),
    ("salesperson", "/instances/{asked}"),
    ("salesperson", "/instances/{asked}/comments"),
    ("salesperson", "/instances/{asked}/copies"),
    ("salesperson", "/profile/phrases"),
    ("salesperson", "/inbox/copied"),
    ("salesperson", "/customers"),
    ("salesperson", "/customers/new"),
    ("salesperson", "/customers/{customer}?instance={asked}"),
    ("salesperson", "/customers/{customer}/edit"),
    ("salesperson", "/customers/{customer}/contacts/new"),
    ("salesperson", "/customers/{customer}/contacts/{contact}"),
    ("salesperson", "/customers/import"),
    ("salesperson", "/customers/import/{import}"),
    ("salesperson", "/customers/export-contacts"),
    ("salesperson", "/customers/{own_customer}/put-off"),
    ("salesperson", "/processes/registration_contest/start"),
    ("sales_manager", "/customers/hand-over?owner=salesperson"),
    ("salesperson", "/processes/sale/start"),
    ("salesperson", "/sales"),
    ("salesperson", "/sales/table"),
    ("accountant", "/receipts"),
    ("accountant", "/receipts/received"),
    ("salesperson", "/processes/sale_refund/start"),
    ("salesperson", "/sales/{sale}"),
    ("salesperson", "/sales/{sale}/change_forecast"),
    ("salesperson", "/sales/{sale}/suspend_sale"),
    ("salesperson", "/sales/{sale}/lose_sale"),
    ("sales_manager", "/sales/{sale}/reassign_sale"),
    ("administrator", "/customers/rules"),
    ("salesperson2", "/profile"),
    ("salesperson2", "/profile/delegations"),
    ("salesperson2", "/profile/tokens"),
    ("salesperson2", "/profile/password"),
    ("salesperson2", "/profile/second-factor"),
    ("sales_manager", "/tasks/{asked_task}"),
    ("sales_manager", "/inbox"),
    ("accountant", "/tasks/{claimed_task}"),
    ("accountant", "/tasks/{claim_task}"),
    ("accountant", "/advances"),
    ("administrator", "/figures"),
    ("administrator", "/people"),
    ("administrator", "/people/new"),
    ("administrator", "/people/{newcomer}"),
    ("administrator", "/people/departments/new"),
    ("administrator", "/people/departments/{department}"),
    ("administrator", "/incidents/{incident}"),
    ("administrator", "/administration/cases/{asked}"),
    ("", "/login"),
]
LOGINS = ["salesperson", "salesperson2", "sales_manager", "accountant", "administrator", "sales_supervisor"]
#: Signing out ends the session in which the next form is to be sent.
ELSEWHERE = {"/logout"}
#: Submissions of each form in which every field holds the same, and in which one or two are changed.
ALIKE, CHANGED = 10, 10


@dataclass(frozen=True)
class Form:
    """A form as it stands on a page: where it goes, and what it would send untouched."""

    login: str
    method: str
    action: str
    fields: dict[str, str]


@pytest.fixture(scope="module")
def company(databases: Databases, demo_template: str) -> Iterator[Scene]:
    url = databases.copy(demo_template)
    with application(url, START) as app:
        made = scene(app, START, LOGINS)
        made.sessions[""] = Session(app)
        yield made
    databases.drop(url)


def test_no_value_in_any_form_of_any_page_breaks_it(company: Scene) -> None:
    chance, broken = random.Random(20260310), []
    forms = list(all_forms(company))
    assert len(forms) > 25
    for form in forms:
        tries = [dict.fromkeys(form.fields, value) for value in chance.sample(HOSTILE, ALIKE)]
        for _ in range(CHANGED):
            names = chance.sample(sorted(form.fields), min(len(form.fields), chance.randint(1, 2)))
            tries.append({**form.fields, **{name: chance.choice(HOSTILE) for name in names}})
        for values in tries:
            status = send(company, form, values)
            if status >= 500:
                broken.append((status, form.login, form.action, shortened(values, form.fields)))
    assert broken == []


def test_a_token_whose_days_are_not_said_is_refused_at_the_field(company: Scene) -> None:
    page = company.sessions["salesperson2"].post("/profile/tokens", {"name": "for the ledger", "days": " "})
    assert page.status_code == 200
    assert 'id="new-token"' not in page.get_data(as_text=True)


def test_no_number_in_any_address_breaks_it(company: Scene) -> None:
    session, broken = company.sessions["administrator"], []
    for route in company.app.url_map.iter_rules():
        for number in (0, 2**31, 2**63 - 1, 2**63, 10**30):
            if not any("id" in name for name in route.arguments):
                continue
            path = route.rule
            for name in route.arguments:
                path = path.replace(next(p for p in path.split("/") if p.endswith(f"{name}>")), str(number))
            for method in (route.methods or set()) - {"HEAD", "OPTIONS"}:
                if path.startswith("/api/"):
                    answer = company.api.call("administrator", method, path, json={}, headers={"Idempotency-Key": "k"})
                else:
                    answer = session.get(path) if method == "GET" else session.post(path)
                if answer.status_code >= 500:
                    broken.append((answer.status_code, method, path))
    assert broken == []


@pytest.mark.parametrize(
    "address",
    [
        "/notices?before={}&read={}", "/notices/bell?seen={}", "/deliveries?before={}&status={}&channel={}",
        "/deliveries?q={}", "/api/v1/me/notices?before={}", "/api/v1/me/notices?state={}&limit={}",
        "/administration/cases?q={}&before={}&state={}", "/administration/cases?holder={}&starter={}&process={}",
        "/administration/leavers?person={}", "/administration/leavers?person=hr&to={}", "/diagrams/{}",
        "/diagrams/expense_advance?version={}", "/diagrams/expense_advance/1.xml?called={}",
        "/api/v1/people/{}/work?to={}", "/incidents?before={}", "/incidents?state={}", "/people?after={}",
        "/people?department_id={}", "/people?role={}&state={}", "/people?search={}", "/people/pick?x={}",
        "/inbox?after={}", "/inbox/done?after={}", "/inbox/started?after={}",
        "/inbox/copied?after={}", "/inbox/copied?q={}&process={}", "/people/several?x={}",
        "/api/v1/copies?after={}", "/api/v1/copies?state={}", "/inbox?age={}&desk={}&process={}",
        "/inbox/counts?view={}",
        "/inbox?q={}",
        "/customers?q={}&grade={}&standing={}", "/customers?industry={}&owner={}", "/customers?after={}&part={}&due={}",
        "/api/v1/customers?q={}&owner={}", "/api/v1/customers?after={}", "/api/v1/customers?grade={}&part={}&due={}",
        "/customers/1?before={}&instance={}", "/customers/1?before=2026-03-10.{}",
        "/sales/figures?period={}&department={}", "/sales/figures?from={}&to={}", "/sales/figures/{}.csv",
        "/decisions/{}/{}", "/decisions/{}/{}/history", "/decisions/sale/contract_authority/history?before={}",
        "/figures?process={}&period={}&department={}", "/figures?from={}&to={}", "/figures/{}.csv",
        "/figures/figures.xlsx?from={}&to={}", "/api/v1/figures?from={}&to={}&process={}&department={}",
        "/sales?part={}&q={}&line={}&owner={}", "/sales/table?after={}&sort={}&stage={}&status={}", "/sales/table.{}",
        "/receipts?q={}&owner={}&month={}&after={}&overdue={}", "/receipts/received?q={}&month={}&after={}",
        "/receipts/{}.csv", "/processes/sale_refund/start?sale={}", "/processes/expense_advance/start?sale={}&for={}",
        "/sales/table.csv?q={}&line={}", "/sales/{}/lose_sale", "/api/v1/sales?after={}", "/api/v1/sales?q={}&owner={}",
        "/api/v1/sales?part={}&status={}&stage={}&line={}", "/processes/sale/start?customer={}",
        "/advances?after={}", "/advances?q={}&state={}&scope={}",
        "/processes/expense_advance/start?amount={}&return_on={}",
        "/processes/advance_settlement/start?advance={}&kind={}", "/processes/{}/start", "/login?next={}", "/?lang={}",
        "/static/{}", "/api/v1/tasks?limit={}", "/api/v1/tasks?after={}", "/api/v1/processes/{}/instances",
    ],
)  # fmt: skip
def test_no_parameter_of_an_address_breaks_it(company: Scene, address: str) -> None:
    places = [b"2026-03-10T02:00:00+00:00~" + b"9" * 30, b"0001-01-01T00:00:00-23:59~1", b"9999-12-31T23:59:59-23:59~1"]
    for login in ("salesperson", "administrator"):
        for value in [*HOSTILE, *places]:
            written = quote(value[:2000], safe="") if isinstance(value, str) else quote_from_bytes(value, safe="")
            path = address.replace("{}", written)
            got = company.api.get(login, path) if path.startswith("/api") else company.sessions[login].get(path)
            assert got.status_code < 500, (login, address, value[:80])


def all_forms(company: Scene) -> Iterator[Form]:
    """The forms of the pages, each once, with the fields that each would send."""
    seen = set(ELSEWHERE)
    for login, page in PAGES:
        address = page.format(**company.ids)
        answer = company.sessions[login].get(address)
        assert answer.status_code == 200, address
        for form in html.fromstring(answer.data).forms:
            action = form.action or address
            actions = {action} | set(form.xpath(".//@formaction"))
            for each in sorted(actions):
                if (login, each) not in seen and each not in seen:
                    seen.add(each if page != PAGES[0][1] and "kind=" not in each else f"{login} {each}")
                    yield Form(login, form.method, each, fields_of(form))


def fields_of(form: Any) -> dict[str, str]:
    named = {part.get("name"): part.get("value") or "" for part in form.xpath(".//*[@name]")}
    return {name: value for name, value in named.items() if name not in ("csrf_token", "idempotency_key")}


def send(company: Scene, form: Form, values: dict[str, str | bytes]) -> int:
    session = company.sessions[form.login]
    body = "&".join(f"{quote(name)}={escaped(value)}" for name, value in values.items())
    if form.method == "GET":
        return session.get(f"{form.action}?{body[:4000]}").status_code
    body += f"&csrf_token={quote(session.token())}"
    answer = session.client.post(form.action, data=body, content_type="application/x-www-form-urlencoded")
    return answer.status_code


def escaped(value: str | bytes) -> str:
    return quote(value, safe="") if isinstance(value, str) else quote_from_bytes(value, safe="")


def shortened(values: dict[str, Any], usual: dict[str, str]) -> dict[str, Any]:
    return {name: value[:60] for name, value in values.items() if value != usual[name]}
