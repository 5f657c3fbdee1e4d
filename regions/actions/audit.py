"""The audit row that every action of the product leaves."""

from django.db import models

from regions.models import AuditEvent, Membership, User
from sprocep.tenancy import NATION


def record(
    *,
    by: User | None,
    territory: str,
    action: str,
    obj: models.Model,
    structure_id: int | None = None,
    fields: str = "",
) -> AuditEvent:
    """Write who did what to which object. `fields` holds names of fields, never their values."""
    identifier = getattr(obj, "public_id", None) or obj.pk
    return AuditEvent.objects.create(
        by=by,
        territory=territory,
        structure_id=structure_id,
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(identifier),
        fields=fields,
    )


def record_membership(by: User, membership: Membership, action: str, fields: str) -> AuditEvent:
    """The row of what was done to a membership, where it holds."""
    return record(
        by=by,
        territory=membership.region_id or NATION,
        structure_id=membership.structure_id,
        action=action,
        obj=membership,
        fields=fields,
    )
