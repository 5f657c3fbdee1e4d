"""What a program writes: JSON that is text, and of a size that is read."""

import json

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

BODY_AT_MOST = 64 * 1024
_NO_JSON = "Le corps de cette demande n’est pas un objet JSON, en UTF-8."


class JsonObject(JSONParser):
    """The body of a demand: one object, of text that a database can keep."""

    def parse(self, stream, media_type=None, parser_context=None) -> dict:
        body = stream.read(BODY_AT_MOST + 1)
        if len(body) > BODY_AT_MOST:
            raise ParseError(f"Le corps de cette demande dépasse {BODY_AT_MOST // 1024} Ko.")
        try:
            found = read_json(body)
        except ValueError as exc:
            raise ParseError(_NO_JSON) from exc
        if not isinstance(found, dict):
            raise ParseError(_NO_JSON)
        return found


def read_json(body: bytes) -> object:
    """What a program wrote. Raises `ValueError` for what is no JSON, says a name twice, or holds
    what is no text (a lone surrogate) or no number (`1e999`)."""
    try:
        found = json.loads(body.decode(), object_pairs_hook=_once)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError as exc:
        raise ValueError("too deep") from exc
    return found


def _once(pairs: list[tuple[str, object]]) -> dict:
    """A name that comes again would replace what was said first: an agreement, a person."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice")
    return found
