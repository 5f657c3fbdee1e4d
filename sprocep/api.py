"""What every resource of the reading API shares: parameters, pages, limit, refusals, description.

Knows no app. A parameter is one of a closed list and never reaches the ORM as a name; a page goes
on after the last key of the page before, so that what is sealed meanwhile moves nothing.
"""

import functools
import logging
import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from operator import attrgetter
from urllib.parse import urlencode

import redis
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan
from django.forms import DateField, Field
from django.http import Http404, HttpResponse, QueryDict
from django.utils.http import parse_etags
from django_filters import CharFilter, ChoiceFilter, DateFilter, Filter
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.drainage import set_override
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework import serializers
from rest_framework.exceptions import APIException, ParseError, Throttled
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.utils.urls import replace_query_param

from sprocep import errors
from sprocep.addresses import on_site

log = logging.getLogger(__name__)

# ── Parameters ───────────────────────────────────────────────────────────────────────────────


def refuse_unknown(asked: QueryDict, known: Collection[str]) -> None:
    """Each parameter is known, given once, and says something.

    Raises:
        ParseError: with the sentence that names the parameters there are.
    """
    for name, values in asked.lists():
        if name not in known:
            names = ", ".join(known) or "aucun"
            raise ParseError(f"Paramètre inconnu. Paramètres possibles ici : {names}.")
        if len(values) > 1:
            raise ParseError(f"« {name} » est donné plusieurs fois : une seule valeur à la fois.")
        if not values[0]:
            raise ParseError(f"« {name} » est vide : donnez une valeur, ou ôtez le paramètre.")


UNKNOWN_CODE = "ce code n’existe pas."


class ClosedFilters(DjangoFilterBackend):
    """Filters whose values are checked; `view.asked` then holds them, cleaned."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view) -> QuerySet:
        filters = self.get_filterset(request, queryset, view)
        if not filters.is_valid():
            raise ParseError(_first_error(filters.errors))
        view.asked = filters.form.cleaned_data
        return filters.qs


def _first_error(found: dict[str, list[str]]) -> str:
    name, sentences = next(iter(found.items()))
    return f"« {name} » : {sentences[0]}"


class CodeFilter(CharFilter):
    """One code of a list that may lie in the database: read when it is asked for."""

    def __init__(self, known: Callable[[], Collection[str]], **options):
        def exists(code: str) -> None:
            if code not in known():
                raise ValidationError(UNKNOWN_CODE)

        super().__init__(validators=[exists], strip=False, **options)


class PatternFilter(CharFilter):
    """A text of this form. The sentence says what to write."""

    def __init__(self, pattern: str, sentence: str, *, help_text: str, **options):
        like = RegexValidator(rf"\A(?:{pattern})\Z", sentence, flags=re.ASCII)
        super().__init__(validators=[like], strip=False, **options)
        set_override(
            self,
            "field",
            {"type": "string", "pattern": f"^(?:{pattern})$", "description": help_text},
        )


def one_of(choices: list[tuple[str, str]], **options) -> ChoiceFilter:
    """One of a few codes, which the refusal names."""
    codes = ", ".join(code for code, _ in choices)
    words = {"invalid_choice": f"choisissez parmi {codes}."}
    return ChoiceFilter(choices=choices, error_messages=words, **options)


class _IsoDay(DateField):
    def to_python(self, value: str) -> date | None:
        try:
            day = date.fromisoformat(value) if value else None
        except ValueError as exc:
            raise ValidationError(_NO_DAY) from exc
        if day and day.isoformat() != value:  # « 20160331 » and « 2016-W13-4 » are days too
            raise ValidationError(_NO_DAY)
        return day


_NO_DAY = "écrivez un jour qui existe, comme 2016-03-31."


class DayFilter(DateFilter):
    field_class = _IsoDay


class _IsoInstant(Field):
    def to_python(self, value: str) -> datetime | None:
        try:
            instant = datetime.fromisoformat(value) if value else None
        except ValueError as exc:
            raise ValidationError(_NO_INSTANT) from exc
        if instant is None:
            return None
        if instant.tzinfo is None:
            raise ValidationError(_NO_INSTANT)
        try:
            return instant.astimezone(UTC)  # PostgreSQL knows fewer offsets than Python
        except OverflowError as exc:
            raise ValidationError(_NO_INSTANT) from exc


_NO_INSTANT = "écrivez un instant et son fuseau, comme 2016-03-31T09:00:00Z."


class InstantFilter(Filter):
    field_class = _IsoInstant

    def __init__(self, *, help_text: str, **options):
        super().__init__(**options)
        described = {"type": "string", "format": "date-time", "description": help_text}
        set_override(self, "field", described)


# ── Pages ────────────────────────────────────────────────────────────────────────────────────

ROWS, ROWS_AT_MOST = 100, 1_000
_OTHER_ORDER = (
    "« cursor » ne continue pas cette demande. Reprenez l’adresse « next » telle quelle, ou "
    "repartez de la première page."
)


class _Row(Func):
    """(a, b, c): compared as a whole, so that an index in this order answers."""

    template = "(%(expressions)s)"
    output_field = BooleanField()


class Keyset(BasePagination):
    """Pages in the total order of `view.order`; the cursor is the signed key of the last row."""

    parameters = ("cursor", "page_size")

    def paginate_queryset(self, queryset: QuerySet, request: Request, view) -> list:
        self.request, order = request, view.order
        size = _page_size(request.query_params.get("page_size", str(ROWS)))
        if last := self._read_cursor():
            beyond = GreaterThan(_Row(*map(F, order)), _Row(*map(Value, last)))
            queryset = queryset.filter(beyond)
        rows = list(queryset.order_by(*order)[: size + 1])
        self.next = self._address_after(rows[size - 1], order) if len(rows) > size else None
        return rows[:size]

    def _read_cursor(self) -> list | None:
        cursor = self.request.query_params.get("cursor")
        try:
            return self._signer.unsign_object(cursor) if cursor else None
        except signing.BadSignature as exc:
            raise ParseError(_OTHER_ORDER) from exc

    def _address_after(self, row: object, order: tuple[str, ...]) -> str:
        key = [attrgetter(name.replace("__", "."))(row) for name in order]
        cursor = self._signer.sign_object([_plain(part) for part in key])
        return replace_query_param(on_site(self.request.get_full_path()), "cursor", cursor)

    @property
    def _signer(self) -> signing.Signer:
        """Of where and what is asked: the cursor of one demand does not continue another."""
        asked = self.request.query_params.items()
        filters = sorted((name, value) for name, value in asked if name not in self.parameters)
        return signing.Signer(salt=f"{self.request.path}?{urlencode(filters)}")

    def get_paginated_response(self, data: list) -> Response:
        link = {"Link": f'<{self.next}>; rel="next"'} if self.next else {}
        return Response({"next": self.next, "results": data}, headers=link)

    def get_paginated_response_schema(self, schema: dict) -> dict:
        return page_schema(schema)

    def get_schema_operation_parameters(self, view) -> list[dict]:
        size = {"type": "integer", "minimum": 1, "maximum": ROWS_AT_MOST, "default": ROWS}
        return [
            _parameter("cursor", "Suite d’une page : se lit dans « next ».", {"type": "string"}),
            _parameter("page_size", "Nombre de lignes d’une page.", size),
        ]


class OnePage(BasePagination):
    """A short list, whole, in the body of a page: nothing to turn."""

    parameters = ()

    def get_paginated_response(self, data: list) -> Response:
        return Response({"next": None, "results": data})

    def get_paginated_response_schema(self, schema: dict) -> dict:
        return page_schema(schema)


def page_schema(rows: dict, **more: dict) -> dict:
    """The body of a page: what it is of, then where it goes on, then its rows."""
    following = {
        "type": "string",
        "format": "uri",
        "nullable": True,
        "description": "Adresse de la page suivante ; null sur la dernière.",
    }
    properties = {**more, "next": following, "results": rows}
    return {"type": "object", "required": list(properties), "properties": properties}


def _page_size(written: str) -> int:
    if written.isascii() and written.isdecimal() and len(written) <= len(str(ROWS_AT_MOST)):
        size = int(written)
        if 1 <= size <= ROWS_AT_MOST and str(size) == written:
            return size
    raise ParseError(f"« page_size » : un nombre entier de 1 à {ROWS_AT_MOST}.")


def _plain(part: object) -> object:
    return part.isoformat() if isinstance(part, date) else part


def _parameter(name: str, description: str, schema: dict) -> dict:
    return {"name": name, "in": "query", "description": description, "schema": schema}


# ── What is known already ────────────────────────────────────────────────────────────────────


def has_it_already(request: Request, etag: str) -> bool:
    """Whether `If-None-Match` names this weak tag."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or any(one.removeprefix("W/") == etag.removeprefix("W/") for one in known)


# ── Limit ────────────────────────────────────────────────────────────────────────────────────

WINDOW = 60  # seconds, from the first request on


class PerMembership(BaseThrottle):
    """So many requests a minute, counted in the broker for all processes and all tokens of a
    membership. Without a broker nothing is counted: reading goes on."""

    def allow_request(self, request: Request, view) -> bool:
        key = f"sprocep:api:{request.membership.public_id}"
        try:
            with counter().pipeline() as steps:
                steps.set(key, 0, ex=WINDOW, nx=True).incr(key).ttl(key)
                _, count, self.left = steps.execute()
        except redis.RedisError as exc:
            log.warning("demandes non comptées: %s", type(exc).__name__)
            return True
        return count <= settings.API_REQUESTS_A_MINUTE

    def wait(self) -> int:
        return max(self.left, 1)


@functools.cache
def counter() -> redis.Redis:
    """One pool a process: counting costs no connection. A dead broker is not waited for."""
    return redis.Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 1),
    )


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────

_SENTENCES = {
    401: (
        "Présentez le jeton de votre logiciel (Authorization: Bearer …), ou connectez-vous avec "
        "un rôle qui lit cette interface."
    ),
    405: "Cette adresse ne prend pas cette méthode : elle se lit par GET ou HEAD.",
    406: "Cette interface répond en JSON seulement (Accept: application/json).",
    415: "Envoyez du JSON (Content-Type: application/json).",
}


def refusal(exc: Exception, context: dict) -> HttpResponse | None:
    """`{"error": "…"}` for whatever the API refuses; a fault of ours goes on to the page of 500."""
    request = context["request"]._request
    if isinstance(exc, Http404):
        return errors.page(request, 404)
    if isinstance(exc, PermissionDenied):
        return errors.page(request, 403)
    if not isinstance(exc, APIException):
        return None
    status = exc.status_code
    sentence = str(exc.detail) if status == 400 else _SENTENCES.get(status, "")
    allowed = context["view"].allowed_methods
    if status == 405 and "POST" in allowed:
        sentence = f"Cette adresse se demande par {', '.join(allowed)}."
    if isinstance(exc, Throttled):
        sentence = (
            f"Plus de {settings.API_REQUESTS_A_MINUTE} demandes en une minute : "
            f"attendez {exc.wait} s, puis reprenez."
        )
    response = errors.page(request, status, sentence)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(exc, Throttled):
        response["Retry-After"] = str(exc.wait)
    return response


class Refusal(serializers.Serializer):
    """Pourquoi, et ce qu'il faut faire."""

    error = serializers.CharField(help_text="Une phrase, en français.")


# ── Description ──────────────────────────────────────────────────────────────────────────────

REFUSALS = {
    status: OpenApiResponse(Refusal, description=words)
    for status, words in {
        400: "Paramètre inconnu, ou valeur qui n’en est pas une.",
        401: "Ni jeton en cours de validité, ni connexion.",
        403: "Le rôle ne lit pas cette interface.",
        404: "Introuvable, ou pas scellé.",
        406: "Autre chose que du JSON est demandé.",
        429: "Trop de demandes en une minute : « Retry-After » dit quand revenir.",
        500: "Erreur du service.",
        503: "Service momentanément indisponible.",
    }.items()
}


def answers(serializer, *, has_tag: bool = False) -> dict[int, OpenApiResponse]:
    """What an operation answers; with a tag, also that nothing is new."""
    unchanged = {304: OpenApiResponse(description="Rien de nouveau depuis cet ETag.")}
    found = {200: OpenApiResponse(serializer, description="Trouvé.")}
    return found | (unchanged if has_tag else {}) | REFUSALS


class Described(AutoSchema):
    """Every operation may be refused, and says how."""

    def get_response_serializers(self) -> dict:
        return answers(super().get_response_serializers())
