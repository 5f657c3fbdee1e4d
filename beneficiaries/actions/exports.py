"""Names that leave the product as a file: who took how many, what for."""

from beneficiaries.actions.rules import writing
from regions import letters
from regions.actions import record
from regions.models import Membership, User
from regions.permissions import Permission
from sprocep import periods
from sprocep.errors import ActionRefused

# Beyond the first the direction is told; beyond the second a list is narrowed first.
UNUSUAL, MOST = 200, 10_000
REASONS = {
    "for_a_meeting": "une réunion d’équipe ou un comité de suivi",
    "for_a_check": "un contrôle ou une vérification des saisies",
    "for_a_change": "un changement de référent ou une absence",
    "for_another_tool": "un autre outil de la structure",
}


def export_journeys(*, by: User, membership: Membership, count: int, reason: str) -> None:
    """Note that a file of so many journeys, with names, is handed to this person.

    Args:
        reason: one of `REASONS`.
    """
    with writing(membership, Permission.READ_JOURNEYS):
        if count > MOST:
            raise ActionRefused(
                f"Cette liste a {count} parcours, un fichier en prend {MOST} au plus. Réduisez-la "
                "par ses filtres."
            )
        record(
            by=by,
            territory=membership.region_id,
            action="export_journeys",
            obj=membership,
            structure_id=membership.structure_id,
            fields=f"{reason} {count}_parcours",
        )
        if count > UNUSUAL:
            letters.write(
                key=f"journeys_exported {membership.public_id} {periods.today()}",
                to=letters.managers(membership.structure_id, membership.region_id),
                subject="sprocep : un grand fichier de parcours a été exporté",
                template="journeys_exported",
                context={"unusual": UNUSUAL},
            )
