"""A server of our own on the loopback, for one test: whatever it speaks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TypeVar

Box = TypeVar("Box")


class _Server(ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def listening(box: Box, talk: type[StreamRequestHandler]) -> Iterator[Box]:
    """`talk` finds the box as `server.box`; the box is told its `port`."""
    with _Server(("127.0.0.1", 0), talk) as server:
        server.box, box.port = box, server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield box
        finally:
            server.shutdown()
