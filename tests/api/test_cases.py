import io

from werkzeug.test import TestResponse

from tests.api.company import ADVANCE, Api


def test_a_case_says_what_it_waits_for(api: Api) -> None:
    started = api.start()
    instance_id, task = started["instance"]["id"], started["next_tasks"][0]
    shown = api.get("salesperson", f"/instances/{instance_id}").json
    assert (shown["status"], shown["process"], shown["outcome"]) == ("running", "expense_advance", None)
    assert [item["id"] for item in shown["tasks"]] == [task["id"]]
    assert shown["starter"] == {"id": api.employee_id("salesperson"), "name": "张小明"}
    assert (shown["started_at"], shown["ended_at"]) == ("2026-03-10T02:00:00Z", None)


def test_a_case_is_read_by_those_whom_it_concerns_and_unknown_to_others(api: Api) -> None:
    instance_id = api.start()["instance"]["id"]
    # The starter, who decides now, who leads them, the roles that the diagram names as readers, who repairs.
    for login in ("salesperson", "sales_manager", "sales_director", "general_manager", "accountant", "administrator"):
        assert api.get(login, f"/instances/{instance_id}").status_code == 200, login
        assert api.get(login, f"/instances/{instance_id}/history").status_code == 200, login
    for login in ("salesperson2", "salesperson3", "sales_manager2", "sales_assistant", "hr"):
        for path in (f"/instances/{instance_id}", f"/instances/{instance_id}/history"):
            hidden, unknown = api.get(login, path), api.get(login, "/instances/999999999")
            assert hidden.status_code == unknown.status_code == 404, login
            assert hidden.json["detail"] == unknown.json["detail"]


def test_a_task_of_a_case_that_does_not_concern_one_is_unknown(api: Api) -> None:
    task_id = api.start()["next_tasks"][0]["id"]
    assert api.get("salesperson3", f"/tasks/{task_id}").status_code == 404
    assert api.get("salesperson", f"/tasks/{task_id}").status_code == 200


def test_the_history_names_who_did_what_in_order(api: Api) -> None:
    started = api.start()
    instance_id, task_id = started["instance"]["id"], started["next_tasks"][0]["id"]
    api.next_task("sales_manager", task_id)
    events = api.get("salesperson", f"/instances/{instance_id}/history").json["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["kind"] for event in events] == [
        "instance_started", "task_opened", "task_completed", "task_opened",
    ]  # fmt: skip
    assert events[2]["actor"] == {"id": api.employee_id("sales_manager"), "name": "王志远"}
    assert (events[2]["element"], events[2]["task_id"]) == ("manager_approval", task_id)
    assert events[2]["at"] == "2026-03-10T02:00:00Z"


def test_the_starter_withdraws_once(api: Api) -> None:
    started = api.start()
    instance_id, task_id = started["instance"]["id"], started["next_tasks"][0]["id"]
    path = f"/instances/{instance_id}/withdraw"
    first = api.post("salesperson", path, {"reason": "行程取消"}, key=f"back-{instance_id}")
    assert first.status_code == 200, first.text
    assert first.json == {"instance": {"id": instance_id, "status": "withdrawn"}, "next_tasks": []}
    before = api.snapshot()
    again = api.post("salesperson", path, {"reason": "行程取消"}, key=f"back-{instance_id}")
    assert (again.status_code, again.data) == (200, first.data)
    assert api.post("salesperson", path, {"reason": "行程取消"}).status_code == 409
    late = api.complete("sales_manager", task_id)
    assert late.status_code in (403, 409)
    assert api.snapshot() == before


def test_a_withdrawal_needs_no_reason_and_no_body(api: Api) -> None:
    instance_id = api.start()["instance"]["id"]
    assert api.post("salesperson", f"/instances/{instance_id}/withdraw").status_code == 200


def test_nobody_else_withdraws_a_case(api: Api) -> None:
    instance_id = api.start()["instance"]["id"]
    before = api.snapshot()
    for login in ("sales_manager", "administrator", "salesperson2"):
        assert api.post(login, f"/instances/{instance_id}/withdraw", {}).status_code == 403, login
    assert api.snapshot() == before


def test_an_uploaded_document_is_attached_to_a_request(api: Api) -> None:
    uploaded = _upload(api, "invitation.pdf", b"%PDF-1.7\n%%EOF")
    assert uploaded.status_code == 201, uploaded.text
    assert (uploaded.json["name"], uploaded.json["media_type"], uploaded.json["size"]) == (
        "invitation.pdf", "application/pdf", 14,
    )  # fmt: skip
    assert api.start(attachments=[uploaded.json["id"]])["instance"]["status"] == "running"


def test_a_document_of_somebody_else_can_not_be_attached(api: Api) -> None:
    document_id = _upload(api, "a.pdf", b"%PDF-1.7\n%%EOF").json["id"]
    before = api.snapshot()
    fields = {**ADVANCE, "attachments": [document_id]}
    refused = api.post("salesperson2", "/processes/expense_advance/instances", {"fields": fields})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "attachments")
    assert api.snapshot() == before


def test_what_a_browser_would_run_is_not_taken_for_a_document(api: Api) -> None:
    before = api.snapshot()
    refused = _upload(api, "a.pdf", b"<script>alert(1)</script>")
    assert refused.status_code == 422
    assert api.snapshot() == before


def _upload(api: Api, name: str, content: bytes) -> TestResponse:
    return api.call("salesperson", "POST", "/documents", data={"file": (io.BytesIO(content), name)})
