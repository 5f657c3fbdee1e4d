"""Territory, people and the SPRO's structures."""

from regions.models.letters import Letter, RefusedAddress
from regions.models.people import (
    AccessEvent,
    ApiToken,
    AuditEvent,
    Membership,
    User,
    UserQuerySet,
)
from regions.models.spro import Network, NetworkName, Site, SproMembership, Structure, StructureName
from regions.models.territory import (
    Commune,
    DatedName,
    Department,
    DepartmentRegion,
    Region,
    RegionName,
    RegionPhase,
    RegionSuccession,
    edited_reference,
    reference_grants,
)

__all__ = [
    "AccessEvent",
    "ApiToken",
    "AuditEvent",
    "Commune",
    "DatedName",
    "Department",
    "DepartmentRegion",
    "Letter",
    "Membership",
    "Network",
    "NetworkName",
    "RefusedAddress",
    "Region",
    "RegionName",
    "RegionPhase",
    "RegionSuccession",
    "Site",
    "SproMembership",
    "Structure",
    "StructureName",
    "User",
    "UserQuerySet",
    "edited_reference",
    "reference_grants",
]
