"""The secret of a link sent by mail: drawn, sent, and forgotten; a table keeps its fingerprint."""

import hashlib
import secrets


def new_secret() -> str:
    """256 bits, as an address bears them."""
    return secrets.token_urlsafe(32)


def link_fingerprint(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
