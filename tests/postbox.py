"""A mailbox of our own on the loopback, read by POP3: what is deleted goes as one leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler
from urllib.parse import quote

from tests.loopback import listening

NAME, PASSWORD = "retours@sprocep.example", "de l'eau"


class _Talk(StreamRequestHandler):
    def handle(self) -> None:
        self.gone: set[int] = set()
        self._say("+OK")
        while line := self.rfile.readline().decode().strip():
            verb, *words = line.split(" ", 1)
            if verb == "QUIT":
                self._leave()
                return
            getattr(self, f"_{verb.lower()}")(*words)

    def _user(self, name: str) -> None:
        self._say("+OK" if name == NAME else "-ERR")

    def _pass(self, word: str) -> None:
        self._say("+OK" if word == PASSWORD else "-ERR")

    def _list(self) -> None:
        mails = enumerate(self.server.box.mails, 1)
        self._say("+OK", *(f"{number} {len(mail)}" for number, mail in mails))

    def _top(self, words: str) -> None:
        head, _, _ = self._of(words).partition("\n\n")
        self._say("+OK", *head.split("\n"), "")

    def _retr(self, words: str) -> None:
        self.server.box.read += 1
        self._say("+OK", *self._of(words).split("\n"))

    def _dele(self, words: str) -> None:
        self.gone.add(int(words))
        self._say("+OK")

    def _leave(self) -> None:
        box = self.server.box
        box.mails = [mail for rank, mail in enumerate(box.mails, 1) if rank not in self.gone]
        self._say("+OK")

    def _of(self, words: str) -> str:
        return self.server.box.mails[int(words.split()[0]) - 1]

    def _say(self, first: str, *lines: str) -> None:
        said = [first, *(f".{line}" if line.startswith(".") else line for line in lines)]
        if lines:
            said.append(".")
        self.wfile.write("".join(f"{line}\r\n" for line in said).encode())


@dataclass
class Postbox:
    """`mails`: what waits there, in order; `read`: how many were read whole."""

    port: int = 0
    mails: list[str] = field(default_factory=list)
    read: int = 0

    @property
    def url(self) -> str:
        return f"pop3://{quote(NAME)}:{quote(PASSWORD)}@127.0.0.1:{self.port}"


@contextmanager
def postbox() -> Iterator[Postbox]:
    with listening(Postbox(), _Talk) as box:
        yield box
