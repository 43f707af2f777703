"""Requests that nobody sends by accident: each gets its 4xx as a problem, and nothing changes."""

import gzip
import io
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.api.company import ADVANCE, Api

GOOD = json.dumps({"fields": ADVANCE}).encode()
MEGABYTE = 1024 * 1024
#: As a web server hands over a body whose length nobody has said.
IN_CHUNKS = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}


@dataclass(frozen=True)
class Bad:
    """A POST that starts an advance, with something wrong about it."""

    name: str
    status: int
    body: bytes = GOOD
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str | None = "application/json"
    path: str = "/processes/expense_advance/instances"
    environ: dict[str, Any] = field(default_factory=dict)


def with_member(text: str) -> bytes:
    """The good body with one more or another member in its fields, as raw JSON text."""
    return GOOD.replace(b'"fields": {', b'"fields": {' + text.encode() + b", ", 1)


def with_value(name: str, text: str) -> bytes:
    """The good body with raw JSON text for one field."""
    fields = {**ADVANCE, name: "@@"}
    return json.dumps({"fields": fields}).replace('"@@"', text).encode()


BAD = [
    # Not JSON, or not the JSON that everybody reads alike.
    Bad("half an object", 400, b'{"fields": {'),
    Bad("nothing but blanks", 400, b"   "),
    Bad("not JSON", 400, b"amount=1"),
    Bad("XML", 400, b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    Bad("two values", 400, GOOD + GOOD),
    Bad("a comma at the end", 400, b'{"fields": {},}'),
    Bad("single quotes", 400, b"{'fields': {}}"),
    Bad("a comment", 400, b'{"fields": {}} // yes'),
    Bad("NaN", 400, with_value("amount", "NaN")),
    Bad("Infinity", 400, with_value("amount", "-Infinity")),
    Bad("a raw NUL", 400, GOOD.replace(b"12000", b"12\x00000")),
    Bad("only NULs", 400, b"\x00" * 1000),
    Bad("a raw line end in a text", 400, GOOD.replace(b"12000", b"12\n000")),
    Bad("a member twice", 400, with_member('"amount": "1.00"')),
    Bad("the fields twice", 400, b'{"fields": {}, "fields": {}}'),
    Bad("a member twice deep inside", 400, with_value("spend", '[{"kind": "meals", "kind": "other", "amount": "1"}]')),
    Bad("a member twice, once escaped", 400, with_member(r'"\u0061mount": "1.00"')),
    Bad("100,000 open brackets", 400, b"[" * 100_000),
    Bad("100,000 nested objects", 400, b'{"a":' * 100_000),
    Bad("100,000 nested lists, closed", 400, b"[" * 100_000 + b"]" * 100_000),
    Bad("a number of 100,000 digits", 400, with_value("amount", "9" * 100_000)),
    # Encodings.
    Bad("Latin-1", 400, '{"fields": {"purpose": "Büro"}}'.encode("latin-1")),
    Bad("GB 18030", 400, '{"fields": {"purpose": "出差"}}'.encode("gb18030")),
    Bad("UTF-16", 400, GOOD.decode().encode("utf-16")),
    Bad("UTF-32", 400, GOOD.decode().encode("utf-32")),
    Bad("UTF-8 with a mark in front", 400, b"\xef\xbb\xbf" + GOOD),
    Bad("overlong UTF-8", 400, GOOD.replace(b"12000", b"\xc0\xaf")),
    Bad("a surrogate in UTF-8", 400, GOOD.replace(b"12000", b"\xed\xa0\x80")),
    Bad("gzip that says so", 415, gzip.compress(GOOD), {"Content-Encoding": "gzip"}),
    Bad("deflate that says so", 415, zlib.compress(GOOD), {"Content-Encoding": "deflate"}),
    Bad("gzip that keeps quiet", 400, gzip.compress(GOOD)),
    # Media types.
    Bad("no media type", 415, content_type=None),
    Bad("a page's form", 415, b"fields=1", content_type="application/x-www-form-urlencoded"),
    Bad("multipart", 415, b"--x\r\n\r\n--x--", content_type="multipart/form-data; boundary=x"),
    Bad("multipart without a boundary", 415, b"--x--", content_type="multipart/form-data"),
    Bad("plain text", 415, content_type="text/plain"),
    Bad("some other JSON", 415, content_type="application/problem+json"),
    Bad("a media type that is none", 415, content_type=";;;///"),
    # Sizes.
    Bad("a byte more than a megabyte", 413, GOOD + b" " * (MEGABYTE - len(GOOD) + 1)),
    Bad("ten megabytes", 413, b'{"fields": {"purpose": "' + b"x" * 10 * MEGABYTE + b'"}}'),
    Bad("ten megabytes of the wrong type", 413, b"x" * 10 * MEGABYTE, content_type="text/plain"),
    Bad("ten megabytes in chunks", 413, b" " * 10 * MEGABYTE, environ=IN_CHUNKS),
    Bad("half an object in chunks", 400, b'{"fields":', environ=IN_CHUNKS),
    # Values that fit JSON and nothing else.
    Bad("a list", 422, b"[]"),
    Bad("a text", 422, b'"fields"'),
    Bad("null", 422, b"null"),
    Bad("true", 422, b"true"),
    Bad("a number", 422, b"-0.0"),
    Bad("fields as a list of pairs", 422, b'{"fields": [["amount", "1"]]}'),
    Bad("nested deep, but readable", 422, with_value("amount", "[" * 400 + "]" * 400)),
    Bad("an infinite number", 422, with_value("amount", "1e999")),
    Bad("a number of 1,000 digits", 422, with_value("amount", "9" * 1000)),
    Bad("an id beyond BIGINT", 422, with_value("attachments", "[9223372036854775808]")),
    Bad("a negative id", 422, with_value("attachments", "[-1]")),
    Bad("100,000 ids", 422, with_value("attachments", "[" + "1," * 100_000 + "1]")),
    Bad("ids as a table", 422, with_value("attachments", '{"0": 1}')),
    Bad("an escaped NUL", 422, with_value("purpose", r'"a\u0000b"')),
    Bad("half a surrogate pair", 422, with_value("purpose", r'"\ud800"')),
    Bad("a backwards surrogate pair", 422, with_value("purpose", r'"\udc00\ud800"')),
    Bad("half a surrogate pair as a choice", 422, with_value("spend", r'[{"kind": "\ud800", "amount": "1"}]')),
    Bad("half a surrogate pair as a day", 422, with_value("return_on", r'"\ud800"')),
    Bad("half a surrogate pair as an amount", 422, with_value("amount", r'"\ud800"')),
    Bad("half a surrogate pair as a name", 422, with_member(r'"\ud800": 1')),
    Bad("half a surrogate pair beside the fields", 422, b'{"\\ud800": 1, "fields": {}}'),
    Bad("a NUL as a name", 422, with_member(r'"\u0000": 1')),
    Bad("a name of 100,000 signs", 422, with_member(f'"{"n" * 100_000}": 1')),
    Bad("50,000 unknown names", 422, json.dumps({f"n{n}": 1 for n in range(50_000)}).encode()),
    Bad("50,000 unknown fields", 422, json.dumps({"fields": {f"n{n}": 1 for n in range(50_000)}}).encode()),
    Bad("a name that Python knows", 422, with_member('"__init__": {}')),
    Bad("a name that formats", 422, with_member('"%(amount)s{0}": 1')),
    Bad("a text that formats as an amount", 422, with_value("amount", '"%(amount)s{0.__class__}"')),
    Bad("10,000 rows", 422, with_value("spend", "[" + '{"kind": "meals", "amount": "1"},' * 9_999 + "{}]")),
    Bad("a row with unknown members", 422, with_value("spend", '[{"csrf_token": "x"}]')),
    Bad("a row within a row", 422, with_value("spend", "[[[]]]")),
    Bad("a text of half a megabyte", 422, with_value("purpose", '"' + "x" * (MEGABYTE // 2) + '"')),
    Bad("combining signs, half a megabyte", 422, with_value("purpose", '"' + "e\u0301" * (MEGABYTE // 8) + '"')),
    Bad("an amount in Arabic digits", 422, with_value("amount", '"١٢٠٠٠"')),
    Bad("an amount with an exponent", 422, with_value("amount", '"12E3"')),
    Bad("an amount with underscores", 422, with_value("amount", '"12_000"')),
    # Headers.
    Bad("no key", 400, headers={"Idempotency-Key": ""}),
    Bad("a key of 121 signs", 400, headers={"Idempotency-Key": "k" * 121}),
    Bad("a key of 100,000 signs", 400, headers={"Idempotency-Key": "k" * 100_000}),
    Bad("a key with a blank", 400, headers={"Idempotency-Key": "a b"}),
    Bad("a key with a tab", 400, headers={"Idempotency-Key": "a\tb"}),
    Bad("a key beyond ASCII", 400, headers={"Idempotency-Key": "schl\xfcssel"}),
    Bad("a key that would split a header", 400, environ={"HTTP_IDEMPOTENCY_KEY": "a\r\nSet-Cookie: b=c"}),
    Bad("a key with a NUL", 400, environ={"HTTP_IDEMPOTENCY_KEY": "a\x00b"}),
    Bad("two keys", 400, environ={"HTTP_IDEMPOTENCY_KEY": "a, b"}),
    # Addresses.
    Bad("an unknown process", 404, path="/processes/nothing/instances"),
    Bad("a process with a NUL", 404, path="/processes/%00/instances"),
    Bad("a process that climbs", 404, path="/processes/..%2f..%2fetc%2fpasswd/instances"),
    Bad("a process of 10,000 signs", 404, path=f"/processes/{'p' * 10_000}/instances"),
    Bad("a process in broken UTF-8", 404, path="/processes/%ff%fe/instances"),
    Bad("SQL for a process", 404, path="/processes/x'%20OR%20'1'='1/instances"),
    Bad("a negative task", 404, path="/tasks/-1/complete"),
    Bad("a task beyond BIGINT", 404, path="/tasks/9223372036854775808/complete"),
    Bad("a task of 5,000 digits", 404, path=f"/tasks/{'9' * 5_000}/complete"),
    Bad("a task with a fraction", 404, path="/tasks/1.0/complete"),
    Bad("a task with a NUL", 404, path="/tasks/1%00/complete"),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_hostile_request_is_refused_and_changes_nothing(api: Api, bad: Bad) -> None:
    token = api.token("salesperson")
    before = api.snapshot()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"hostile {bad.name}".replace(" ", "-")}
    answer = api.app.test_client().post(
        f"/api/v1{bad.path}",
        data=bad.body,
        content_type=bad.content_type,
        headers={**headers, **bad.headers},
        environ_overrides=bad.environ,
    )
    assert answer.status_code == bad.status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == bad.status
    assert answer.json["detail"]
    assert len(answer.data) < 5_000
    assert "Set-Cookie" not in answer.headers
    assert api.snapshot() == before


def test_the_good_request_of_this_table_is_good(api: Api) -> None:
    answer = api.call(
        "salesperson", "POST", "/processes/expense_advance/instances", data=GOOD,
        content_type="application/json; charset=utf-8", headers={"Idempotency-Key": "good"},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        ({}, None, 415),
        ({"file": "a text, not a file"}, "multipart/form-data", 422),
        ({"other": (io.BytesIO(b"%PDF-1.7"), "a.pdf")}, None, 422),
        ({"file": (io.BytesIO(b""), "a.pdf")}, None, 422),
        ({"file": (io.BytesIO(b"MZ"), "a.exe")}, None, 422),
        ({"file": (io.BytesIO(b"PK\x03\x04" + b"\xff" * 1000), "a.docx")}, None, 422),
        ({"file": (io.BytesIO(b"%PDF-1.7" + b"x" * 12 * MEGABYTE), "a.pdf")}, None, 413),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422),
        (b"no boundary", "multipart/form-data", 422),
        (b"--x--", f"multipart/form-data; boundary={'b' * 5_000}", 422),
        (b"{}", "application/json", 415),
        (b"%PDF-1.7", "application/pdf", 415),
    ],
)
def test_a_hostile_upload_is_refused_and_changes_nothing(
    api: Api, data: Any, content_type: str | None, status: int
) -> None:
    api.token("salesperson")
    before = api.snapshot()
    answer = api.call("salesperson", "POST", "/documents", data=data, content_type=content_type)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert api.snapshot() == before


def test_a_files_name_can_not_break_out(api: Api) -> None:
    name = "../../etc/<b>\x01\u202epdf.exe\r\n.pdf"
    answer = api.call("salesperson", "POST", "/documents", data={"file": (io.BytesIO(b"%PDF-1.7"), name)})
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        assert not set(answer.json["name"]) & set("/\\\r\n\x01\u202e")
