"""A mail server on this machine that answers as a test tells it and keeps what it takes."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


@dataclass
class Mailbox:
    """What the server answers (`answers` by command, else its usual ones) and what it has taken."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    context: ssl.SSLContext | None = None


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        mailbox = cast("_Server", self.server).mailbox
        with suppress(OSError):  # a client that doesn't trust us hangs up
            self._say(mailbox.answers.get("CONNECT", "220 test.example ESMTP"))
            while line := self.rfile.readline():
                mailbox.commands.append(line.decode().strip())
                if not self._answer(mailbox, line.decode().strip()):
                    return

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.rfile.close()
        self.request.close()

    def _answer(self, mailbox: Mailbox, line: str) -> bool:
        verb = line.split(maxsplit=1)[0].upper()
        if verb in mailbox.answers:
            self._say(mailbox.answers[verb])
        elif verb == "EHLO":
            offers = ["STARTTLS"] if mailbox.context else []
            names = ["test.example", *offers, "AUTH PLAIN", "8BITMIME"]
            self._say("\r\n".join(f"250-{name}" for name in names[:-1]) + f"\r\n250 {names[-1]}")
        elif verb == "STARTTLS" and mailbox.context:
            self._say("220 go ahead")
            self.request = mailbox.context.wrap_socket(self.request, server_side=True)
            self.rfile = self.request.makefile("rb")
            self.wfile = self.request.makefile("wb", buffering=0)
        elif verb == "DATA":
            self._take(mailbox)
        else:
            self._say({"QUIT": "221 bye", "AUTH": "235 welcome"}.get(verb, "250 ok"))
        return verb != "QUIT"

    def _take(self, mailbox: Mailbox) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        answer = mailbox.answers.get("DONE", "250 taken")
        if answer.startswith("2"):
            letter = message_from_bytes(b"".join(lines), policy=policy.default)
            mailbox.letters.append(cast("EmailMessage", letter))
        self._say(answer)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mailbox: Mailbox


@contextmanager
def mail_server(context: ssl.SSLContext | None = None, **answers: str) -> Iterator[Mailbox]:
    """Serve mail on a free port of this machine; with a context it offers STARTTLS."""
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.mailbox = Mailbox(server.server_address[1], dict(answers), context=context)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.mailbox
        server.shutdown()
        thread.join()
