"""Takes a request's body in as a whole before anything else looks at the request.

Three things depend on it. Who sends more than is taken must read the 413, and does so only after everything was read:
a connection that is closed on a sender shows as broken instead. Who sends slowly must not hold a transaction open
meanwhile, and knowing the account begins one. And a body in chunks, whose length nobody says beforehand, is measured,
where it would otherwise be cut off silently at the limit.
"""

import io
import tempfile
from collections.abc import Iterable
from typing import IO, Any

#: What is held in memory; longer bodies wait in a file without a name.
_IN_MEMORY = 256 * 1024
#: Read and thrown away beyond the limit so that the sender gets to read the answer; more than this is cut off.
_THROWN_AWAY = 64 * 1024 * 1024
_AT_ONCE = 64 * 1024


class WholeBody:
    """A WSGI application around another one; ``limit`` is the most that any of its addresses takes, in bytes."""

    def __init__(self, application: Any, limit: int) -> None:
        self.application = application
        self.limit = limit

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Read the body, if there is one, and hand the request on."""
        said = environ.get("CONTENT_LENGTH") or ""
        if said.isdecimal():
            environ["wsgi.input"] = self._read(environ["wsgi.input"], int(said))[0]
        elif "HTTP_TRANSFER_ENCODING" in environ and environ.get("wsgi.input_terminated"):
            environ["wsgi.input"], length = self._read(environ["wsgi.input"], self.limit + _THROWN_AWAY)
            environ["CONTENT_LENGTH"] = str(length)
        return self.application(environ, start_response)  # type: ignore[no-any-return]

    def _read(self, stream: IO[bytes], length: int) -> tuple[IO[bytes], int]:
        """Give what was kept, from its beginning, and how many bytes came in all."""
        kept: IO[bytes] = io.BytesIO() if length <= _IN_MEMORY else tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        left = min(length, self.limit + _THROWN_AWAY)
        came = 0
        while came < left:
            part = stream.read(min(_AT_ONCE, left - came))
            if not part:
                break
            if came < self.limit:
                kept.write(part)
            came += len(part)
        kept.seek(0)
        return kept, came
