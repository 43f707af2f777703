"""Who is answered how at every address: each role, as borrower, colleague, superior, stand-in or stranger.

The table says what a person gets, in one letter each; how the product decides it is none of its business. A route or
a method that stands in no line fails, and so does any answer that has no letter, such as a 500.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.access.scene import Scene, Session, scene, session_for
from tests.application import application
from tests.database import Databases
from tests.engine.company import START

#: The columns, from left to right, in groups.
PEOPLE: list[str | None] = [
    "salesperson",  # the borrower
    "salesperson2",  # a colleague of the same department
    "salesperson3",  # a salesperson of another one
    "sales_assistant",  # stands in for the sales manager in everything
    "sales_manager",
    "sales_manager2",  # leads another department
    "sales_director",
    "general_manager",
    "hr",  # stands in for the sales manager, in settlements only
    "accountant",  # has claimed one of the payments
    "accountant2",
    "finance_director",
    "administrator",
    "sales_supervisor",  # signed in, and disabled since
    None,  # nobody
]
#: o: it opens, or leads on to where it should. l: led to the sign-in. The others are the statuses that refuse: b 400,
#: u 401, f 403, n 404 (there is nothing there for you), c 409, t 415, i 422 (yours to do, but filled in wrongly).
LETTERS = {200: "o", 201: "o", 204: "o", 400: "b", 401: "u", 403: "f", 404: "n", 409: "c", 415: "t", 422: "i"}
#: What is sent where an empty form would not get as far as the question of who may.
BODIES: dict[str, dict[str, Any]] = {
    "/language": {"language": "zh_Hans"},
    "/profile": {"locale": "zh_Hans"},
    "/instances/{regretted}/withdraw": {"reason": "Changed my mind"},
    "/instances/{asked}/comments": {"text": "Noted"},
    "/instances/{asked}/copies": {"copy_to": "newcomer"},
    "/profile/phrases/{phrase}": {"text": "Noted again"},
    "/api/v1/instances/{asked}/copies": {"copy_to": ["newcomer"]},
    "/api/v1/instances/{asked}/comments": {"text": "Noted"},
    "/instances/{paid}/withdraw": {"reason": "Changed my mind"},
    "/api/v1/tasks/{asked_task}/complete": {"revision": 1, "fields": {}},
    "/api/v1/tasks/{payable_by_program_task}/complete": {"revision": 1, "fields": {}},
    "/api/v1/tasks/{paid_task}/complete": {"revision": 1, "fields": {}},
    "/api/v1/processes/expense_advance/instances": {"fields": {}},
    "/api/v1/instances/{sale_case}/acts/lose_sale": {"fields": {}},
    "/api/v1/instances/{sale_case}/acts/record_receipt": {"fields": {}},
    "/api/v1/instances/{asked}/acts/lose_sale": {"fields": {}},
    "/api/v1/instances/{asked}/copy": {"draft": "6f1d2f8e-5a0c-4a52-9d57-0d0d2f0d9b1e"},
    "/api/v1/instances/{regretted_by_program}/withdraw": {"reason": "Changed my mind"},
}
#: Numbers in braces are those of ``scene``. Lines are tried from top to bottom, people from left to right: who claims
#: or puts back a task does so for good, so that whoever comes later finds it done; signing out comes last.
MATRIX = """
GET  /                                                 ooo ooooo o ooo o ll
GET  /healthy                                          ooo ooooo o ooo o oo
GET  /static/favicon.svg                               ooo ooooo o ooo o oo
POST /language                                         ooo ooooo o ooo o oo
POST /profile                                          ooo ooooo o ooo o ll
GET  /profile                                          ooo ooooo o ooo o ll
GET  /profile/delegations                              ooo ooooo o ooo o ll
POST /profile/delegations                              ooo ooooo o ooo o ll
POST /profile/delegations/{delegation}/revoke          onn nnnnn n nnn n ll
GET  /profile/tokens                                   ooo ooooo o ooo o ll
POST /profile/tokens                                   ooo ooooo o ooo o ll
POST /profile/tokens/{token}/revoke                    onn nnnnn n nnn n ll
GET  /notices                                          ooo ooooo o ooo o ll
POST /notices/read                                     ooo ooooo o ooo o ll
GET  /notices/bell                                     ooo ooooo o ooo o oo
GET  /notices/{notice}                                 onn nnnnn n nnn n ll
GET  /profile/notices                                  ooo ooooo o ooo o ll
POST /profile/notices                                  ooo ooooo o ooo o ll
POST /profile/notices/channels                         ooo ooooo o ooo o ll
POST /profile/notices/try/mail                         ccc ccccc c ccc c ll
POST /profile/notices/deliveries/{delivery}/retry      onn nnnnn n nnn n ll
GET  /deliveries                                       fff fffff f fff o ll
POST /deliveries/{delivery}/retry                      fff fffff f fff o ll
GET  /inbox                                            ooo ooooo o ooo o ll
GET  /inbox/done                                       ooo ooooo o ooo o ll
GET  /inbox/started                                    ooo ooooo o ooo o ll
GET  /inbox/counts                                     ooo ooooo o ooo o ll
GET  /processes                                        ooo ooooo o ooo o ll
GET  /processes/expense_advance/start                  ooo ooooo f fff f ll
POST /processes/expense_advance/start                  iii iiiii f fff f ll
GET  /processes/nothing/start                          nnn nnnnn n nnn n ll
POST /processes/nothing/start                          nnn nnnnn n nnn n ll
GET  /tasks/{asked_task}                               onn oonoo n ooo o ll
GET  /tasks/{returned_task}                            onn oonoo n ooo o ll
GET  /tasks/{payable_task}                             onn oonoo n ooo o ll
GET  /tasks/{claimed_task}                             onn oonoo n ooo o ll
GET  /tasks/{paid_task}                                onn oonoo n ooo o ll
GET  /tasks/{claim_task}                               onn nonoo n ooo o ll
GET  /tasks/{stuck_task}                               nnn nnnno n ooo o ll
GET  /tasks/{gone_task}                                nnn oonoo n ooo o ll
GET  /tasks/999999999                                  nnn nnnnn n nnn n ll
POST /tasks/{asked_task}                               fff iifff f fff f ll
POST /tasks/{returned_task}                            iff fffff f fff f ll
POST /tasks/{payable_task}                             fff fffff f iif f ll
POST /tasks/{claimed_task}                             fff fffff f iff f ll
POST /tasks/{paid_task}                                fff fffff f ccf f ll
POST /tasks/{claim_task}                               fff fffff f iif f ll
POST /tasks/{stuck_task}                               fff fffff f fff f ll
POST /tasks/999999999                                  nnn nnnnn n nnn n ll
POST /tasks/{payable_task}/claim                       fff fffff f off f ll
POST /tasks/{asked_task}/claim                         fff ccfff f fff f ll
POST /tasks/{stuck_task}/claim                         fff fffff f fff f ll
POST /tasks/{claimed_task}/release                     fff fffff f off f ll
POST /tasks/{asked_task}/release                       fff ccfff f fff f ll
GET  /tasks/{asked_task}/hand-over                     fnn oonff n fff f ll
POST /tasks/{asked_task}/hand-over                     fnn iinff n fff f ll
GET  /tasks/{asked_task}/signers                       fnn oonff n fff f ll
POST /tasks/{asked_task}/signers                       fnn iinff n fff f ll
GET  /tasks/{asked_task}/opinions                      fnn oonff n fff f ll
POST /tasks/{asked_task}/opinions                      fnn iinff n fff f ll
GET  /tasks/{asked_task}/remove                        fnn ffnff n fff f ll
POST /tasks/{asked_task}/remove                        fnn ffnff n fff f ll
GET  /tasks/{asked_task}/take-back                     fnn ffnff n fff f ll
POST /tasks/{asked_task}/take-back                     fff fffff f fff f ll
GET  /tasks/{asked_task}/round                         onn oonoo n ooo o ll
GET  /instances/{asked}                                onn oonoo n ooo o ll
GET  /instances/{paid}                                 onn oonoo n ooo o ll
GET  /instances/{claim}                                onn nonoo n ooo o ll
GET  /instances/{stuck}                                nnn nnnno n ooo o ll
GET  /instances/999999999                              nnn nnnnn n nnn n ll
GET  /instances/{asked}/diagram.xml                    onn oonoo n ooo o ll
GET  /instances/{stuck}/diagram.xml                    nnn nnnno n ooo o ll
POST /instances/{regretted}/withdraw                   onn ffnff n fff f ll
POST /instances/{paid}/withdraw                        cnn ffnff n fff f ll
GET  /advances                                         ooo ooooo o ooo o ll
GET  /advances?scope=all                               ooo ooooo o ooo o ll
GET  /advances/{asked_advance}                         onn oonoo n ooo o ll
GET  /advances/{paid_advance}                          onn oonoo n ooo o ll
GET  /advances/{stuck_advance}                         nnn nnnno n ooo o ll
GET  /advances/{asked_advance}/print                   onn oonoo n ooo o ll
GET  /advances/{stuck_advance}/print                   nnn nnnno n ooo o ll
POST /documents?field=attachments                      ooo ooooo o ooo o ll
GET  /documents/{loose}                                onn nnnnn n nnn n ll
GET  /documents/{attached}                             onn oonoo n ooo o ll
GET  /documents/{receipt}                              onn nonoo n ooo o ll
GET  /products                                         ooo ooooo f ooo o ll
GET  /products/{product}                               ooo ooooo f ooo o ll
GET  /products/999999999                               nnn nnnnn f nnn n ll
GET  /products/lines                                   ooo ooooo f ooo o ll
GET  /products/new                                     fff fffoo f ffo o ll
POST /products/new                                     fff fffoo f ffo o ll
GET  /products/{product}/edit                          fff fffoo f ffo o ll
POST /products/{product}/edit                          fff fffoo f ffo o ll
GET  /products/lines/new                               fff fffoo f ffo o ll
POST /products/lines/new                               fff fffoo f ffo o ll
GET  /products/lines/{line}                            fff fffoo f ffo o ll
POST /products/lines/{line}                            fff fffoo f ffo o ll
GET  /api/v1/products                                  ooo ooooo f ooo o uu
GET  /sales                                            ooo ooooo f ooo f ll
GET  /receipts                                         ooo ooooo f ooo f ll
GET  /receipts/received                                ooo ooooo f ooo f ll
GET  /receipts/due.csv                                 ooo ooooo f ooo f ll
GET  /sales/table                                      ooo ooooo f ooo f ll
GET  /sales/table.csv                                  ooo ooooo f ooo f ll
GET  /sales/{sale}                                     oon oonoo n ooo o ll
GET  /sales/999999999                                  nnn nnnnn n nnn n ll
GET  /sales/case/{sale_case}                           oon oonoo n ooo o ll
GET  /sales/{sale}/lose_sale                           ofn fonoo n fff f ll
POST /sales/{sale}/lose_sale                           ifn finii n fff n ll
GET  /sales/{sale}/reassign_sale                       ffn fonoo n fff f ll
POST /sales/{sale}/reassign_sale                       ffn finii n fff n ll
GET  /sales/{sale}/record_receipt                      ffn ffnff n ccc f ll
GET  /sales/{sale}/nothing                             nnn nnnnn n nnn n ll
GET  /api/v1/sales                                     ooo ooooo f ooo f uu
GET  /api/v1/sales/{sale}                              oon oonoo n ooo o uu
GET  /api/v1/instances/{sale_case}                     onn nonoo n ooo o uu
POST /api/v1/instances/{sale_case}/acts/lose_sale      ifn finii n fff n uu
POST /api/v1/instances/{sale_case}/acts/record_receipt ffn ffnff n ccc n uu
POST /api/v1/instances/{asked}/acts/lose_sale          nnn nnnnn n nnn n uu
GET  /decisions                                        fff foooo f ffo o ll
GET  /decisions/sale/contract_authority                fff foooo f ffo o ll
GET  /decisions/sale/contract_authority/history        fff foooo f ffo o ll
GET  /decisions/sale/nothing                           fff fnnnn f ffn n ll
GET  /decisions/sale/contract_authority/edit           fff ffffo f fff o ll
POST /decisions/sale/contract_authority/edit           fff ffffo f fff o ll
GET  /people                                           fff fffff f fff o ll
GET  /people/pick                                      ooo ooooo o ooo o ll
GET  /people/new                                       fff fffff f fff o ll
POST /people/new                                       fff fffff f fff o ll
GET  /people/{borrower}                                fff fffff f fff o ll
POST /people/{borrower}                                fff fffff f fff o ll
GET  /people/{newcomer}/disable                        fff fffff f fff o ll
POST /people/{newcomer}/disable                        fff fffff f fff o ll
POST /people/{newcomer}/enable                         fff fffff f fff o ll
POST /people/{newcomer}/password                       fff fffff f fff o ll
GET  /people/departments                               fff fffff f fff o ll
GET  /people/departments/new                           fff fffff f fff o ll
POST /people/departments/new                           fff fffff f fff o ll
GET  /people/departments/{department}                  fff fffff f fff o ll
POST /people/departments/{department}                  fff fffff f fff o ll
POST /people/departments/{department}/remove           fff fffff f fff c ll
GET  /customers                                        ooo ooooo f ooo f ll
GET  /customers/{customer}                             oon oonoo f ooo f ll
GET  /customers/999999999                              nnn nnnnn f nnn f ll
GET  /customers/new                                    ooo ooooo f fff f ll
POST /customers/new                                    iii iiiii f fff f ll
GET  /customers/{customer}/edit                        onn oonoo f fff f ll
POST /customers/{customer}/edit                        inn iinii f fff f ll
POST /customers/{customer}/visits                      iin iinii f fff f ll
POST /customers/{customer}/files                       ifn iinii f fff f ll
POST /customers/{customer}/grade                       iin iinii f fff f ll
POST /customers/{customer}/archive                     iin iinii f fff f ll
POST /customers/{customer}/unarchive                   iin iinii f fff f ll
POST /customers/{customer}/contacts/show               oon oonoo f fff f ll
GET  /customers/{customer}/contacts/new                onn oonoo f fff f ll
POST /customers/{customer}/contacts/new                inn iinii f fff f ll
GET  /customers/{customer}/contacts/{contact}          onn oonoo f fff f ll
POST /customers/{customer}/contacts/{contact}          inn iinii f fff f ll
POST /customers/{customer}/contacts/{contact}/remove   cnn ccncc f fff f ll
POST /customers/{customer}/competitors                 iin iinii f fff f ll
POST /customers/{customer}/competitors/{competitor}/remove onn nnnnn f fff f ll
GET  /api/v1/customers                                 ooo ooooo f ooo f uu
GET  /api/v1/customers/{customer}                      oon oonoo f ooo f uu
POST /api/v1/customers/{customer}/visits               iin iinii f fff f uu
GET  /customers/import/template.xlsx                   ooo ooooo f fff f ll
GET  /customers/import                                 ooo ooooo f fff f ll
POST /customers/import                                 iii iiiii f fff f ll
GET  /customers/import/{import}                        onn nnnnn f fff f ll
POST /customers/import/{import}                        cnn nnnnn f fff f ll
GET  /customers/import/{import}/report.xlsx            onn nnnnn f fff f ll
GET  /customers/export.csv                             ooo ooooo f ooo f ll
GET  /customers/export.xlsx                            ooo ooooo f ooo f ll
GET  /customers/export-contacts                        ooo ooooo f fff f ll
POST /customers/export-contacts                        iii iiiii f fff f ll
GET  /customers/{own_customer}/put-off                 onn nnnnn f fff f ll
POST /customers/{own_customer}/put-off                 inn nnnnn f fff f ll
GET  /customers/rules                                  fff foooo f fff o ll
POST /customers/rules/follow_up_a                      fff fffii f fff i ll
GET  /customers/hand-over                              fff foooo f fff f ll
POST /customers/hand-over                              fff fiiii f fff f ll
GET  /calendar                                         ooo ooooo o ooo o ll
GET  /calendar/2026-03-10                              ooo ooooo o ooo o ll
GET  /calendar/days.csv                                ooo ooooo o ooo o ll
GET  /calendar/days.ics                                ooo ooooo o ooo o ll
POST /calendar                                         fff fffff f fff i ll
POST /calendar/2026-03-10                              fff fffff f fff i ll
POST /calendar/days.csv                                fff fffff f fff i ll
POST /calendar/changes/999999999/undo                  fff fffff f fff n ll
GET  /figures                                          fff foooo o ffo o ll
GET  /figures/people.csv                               fff foooo o ffo o ll
GET  /figures/nothing.csv                              nnn nnnnn n nnn n ll
GET  /figures/figures.xlsx                             fff foooo o ffo o ll
GET  /sales/figures                                    ooo ooooo f ooo f ll
GET  /sales/figures/people.csv                         ooo ooooo f ooo f ll
GET  /sales/figures/nothing.csv                        nnn nnnnn f nnn f ll
GET  /sales/figures/figures.xlsx                       ooo ooooo f ooo f ll
GET  /administration/cases                             fff fffff f fff o ll
GET  /administration/cases?q=JK&state=running&holder=hr fff fffff f fff o ll
GET  /administration/cases/{asked}                     fff fffff f fff o ll
GET  /administration/cases/{paid}                      fff fffff f fff o ll
POST /administration/cases/{asked}/suspend             fff fffff f fff i ll
POST /administration/cases/{asked}/resume              fff fffff f fff i ll
POST /administration/cases/{asked}/jump                fff fffff f fff i ll
POST /administration/cases/{asked}/terminate           fff fffff f fff i ll
POST /administration/tasks/{asked_task}/reassign       fff fffff f fff i ll
GET  /administration/leavers                           fff fffff f fff o ll
GET  /administration/leavers?person=sales_manager&to=hr fff fffff f fff o ll
POST /administration/leavers/{borrower}                fff fffff f fff i ll
GET  /diagrams                                         ooo ooooo o ooo o ll
GET  /diagrams/expense_advance                         ooo ooooo o ooo o ll
GET  /diagrams/expense_advance/1.xml                   ooo ooooo o ooo o ll
GET  /incidents                                        fff fffff f fff o ll
GET  /incidents/{incident}                             fff fffff f fff o ll
POST /incidents/{incident}/dismiss                     fff fffff f fff i ll
POST /incidents/{incident}/reassign                    fff fffff f fff i ll
POST /incidents/{incident}/terminate                   fff fffff f fff i ll
POST /incidents/{incident}/retry                       fff fffff f fff c ll
GET  /inbox/copied                                     ooo ooooo o ooo o ll
POST /inbox/copied/read                                ooo ooooo o ooo o ll
GET  /people/several                                   ooo ooooo o ooo o ll
GET  /instances/{asked}/comments                       onn oonoo n ooo o ll
POST /instances/{asked}/comments                       onn oonoo n ooo o ll
POST /instances/{asked}/comments/{comment}/take-back   off fffff f fff f ll
GET  /instances/{asked}/copies                         onn oonoo n ooo o ll
POST /instances/{asked}/copies                         onn oonff n fff f ll
POST /instances/{asked}/urge                           off fffff f fff f ll
GET  /profile/phrases                                  ooo ooooo o ooo o ll
POST /profile/phrases                                  iii iiiii i iii i ll
POST /profile/phrases/{phrase}                         onn nnnnn n nnn n ll
POST /profile/phrases/{phrase}/move                    onn nnnnn n nnn n ll
POST /profile/phrases/{phrase}/remove                  ooo ooooo o ooo o ll
GET  /api/v1/copies                                    ooo ooooo o ooo o uu
POST /api/v1/copies/read                               ooo ooooo o ooo o uu
GET  /api/v1/instances/{asked}/copies                  onn oonoo n ooo o uu
POST /api/v1/instances/{asked}/copies                  onn oonff n fff f uu
GET  /api/v1/instances/{asked}/comments                onn oonoo n ooo o uu
POST /api/v1/instances/{asked}/comments                onn oonoo n ooo o uu
POST /api/v1/comments/{comment_by_program}/take-back   off fffff f fff f uu
POST /api/v1/instances/{asked}/urge                    cff fffff f fff f uu
POST /api/v1/tasks/{asked_task}/read                   fnn oonff n fff f uu
GET  /api/v1/me/phrases                                ooo ooooo o ooo o uu
PUT  /api/v1/me/phrases                                iii iiiii i iii i uu
GET  /api/v1/openapi.json                              ooo ooooo o ooo o oo
GET  /api/v1/me                                        ooo ooooo o ooo o uu
GET  /api/v1/tasks                                     ooo ooooo o ooo o uu
GET  /api/v1/figures                                   fff foooo o ffo o uu
GET  /api/v1/processes                                 ooo ooooo o ooo o uu
GET  /api/v1/tasks/{asked_task}                        onn oonoo n ooo o uu
GET  /api/v1/tasks/{claim_task}                        onn nonoo n ooo o uu
GET  /api/v1/tasks/{stuck_task}                        nnn nnnno n ooo o uu
POST /api/v1/tasks/{asked_task}/complete               fff iifff f fff f uu
POST /api/v1/tasks/{payable_by_program_task}/complete  fff fffff f iif f uu
POST /api/v1/tasks/{paid_task}/complete                fff fffff f ccf f uu
POST /api/v1/tasks/{payable_by_program_task}/claim     fff fffff f off f uu
POST /api/v1/tasks/{claimed_by_program_task}/release   fff fffff f off f uu
POST /api/v1/tasks/{asked_task}/hand-over              fnn iinff n fff f uu
POST /api/v1/tasks/{asked_task}/signers                fnn iinff n fff f uu
POST /api/v1/tasks/{asked_task}/opinions               fnn iinff n fff f uu
POST /api/v1/tasks/{asked_task}/remove                 fnn ffnff n fff f uu
POST /api/v1/tasks/{asked_task}/take-back              fff fffff f fff f uu
POST /api/v1/processes/expense_advance/instances       iii iiiii f fff f uu
GET  /api/v1/instances/{asked}                         onn oonoo n ooo o uu
GET  /api/v1/instances/{claim}                         onn nonoo n ooo o uu
GET  /api/v1/instances/{stuck}                         nnn nnnno n ooo o uu
GET  /api/v1/instances/{asked}/history                 onn oonoo n ooo o uu
POST /api/v1/instances/{regretted_by_program}/withdraw off fffff f fff f uu
POST /api/v1/documents                                 ttt ttttt t ttt t uu
GET  /api/v1/me/notices                                ooo ooooo o ooo o uu
POST /api/v1/me/notices/read                           ooo ooooo o ooo o uu
GET  /api/v1/me/notices/preferences                    ooo ooooo o ooo o uu
PUT  /api/v1/me/notices/preferences                    iii iiiii i iii i uu
POST /api/v1/instances/{asked}/suspend                 fff fffff f fff i uu
POST /api/v1/instances/{asked}/resume                  fff fffff f fff i uu
POST /api/v1/instances/{asked}/jump                    fff fffff f fff i uu
POST /api/v1/instances/{asked}/terminate               fff fffff f fff i uu
POST /api/v1/tasks/{asked_task}/reassign               fff fffff f fff i uu
GET  /api/v1/people/sales_manager/work                 fff fffff f fff o uu
POST /api/v1/people/sales_manager/work                 fff fffff f fff i uu
GET  /api/v1/calendar                                  ooo ooooo o ooo o uu
PUT  /api/v1/calendar/2026-03-10                       fff fffff f fff i uu
GET  /drafts                                           ooo ooooo o ooo o ll
POST /drafts/expense_advance                           ooo ooooo f fff f ll
POST /instances/{asked}/copy                           onn nnnnn n nnn n ll
GET  /inbox/batch                                      iii iiiii i iii i ll
POST /inbox/batch                                      iii iiiii i iii i ll
GET  /api/v1/drafts                                    ooo ooooo o ooo o uu
GET  /api/v1/drafts/{draft}                            onn nnnnn n nnn n uu
PUT  /api/v1/drafts/{draft}                            iii iiiii i iii i uu
GET  /api/v1/instances/{asked}/copy                    onn nnnnn n nnn n uu
POST /api/v1/instances/{asked}/copy                    onn nnnnn n nnn n uu
POST /api/v1/tasks/approve                             iii iiiii i iii i uu
POST /drafts/{draft}/discard                           ooo ooooo o ooo o ll
DELETE /api/v1/drafts/{draft}                          ooo ooooo o ooo o uu
POST /demo/sign-in/nobody                              nnn nnnnn n nnn n nn
GET  /login                                            ooo ooooo o ooo o oo
POST /login                                            ooo ooooo o ooo o oo
GET  /tf-rescue                                        ooo ooooo o ooo o ll
POST /tf-rescue                                        ooo ooooo o ooo o ll
GET  /tf-select                                        lll lllll l lll l ll
POST /tf-select                                        lll lllll l lll l ll
GET  /mf-recovery                                      ooo ooooo o ooo o ll
POST /mf-recovery                                      ooo ooooo o ooo o ll
GET  /verify                                           ooo ooooo o ooo o ll
POST /verify                                           ooo ooooo o ooo o ll
GET  /profile/second-factor                            ooo ooooo o ooo o ll
POST /profile/second-factor                            ooo ooooo o ooo o ll
POST /profile/second-factor/nothing                    ooo ooooo o ooo o ll
GET  /profile/recovery-codes                           ooo ooooo o ooo o ll
POST /profile/recovery-codes                           ooo ooooo o ooo o ll
GET  /profile/password                                 ooo ooooo o ooo o ll
POST /profile/password                                 ooo ooooo o ooo o ll
POST /logout                                           lll lllll l lll l ll
GET  /tf-validate                                      lll lllll l lll l ll
POST /tf-validate                                      lll lllll l lll l ll
"""
LINES = [line.split(None, 2) for line in MATRIX.strip().splitlines()]


@pytest.fixture(scope="module")
def company(databases: Databases, demo_template: str) -> Iterator[Scene]:
    url = databases.copy(demo_template)
    with application(url, START) as app:
        yield scene(app, START, [login for login in PEOPLE if login])
    databases.drop(url)


def test_every_route_and_method_stands_in_the_table(company: Scene) -> None:
    listed = {(endpoint_of(company, method, path), method) for method, path, _ in LINES}
    routes = {
        (route.endpoint, method)
        for route in company.app.url_map.iter_rules()
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes - listed == set()


def test_a_form_without_its_token_is_refused_and_changes_nothing(company: Scene) -> None:
    signed_in = {login: session_for(company.app, login) for login in ("salesperson", "administrator")}
    before = company.api.snapshot()
    for path in [path for method, path, _ in LINES if method == "POST" and not path.startswith("/api/")]:
        for login, session in signed_in.items():
            answer = session.client.post(path.format(**company.ids), data=BODIES.get(path))
            assert letter(answer) in "bf", (login, path, answer.status_code)
    assert company.api.snapshot() == before


def test_a_cookie_opens_no_api_and_a_token_opens_no_page(company: Scene) -> None:
    session = session_for(company.app, "administrator")
    nobody = company.app.test_client()
    bearer = {"Authorization": f"Bearer {company.api.token('administrator')}"}
    for method, path, codes in LINES:
        address = path.format(**company.ids)
        if path.startswith("/api/") and codes[-1] == "u":
            answer = session.client.open(address, method=method, json=BODIES.get(path))
            assert (letter(answer), answer.mimetype) == ("u", "application/problem+json"), path
        elif method == "GET" and codes[-1] == "l":
            assert letter(nobody.get(address, headers=bearer)) == "l", path


def test_everybody_is_answered_as_the_table_says(company: Scene) -> None:
    nobody = Session(company.app)
    differences = []
    for method, path, codes in LINES:
        expected = codes.replace(" ", "")
        given = ""
        for login in PEOPLE:
            answer = knock(company, login, company.sessions[login] if login else nobody, method, path)
            given += letter(answer)
        if given != expected:
            differences.append(f"{method} {path}: {expected} expected, {given} given")
    assert differences == []


def knock(company: Scene, login: str | None, session: Session, method: str, path: str) -> TestResponse:
    address, body = path.format(**company.ids), BODIES.get(path)
    if path.startswith("/api/"):
        if method == "GET":
            return company.api.get(login, address)
        return company.api.post(login, address, body) if method == "POST" else company.api.call(login, method, address)
    answer = session.get(address) if method == "GET" else session.post(address, body)
    if path == "/logout":
        session.kept = ""  # The forms' token has ended with the session.
    return answer


def letter(answer: TestResponse) -> str:
    if 300 <= answer.status_code < 400:
        return "l" if answer.headers["Location"].startswith("/login") else "o"
    return LETTERS.get(answer.status_code, f"[{answer.status_code}]")


def endpoint_of(company: Scene, method: str, path: str) -> str:
    address = path.format(**company.ids).partition("?")[0]
    endpoint, _ = company.app.url_map.bind("localhost").match(address, method=method)
    return str(endpoint)
