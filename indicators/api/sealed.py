"""What is sealed, found by its address: all that this API tells of."""

import re
from collections.abc import Callable

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.exports.blocks import Block, own_block
from indicators.models import Edition
from sprocep.api import has_it_already
from sprocep.tenancy import NATION

PERIOD = r"[0-9]{4}(?:-T[1-4]|-(?:0[1-9]|1[0-2]))?"
TERRITORY = "[0-9A-Z]{2}"
NUMBER = "[1-9][0-9]{0,3}"
CODE = rf"({PERIOD})/({TERRITORY})/(?:({NUMBER})|b([0-9]{{4}}))"
SEALED = Edition.objects.filter(sealed_at__isnull=False)


def path_of(**patterns: str) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            name, {"type": "string", "pattern": f"^(?:{pattern})$"}, OpenApiParameter.PATH
        )
        for name, pattern in patterns.items()
    ]


EDITION_PATH = path_of(period=PERIOD, territory=TERRITORY, number=NUMBER)


def sealed_block(code: str) -> Block:
    """The sealed edition of this number, or what the nation's holds in constant borders.

    Raises:
        Http404: nothing sealed has this number. A draft is nothing.
    """
    match = re.fullmatch(CODE, code)
    if not match:
        raise Http404
    period, territory, number, borders = match.groups()
    sealed, found = SEALED.filter(period=period), None
    if number:
        edition = sealed.filter(territory=territory, number=number).first()
        found = edition and own_block(edition)
    elif nation := sealed.filter(territory=NATION).order_by("-number").first():
        block = Block(nation, territory, borders)
        found = block if block.cells.exists() else None
    if found is None:
        raise Http404
    return found


def sealed_edition(period: str, territory: str, number: str) -> Edition:
    """Raises Http404 as `sealed_block`: constant borders are no edition."""
    block = sealed_block(f"{period}/{territory}/{number}")
    if not block.is_edition:
        raise Http404
    return block.edition


def tagged(request: Request, edition: Edition, answer: Callable[[], Response]) -> Response:
    """The answer, or that nothing is new. The tag is weak: it speaks of the figures and of what
    became of them, not of the words beside them."""
    etag = f'W/"{edition.figures_seal}-{edition.state}"'
    response = Response(status=304) if has_it_already(request, etag) else answer()
    response["ETag"] = etag
    return response
