"""What a long command says on screen: each step with its time."""

import contextlib
import time
from collections.abc import Iterator


def say(sentence: str) -> None:
    print(sentence, flush=True)


@contextlib.contextmanager
def timed(label: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds = f"{time.monotonic() - began:.1f}".replace(".", ",")
    say(f"  {label} {'.' * max(3, 48 - len(label))} {seconds:>6} s")
