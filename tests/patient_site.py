"""A site of one process and two threads, for `tests/test_patience.py`: it says what it was sent.
A stranger who asks for `/attendre` holds her thread until somebody asks for `/continuer`.
"""

import threading
from collections.abc import Callable, Iterable

GO_ON = threading.Event()


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/attendre":
        GO_ON.wait(60)
    elif environ["PATH_INFO"] == "/continuer":
        GO_ON.set()
    words = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {len(body)}".encode()
    start_response("200 OK", [("Content-Length", str(len(words)))])
    return [words]
