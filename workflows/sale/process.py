"""What the sale hands to the engine: its diagram, the functions behind its elements, and the acts upon it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.engine.process import Act, Process
from workflows.sale import contracting, delivery, opportunity, quoting, receipts, stopping
from workflows.sale.model import Contract, Sale

FOLDER = Path(__file__).parent


def amounts_contracted(session: Session, instance_ids: Sequence[int]) -> Mapping[int, int]:
    """What contracts that wait for a decision come to, in fen, by their cases; other steps decide on no amount."""
    rows = session.execute(
        select(Sale.instance_id, Contract.total_fen)
        .join(Contract, Contract.sale_id == Sale.id)
        .where(Sale.instance_id.in_(instance_ids), Contract.status == "in_approval")
    )
    return {row.instance_id: row.total_fen for row in rows}


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
    acts={
        "lose_sale": Act(stopping.lose_sale, stopping.refuse_losing),
        "suspend_sale": Act(stopping.suspend_sale, stopping.refuse_stopping),
        "reopen_sale": Act(stopping.reopen_sale, stopping.refuse_reopening),
        "reassign_sale": Act(stopping.reassign_sale, stopping.refuse_reassigning),
        "change_forecast": Act(stopping.change_forecast, stopping.refuse_stopping),
        "reach_milestone": Act(delivery.reach_milestone, delivery.refuse_milestone),
        "record_receipt": Act(receipts.record_receipt, receipts.refuse_receipt),
        "reverse_receipt": Act(receipts.reverse_receipt, receipts.refuse_reversal, is_always_possible=True),
        "record_cost": Act(receipts.record_cost, receipts.refuse_cost, is_always_possible=True),
    },
)

PROCESSES: list[Process] = [SALE]
