"""``python -m bench.sales``: the pages of customers and sales beside 100,000 sales and 1,000,000 visits.

Two hundred salespeople of twenty departments share the sales; each page is read by the manager of one department, in
turns with the bare page, and what is wanted is a p95 of at most twice the bare page's. The board of the director, who
has all departments, stands beside them. Some four minutes, most of it loading. ``--quick`` loads a hundredth.
"""

import argparse
import os

from bench import bare
from bench.client import get
from bench.firm import READER, found_firm
from bench.lab import BARE, THREADS, Lab
from bench.measure import Bench, numbered_from, ratios
from bench.report import print_results, print_wanted
from webapp.messages import compile_translations

SALES, VISITS, ROUNDS, PAGES = 100_000, 1_000_000, 5, 80
DIRECTOR = "sales_director"
#: What is measured, and the addresses; ``{sale}`` and ``{customer}`` are somewhere in the middle.
PAGES_READ = {
    "own board": "/sales?part=mine",
    "board": "/sales?part=department",
    "board of the director": "/sales?part=department",
    "table": "/sales/table?part=department",
    "table, searched": "/sales/table?part=department&q=kh0050",
    "one sale": "/sales/{sale}",
    "customers": "/customers?part=department",
    "customers, searched": "/customers?part=department&q=kehu0050",
    "one customer": "/customers/{customer}",
}


def main() -> None:
    """Load, measure, print."""
    parser = argparse.ArgumentParser(prog="bench.sales", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    share = 100 if parser.parse_args().quick else 1
    compile_translations()
    with Lab() as lab:
        environ = lab.environment()
        firm = found_firm(environ)
        load(lab, SALES // share, VISITS // share)
        first = bare.fill(lab.postgres.url(BARE), 200_000)
        product = lab.serve("webapp:create_app()", "/healthy", environ)
        bare_environ = {**os.environ, "BARE_DATABASE_URL": lab.postgres.url(BARE), "BARE_THREADS": str(THREADS)}
        yardstick = lab.serve("bench.bare:create_app()", "/inbox", bare_environ)
        for login in (READER, DIRECTOR):
            firm.sign_in(product.port, login)
        bench = Bench(lab, firm, product, yardstick, numbered_from(first))
        with lab.connect() as database:
            middle = """SELECT id FROM {} WHERE department_id = (SELECT department_id FROM employee WHERE login = %s)
                         ORDER BY id OFFSET %s LIMIT 1"""
            sale = database.execute(middle.format("sale"), (READER, SALES // share // 40))
            customer = database.execute(middle.format("customer"), (READER, SALES // share // 60))
            names = {"sale": sale.fetchone()[0], "customer": customer.fetchone()[0]}  # type: ignore[index]
        for name, address in PAGES_READ.items():
            read(bench, name, address.format(**names), DIRECTOR if "director" in name else READER)
        print_results(bench.results)
        p95 = {name: max(ratios(pairs, lambda times: times.p95)) for (name, _), pairs in bench.results.items()}
        print_wanted([(f"{name}, p95 times the bare page, worst round", 2.0, found) for name, found in p95.items()])


def read(bench: Bench, name: str, address: str, login: str) -> None:
    """A page in short turns with the bare one; the first round only warms up."""
    cookie = {"Cookie": bench.firm.cookies[login]}
    page, yardstick = get(address, cookie), get("/inbox")
    for number in range(ROUNDS + 1):
        (pair,) = bench.begin_round(name, concurrency=1)
        for _ in range(4):
            bench.product([lambda connection: len(connection.ask(page))] * (PAGES // 4), 1, pair)
            bench.bare([lambda connection: connection.ask(yardstick)] * (PAGES // 4), 1, pair)
        if number == 0:
            bench.results[name, 1].clear()


def load(lab: Lab, sales: int, visits: int) -> None:
    """Customers, a sale for each two of them, their visits and their money, past the triggers of foreign keys."""
    with lab.connect(superuser=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (_DEPARTMENTS, _PEOPLE, _LINES, _CUSTOMERS, _CONTACTS, _CASES, _REGISTRATIONS, _SALES, _MOVES,
                          _TASKS, _CONTRACTS, _RECEIPTS, _VISITS, "VACUUM ANALYZE", "CHECKPOINT"):  # fmt: skip
            connection.execute(statement, {"sales": sales, "visits": visits})


_DEPARTMENTS = """
INSERT INTO department (name, name_en, parent_id)
SELECT '基准部门' || n, '', (SELECT department_id FROM employee WHERE login = 'sales_director')
  FROM generate_series(1, 19) n"""
_PEOPLE = """
INSERT INTO employee (login, name, department_id, fs_uniquifier)
SELECT 'bench' || n, '员工' || n,
       CASE n %% 20 WHEN 0 THEN (SELECT department_id FROM employee WHERE login = 'sales_manager')
                    ELSE (SELECT id FROM department WHERE name = '基准部门' || n %% 20) END, 'bench' || n
  FROM generate_series(1, 200) n"""
_LINES = "INSERT INTO product_line (name) SELECT '基准产品线' || n FROM generate_series(1, 5) n"
_CUSTOMERS = """
INSERT INTO customer (name, name_key, pinyin, initials, industry, grade, standing, owner_id, department_id,
                      created_by_id, created_at, follow_up_on, last_contact_on)
SELECT '客户' || to_char(n, 'FM0000000'), 'kh' || n, 'kehu' || to_char(n, 'FM0000000'), 'kh' || to_char(n, 'FM0000000'),
       '制造', substr('ABCD', 1 + n %% 4, 1), 'potential', e.id, e.department_id, e.id, now(),
       current_date + n %% 60, current_date - n %% 30
  FROM generate_series(1, %(sales)s) n
  JOIN employee e ON e.id = (SELECT min(id) FROM employee WHERE login LIKE 'bench%%') + n %% 200"""
_CONTACTS = """
INSERT INTO contact (customer_id, position, kind, sealed, masked_name, masked_phone, phone_key, phone_tail_key, is_main,
                     created_by_id, created_at)
SELECT id, '采购经理', 'decides', '', '李*', '138****1234', decode(md5(id::text), 'hex'),
       decode(md5((id %% 10000)::text), 'hex'), true, owner_id, now() FROM customer WHERE name LIKE '客户%%'"""
_CASES = """
INSERT INTO process_instance (definition_id, process_key, title, starter_id, status, revision, state, serializer,
                              started_at, history_count, history_hash)
SELECT d.id, 'sale', 'XS-2098-' || c.id, c.owner_id, 'running', 1, '', '', now() - c.id %% 300 * interval '1 day', 0, ''
  FROM (SELECT id FROM process_definition WHERE key = 'sale' ORDER BY version DESC LIMIT 1) d,
       (SELECT id, owner_id FROM customer WHERE name LIKE '客户%%' ORDER BY id) c"""
_REGISTRATIONS = """
INSERT INTO registration (customer_id, product_line_id, industry, need, owner_id, instance_id, registered_at,
                          last_contact_on, lapses_on)
SELECT c.id, (SELECT min(id) FROM product_line WHERE name LIKE '基准%%'), '制造', '会员卡', c.owner_id, i.id,
       i.started_at, current_date, current_date + 90
  FROM customer c JOIN process_instance i ON i.title = 'XS-2098-' || c.id"""
#: Two thirds are open, over the five stages; of the others half are lost and half are closed.
_SALES = """
INSERT INTO sale (instance_id, number, customer_id, product_line_id, registration_id, title, owner_id, department_id,
                  stage, status, stopped_reason, stage_since, expected_fen, expected_on, created_at)
SELECT r.instance_id, 'XS-2098-' || r.id, r.customer_id, r.product_line_id, r.id, c.name || ' · 会员卡', c.owner_id,
       c.department_id, CASE WHEN r.id %% 6 = 5 THEN 5 ELSE 1 + r.id %% 5 END,
       CASE r.id %% 6 WHEN 4 THEN 'lost' WHEN 5 THEN 'closed' ELSE 'open' END,
       CASE r.id %% 6 WHEN 4 THEN 'price' END, now() - r.id %% 90 * interval '1 day', 100000 + r.id * 37 %% 90000000,
       current_date + (r.id %% 120)::int, r.registered_at
  FROM registration r JOIN customer c ON c.id = r.customer_id WHERE c.name LIKE '客户%%'"""
_MOVES = """
INSERT INTO sale_move (sale_id, kind, stage, from_stage, since, moved_at)
SELECT s.id, CASE n WHEN 1 THEN 'started' ELSE 'stage' END, n, nullif(n - 1, 0),
       s.created_at + (n - 2) * interval '9 days', s.created_at + (n - 1) * interval '9 days'
  FROM sale s, generate_series(1, 5) n WHERE n <= s.stage AND s.number LIKE 'XS-2098-%%'"""
_TASKS = """
INSERT INTO user_task (instance_id, node_id, process_key, definition_id, element_id, title, starter_id, role,
                       assignee_id, barred, opened_at)
SELECT i.id, gen_random_uuid()::text, 'sale', i.definition_id, 'complete_information', i.title, i.starter_id,
       'salesperson', i.starter_id, '{}', now()
  FROM sale s JOIN process_instance i ON i.id = s.instance_id
 WHERE s.status = 'open' AND s.number LIKE 'XS-2098-%%'"""
_CONTRACTS = """
INSERT INTO contract (sale_id, quotation_id, number, total_fen, deliver_on, status, drafted_by_id, drafted_at,
                      signed_on)
SELECT id, 0, 'HT-2098-' || id, expected_fen, current_date, 'signed', owner_id, now(),
       current_date - 30 - (id %% 330)::int
  FROM sale WHERE stage >= 4 AND number LIKE 'XS-2098-%%'"""
_RECEIPTS = """
INSERT INTO receipt (sale_id, kind, amount_fen, occurred_on, method, recorded_by_id, recorded_at)
SELECT c.sale_id, 'receipt', c.total_fen / 4 + 1, c.signed_on + n * 10, 'cash', c.drafted_by_id, now()
  FROM contract c, generate_series(1, 3) n WHERE c.number LIKE 'HT-2098-%%'"""
_VISITS = """
INSERT INTO visit (customer_id, instance_id, kind, visited_on, visitors, content, result, recorded_by_id, recorded_at)
SELECT s.customer_id, s.instance_id, 'visit', current_date - (n %% 365)::int, '员工', '介绍产品并了解需求', '有兴趣',
       s.owner_id, now()
  FROM generate_series(1, %(visits)s) n
  JOIN sale s ON s.id = (SELECT min(id) FROM sale WHERE number LIKE 'XS-2098-%%') + n %% %(sales)s"""

if __name__ == "__main__":
    main()
