"""What every action here checks, and the département, Region and operator of a fact."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Model

from beneficiaries.entries import FIRST_DAY
from beneficiaries.models import Journey
from beneficiaries.queries import CodeLists
from operators.models import Operator
from operators.queries import operator_of
from regions.actions import record
from regions.models import Commune, Membership, Site, User
from regions.permissions import LinkHolder, Permission, rights_of
from regions.queries import department_regions, region_scope
from sprocep import periods
from sprocep.errors import ActionRefused, refusals
from sprocep.periods import full_date

WORDS = {
    "age_band": "tranche d’âge",
    "arrival": "venue",
    "audience": "public",
    "boeth": "réponse sur l’obligation d’emploi",
    "channel": "canal",
    "contract_type": "type de contrat",
    "cost_kind": "type de coût",
    "decline_reason": "motif de refus",
    "education_level": "niveau de formation",
    "funding_right": "droit mobilisable",
    "individual_right": "droit individuel",
    "level": "niveau de service",
    "outcome": "issue",
    "reason": "motif",
    "result": "résultat",
    "sector": "secteur d’activité",
    "service": "service",
    "sex": "sexe",
    "situation": "situation",
    "socio_professional_category": "catégorie socioprofessionnelle",
    "theme": "thème",
}


class ChangedMeanwhile(ActionRefused):
    """Somebody else stored another text since the form was opened."""


@contextmanager
def writing(membership: Membership | LinkHolder, permission: Permission) -> Iterator[None]:
    """One transaction, for who has this right; what PostgreSQL refuses is said in French."""
    if permission not in rights_of(membership):
        raise ActionRefused(
            "Votre habilitation permet l’accueil anonyme, pas d’écrire dans les dossiers. "
            "Adressez-vous à la direction de votre structure."
        )
    with transaction.atomic(), refusals():
        yield


def sent_before(model: type, membership: Membership, key: uuid.UUID | None):
    """What this form stored already. Sent twice at once, the second waits for the first."""
    if key is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(key)])
    return model.objects.filter(structure=membership.structure_id, idempotency_key=key).first()


def record_row(by: User | None, row: Model, action: str, fields: str = "") -> None:
    """The audit row of an act on a row of the actor's own structure, in that row's Region."""
    record(
        by=by,
        territory=row.region_id,
        action=action,
        obj=row,
        structure_id=row.structure_id,
        fields=fields,
    )


def refuse_day(day: date, what: str) -> None:
    """Facts lie between the beginning of the mission and today."""
    if day > periods.today():
        raise ActionRefused(
            f"{what} est au {full_date(day)}, une date à venir. Enregistrez-le une fois tenu."
        )
    if day < FIRST_DAY:
        raise ActionRefused(
            f"{what} est au {full_date(day)} : l’activité se compte depuis le "
            f"{full_date(FIRST_DAY)}. Vérifiez l’année."
        )


def refuse_unknown(lists: CodeLists, codes: Iterable[tuple[str, str]]) -> None:
    """Each (list, code) must be in force on the day of the fact."""
    for name, code in codes:
        if not lists.has(name, code):
            raise ActionRefused(
                f"« {code} » n’est pas un code de la liste « {WORDS[name]} » au "
                f"{full_date(lists.day)}. Choisissez une valeur proposée."
            )


def refuse_stranger(membership: Membership, *things: Site | Membership | None) -> None:
    """Sites and people of another structure."""
    for thing in things:
        if thing is not None and thing.structure_id != membership.structure_id:
            raise ActionRefused(
                "Ce lieu d’accueil n’est pas de votre structure. Choisissez-en un de la liste."
                if isinstance(thing, Site)
                else "Cette personne n’est pas de votre structure. Choisissez-en une de la liste."
            )


def locked_journey(membership: Membership, journey: Journey) -> Journey:
    """The journey as it is now, held until the end of the action."""
    found = (
        Journey.objects.select_for_update(of=("self",))
        .filter(structure=membership.structure_id, pk=journey.pk)
        .first()
    )
    if found is None:
        raise ActionRefused("Ce parcours n’est pas de votre structure.")
    return found


def refuse_closed(journey: Journey) -> None:
    if not journey.is_open:
        raise ActionRefused(
            f"Ce parcours est clos depuis le {full_date(journey.closed_on)}. Rouvrez-le ou ouvrez "
            "un nouveau parcours."
        )


# ── Where a fact lies, and who has the right to it ───────────────────────────────────────────


@dataclass(frozen=True)
class Place:
    """Where a fact lies: its département, and the Region of this on the fact's own date."""

    site: Site
    department: str
    region: str


def place(membership: Membership, site: Site, day: date, commune: Commune | None) -> Place:
    """The département of the site, and its Region that day; only a national remote platform uses
    the person's commune (data model 8)."""
    refuse_stranger(membership, site)
    if site.is_remote_platform and commune is None:
        raise ActionRefused(
            "Ce lieu d’accueil est une plateforme à distance : indiquez la commune de résidence, "
            "qui situe l’entretien."
        )
    somewhere = commune if site.is_remote_platform else site
    return Place(site, somewhere.department_id, _region(membership, somewhere, day))


def _region(membership: Membership, somewhere: Site | Commune, day: date) -> str:
    region = department_regions(day)[somewhere.department_id]
    if region not in region_scope(membership.region_id):
        raise ActionRefused(
            f"{somewhere.name} n’est pas dans la Région de votre habilitation. Choisissez un autre "
            "lieu, ou prenez l’habilitation de cette Région."
        )
    return region


def operator_on(membership: Membership, day: date) -> Operator:
    operator = operator_of(membership.structure_id, day)
    if operator is None:
        raise ActionRefused(
            f"Votre structure n’est pas opérateur du CEP au {full_date(day)} : elle peut "
            "accueillir et informer, pas ouvrir un parcours. Utilisez l’accueil anonyme."
        )
    return operator


def refuse_level(membership: Membership, operator: Operator, rank: int) -> None:
    """A level that the structure may not deliver, or that this person may not log."""
    refuse_above_level1(membership, rank)
    if rank > operator.max_rank:
        raise ActionRefused(
            f"Votre structure n’est pas habilitée au niveau {rank} à cette date : son plus haut "
            f"niveau est le {operator.max_rank}. Retirez les services de niveau {rank}."
        )


def refuse_above_level1(membership: Membership | LinkHolder, rank: int) -> None:
    if rank > 1 and isinstance(membership, Membership) and membership.is_level1_only:
        raise ActionRefused(
            "Votre habilitation est limitée au niveau 1. Pour un niveau 2 ou 3, envoyez une fiche "
            "de liaison, ou confiez la personne à une ou un collègue."
        )
