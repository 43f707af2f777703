"""The outside world, on this machine: a mail server and the three chat services, which keep what they are sent.

Both speak their real protocols over real sockets; what they answer can be set, so that they refuse or break off.
"""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Mailbox:
    """A mail server. ``answer`` is what it says after a recipient, ``hangs_up`` ends the line after the text.

    While ``answers_texts`` is not set it keeps a text and lets its sender wait for the answer.
    """

    port: int = 0
    answer: str = "250 fine"
    hangs_up: bool = False
    answers_texts: threading.Event = field(default_factory=threading.Event)
    kept: list[tuple[str, Message]] = field(default_factory=list)

    def subjects(self) -> list[str]:
        return [str(make_header(decode_header(mail["Subject"]))) for _, mail in self.kept]

    def texts(self) -> list[str]:
        return [mail.get_payload(decode=True).decode() for _, mail in self.kept]  # type: ignore[union-attr]


class _Smtp(socketserver.StreamRequestHandler):
    box: Mailbox

    def handle(self) -> None:
        self._say("220 sink")
        to = ""
        for line in iter(self.rfile.readline, b""):
            word = line.decode().strip()
            if word.upper().startswith("RCPT"):
                to = word.partition("<")[2].rstrip(">")
                self._say(self.box.answer)
            elif word.upper() == "DATA":
                self._say("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.box.kept.append((to, message_from_bytes(text)))
                self.box.answers_texts.wait(30)
                if self.box.hangs_up:
                    return
                self._say("250 kept")
            elif word.upper() == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@dataclass
class Chats:
    """DingTalk, Feishu and WeCom in one. ``answer`` is status and body of what they say; None breaks the line off."""

    port: int = 0
    answer: tuple[int, Any] | None = (200, {"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"})
    kept: list[tuple[str, dict[str, list[str]], Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Http(BaseHTTPRequestHandler):
    chats: Chats

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        parts = urlsplit(self.path)
        self.chats.kept.append((parts.path, parse_qs(parts.query), sent))
        if self.chats.answer is None:
            return
        status, said = self.chats.answer
        body = json.dumps(said).encode()
        self.send_response(status)
        if status in (301, 302, 307):
            self.send_header("Location", f"{self.chats.url}/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: Any) -> None:
        """Say nothing on the terminal."""


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    box = Mailbox()
    box.answers_texts.set()
    handler = type("Smtp", (_Smtp,), {"box": box})
    with _served(lambda: socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)) as box.port:
        yield box


@contextmanager
def chat_services() -> Iterator[Chats]:
    chats = Chats()
    handler = type("Http", (_Http,), {"chats": chats})
    with _served(lambda: ThreadingHTTPServer(("127.0.0.1", 0), handler)) as chats.port:
        yield chats


@contextmanager
def _served(make: Callable[[], socketserver.BaseServer]) -> Iterator[int]:
    server = make()
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]  # type: ignore[misc]
    finally:
        server.shutdown()
        server.server_close()
