"""The anonymous contact: the only act of a level-1 receptionist."""

import uuid

from beneficiaries.actions.rules import place, refuse_day, refuse_unknown, sent_before, writing
from beneficiaries.contact_codes import contact_fingerprint
from beneficiaries.entries import Reception
from beneficiaries.models import Contact
from beneficiaries.queries import code_lists
from beneficiaries.queries.places import LARGE_COMMUNE
from regions.actions import record
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep.errors import ActionRefused


def log_contact(
    *,
    by: User,
    membership: Membership,
    reception: Reception,
    code: str = "",
    key: uuid.UUID | None = None,
) -> Contact:
    """Store a level-1 contact; nothing of it says who came, nor at what hour.

    `code` is the person's to take away: what is stored of it gives it back to nobody.
    """
    with writing(membership, Permission.LOG_CONTACTS):
        if stored := sent_before(Contact, membership, key):
            return stored
        refuse_day(reception.held_on, "Cet accueil")
        lists = code_lists(reception.held_on)
        codes = ("channel", "theme", "age_band", "audience", "result")
        refuse_unknown(lists, [(name, getattr(reception, name)) for name in codes])
        if reception.commune and reception.commune.population <= LARGE_COMMUNE:
            raise ActionRefused(
                "Une commune de moins de 10 000 habitants ferait reconnaître la personne. Laissez "
                "la commune vide."
            )
        site = membership.site if lists.is_remote(reception.channel) else reception.site
        where = place(
            membership, site, reception.held_on, reception.commune or membership.site.commune
        )
        contact = Contact.objects.create(
            region_id=where.region,
            structure_id=membership.structure_id,
            department_id=where.department,
            site=where.site,
            held_on=reception.held_on,
            commune=reception.commune,
            code_fingerprint=contact_fingerprint(code) if code else None,
            idempotency_key=key,
            **{f"{name}_id": getattr(reception, name) for name in codes},
        )
        record(
            by=by,
            territory=where.region,
            action="log_contact",
            obj=contact,
            structure_id=membership.structure_id,
        )
    return contact
