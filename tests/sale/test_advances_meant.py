"""An advance that is for a sale: checked against what the person sees, and shown to who decides."""

import re

from tests.pages.office import request_fields
from tests.sale.scene import Scene


def test_the_approver_sees_what_the_sale_has_brought_and_the_sale_lists_its_advances(sales: Scene) -> None:
    office = sales.office
    [sale] = sales.look(
        "SELECT s.id, s.number, s.customer_id FROM sale s JOIN employee e ON e.id = s.owner_id"
        " WHERE e.login = 'salesperson' AND s.status = 'open' ORDER BY s.stage DESC, s.id LIMIT 1"
    )
    page = office.page("salesperson", f"/processes/expense_advance/start?sale={sale.id}")
    assert re.search(rf'<option value="{sale.id}" selected>', page)
    case = office.start("salesperson", sale_id=str(sale.id), customer="")
    [row] = sales.look("SELECT sale_id, customer_id, customer FROM advance WHERE instance_id = :case", case=case)
    assert (row.sale_id, row.customer_id) == (sale.id, sale.customer_id)
    assert row.customer.startswith(sale.number)
    approver = office.page("sales_manager", f"/tasks/{office.open_task(case)}")
    assert "该销售的收入与支出" in approver
    assert sale.number in approver
    assert "JK-" in office.page("salesperson", f"/sales/{sale.id}")


def test_a_sale_that_one_does_not_see_is_refused_at_the_field(sales: Scene) -> None:
    [hidden] = sales.look(
        "SELECT s.id, s.title FROM sale s JOIN employee e ON e.id = s.owner_id WHERE s.department_id <>"
        " (SELECT department_id FROM employee WHERE login = 'salesperson') ORDER BY s.id LIMIT 1"
    )
    fields = request_fields(sale_id=str(hidden.id))
    answer = sales.office.post("salesperson", "/processes/expense_advance/start", fields)
    assert answer.status_code == 422
    assert hidden.title not in answer.get_data(as_text=True)
    assert hidden.title not in sales.office.page("salesperson", f"/processes/expense_advance/start?sale={hidden.id}")


def test_a_customer_alone_may_be_named_and_another_than_the_sale_s_not(sales: Scene) -> None:
    [sale, *_] = sales.look(
        "SELECT s.id, s.customer_id FROM sale s JOIN employee e ON e.id = s.owner_id"
        " WHERE e.login = 'salesperson' ORDER BY s.id"
    )
    [other] = sales.look(
        "SELECT c.id FROM customer c JOIN employee e ON e.id = c.owner_id WHERE e.login = 'salesperson'"
        " AND c.id <> :own ORDER BY c.id LIMIT 1", own=sale.customer_id,
    )  # fmt: skip
    fields = request_fields(sale_id=str(sale.id), customer_id=str(other.id))
    assert sales.office.post("salesperson", "/processes/expense_advance/start", fields).status_code == 422
    case = sales.office.start("salesperson", customer_id=str(other.id))
    [row] = sales.look("SELECT sale_id, customer_id FROM advance WHERE instance_id = :case", case=case)
    assert (row.sale_id, row.customer_id) == (None, other.id)
