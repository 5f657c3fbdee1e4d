"""Drafts: kept as they are typed, gone once their session or workshop is stored."""

import uuid
from urllib.parse import parse_qsl

from beneficiaries.actions.rules import sent_before, writing
from beneficiaries.models import Draft, Session, Workshop
from beneficiaries.nir import NIR_REFUSED, holds_nir
from beneficiaries.queries import forgotten_drafts
from regions.models import Membership
from regions.permissions import Permission
from sprocep.errors import ActionRefused

# Public ids that a form carries: their digits are nobody's.
_IDENTIFIERS = ("key", "person", "journey", "fiche", "document", "site", "animator", "known")


def keep_draft(
    *, membership: Membership, key: uuid.UUID, typed: str, page: Draft.Page = Draft.Page.SESSION
) -> bool:
    """Keep what was typed, in place of what was kept under this key.

    Args:
        typed: the form of this page, as it would be sent.

    Returns:
        whether it was kept: what comes after its fact was stored is not.

    Raises:
        ActionRefused: a social security number in what was typed.
    """
    if any(holds_nir(text) for name, text in parse_qsl(typed) if name not in _IDENTIFIERS):
        raise ActionRefused(NIR_REFUSED)
    with writing(membership, Permission.LOG_SESSIONS):
        if any(sent_before(model, membership, key) for model in (Session, Workshop)):
            return False
        forgotten_drafts(membership.structure_id).delete()
        Draft.objects.update_or_create(
            structure_id=membership.structure_id,
            author=membership,
            key=key,
            defaults={"typed": typed},
            create_defaults={"typed": typed, "page": page, "region_id": membership.region_id},
        )
    return True


def drop_draft(*, membership: Membership, key: uuid.UUID | None) -> None:
    """Its fact is stored, or its author wants it no more."""
    with writing(membership, Permission.LOG_SESSIONS):
        Draft.objects.filter(structure=membership.structure_id, author=membership, key=key).delete()
