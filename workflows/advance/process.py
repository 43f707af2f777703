"""What the expense advance hands to the engine: two diagrams and the functions that stand behind their elements."""

from pathlib import Path

from workflows.advance import approval, payment, record, request, settle
from workflows.engine.process import Process

FOLDER = Path(__file__).parent

EXPENSE_ADVANCE = Process(
    key="expense_advance",
    folder=FOLDER,
    start=request.request_advance,
    revise=request.revise_request,
    operations={
        "manager_approval": approval.manager_approval,
        "director_opinion": approval.director_opinion,
        "general_manager_approval": approval.general_manager_approval,
        "pay": payment.pay,
    },
    services={"advance.open_loan": approval.open_loan, "advance.close_loan": payment.close_loan},
    refuse_undoing=request.refuse_undoing,
    ended=payment.advance_ended,
    amounts=record.amounts_asked,
)

ADVANCE_SETTLEMENT = Process(
    key="advance_settlement",
    folder=FOLDER,
    start=settle.settle_advance,
    operations={
        "audit_claim": settle.audit_claim,
        "confirm_return": settle.confirm_return,
        "confirm_deduction": settle.confirm_deduction,
    },
    services={"advance.post_settlement": settle.post_settlement},
    amounts=record.amounts_settled,
)

PROCESSES: list[Process] = [EXPENSE_ADVANCE, ADVANCE_SETTLEMENT]
