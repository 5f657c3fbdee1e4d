"""A hundred anonymous attackers, in a process of their own.

`python -m bench.attackers PORT SECONDS apart`, or `shared`: whether each has a source address. Each
does one thing as fast as it is answered: passwords of accounts, links to other passwords, codes of
feedback and of persons, or sockets at one byte a second. Every number is bounded; the process ends
by itself and prints, by kind and status, how often it was answered.
"""

import asyncio
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

ATTACKERS = 100
SLOW_SOCKETS = 5  # of each attacker that is slow
MOST_REQUESTS = 20_000  # of each attacker
SECONDS_TO_ANSWER = 30
_CODE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass
class Attacker:
    port: int
    address: str
    ends_at: float
    answers: Counter
    kind: str
    cookie: str = ""
    token: str = ""

    async def attack(self, page: str, fields: Callable[[int], dict[str, str]]) -> None:
        for rank in range(MOST_REQUESTS):
            if time.monotonic() > self.ends_at:
                return
            try:
                async with asyncio.timeout(SECONDS_TO_ANSWER):
                    status = await self._post(page, fields(rank))
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                status = "none"
            self.answers[f"{self.kind} {status}"] += 1

    async def _post(self, page: str, fields: dict[str, str]) -> str:
        if not self.token:
            head, body = await self._ask(f"GET {page} HTTP/1.1", "")
            self.cookie = head.partition("csrf=")[2].partition(";")[0]
            self.token = body.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        form = urlencode(fields | {"csrfmiddlewaretoken": self.token})
        head, _ = await self._ask(f"POST {page} HTTP/1.1", form)
        return head.split(" ", 2)[1]

    async def _ask(self, line: str, body: str) -> tuple[str, str]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(self.address, 0)
        )
        try:
            writer.write(
                f"{line}\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: csrf={self.cookie}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            return head, (await reader.read()).decode(errors="replace")
        finally:
            writer.close()

    async def hold(self) -> None:
        """One socket at one byte a second, opened again whenever it is cut."""
        while time.monotonic() < self.ends_at:
            try:
                _, writer = await asyncio.open_connection(
                    "127.0.0.1", self.port, local_addr=(self.address, 0)
                )
                try:
                    writer.write(b"POST /connexion/ HTTP/1.1\r\nHost: 127.0.0.1\r\n")
                    writer.write(b"Content-Length: 5000\r\n\r\n")
                    while time.monotonic() < self.ends_at:
                        writer.write(b"a")
                        await writer.drain()
                        await asyncio.sleep(1)
                finally:
                    writer.close()
            except OSError:
                self.answers[f"{self.kind} cut"] += 1
                await asyncio.sleep(0.2)


def _code(signs: int) -> str:
    return "".join(secrets.choice(_CODE) for _ in range(signs))


def _works(attacker: Attacker) -> list[Awaitable[None]]:
    def password(rank: int) -> dict[str, str]:
        return {"username": f"compte{rank}@bench.example", "password": secrets.token_hex(8)}

    def email(rank: int) -> dict[str, str]:
        return {"email": f"compte{rank}@bench.example"}

    def feedback(rank: int) -> dict[str, str]:
        return {"code": _code(12), "listened": "1", "clear": "1", "useful": "1"}

    def access(rank: int) -> dict[str, str]:
        return {"code": _code(20)}

    if attacker.kind == "slow":
        return [attacker.hold() for _ in range(SLOW_SOCKETS)]
    page, fields = {
        "login": ("/connexion/", password),
        "reset": ("/mot-de-passe/oublie/", email),
        "feedback": ("/avis/", feedback),
        "access": ("/mon-parcours/", access),
    }[attacker.kind]
    return [attacker.attack(page, fields)]


KINDS = ("login", "login", "reset", "feedback", "access", "slow")


async def storm(port: int, seconds: float, *, share_an_address: bool) -> Counter:
    answers: Counter = Counter()
    ends_at = time.monotonic() + seconds
    attackers = [
        Attacker(
            port=port,
            address="127.0.0.1" if share_an_address else f"127.0.1.{rank + 1}",
            ends_at=ends_at,
            answers=answers,
            kind=KINDS[rank % len(KINDS)],
        )
        for rank in range(ATTACKERS)
    ]
    await asyncio.gather(*(work for attacker in attackers for work in _works(attacker)))
    return answers


if __name__ == "__main__":
    found = asyncio.run(
        storm(int(sys.argv[1]), float(sys.argv[2]), share_an_address=sys.argv[3] == "shared")
    )
    print(json.dumps(dict(sorted(found.items()))))
