"""The anonymous contact, the only act of a level-1 receptionist: it is counted, and not kept."""

import uuid

from django.db import connection
from django.db.models import F

from beneficiaries.actions.rules import Place, place, refuse_day, refuse_unknown, writing
from beneficiaries.contact_codes import form_fingerprint
from beneficiaries.entries import Reception
from beneficiaries.models import ANSWERS, ContactForms, ContactTally
from beneficiaries.queries import code_lists
from beneficiaries.queries.places import LARGE_COMMUNE
from regions.models import Membership
from regions.permissions import Permission
from regions.queries import every_structure, national_regions
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused

CODES = ("channel", "theme", "age_band", "audience", "result")
# A form comes back within the day: a reload, a network that sends again.
DAYS_OF_FORMS = 1

_NOTE_FORM = """
INSERT INTO beneficiaries_contactforms AS noted
  (id, region_id, structure_id, site_id, sent_on, fingerprints)
SELECT gen_random_uuid(), %(region)s, %(structure)s, %(site)s, %(today)s, ARRAY[%(form)s::bytea]
 WHERE NOT EXISTS (SELECT FROM beneficiaries_contactforms former
                    WHERE former.region_id = %(region)s AND former.structure_id = %(structure)s
                      AND former.site_id = %(site)s AND former.sent_on < %(today)s
                      AND former.fingerprints @> ARRAY[%(form)s::bytea])
ON CONFLICT (structure_id, site_id, sent_on, region_id) DO UPDATE
  SET fingerprints = ARRAY(SELECT f FROM unnest(noted.fingerprints || excluded.fingerprints) f
                            ORDER BY f)
WHERE NOT noted.fingerprints @> excluded.fingerprints
"""


def log_contact(
    *, membership: Membership, reception: Reception, key: uuid.UUID | None = None
) -> bool:
    """Count a level-1 contact; nothing says who came, at what hour, in which order, nor who
    received. It leaves no trace, which would say when (docs/adr/0061).

    Returns:
        whether it was counted: a form that was sent before is not, a second time.
    """
    with writing(membership, Permission.LOG_CONTACTS):
        refuse_day(reception.held_on, "Cet accueil")
        lists = code_lists(reception.held_on)
        refuse_unknown(lists, [(name, getattr(reception, name)) for name in CODES])
        if reception.commune and reception.commune.population <= LARGE_COMMUNE:
            raise ActionRefused(
                "Une commune de moins de 10 000 habitants ferait reconnaître la personne. Laissez "
                "la commune vide."
            )
        site = membership.site if lists.is_remote(reception.channel) else reception.site
        where = place(
            membership, site, reception.held_on, reception.commune or membership.site.commune
        )
        if key and not _is_new_form(membership, key):
            return False
        _add_one(membership, where, reception)
    return True


def _is_new_form(membership: Membership, key: uuid.UUID) -> bool:
    """Note that this form was sent. Of two at once, the second waits for the first."""
    sent = {
        "region": membership.region_id,
        "structure": membership.structure_id,
        "site": membership.site_id,
        "today": periods.today(),
        "form": form_fingerprint(key),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_FORM, sent)
        return cursor.rowcount == 1


def _add_one(membership: Membership, where: Place, reception: Reception) -> None:
    of_month = {
        "region_id": where.region,
        "structure_id": membership.structure_id,
        "department_id": where.department,
        "site_id": where.site.pk,
        "month": periods.month_of(reception.held_on).starts,
    }
    ContactTally.objects.bulk_create([ContactTally(**of_month)], ignore_conflicts=True)
    tally = ContactTally.objects.select_for_update(of=("self",)).get(**of_month)
    given = {name: getattr(reception, name) for name in CODES}
    given["days"] = reception.held_on.isoformat()
    given["commune"] = reception.commune and reception.commune.pk
    for name, code in given.items():
        if code:
            counts = getattr(tally, name)
            counts[code] = counts.get(code, 0) + 1
    tally.total += 1
    tally.is_settled = False
    tally.save(update_fields=["total", "days", *ANSWERS, "is_settled"])


def settle_contacts() -> None:
    """Write again, in one transaction, all that desks wrote since the last time: the version of a
    row does not say any more when its last contact came. Forget the forms of former days.

    Idempotent.
    """
    today = periods.today()
    everywhere = {"regions": national_regions(), "structures": every_structure()}
    with tenancy.scope(**everywhere):
        ContactForms.objects.filter(sent_on__lt=periods.days_after(today, -DAYS_OF_FORMS)).delete()
        ContactForms.objects.update(fingerprints=F("fingerprints"))
        ContactTally.objects.filter(is_settled=False).update(is_settled=True)
