"""Who may open what: one table from endpoint to rule, enforced before every view.

A route that stands in no row is refused, and a test fails on it. What depends on the row behind the address (whose
task, whose advance) is decided by the operation or query that reads it; the table then says in words by whom, so that
the access tests know what to expect. Anonymous visitors are led to the sign-in, programs get a 401.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from webapp.accounts.account import Account
from webapp.accounts.actor import current_account
from webapp.api.problems import problem
from webapp.errors import wants_problem
from workflows.people.model import Role


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may open a route: anyone, everyone signed in, or holders of a role; ``owner`` narrows it in words."""

    kind: str
    roles: frozenset[str] = frozenset()
    owner: str = ""

    def allows(self, account: Account | None) -> bool:
        """Whether the route opens for this account, as far as the table can tell."""
        if self.kind == "public":
            return True
        return account is not None and (self.kind == "everyone" or not self.roles.isdisjoint(account.actor.roles))


PUBLIC = Rule("public")
EVERYONE = Rule("everyone")


def holders_of(*roles: Role, owner: str = "") -> Rule:
    """Only who holds one of the roles."""
    return Rule("roles", frozenset(role.value for role in roles), owner)


def owner(words: str) -> Rule:
    """Everyone signed in may ask; the operation behind it answers 404 or 403 to whom the words leave out."""
    return Rule("everyone", owner=words)


ADMINISTRATOR = holders_of(Role.ADMINISTRATOR)
#: Finance sees every payout account, nobody else sees another's.
FINANCE = holders_of(Role.ACCOUNTANT, Role.FINANCE_DIRECTOR)
#: The price list: who sells at it or records what was sold, and who looks after it.
READS_PRODUCTS = holders_of(
    Role.SALESPERSON, Role.SALES_ASSISTANT, Role.SALES_SUPERVISOR, Role.SALES_MANAGER, Role.SALES_DIRECTOR,
    Role.GENERAL_MANAGER, Role.ACCOUNTANT, Role.FINANCE_DIRECTOR, Role.ADMINISTRATOR,
)  # fmt: skip
CHANGES_PRODUCTS = holders_of(
    Role.SALES_DIRECTOR, Role.FINANCE_DIRECTOR, Role.GENERAL_MANAGER, Role.ADMINISTRATOR
)
#: Decision tables: who works by them, and who sets the limits.
READS_DECISIONS = holders_of(
    Role.SALES_MANAGER, Role.SALES_DIRECTOR, Role.FINANCE_DIRECTOR, Role.GENERAL_MANAGER, Role.ADMINISTRATOR
)
CHANGES_DECISIONS = holders_of(Role.GENERAL_MANAGER, Role.ADMINISTRATOR)
#: Who keeps customers; whose they see and may change is for the operations to say (``workflows.customers.scope``).
_SELLING = (
    Role.SALESPERSON, Role.SALES_ASSISTANT, Role.SALES_SUPERVISOR, Role.SALES_MANAGER, Role.SALES_DIRECTOR,
    Role.GENERAL_MANAGER,
)  # fmt: skip
SALES = holders_of(*_SELLING, owner="whose customers they see, and who handed the table in")
SALES_AND_FINANCE = holders_of(*_SELLING, Role.ACCOUNTANT, Role.FINANCE_DIRECTOR, owner="whose customers they see")
LEADERS = holders_of(
    Role.SALES_MANAGER, Role.SALES_DIRECTOR, Role.GENERAL_MANAGER, owner="customers of departments that they lead"
)
LEADERS_AND_ADMINISTRATOR = holders_of(
    Role.SALES_MANAGER, Role.SALES_DIRECTOR, Role.GENERAL_MANAGER, Role.ADMINISTRATOR
)
RULE_MAKERS = holders_of(Role.SALES_DIRECTOR, Role.GENERAL_MANAGER, Role.ADMINISTRATOR)

ACCESS: dict[str, Rule] = {
    # The frame.
    "static": PUBLIC,
    "frame.home": EVERYONE,
    "frame.healthy": PUBLIC,
    "accounts.choose_language": PUBLIC,
    # Signing in and out; the second factor's pages know by the session who is half-way in.
    "security.login": PUBLIC,
    "security.logout": PUBLIC,
    "security.two_factor_token_validation": PUBLIC,
    "security.two_factor_rescue": PUBLIC,
    "security.tf_select": PUBLIC,
    "security.mf_recovery": PUBLIC,
    "security.two_factor_setup": PUBLIC,
    "security.two_factor_setup_validate": EVERYONE,
    "security.mf_recovery_codes": EVERYONE,
    "security.verify": EVERYONE,
    "security.change_password": EVERYONE,
    "accounts.demo_sign_in": PUBLIC,
    # One's own.
    "accounts.profile": EVERYONE,
    "accounts.edit_profile": EVERYONE,
    "accounts.delegations": EVERYONE,
    "accounts.revoke_delegation": owner("the delegator"),
    "accounts.tokens": EVERYONE,
    "accounts.revoke_token": owner("who made the token"),
    # The bell; by itself it answers nobody signed in with nothing.
    "notices.bell": PUBLIC,
    "notices.overview": EVERYONE,
    "notices.read": EVERYONE,
    "notices.follow": owner("whose notice it is"),
    "notices.preferences": EVERYONE,
    "notices.keep_preferences": EVERYONE,
    "notices.keep_channels": EVERYONE,
    "notices.try_one": EVERYONE,
    "notices.retry_own": owner("whose delivery it is"),
    "notices.deliveries": ADMINISTRATOR,
    "notices.retry": ADMINISTRATOR,
    "api.notices": EVERYONE,
    "api.read_notices": EVERYONE,
    "api.notice_preferences": EVERYONE,
    "api.keep_notice_preferences": EVERYONE,
    # Advances and documents.
    "advances.overview": EVERYONE,
    "advances.advance": owner("the borrower, who leads them, finance, and who may read the case"),
    "advances.printed": owner("the borrower, who leads them, finance, and who may read the case"),
    "documents.upload": EVERYONE,
    "documents.download": owner("who uploaded it, and once attached who may read the case"),
    # Sales; whose are seen is for the scope to say (workflows.customers.scope).
    "sales.overview": SALES_AND_FINANCE,
    "sales.table": SALES_AND_FINANCE,
    "sales.export": SALES_AND_FINANCE,
    "sales.sale": owner("who sees the sale, and who may read its case"),
    "sales.of_case": owner("who sees the sale, and who may read its case"),
    "sales.act": owner("who may do it: the owner, who leads the department, or finance"),
    "sales.perform": owner("who may do it: the owner, who leads the department, or finance"),
    # People.
    "people.pick": EVERYONE,
    "people.employees": ADMINISTRATOR,
    "people.add_employee": ADMINISTRATOR,
    "people.edit_employee": ADMINISTRATOR,
    "people.disable_employee": ADMINISTRATOR,
    "people.enable_employee": ADMINISTRATOR,
    "people.reset_password": ADMINISTRATOR,
    "departments.overview": ADMINISTRATOR,
    "departments.add_department": ADMINISTRATOR,
    "departments.edit_department": ADMINISTRATOR,
    "departments.remove_department": ADMINISTRATOR,
    # Products.
    "products.overview": READS_PRODUCTS,
    "products.product": READS_PRODUCTS,
    "products.lines": READS_PRODUCTS,
    "products.add_product": CHANGES_PRODUCTS,
    "products.edit_product": CHANGES_PRODUCTS,
    "products.add_line": CHANGES_PRODUCTS,
    "products.edit_line": CHANGES_PRODUCTS,
    "api.products": READS_PRODUCTS,
    "api.sales": SALES_AND_FINANCE,
    "api.sale": owner("who sees the sale, and who may read its case"),
    # Decision tables.
    "decisions.overview": READS_DECISIONS,
    "decisions.table": READS_DECISIONS,
    "decisions.history": READS_DECISIONS,
    "decisions.edit": CHANGES_DECISIONS,
    # Working days.
    "calendar.overview": EVERYONE,
    "calendar.day": EVERYONE,
    "calendar.table": EVERYONE,
    "calendar.feed": EVERYONE,
    "calendar.change_days": ADMINISTRATOR,
    "calendar.change_day": ADMINISTRATOR,
    "calendar.undo": ADMINISTRATOR,
    "calendar.read_table": ADMINISTRATOR,
    # The daily work.
    "inbox.pending": EVERYONE,
    "inbox.done": EVERYONE,
    "inbox.started": EVERYONE,
    "inbox.tabs": EVERYONE,
    "processes.overview": EVERYONE,
    "processes.start": owner("who holds the role of the lane that starts it"),
    "processes.begin": owner("who holds the role of the lane that starts it"),
    "batch.confirm": EVERYONE,
    "batch.decide": owner("on whose desk each of the tasks lies; the others are refused one by one"),
    "drafts.overview": EVERYONE,
    "drafts.save": owner("who holds the role of the lane that starts it"),
    "drafts.discard": owner("whose draft it is; for others nothing happens"),
    "drafts.copy_case": owner("who started the case"),
    "tasks.task": owner("who may read the case"),
    "tasks.complete": owner("on whose desk the task lies"),
    "tasks.claim": owner("the group on whose desk the task lies"),
    "tasks.release": owner("who claimed the task"),
    "approvals.hand_over": owner("on whose desk the task lies"),
    "approvals.add_signers": owner("on whose desk the task lies"),
    "approvals.ask_opinion": owner("on whose desk the task lies"),
    "approvals.remove_signer": owner("who asked for the signature or the opinion"),
    "approvals.take_back": owner("who took the decision"),
    "approvals.signing": owner("who may read the case"),
    "instances.instance": owner("who may read the case"),
    "inbox.copied": EVERYONE,
    "conversation.read_copies": EVERYONE,
    "conversation.several": EVERYONE,
    "conversation.comments": owner("who may read the case"),
    "conversation.comment": owner("who may read the case"),
    "conversation.take_back": owner("who wrote the comment"),
    "conversation.copies": owner("who may read the case"),
    "conversation.copy": owner("who started the case, or has or had a task on it"),
    "conversation.urge": owner("who started the case"),
    "phrases.overview": EVERYONE,
    "phrases.add": EVERYONE,
    "phrases.edit": owner("whose phrase it is"),
    "phrases.remove": owner("whose phrase it is"),
    "phrases.move": owner("whose phrase it is"),
    "instances.diagram": owner("who may read the case"),
    "instances.withdraw": owner("who started the case"),
    # The figures of sales; of which departments is for the scope to say.
    "sale_figures.overview": SALES_AND_FINANCE,
    "sale_figures.table": SALES_AND_FINANCE,
    "sale_figures.workbook": SALES_AND_FINANCE,
    "figures.overview": owner("who leads a department, and who looks after the whole company"),
    "figures.table": owner("who leads a department, and who looks after the whole company"),
    "figures.workbook": owner("who leads a department, and who looks after the whole company"),
    # Administering cases and leavers; what the diagrams say names nobody.
    "administration.cases": ADMINISTRATOR,
    "administration.case": ADMINISTRATOR,
    "administration.suspend": ADMINISTRATOR,
    "administration.resume": ADMINISTRATOR,
    "administration.jump": ADMINISTRATOR,
    "administration.terminate": ADMINISTRATOR,
    "administration.reassign": ADMINISTRATOR,
    "administration.leavers": ADMINISTRATOR,
    "administration.move_work": ADMINISTRATOR,
    "diagrams.overview": EVERYONE,
    "diagrams.process": EVERYONE,
    "diagrams.drawing": EVERYONE,
    "incidents.overview": ADMINISTRATOR,
    "incidents.detail": ADMINISTRATOR,
    "incidents.retry": ADMINISTRATOR,
    "incidents.reassign": ADMINISTRATOR,
    "incidents.terminate": ADMINISTRATOR,
    "incidents.dismiss": ADMINISTRATOR,
    # The archive; whose customers are seen and changed is for the operations to say (workflows.customers.rights).
    "customers.overview": SALES_AND_FINANCE,
    "customers.customer": SALES_AND_FINANCE,
    "customers.add": SALES,
    "customers.edit": SALES,
    "customers.record_visit": SALES,
    "customers.add_files": SALES,
    "customers.change_grade": SALES,
    "customers.archive_customer": SALES,
    "customers.unarchive_customer": SALES,
    "customers.show_contacts": SALES,
    "customers.add_contact": SALES,
    "customers.edit_contact": SALES,
    "customers.remove_contact": SALES,
    "customers.add_competitor": SALES,
    "customers.remove_competitor": SALES,
    "api.customers": SALES_AND_FINANCE,
    "api.customer": SALES_AND_FINANCE,
    "api.record_visit": SALES,
    # The money of sales; whose is for the scope to say.
    "sales_money.overview": SALES_AND_FINANCE,
    "sales_money.received": SALES_AND_FINANCE,
    "sales_money.export": SALES_AND_FINANCE,
    # Customers as tables, follow-ups, the rules, and customers that change hands.
    "customer_tables.template": SALES,
    "customer_tables.upload": SALES,
    "customer_tables.look": SALES,
    "customer_tables.take_in": SALES,
    "customer_tables.report": SALES,
    "customer_tables.export": SALES_AND_FINANCE,
    "customer_tables.export_contacts": SALES,
    "follow_ups.put_off_follow_up": SALES,
    "customer_rules.overview": LEADERS_AND_ADMINISTRATOR,
    "customer_rules.change_rule": RULE_MAKERS,
    "customer_rules.choose": LEADERS,
    "customer_rules.hand_over_chosen": LEADERS,
    # The API, for bearer tokens.
    "api.openapi": PUBLIC,
    "api.me": EVERYONE,
    "api.tasks": EVERYONE,
    "api.task": owner("who may read the case"),
    "api.complete_task": owner("on whose desk the task lies"),
    "api.claim_task": owner("the group on whose desk the task lies"),
    "api.release_task": owner("who claimed the task"),
    "api.hand_over_task": owner("on whose desk the task lies"),
    "api.add_signers": owner("on whose desk the task lies"),
    "api.ask_opinion": owner("on whose desk the task lies"),
    "api.remove_signer": owner("who asked for the signature or the opinion"),
    "api.take_back_decision": owner("who took the decision"),
    "api.suspend_instance": ADMINISTRATOR,
    "api.resume_instance": ADMINISTRATOR,
    "api.jump_instance": ADMINISTRATOR,
    "api.terminate_instance": ADMINISTRATOR,
    "api.reassign_task": ADMINISTRATOR,
    "api.work": ADMINISTRATOR,
    "api.hand_work_over": ADMINISTRATOR,
    "api.figures": owner("who leads a department, and who looks after the whole company"),
    "api.copies_to_me": EVERYONE,
    "api.read_copies": EVERYONE,
    "api.instance_copies": owner("who may read the case"),
    "api.send_instance_copies": owner("who started the case, or has or had a task on it"),
    "api.instance_comments": owner("who may read the case"),
    "api.add_instance_comment": owner("who may read the case"),
    "api.take_back_instance_comment": owner("who wrote the comment"),
    "api.urge_instance": owner("who started the case"),
    "api.read_task": owner("on whose desk the task lies"),
    "api.my_phrases": EVERYONE,
    "api.keep_my_phrases": EVERYONE,
    "api.processes": EVERYONE,
    "api.start_instance": owner("who holds the role of the lane that starts it"),
    "api.instance": owner("who may read the case"),
    "api.instance_history": owner("who may read the case"),
    "api.withdraw_instance": owner("who started the case"),
    "api.act_on_instance": owner("whom the process lets do it"),
    "api.upload_document": EVERYONE,
    "api.drafts": EVERYONE,
    "api.draft": owner("whose draft it is"),
    "api.keep_draft": owner("who holds the role of the lane that starts it"),
    "api.discard_draft": owner("whose draft it is; for others nothing happens"),
    "api.copied_values": owner("who started the case"),
    "api.copy_instance": owner("who started the case"),
    "api.approve_tasks": owner("on whose desk each of the tasks lies; the others are refused one by one"),
    "api.calendar": EVERYONE,
    "api.change_calendar_day": ADMINISTRATOR,
}


def may_open(endpoint: str) -> bool:
    """Whether this request's person may open a route, for links that are shown to some only."""
    rule = ACCESS.get(endpoint)
    return rule is not None and rule.allows(current_account())


def unlisted_routes(endpoints: Iterable[str]) -> set[str]:
    """The routes that stand in no row of the table."""
    return set(endpoints) - ACCESS.keys()


def _enforce() -> Response | None:
    if request.endpoint is None:
        return None  # There is no such address; Flask answers 404 or 405 by itself.
    rule = ACCESS.get(request.endpoint)
    if rule is None:
        raise Forbidden
    if rule.kind == "public":
        return None
    account = current_account()
    if account is None:
        return _ask_to_sign_in()
    if not rule.allows(account):
        raise Forbidden
    return None


def _ask_to_sign_in() -> Response:
    if wants_problem():
        answer = problem(401, "unauthorized", _("Please sign in first."))
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    # Where a POST was meant to go cannot be opened by the GET after signing in.
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("security.login", next=back) if back and back != "/" else url_for("security.login")
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target)


def init_access(app: Flask) -> None:
    """Put the table in front of every view; to be called before anything else asks about a request."""
    app.before_request(_enforce)
    app.jinja_env.globals["may_open"] = may_open
