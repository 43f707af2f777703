"""What the customer archive hands to the engine: its diagrams and the functions that stand behind their elements."""

from pathlib import Path

from workflows.customers import complaints, contests
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

COMPLAINT = Process(
    key="complaint",
    folder=FOLDER,
    start=complaints.raise_complaint,
    operations={
        "coordinate_complaint": complaints.coordinate_complaint,
        "record_customer_word": complaints.record_customer_word,
    },
    ended=complaints.complaint_ended,
)

PROCESSES: list[Process] = [REGISTRATION_CONTEST, COMPLAINT]
