import io

from webapp.whole_body import WholeBody


class Sender(io.BytesIO):
    """A stream that counts what was taken from it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        part = super().read(size)
        self.taken += len(part)
        return part


def seen_behind(body: bytes, limit: int, **environ: object) -> tuple[bytes, str | None, int]:
    """What the application reads, the length it is told, and how much was taken from the sender."""
    sender, seen = Sender(body), []

    def application(environ, start_response):
        seen.append((environ["wsgi.input"].read(), environ.get("CONTENT_LENGTH")))
        return []

    WholeBody(application, limit)({"wsgi.input": sender, **environ}, lambda *_: None)
    return (*seen[0], sender.taken)


def test_a_body_within_the_limit_arrives_whole() -> None:
    body = bytes(range(256)) * 4000  # 1,024,000 bytes: beyond what is held in memory
    assert seen_behind(body, 2_000_000, CONTENT_LENGTH="1024000") == (body, "1024000", 1_024_000)


def test_nothing_is_taken_of_what_belongs_to_the_next_request() -> None:
    assert seen_behind(b"firstsecond", 100, CONTENT_LENGTH="5") == (b"first", "5", 5)
    assert seen_behind(b"second", 100) == (b"second", None, 6)  # Read by the application itself.


def test_what_is_beyond_the_limit_is_taken_in_but_not_kept() -> None:
    kept, length, taken = seen_behind(b"x" * 1_000_000, 100_000, CONTENT_LENGTH="1000000")
    assert len(kept) < 200_000
    assert (length, taken) == ("1000000", 1_000_000)


def test_a_body_in_chunks_is_measured() -> None:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    assert seen_behind(b"x" * 500, 100_000, **chunked) == (b"x" * 500, "500", 500)
    assert seen_behind(b"x" * 1_000_000, 100_000, **chunked)[1] == "1000000"


def test_the_rest_of_an_endless_body_is_cut_off() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return b"x" * size

    told = []
    WholeBody(lambda environ, _: told.append(environ["CONTENT_LENGTH"]) or [], 1000)(
        {"wsgi.input": Endless(), "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}, None
    )
    assert told == [str(1000 + 64 * 1024 * 1024)]
