"""What the sale hands to the engine: its diagram, the functions behind its elements, and the acts upon it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.customers.scope import Sight
from workflows.engine.process import Act, Acted, Process, Step
from workflows.kernel.errors import Refusal
from workflows.sale import contracting, delivery, opportunity, quoting, receipts, refunds, stopping
from workflows.sale.model import Contract, Sale
from workflows.sale.standing import LockedSale, Rule, guarded, only_finance

FOLDER = Path(__file__).parent


def amounts_contracted(session: Session, instance_ids: Sequence[int]) -> Mapping[int, int]:
    """What contracts that wait for a decision come to, in fen, by their cases; other steps decide on no amount."""
    rows = session.execute(
        select(Sale.instance_id, Contract.total_fen)
        .join(Contract, Contract.sale_id == Sale.id)
        .where(Sale.instance_id.in_(instance_ids), Contract.status == "in_approval")
    )
    return {row.instance_id: row.total_fen for row in rows}


#: What is done to a sale besides answering its tasks, and who may do it when.
PERFORMED: Mapping[str, Callable[[Step, Mapping[str, Any]], Acted]] = {
    "change_forecast": stopping.change_forecast,
    "reach_milestone": delivery.reach_milestone,
    "record_receipt": receipts.record_receipt,
    "reverse_receipt": receipts.reverse_receipt,
    "record_cost": receipts.record_cost,
    "suspend_sale": stopping.suspend_sale,
    "lose_sale": stopping.lose_sale,
    "reopen_sale": stopping.reopen_sale,
    "reassign_sale": stopping.reassign_sale,
}
RULES: Mapping[str, Rule] = {
    "change_forecast": stopping.stopping,
    "reach_milestone": delivery.delivering,
    "record_receipt": receipts.receiving,
    "reverse_receipt": only_finance,
    "record_cost": receipts.costing,
    "suspend_sale": stopping.stopping,
    "lose_sale": stopping.losing,
    "reopen_sale": stopping.reopening,
    "reassign_sale": stopping.reassigning,
}
#: Corrections are made after the case has ended, too.
ALWAYS_POSSIBLE = frozenset({"record_receipt", "reverse_receipt", "record_cost"})


def acts_open_to(sale: LockedSale, sight: Sight, *, is_running: bool) -> list[str]:
    """The acts that a person could do to a sale as of now, for its page; they are judged again under the lock."""
    found = []
    for name, rule in RULES.items():
        try:
            rule(sale, sight)
        except Refusal:
            continue
        if is_running or name in ALWAYS_POSSIBLE:
            found.append(name)
    return found


SALE = Process(
    key="sale",
    folder=FOLDER,
    start=opportunity.register_opportunity,
    revise=opportunity.revise_opportunity,
    operations={
        "complete_information": opportunity.complete_information,
        "apply_initiation": opportunity.apply_initiation,
        "approve_initiation": opportunity.approve_initiation,
        "quote": quoting.quote,
        "await_answer": quoting.await_answer,
        "draft_contract": contracting.draft_contract,
        "manager_contract": contracting.approve_contract,
        "director_contract": contracting.approve_contract,
        "general_manager_contract": contracting.approve_contract,
        "sign_contract": contracting.sign_contract,
        "hand_over_order": delivery.hand_over_order,
        "accept_delivery": delivery.accept_delivery,
        "record_satisfaction": delivery.record_satisfaction,
        "decide_on_suspended": stopping.decide_on_suspended,
    },
    services={
        "sale.enter_stage": opportunity.enter_stage,
        "sale.refuse_initiation": opportunity.refuse_initiation,
        "sale.expire_quotation": quoting.expire_quotation,
        "sale.reject_contract": contracting.reject_contract,
        "sale.release_contract": contracting.release_contract,
        "sale.check_collected": delivery.check_collected,
        "sale.count_complaints": delivery.count_complaints,
        "sale.close": delivery.close_sale,
        "sale.lapse": stopping.lapse_sale,
        "sale.note_stop": stopping.note_stop,
        "sale.find_stage": stopping.find_stage,
    },
    facts=contracting.facts,
    amounts=amounts_contracted,
    passed_on=stopping.passed_on,
    refuse_undoing=stopping.refuse_undoing,
    ended=stopping.sale_ended,
    acts={name: Act(perform, guarded(RULES[name]), name in ALWAYS_POSSIBLE) for name, perform in PERFORMED.items()},
)

SALE_REFUND = Process(
    key="sale_refund",
    folder=FOLDER,
    start=refunds.request_refund,
    revise=refunds.revise_refund,
    operations={
        "approve_refund": refunds.approve_refund,
        "approve_refund_director": refunds.approve_refund,
        "pay_refund": refunds.pay_refund,
    },
    facts=refunds.facts,
    amounts=refunds.amounts_refunded,
    ended=refunds.refund_ended,
)

PROCESSES: list[Process] = [SALE, SALE_REFUND]
