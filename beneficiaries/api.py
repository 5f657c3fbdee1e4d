"""Fiches de liaison, for the software of a structure: read, sent and answered (docs/adr/0041)."""

import uuid
from collections.abc import Callable

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django_filters.rest_framework import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAcceptable, ParseError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from beneficiaries import exchange, exports, queries
from beneficiaries.models import Referral
from regions.api import Reading
from regions.permissions import Permission
from sprocep.addresses import on_site
from sprocep.api import REFUSALS, InstantFilter, Refusal, answers, one_of
from sprocep.bodies import JsonObject

SIDES = {"received": "receiver", "sent": "structure"}
_NO_KEY = (
    "Donnez un en-tête « Idempotency-Key » : un UUID neuf à chaque demande, et le même à une "
    "demande que vous renvoyez, qui n’est alors faite qu’une fois."
)
_VERSION_1 = "application/json; version=1"


_STATES = "Un de ceux du format national : " + ", ".join(Referral.State.values) + "."


class PartySerializer(serializers.Serializer):
    siret = serializers.CharField()
    region = serializers.CharField()


class FicheSerializer(serializers.Serializer):
    """Où en est une fiche : rien de la personne, qui se lit à son adresse."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.CharField()
    side = serializers.SerializerMethodField(help_text="received ou sent, vu de votre structure.")
    state = serializers.CharField(help_text=_STATES)
    changed_at = serializers.DateTimeField(source="state_since")
    sent_on = serializers.DateField()
    sender = serializers.SerializerMethodField()
    receiver = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="Son adresse.")

    def get_side(self, row: Referral) -> str:
        mine = self.context["request"].membership.structure_id
        return "received" if row.receiver_id == mine else "sent"

    def get_sender(self, row: Referral) -> PartySerializer:
        return {"siret": row.structure.siret, "region": row.region_id}

    def get_receiver(self, row: Referral) -> PartySerializer:
        return {"siret": row.receiver.siret, "region": row.receiver_region_id}

    def get_url(self, row: Referral) -> str:
        return on_site(reverse("api:fiche", args=[row.public_id]))


class ReceiptSerializer(serializers.Serializer):
    """Ce qui a été fait. La même demande, sous la même clé, reçoit toujours celui-ci."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.CharField(help_text=_STATES)
    at = serializers.DateTimeField()


class ToSerializer(serializers.Serializer):
    siret = serializers.CharField()
    department = serializers.CharField(help_text="Où la personne sera reçue.")


class DemandSerializer(serializers.Serializer):
    """Une fiche à envoyer : « demand » de /static/schemas/exchange-1.json."""

    receiver = ToSerializer()
    level = serializers.CharField(help_text="Code de la liste « level ».")
    reason = serializers.CharField(help_text="Code de la liste « reason ».")
    consent = serializers.BooleanField(
        help_text="true : la personne est d’accord. Sans cela, rien."
    )
    other_choice = serializers.CharField(
        required=False, help_text="Pourquoi cette structure, si elle n’est pas proposée."
    )
    person = serializers.DictField(
        child=serializers.CharField(), help_text="Ses champs, par leur nom du format national."
    )


class AnswerSerializer(serializers.Serializer):
    """La réponse à une fiche reçue, ou le retrait d'une fiche envoyée."""

    answer = serializers.ChoiceField(("accept", "decline", "absence", "withdraw"))
    reason = serializers.CharField(
        required=False, help_text="D’un refus : code de la liste « decline_reason »."
    )


class FicheFilters(FilterSet):
    side = one_of(
        [("received", "received"), ("sent", "sent")],
        method="on_side",
        help_text="received ou sent. Sans côté : les deux.",
    )
    state = one_of(Referral.State.choices, help_text="État de la fiche.")
    changed_since = InstantFilter(
        field_name="state_since",
        lookup_expr="gte",
        help_text="Celles dont l’état a changé depuis cet instant, comme 2026-03-31T09:00:00Z.",
    )

    def on_side(self, rows: QuerySet, name: str, side: str) -> QuerySet:
        return rows.filter(**{SIDES[side]: self.request.membership.structure_id})


_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    required=True,
    description="Un UUID par demande ; la même demande renvoyée sous la même clé n’est faite "
    "qu’une fois.",
)


def _done(status: int) -> dict:
    """What an operation that writes answers."""
    return {
        status: OpenApiResponse(ReceiptSerializer, description="Fait ; ou déjà fait."),
        **REFUSALS,
        409: OpenApiResponse(
            Refusal, description="L’état de la fiche ne le permet pas, ou la clé a déjà servi."
        ),
        415: OpenApiResponse(Refusal, description="Autre chose que du JSON est envoyé."),
    }


class Fiches(Reading, ListModelMixin):
    """Les fiches de liaison envoyées et reçues par votre structure, de la plus anciennement changée
    à la plus récente."""

    permission = Permission.EXCHANGE_REFERRALS
    http_method_names = ("get", "head", "post")
    parser_classes = (JsonObject,)
    queryset = Referral.objects.none()  # what the description looks at
    serializer_class = FicheSerializer
    filterset_class = FicheFilters
    order = ("state_since", "id")

    def get_queryset(self) -> QuerySet[Referral]:
        rows = queries.referrals_of(self.request.membership)
        return rows.select_related("structure", "receiver")

    @extend_schema(
        operation_id="fiches_retrieve",
        responses=answers(OpenApiTypes.OBJECT),
        description="Une fiche, dans le format national de version 1 "
        "(/static/schemas/referral-1.json), avec ses étapes. Lue par la structure qui la reçoit, "
        "elle est ouverte.",
    )
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        if request._request.get_preferred_type([_VERSION_1]) is None:
            raise NotAcceptable
        found = self._own(public_id)
        if request.method == "GET":  # HEAD reads nothing
            request.remember("nominal:referral", str(public_id))
            exchange.open_afterwards(request, [found])
        return Response(exports.referral_json(found), content_type="application/json")

    @extend_schema(
        operation_id="fiches_create",
        parameters=[_KEY],
        request=DemandSerializer,
        responses=_done(201),
        description="Envoyer une fiche au nom de votre structure, avec l’accord de la personne.",
    )
    def create(self, request: Request) -> Response:
        key = _key(request)
        return _receipt(
            201,
            lambda: exchange.send(
                by=request.user, membership=request.membership, key=key, demand=request.data
            ),
        )

    @extend_schema(
        operation_id="fiches_answer",
        parameters=[_KEY],
        request=AnswerSerializer,
        responses=_done(200),
        description="Répondre à une fiche reçue (accept, decline, absence), ou retirer une fiche "
        "envoyée dont la personne reprend son accord (withdraw).",
    )
    def answer(self, request: Request, public_id: uuid.UUID) -> Response:
        found, key = self._own(public_id), _key(request)
        return _receipt(
            200,
            lambda: exchange.answer(
                by=request.user,
                membership=request.membership,
                key=key,
                referral=found,
                told=request.data,
            ),
        )

    def _own(self, public_id: uuid.UUID) -> Referral:
        return get_object_or_404(queries.referral(self.request.membership, public_id))


def _key(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError as exc:
        raise ParseError(_NO_KEY) from exc


def _receipt(status: int, act: Callable[[], tuple[dict, bool]]) -> Response:
    try:
        receipt, is_again = act()
    except exchange.EntryRefused as refusal:
        raise ParseError(str(refusal)) from refusal
    return Response(receipt, status, headers={"Idempotency-Replayed": "true"} if is_again else None)
