import json

from tests.api.company import ADVANCE, APPROVE, Api


def test_an_advance_goes_from_the_request_to_finance_through_the_api(api: Api) -> None:
    started = api.post("salesperson", "/processes/expense_advance/instances", {"fields": ADVANCE})
    assert started.status_code == 201, started.text
    instance_id = started.json["instance"]["id"]
    assert started.headers["Location"] == f"/api/v1/instances/{instance_id}"
    assert started.json["instance"] == {"id": instance_id, "status": "running"}
    task_id = started.json["next_tasks"][0]["id"]
    for login in ("sales_manager", "sales_director"):
        task_id = api.next_task(login, task_id)
    payment = api.next_task("general_manager", task_id)
    shown = api.get("accountant", f"/tasks/{payment}").json
    assert (shown["element"], shown["group_role"], shown["status"]) == ("pay", "accountant", "open")


def test_an_item_of_the_inbox_says_what_it_is(api: Api) -> None:
    started = api.start(purpose="清远客户拜访")
    items = api.get("sales_manager", "/tasks?limit=100", headers={"Accept-Language": "en"}).json["items"]
    item = next(item for item in items if item["instance_id"] == started["instance"]["id"])
    assert item["id"] == started["next_tasks"][0]["id"]
    assert item["process"] == "expense_advance"
    assert item["element"] == "manager_approval"
    assert "清远客户拜访" in item["title"]
    assert item["opened_at"] == "2026-03-10T02:00:00Z"
    # Escalated after four working days: Wednesday, Thursday, Friday, Monday.
    assert item["due_at"] == "2026-03-16T02:00:00Z"
    assert item["revision"] == 1
    assert item["name"].isascii()
    chinese = api.get("sales_manager", f"/tasks/{item['id']}", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).json
    assert not chinese["name"].isascii()


def test_the_inbox_is_paged_by_key_without_gaps_or_repetitions(api: Api) -> None:
    for _ in range(5):
        api.start("salesperson2")
    everything = api.get("sales_manager", "/tasks?limit=100").json
    assert everything["next"] is None
    seen: list[int] = []
    after = ""
    for _ in range(50):
        page = api.get("sales_manager", "/tasks", query_string={"limit": "2", "after": after}).json
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) >= 5
    assert seen == [item["id"] for item in everything["items"]]


def test_what_i_have_done_is_listed_with_the_decision(api: Api) -> None:
    task_id = api.start()["next_tasks"][0]["id"]
    api.next_task("sales_manager", task_id)
    done = api.get("sales_manager", "/tasks?state=done").json["items"]
    item = next(item for item in done if item["id"] == task_id)
    assert (item["status"], item["decision"], item["closed_at"]) == ("completed", "approve", "2026-03-10T02:00:00Z")
    assert task_id not in [item["id"] for item in api.get("sales_manager", "/tasks?limit=100").json["items"]]


def test_a_task_comes_with_its_form_as_json_schema(api: Api) -> None:
    task_id = api.start()["next_tasks"][0]["id"]
    form = api.get("sales_manager", f"/tasks/{task_id}").json["form"]
    assert form["properties"]["decision"]["enum"] == ["approve", "return", "reject"]
    assert form["required"] == ["decision"]
    assert form["additionalProperties"] is False


def test_a_repeated_key_gives_the_same_bytes_and_does_nothing_twice(api: Api) -> None:
    task_id = api.start()["next_tasks"][0]["id"]
    first = api.complete("sales_manager", task_id, key="once-and-for-all")
    before = api.snapshot()
    second = api.complete("sales_manager", task_id, key="once-and-for-all", headers={"Accept-Language": "zh-CN"})
    assert first.status_code == second.status_code == 200
    assert second.data == first.data
    assert api.snapshot() == before


def test_a_repeated_start_opens_one_case(api: Api) -> None:
    answers = [
        api.post("salesperson", "/processes/expense_advance/instances", {"fields": ADVANCE}, key="start-me-once")
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.data for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1


def test_two_people_may_use_the_same_key(api: Api) -> None:
    one = api.post("salesperson", "/processes/expense_advance/instances", {"fields": ADVANCE}, key="common")
    other = api.post("salesperson2", "/processes/expense_advance/instances", {"fields": ADVANCE}, key="common")
    assert one.json["instance"]["id"] != other.json["instance"]["id"]


def test_the_same_key_on_another_task_is_refused(api: Api) -> None:
    one, other = (api.start()["next_tasks"][0]["id"] for _ in range(2))
    assert api.complete("sales_manager", one, key="k-1").status_code == 200
    refused = api.complete("sales_manager", other, key="k-1")
    assert (refused.status_code, refused.json["code"]) == (422, "idempotency_key_reused")
    assert api.get("sales_manager", f"/tasks/{other}").json["status"] == "open"


def test_a_group_task_is_claimed_and_put_back(api: Api) -> None:
    task_id = api.start()["next_tasks"][0]["id"]
    for login in ("sales_manager", "sales_director", "general_manager"):
        task_id = api.next_task(login, task_id)
    claimed = api.post("accountant", f"/tasks/{task_id}/claim", key=None)
    assert claimed.status_code == 200, claimed.text
    assert claimed.json["assignee_id"] == api.employee_id("accountant")
    assert claimed.json["revision"] == 2
    assert api.post("accountant2", f"/tasks/{task_id}/claim", key=None).status_code in (403, 409)
    assert api.post("accountant2", f"/tasks/{task_id}/release", key=None).status_code == 403
    released = api.post("accountant", f"/tasks/{task_id}/release", {}, key=None)
    assert (released.status_code, released.json["assignee_id"], released.json["revision"]) == (200, None, 3)
    again = api.post("accountant", f"/tasks/{task_id}/release", key=None)
    assert again.status_code == 403


def test_only_what_one_may_start_says_so(api: Api) -> None:
    offers = {item["key"]: item for item in api.get("salesperson", "/processes").json["items"]}
    assert offers["expense_advance"]["may_start"] is True
    assert set(offers["expense_advance"]["form"]["required"]) >= {"amount", "purpose", "return_on"}
    offers = {item["key"]: item for item in api.get("accountant", "/processes").json["items"]}
    assert offers["expense_advance"]["may_start"] is False


def test_me_says_who_the_token_speaks_for(api: Api) -> None:
    me = api.get("sales_director", "/me").json
    assert me["login"] == "sales_director"
    assert "sales_director" in me["roles"]
    assert set(me["counts"]) == {"mine", "groups", "behalf", "done", "started", "copied"}


def test_a_full_stop_is_kept_in_the_language_of_the_sender(api: Api) -> None:
    task_id = api.start()["next_tasks"][0]["id"]
    answer = api.complete("sales_manager", task_id, {**APPROVE, "opinion": "同意。\n预算之内"})
    assert answer.status_code == 200
    instance_id = json.loads(answer.data)["instance"]["id"]
    events = api.get("salesperson", f"/instances/{instance_id}/history").json["items"]
    assert events[-1]["kind"] in ("task_opened", "task_completed")
    completed = next(event for event in events if event["kind"] == "task_completed")
    assert completed["details"] == {"decision": "approve", "opinion": "同意。\n预算之内"}
    assert completed["actor"]["id"] == api.employee_id("sales_manager")
