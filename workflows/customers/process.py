"""What the customer archive hands to the engine: its diagrams and the functions that stand behind their elements."""

from pathlib import Path

from workflows.customers import contests
from workflows.engine.process import Process

FOLDER = Path(__file__).parent

REGISTRATION_CONTEST = Process(
    key="registration_contest",
    folder=FOLDER,
    start=contests.contest_registration,
    operations={
        "reply_to_contest": contests.reply_to_contest,
        "decide_contest": contests.decide_contest,
    },
    services={
        "customers.transfer_registration": contests.transfer_registration,
        "customers.keep_registration": contests.keep_registration,
    },
)

PROCESSES: list[Process] = [REGISTRATION_CONTEST]
