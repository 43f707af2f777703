"""A lean HTTP/1.1 client, so that what is measured is the server: a socket, whole requests as bytes, keep-alive.

It costs some 30 µs a request, where ``http.client`` costs 150. It knows only what the two servers of this benchmark
send: a status line, headers with Content-Length, a body.
"""

import gc
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Unexpected(Exception):
    """The server answered with something else than the benchmark needs."""


class Connection:
    """One kept-alive connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes, wanted: int = 200) -> bytes:
        """Send one request and give the body of its answer."""
        self.socket.sendall(request)
        received = self.socket.recv(65536)
        while (end := received.find(_END)) < 0:
            received += self._more()
        head, body = received[:end], received[end + 4 :]
        length = _length(head)
        while len(body) < length:
            body += self._more()
        if int(head[9:12]) != wanted:
            raise Unexpected(f"{request.split(b' HTTP', 1)[0].decode()}: {head[:12].decode()} {body[:500].decode()}")
        return body

    def close(self) -> None:
        """Let go of the connection."""
        self.socket.close()

    def _more(self) -> bytes:
        part = self.socket.recv(65536)
        if not part:
            raise Unexpected("the server closed the connection")
        return part


def _length(head: bytes) -> int:
    at = head.lower().index(_LENGTH) + len(_LENGTH)
    return int(head[at : at + 12].split(b"\r", 1)[0])


def get(path: str, headers: Mapping[str, str] | None = None) -> bytes:
    """Write a GET."""
    return _head("GET", path, headers or {}) + b"\r\n"


def post(path: str, body: Any, headers: Mapping[str, str] | None = None) -> bytes:
    """Write a POST with a JSON body."""
    content = json.dumps(body).encode()
    more = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
    return _head("POST", path, more) + b"\r\n" + content


def _head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n"


#: One measured piece of work on a connection: one request, or a whole case.
Job = Callable[[Connection], Any]


@dataclass(frozen=True, slots=True)
class Block:
    """What one uninterrupted block of jobs took."""

    seconds: list[float]
    elapsed: float
    results: list[Any]


def run_block(port: int, jobs: Iterable[Job], concurrency: int) -> Block:
    """Do the jobs on as many connections as asked, each as soon as a connection is free."""
    waiting = deque(jobs)
    seconds: list[float] = []
    results: list[Any] = []
    failures: list[BaseException] = []
    ready = threading.Barrier(concurrency + 1)

    def work() -> None:
        connection = Connection(port)
        try:
            ready.wait()
            while not failures:
                try:
                    job = waiting.popleft()
                except IndexError:
                    return
                begun = time.perf_counter()
                result = job(connection)
                seconds.append(time.perf_counter() - begun)
                results.append(result)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(concurrency)]
    gc.disable()
    try:
        for thread in threads:
            thread.start()
        ready.wait()
        begun = time.perf_counter()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - begun
    finally:
        gc.enable()
    if failures:
        raise failures[0]
    return Block(seconds, elapsed, results)
