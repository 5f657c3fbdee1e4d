"""The reading API: who may read it, and the territory. Everything is what the scope shows."""

import functools
from collections.abc import Callable, Collection
from datetime import date

from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters.rest_framework import FilterSet
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from regions.models import DepartmentRegion, Region, RegionSuccession, User
from regions.permissions import Permission, may, refusal
from regions.queries import in_force, territory_names
from sprocep import periods
from sprocep.api import (
    ClosedFilters,
    CodeFilter,
    DayFilter,
    Keyset,
    PerMembership,
    one_of,
    refuse_unknown,
)

# ── Who may read ─────────────────────────────────────────────────────────────────────────────


class ByMembership(BaseAuthentication):
    """Whom the middleware let in: a program by its token, a person by her login."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        asked = request._request
        return (asked.user, None) if asked.membership else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class Bearer(OpenApiAuthenticationExtension):
    target_class = ByMembership
    name = "jeton"

    def get_security_definition(self, auto_schema) -> dict:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Le jeton d’un logiciel autorisé, remis une fois.",
        }


class MayAsk(BasePermission):
    def has_permission(self, request: Request, view) -> bool:
        if request.membership and not may(request, view.permission):
            raise refusal(request.membership, (view.permission,))
        return request.membership is not None


class Reading(GenericViewSet):
    """A resource: read only, by a right, with a closed list of parameters, in a total order."""

    permission = Permission.READ_API
    authentication_classes = (ByMembership,)
    permission_classes = (MayAsk,)
    throttle_classes = (PerMembership,)
    filter_backends = (ClosedFilters,)
    pagination_class = Keyset
    http_method_names = ("get", "head")
    filterset_class: type[FilterSet] | None = None
    order: tuple[str, ...] = ()
    asked: dict = {}

    @classmethod
    def as_view(cls, actions: dict[str, str], **options) -> Callable[..., HttpResponse]:
        view = super().as_view(actions, **options)
        view.permission = cls.permission
        return view

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if self.action:
            refuse_unknown(request.query_params, self.parameters)

    @property
    def parameters(self) -> Collection[str]:
        """The closed list: what filters, then what turns pages."""
        if self.action != "list":
            return ()
        filters = self.filterset_class.base_filters if self.filterset_class else ()
        return (*filters, *self.paginator.parameters)

    @property
    def day(self) -> date:
        """The day whose names are shown."""
        return self.asked.get("on") or periods.today()

    def finalize_response(self, request, response, *args, **kwargs) -> HttpResponse:
        """Whoever keeps an answer keeps it for this reader alone, and asks again before use."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response.setdefault("Cache-Control", "private, no-cache")
        response.setdefault("Vary", "Authorization, Cookie")
        return response


class OnADay(FilterSet):
    """Rows in force on a day, under their names of this day; without it, all rows ever."""

    on = DayFilter(
        method="in_force_on",
        help_text=(
            "Ce qui est en vigueur ce jour-là, sous son nom de ce jour. Sans jour : toutes les "
            "lignes, datées, sous leur nom d’aujourd’hui ou le dernier porté."
        ),
    )

    def in_force_on(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        return rows.filter(in_force(day))


class DatedSerializer(serializers.Serializer):
    starts_on = serializers.DateField(help_text="Premier jour.")
    ends_on = serializers.DateField(
        allow_null=True, help_text="Premier jour où ce n’est plus en vigueur ; null : en cours."
    )


# ── Territory ────────────────────────────────────────────────────────────────────────────────


class NameSerializer(DatedSerializer):
    name = serializers.CharField()


class PredecessorSerializer(serializers.Serializer):
    code = serializers.CharField(source="predecessor_id")
    on = serializers.DateField(help_text="Jour de la succession.")


class RegionSerializer(DatedSerializer):
    code = serializers.CharField(help_text="Code Insee de la Région dans ses limites du moment.")
    name = serializers.SerializerMethodField()
    zone = serializers.ChoiceField(Region.Zone.choices)
    names = NameSerializer(many=True, help_text="Tous les noms portés, datés.")
    predecessors = serializers.SerializerMethodField(help_text="De qui elle a pris la suite.")

    def get_name(self, region: Region) -> str:
        return self.context["view"].names[region.code]

    @extend_schema_field(PredecessorSerializer(many=True))
    def get_predecessors(self, region: Region) -> list[dict]:
        found = self.context["view"].successions.get(region.code, [])
        return PredecessorSerializer(found, many=True).data


class RegionFilters(OnADay):
    zone = one_of(Region.Zone.choices)


class Regions(Reading, ListModelMixin):
    """Les Régions, dans leurs limites et sous leurs noms de chaque date."""

    queryset = Region.objects.prefetch_related("names")
    serializer_class = RegionSerializer
    filterset_class = RegionFilters
    order = ("code",)

    @functools.cached_property
    def names(self) -> dict[str, str]:
        return territory_names(self.day)

    @functools.cached_property
    def successions(self) -> dict[str, list[RegionSuccession]]:
        found: dict[str, list[RegionSuccession]] = {}
        for row in RegionSuccession.objects.order_by("on", "predecessor_id"):
            found.setdefault(row.successor_id, []).append(row)
        return found


def region_codes() -> Collection[str]:
    return set(Region.objects.values_list("code", flat=True))


class DepartmentSerializer(DatedSerializer):
    code = serializers.CharField(source="department_id")
    name = serializers.CharField(source="department.name")
    region = serializers.CharField(source="region_id")
    region_name = serializers.SerializerMethodField()

    def get_region_name(self, row: DepartmentRegion) -> str:
        return self.context["view"].names[row.region_id]


class DepartmentFilters(OnADay):
    region = CodeFilter(region_codes, field_name="region_id", help_text="Code d’une Région.")


class Departments(Reading, ListModelMixin):
    """Les départements et leur Région de chaque date : une ligne par rattachement."""

    queryset = DepartmentRegion.objects.select_related("department")
    serializer_class = DepartmentSerializer
    filterset_class = DepartmentFilters
    order = ("department_id", "starts_on")

    @functools.cached_property
    def names(self) -> dict[str, str]:
        return territory_names(self.day)


# ── Its description ──────────────────────────────────────────────────────────────────────────


class Description(ViewSet):
    """docs/openapi.yaml, as JSON: it tells nobody's secret, so anybody reads it."""

    http_method_names = ("get", "head")
    authentication_classes = permission_classes = throttle_classes = ()
    schema = None

    def list(self, request: Request) -> Response:
        refuse_unknown(request.query_params, ())
        return Response(_description())


@functools.cache
def _description() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)
