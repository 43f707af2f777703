"""Sales for programs: registered, found, opened and acted on by those whom they concern, unknown to others."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select

from tests.api.company import Api
from webapp.customers.sealing import seals
from webapp.demo_sales import fill_demo_sales
from webapp.engine import engine
from webapp.extensions import db
from workflows.customers.archive import CustomerData, create_customer
from workflows.customers.contacts import ContactData
from workflows.engine.process import Actor
from workflows.people.model import Employee
from workflows.products.model import ProductLine

MRS_LI = ContactData(name="李晓梅", position="采购总监", phone="138 0013 8000", kind="decides")
SALE: dict[str, Any] = {"need": "会员卡", "expected_amount": "300000.00", "expected_on": "2026-05-10"}


@pytest.fixture(scope="module")
def sale(api: Api) -> dict[str, Any]:
    """A sale that the salesperson has just registered, as its own page gives it."""
    return registered(api, "云上图书有限公司")


def registered(api: Api, name: str) -> dict[str, Any]:
    with api.app.app_context():
        seller = db.session.scalars(select(Employee).where(Employee.login == "salesperson")).one()
        customer = create_customer(
            db.session(), CustomerData(name=name, industry=seller.industry or "制造"), grade="B", contact=MRS_LI,
            seals=seals(), actor=Actor(seller.id, frozenset({"salesperson"})), now=api.now, is_confirmed=True,
        )  # fmt: skip
        line = db.session.scalars(select(ProductLine.id).order_by(ProductLine.id)).first()
        db.session.commit()
    fields = {**SALE, "customer": customer, "product_line": line}
    answer = api.post("salesperson", "/processes/sale/instances", {"fields": fields})
    assert answer.status_code == 201, answer.text
    case = answer.json["instance"]["id"]
    found = api.get("salesperson", f"/sales?q={name[:4]}").json["items"]
    assert [each["instance_id"] for each in found] == [case]
    return dict(api.get("salesperson", f"/sales/{found[0]['id']}").json)


def act(api: Api, login: str, sale: dict[str, Any], name: str, **fields: Any) -> Any:
    return api.post(login, f"/instances/{sale['instance_id']}/acts/{name}", {"fields": fields})


def test_a_sale_says_where_it_stands_and_what_one_may_do_to_it(api: Api, sale: dict[str, Any]) -> None:
    assert (sale["stage"], sale["status"], sale["customer"]["name"]) == (1, "open", "云上图书有限公司")
    assert (sale["expected"], sale["expected_on"], sale["contracted"]) == ("300000.00", "2026-05-10", "0.00")
    assert sale["owner"] == {"id": api.employee_id("salesperson"), "name": "Zhang Xiaoming"}
    # Ninety days without contact from the tenth of March on.
    assert sale["lapses_on"] == "2026-06-08"
    assert [(move["kind"], move["stage"], move["by"]) for move in sale["moves"]] == [("started", 1, "Zhang Xiaoming")]
    assert sale["acts"] == ["change_forecast", "suspend_sale", "lose_sale"]
    assert "reassign_sale" in api.get("sales_manager", f"/sales/{sale['id']}").json["acts"]
    # Finance corrects at any time, and records once a contract is signed.
    assert api.get("accountant", f"/sales/{sale['id']}").json["acts"] == ["reverse_receipt"]


def test_a_task_of_a_sale_says_what_is_asked(api: Api, sale: dict[str, Any]) -> None:
    tasks = api.get("salesperson", f"/instances/{sale['instance_id']}").json["tasks"]
    assert [task["element"] for task in tasks] == ["complete_information"]
    request = api.get("salesperson", f"/tasks/{tasks[0]['id']}").json["request"]
    assert (request["number"], request["needs"], request["quotation"]) == (sale["number"], "会员卡", None)


def test_who_may_not_see_a_sale_is_told_nothing_of_it(api: Api, sale: dict[str, Any]) -> None:
    for login in ("salesperson3", "sales_manager2", "hr"):
        hidden, unknown = api.get(login, f"/sales/{sale['id']}"), api.get(login, "/sales/999999999")
        assert hidden.status_code == unknown.status_code == 404, login
        assert hidden.json["detail"] == unknown.json["detail"]
    # Who repairs cases reads every case.
    assert api.get("administrator", f"/sales/{sale['id']}").status_code == 200
    assert api.get("salesperson3", "/sales?q=云上图书").json["items"] == []
    assert [each["id"] for each in api.get("accountant", "/sales?q=云上图书").json["items"]] == [sale["id"]]
    assert api.get("hr", "/sales").status_code == 403


def test_the_list_is_narrowed_and_paged(api: Api) -> None:
    made = [registered(api, name)["id"] for name in ("甲骨文具公司", "乙烯化工公司", "丙酮试剂公司")]
    seen, path = [], "/sales?part=mine&status=open&stage=1&owner=salesperson&sort=oldest&limit=2"
    after = ""
    while True:
        page = api.get("salesperson", f"{path}{after}").json
        seen += [each["id"] for each in page["items"]]
        assert len(page["items"]) <= 2
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == sorted(set(seen))
    assert set(made) <= set(seen)
    assert api.get("salesperson", "/sales?part=mine&stage=5").json == {"items": [], "next": None}
    assert api.get("salesperson2", "/sales?part=mine&owner=salesperson").json["items"] == []
    by_name = api.get("sales_manager", "/sales?owner=张小明").json["items"]
    assert {each["owner"]["id"] for each in by_name} == {api.employee_id("salesperson")}


@pytest.mark.parametrize(
    ("query", "field"),
    [("stage=6", "stage"), ("status=gone", "status"), ("part=theirs", "part"), ("line=x", "line"), ("sort=x", "sort"),
     ("limit=0", "limit"), ("after=x", "after"), ("after=WzEsMV0x", "after"),
     # [Infinity,1], and brackets in brackets, as the place where a page ended.
     ("after=W0luZmluaXR5LDFd", "after"), (f"after={'W1tb' * 1_000}", "after")],
)  # fmt: skip
def test_what_a_list_is_asked_wrongly_is_named(api: Api, query: str, field: str) -> None:
    answer = api.get("salesperson", f"/sales?{query}")
    assert (answer.status_code, [each["field"] for each in answer.json["errors"]]) == (422, [field])


def test_acts_change_a_sale_once_and_only_for_whom_they_are(api: Api) -> None:
    sale = registered(api, "丁香花园酒店")
    refused = act(api, "salesperson2", sale, "lose_sale", reason="price", words="x")
    assert refused.status_code == 403
    path, body = f"/instances/{sale['instance_id']}/acts/change_forecast", {
        "fields": {"expected_amount": "250000.00", "expected_on": "2026-06-01"}
    }
    first = api.post("salesperson", path, body, key=f"forecast-{sale['id']}")
    again = api.post("salesperson", path, body, key=f"forecast-{sale['id']}")
    assert (first.status_code, first.data) == (200, again.data)
    assert api.get("salesperson", f"/sales/{sale['id']}").json["expected"] == "250000.00"
    assert act(api, "accountant", sale, "record_receipt", amount="1.00", received_on="2026-03-10",
               method="cash").status_code == 409  # fmt: skip
    assert act(api, "salesperson", sale, "lose_sale", reason="price").status_code == 422
    lost = act(api, "salesperson", sale, "lose_sale", reason="price", words="太贵")
    assert lost.status_code == 200, lost.text
    shown = api.get("salesperson", f"/sales/{sale['id']}").json
    assert (shown["status"], shown["stopped_reason"], shown["stopped_words"]) == ("lost", "price", "太贵")
    assert shown["acts"] == ["reopen_sale"]
    assert api.post("salesperson", f"/instances/{sale['instance_id']}/acts/nothing", {"fields": {}}).status_code == 404


def test_finance_names_an_entry_and_an_order_line_by_what_the_sale_says(api: Api) -> None:
    with api.app.app_context():
        fill_demo_sales(db.session(), engine(), api.now)
        db.session.commit()
    # Its card says that 90,000 and 60,000 of 300,000 yuan came in.
    [found] = api.get("accountant", "/sales?q=XS-2026-&stage=4&status=open").json["items"]
    sale = api.get("accountant", f"/sales/{found['id']}").json
    assert [(each["change"], each["balance"], each["is_reversible"]) for each in sale["entries"]] == [
        ("90000.00", "90000.00", True), ("60000.00", "150000.00", True),
    ]  # fmt: skip
    [line] = sale["order_lines"]
    assert (line["amount"], line["received"]) == ("300000.00", "150000.00")
    entry = sale["entries"][1]["id"]
    assert act(api, "accountant", sale, "reverse_receipt", receipt=entry, reason="别家的款").status_code == 200
    cost = act(api, "accountant", sale, "record_cost", line=line["id"], kind="logistics", amount="120.50",
               occurred_on="2026-03-09")  # fmt: skip
    assert cost.status_code == 200, cost.text
    after = api.get("accountant", f"/sales/{found['id']}").json
    assert [(each["change"], each["reverses_id"], each["is_reversible"]) for each in after["entries"]] == [
        ("90000.00", None, True), ("60000.00", None, False), ("-60000.00", entry, False),
    ]  # fmt: skip
    assert (after["received"], after["owed"]) == ("90000.00", "210000.00")
    validate(api, "Sale", after)


def test_what_is_answered_is_what_the_description_says(api: Api, sale: dict[str, Any]) -> None:
    for name, path in (("Sale", f"/sales/{sale['id']}"), ("SaleList", "/sales")):
        shown = api.get("sales_manager", path)
        assert shown.status_code == 200
        validate(api, name, shown.json)


def validate(api: Api, name: str, shown: dict[str, Any]) -> None:
    described = api.get(None, "/openapi.json").json
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    Draft202012Validator(schema).validate(shown)
    assert set(shown) == set(described["components"]["schemas"][name]["properties"])
