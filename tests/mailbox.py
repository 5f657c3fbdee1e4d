"""A mail server of our own on the loopback: real SMTP, as far as a letter needs it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler

from tests.loopback import listening


class _Talk(StreamRequestHandler):
    def handle(self) -> None:
        box: Mailbox = self.server.box
        self._say(220, "mailbox")
        while line := self.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            if verb == "DATA":
                self._say(354, "go on")
                self._take(box)
            elif verb == "QUIT":
                self._say(221, "bye")
                return
            elif verb == "RCPT" and any(address in line for address in box.unknown):
                code, _, words = box.says.partition(" ")
                self._say(int(code), words)
            elif verb == "MAIL" and box.refuses:
                self._say(451, "come back later")
            else:
                self._say(250, "yes")

    def _take(self, box: "Mailbox") -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        box.letters.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self._say(250, "taken")

    def _say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode())


@dataclass
class Mailbox:
    """`letters`: what came, in order. As long as it `refuses`, nothing comes; to an address that is
    `unknown`, nothing ever will."""

    port: int = 0
    refuses: bool = False
    unknown: set[str] = field(default_factory=set)
    says: str = "550 5.1.1 no such mailbox"
    letters: list[EmailMessage] = field(default_factory=list)

    @property
    def distinct(self) -> set[str]:
        """What a mail server keeps of these: one of each `Message-ID`."""
        return {letter["Message-ID"] for letter in self.letters}


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    with listening(Mailbox(), _Talk) as box:
        yield box


def closed_port() -> int:
    """A port where nobody answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
