"""A program that takes advances through their approvals and sends the same again until it is heard."""

import http.client
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

#: Element -> who answers it in the demo company, and what.
ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "manager_approval": ("sales_manager", {"decision": "approve"}),
    "director_opinion": ("sales_director", {"decision": "approve", "opinion": "值得"}),
    "general_manager_approval": ("general_manager", {"decision": "approve", "signature": [[[10, 20], [300, 100]]]}),
    "pay": ("accountant", {"amount": "12.00", "method": "cash"}),
}
REQUEST = {"amount": "12.00", "purpose": "出差", "spend": [{"kind": "meals", "amount": "12.00"}]}


@dataclass(frozen=True)
class Acknowledged:
    """A change that the product said it had made."""

    login: str
    key: str
    path: str
    body: dict[str, Any]
    answer: dict[str, Any]


@dataclass
class Program:
    """One client. ``port`` is where the product listens, ``today`` an ISO date, ``until`` when to begin nothing new."""

    port: int
    tokens: dict[str, str]
    today: str
    back: str
    until: float
    seed: int
    acknowledged: list[Acknowledged] = field(default_factory=list)
    #: What was neither heard nor a moment's trouble, such as a refusal.
    complaints: list[str] = field(default_factory=list)
    tries: int = 0

    def run(self) -> None:
        """Take one advance after the other to its payment."""
        chance = random.Random(self.seed)
        while time.monotonic() < self.until and not self.complaints:
            started = self.change(
                "salesperson", "/processes/expense_advance/instances", {"fields": {**REQUEST, "return_on": self.back}}
            )
            waiting = started["next_tasks"] if started else []
            while waiting:
                login, fields = ANSWERS[waiting[0]["element"]]
                dated = {**fields, "paid_on": self.today} if login == "accountant" else fields
                path = f"/tasks/{waiting[0]['id']}/complete"
                answer = self.change(login, path, {"revision": 1, "fields": dated})
                waiting = answer["next_tasks"] if answer else []
                if self.acknowledged and chance.random() < 0.2:
                    self.send_once_more(chance.choice(self.acknowledged))

    def change(self, login: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Send a change under one key until it is acknowledged."""
        key = uuid.uuid4().hex
        answer = self.insist(login, path, body, key)
        if answer is not None:
            self.acknowledged.append(Acknowledged(login, key, path, body, answer))
        return answer

    def send_once_more(self, before: Acknowledged) -> None:
        """What was acknowledged is answered the same again."""
        again = self.insist(before.login, before.path, before.body, before.key)
        if again != before.answer:
            self.complaints.append(f"{before.key}: {before.answer} became {again}")

    def insist(self, login: str, path: str, body: dict[str, Any], key: str) -> dict[str, Any] | None:
        give_up = time.monotonic() + 90
        while time.monotonic() < give_up:
            self.tries += 1
            try:
                status, answer = self.post(login, path, body, key)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.05)  # The connection broke off: nobody knows whether it was done.
                continue
            if status in (200, 201):
                return answer
            if answer.get("code") not in ("busy", "step_failed", "internal_server_error"):
                self.complaints.append(f"{path}: {status} {answer}")
                return None
            time.sleep(0.05)
        self.complaints.append(f"{path}: never heard")
        return None

    def post(self, login: str, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {
                "Authorization": f"Bearer {self.tokens[login]}",
                "Idempotency-Key": key,
                "Content-Type": "application/json",
            }
            connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def all_at_once(programs: list[Program]) -> list[threading.Thread]:
    threads = [threading.Thread(target=program.run, daemon=True) for program in programs]
    for thread in threads:
        thread.start()
    return threads
