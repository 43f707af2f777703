"""What random steps on advances are made of: trying, answering by the rules or just not, looking things up."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.advance.firm import REQUEST
from tests.engine.company import submitted
from tests.properties.people import EVERYONE, Crowd
from tests.properties.truths import entitled
from workflows.advance.model import Advance, Settlement, SettlementLine
from workflows.advance.standing import advance_of
from workflows.engine.model import ProcessInstance, UserTask
from workflows.engine.submissions import Result
from workflows.kernel.days import day_of
from workflows.kernel.errors import Refusal
from workflows.kernel.money import from_fen

APPROVALS = {"manager_approval", "director_opinion", "general_manager_approval"}


class Moves:
    """The hands of a state machine."""

    firm: Crowd
    session: Session
    #: The newest acknowledged answer, to be sent again: (task, fields, submission, person, result).
    sent: tuple[int, dict[str, Any], Any, str, Result] | None

    @property
    def today(self) -> dt.date:
        return day_of(self.firm.now)

    def attempt(self, action: Callable[[], Any]) -> Any:
        """Do it, or be refused with nothing changed; anything else than a refusal fails the test."""
        self.session.flush()
        before, jobs = self.firm.digest(), len(self.firm.jobs)
        try:
            with self.session.begin_nested():
                return action()
        except Refusal as refusal:
            assert self.firm.digest() == before
            assert len(self.firm.jobs) == jobs
            return refusal
        finally:
            self.session.expire_all()

    def push(self, task: UserTask) -> None:
        """Let the first who may say yes."""
        able = [name for name in EVERYONE if entitled(self.firm, self.firm.actor(name), task)]
        if able:
            self.answer(task, able[0], "approve", "all")

    def answer(self, task: UserTask, who: str, verdict: str, share: str) -> None:
        fields, is_valid = self.fields_for(task, verdict, share)
        may = task.status == "open" and entitled(self.firm, self.firm.actor(who), task)
        submission = submitted(fields, uuid.uuid4().hex, task.revision)
        came = self.attempt(lambda: self.complete(task, who, fields, submission))
        assert isinstance(came, Result) == (may and is_valid), (task.element_id, who, fields, came)
        if isinstance(came, Result):
            self.sent = (task.id, fields, submission, who, came)

    def complete(self, task: UserTask, who: str, fields: dict[str, Any], submission: Any) -> Result:
        return self.firm.engine.complete(
            self.session, task.id, self.firm.read(fields), submitted=submission, actor=self.firm.actor(who),
            now=self.firm.now,
        )  # fmt: skip

    def fields_for(self, task: UserTask, verdict: str, share: str) -> tuple[dict[str, Any], bool]:
        """An answer to a task, and whether the rules take it from somebody entitled."""
        decision = {"direct": "return"}.get(verdict, verdict)
        if task.element_id in APPROVALS:
            resume = {"resume": "direct" if verdict == "direct" else "restart"} if decision == "return" else {}
            return {"decision": decision, "opinion": "So I think", **resume}, True
        if task.element_id == "request_advance":
            borrower = self.firm.name(task.starter_id)
            return self.request("800.00"), not self.is_overdue(borrower)
        if task.element_id == "pay":
            return self.payment(task.instance_id, verdict, share)
        if task.element_id == "audit_claim":
            return self.audit(task.instance_id, decision)
        return {"decision": "approve" if decision == "approve" else "reject", "opinion": "Seen"}, True

    def payment(self, case: int, verdict: str, share: str) -> tuple[dict[str, Any], bool]:
        row = advance_of(self.session, instance_id=case, today=self.today)
        assert row is not None
        left = row.payable_fen
        fen = {"all": left, "part": left // 2, "over": left + 1}[share]
        paid = {"amount": str(from_fen(fen)), "paid_on": self.today.isoformat(), "method": "cash"} if fen else {}
        if verdict != "reject":
            return paid, 0 < fen <= left
        return {**paid, "close_rest": True, "close_reason": "No longer needed"}, fen < left

    def audit(self, case: int, decision: str) -> tuple[dict[str, Any], bool]:
        """Approve: every line; return: the first one only; reject: the claim as a whole."""
        lines = select(func.count()).select_from(SettlementLine).join(Settlement).where(Settlement.instance_id == case)
        count = self.session.scalar(lines) or 0
        if decision == "reject":
            return {"decision": "reject", "opinion": "No receipts"}, True
        verdicts = [
            {"line": n, "accepted": decision == "approve" or n == 1, "reason": "Unreadable"}
            for n in range(1, count + 1)
        ]
        return {"decision": "approve", "lines": verdicts}, True

    def hand_in(self, advance: Advance, kind: str, fen: int, who: str) -> Any:
        today = self.today.isoformat()
        fields: dict[str, Any] = {"advance": advance.id, "kind": kind, "amount": str(from_fen(max(fen, 0)))}
        if kind == "claim":
            parts = [part for part in (fen - fen // 3, fen // 3) if part > 0]
            fields["lines"] = [{"kind": "meals", "spent_on": today, "amount": str(from_fen(part))} for part in parts]
        elif kind == "return":
            fields |= {"returned_on": today, "method": "cash"}
        else:
            fields |= {"consent": True}
        return self.firm.start("advance_settlement", fields, who)

    def request(self, yuan: str) -> dict[str, Any]:
        back = (self.today + dt.timedelta(days=20)).isoformat()
        return {**REQUEST, "amount": yuan, "spend": [{"kind": "other", "amount": yuan}], "return_on": back}

    def may_stop(self, case: ProcessInstance) -> bool:
        """Whether a case may still be withdrawn or terminated: it runs, and no money has gone out on it."""
        row = advance_of(self.session, instance_id=case.id, today=self.today)
        return case.status == "running" and (row is None or row.paid_fen == 0)

    def is_overdue(self, who: str) -> bool:
        mine = self.session.scalars(select(Advance.id).where(Advance.borrower_id == self.firm.ids[who])).all()
        rows = [advance_of(self.session, advance_id=each, today=self.today) for each in mine]
        return any(row.balance_fen > 0 and row.return_on < self.today for row in rows if row)

    def open_tasks(self) -> list[UserTask]:
        return [task for task in self.all_tasks() if task.status == "open"]

    def all_tasks(self) -> list[UserTask]:
        return list(self.session.scalars(select(UserTask).order_by(UserTask.id)))

    def cases(self) -> list[ProcessInstance]:
        return list(self.session.scalars(select(ProcessInstance).order_by(ProcessInstance.id)))

    def loans(self) -> list[Advance]:
        return list(self.session.scalars(select(Advance).where(Advance.approved_on.is_not(None)).order_by(Advance.id)))
