"""What was done, and what was read."""

from django.db.models import QuerySet

from regions.models import (
    AccessEvent,
    AuditEvent,
)


def audit_events() -> QuerySet[AuditEvent]:
    return AuditEvent.objects.select_related("by")


def access_events() -> QuerySet[AccessEvent]:
    return AccessEvent.objects.select_related("by")


def audited_actions() -> list[str]:
    """The actions of which there is a trace."""
    return list(AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct())
