"""Rules of « aiguillage »: which are in force, whom each is for, and how it is said."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from operators.models import (
    PlatformMember,
    Reason,
    RoutingRule,
    Situation,
    SocioProfessionalCategory,
)
from operators.queries import labels
from regions.models import Structure
from regions.queries import department_names, in_force, name_of

PLATFORM = "membres d’une plateforme de suivi et d’appui"
# What a rule asks of a person, by its column: the list of its codes, the same of who is wanted.
_ASKED = (
    ("reasons", Reason, "reason"),
    ("situations", Situation, "situation"),
    ("categories", SocioProfessionalCategory, "category"),
)


@dataclass(frozen=True)
class Wanted:
    """Whom a receiver is looked for. No rule reads what the fiche of its level does not share; that
    she follows the path of décrocheurs is read with the fiche by members of a platform alone."""

    rank: int
    commune: str = ""
    age: int | None = None
    reason: str = ""
    situation: str = ""
    category: str = ""  # socio-professional
    is_dropout: bool = False
    without: frozenset[int] = frozenset()


def rules_in(department: str, regions: list[str], day: date) -> list[RoutingRule]:
    """In their order: those for décrocheurs and the others, of each the last of these Regions that
    has any in force; else national."""
    found = rules_of(regions, day).filter(in_force(day))
    held = {(rule.of_dropouts, rule.region_id) for rule in found}
    owners = {
        kind: next((code for code in reversed(regions) if (kind, code) in held), None)
        for kind in (True, False)
    }
    return [
        rule
        for rule in found
        if rule.region_id == owners[rule.of_dropouts] and rule.department_id in (None, department)
    ]


def rules_of(regions: list[str], day: date) -> QuerySet[RoutingRule]:
    """Of all times, these Regions' and the national ones, in their order; with the name that what
    they propose bears on the day."""
    return (
        RoutingRule.objects.filter(Q(region__in=regions) | Q(region=None))
        .select_related("level")
        .annotate(
            target=Case(
                When(to_platform=True, then=Value(PLATFORM)),
                default=Coalesce(
                    name_of("network", day, "network_id"),
                    name_of("structure", day, "structure_id"),
                    "network_id",  # its name is over
                    "structure__siret",
                ),
            )
        )
        .order_by("position", "pk")
    )


def holds(rule: RoutingRule, wanted: Wanted) -> bool:
    """Whether this person, of whom the fiche says so much, is one that the rule is for."""
    if rule.level and rule.level.rank != wanted.rank:
        return False
    if rule.of_dropouts and not wanted.is_dropout:
        return False
    if any(
        getattr(rule, column) and getattr(wanted, name) not in getattr(rule, column)
        for column, _, name in _ASKED
    ):
        return False
    if rule.youngest is None and rule.oldest is None:
        return True
    if wanted.age is None:
        return False
    return (rule.youngest or 0) <= wanted.age <= (rule.oldest or wanted.age)


def public_without(age: int | None, rules: list[RoutingRule]) -> str:
    """The ages of these rules' public, where all that send somebody have ages and hers is none."""
    sending = [rule for rule in rules if not rule.excludes and not rule.of_dropouts]
    if age is None or not sending:
        return ""
    if any((rule.youngest or 0) <= age <= (rule.oldest or age) for rule in sending):
        return ""
    return _either(list(dict.fromkeys(map(_ages, sending))))


def concerns(rule: RoutingRule, structure: Structure, members: frozenset[int]) -> bool:
    if rule.to_platform:
        return structure.pk in members
    return rule.structure_id == structure.pk or rule.network_id == structure.network_id


def platform_members(regions: list[str], day: date) -> frozenset[int]:
    """Structures that belong to a platform in one of these Regions, if the reader is there."""
    found = PlatformMember.objects.filter(in_force(day), region__in=regions)
    return frozenset(found.values_list("structure_id", flat=True))


def whom(rule: RoutingRule, wanted: Wanted | None = None) -> str:
    """« 16–25 ans, demandeur d'emploi, niveau 3 »; of what fits `wanted` alone when it is given."""
    parts = ["parcours décrocheur" if rule.of_dropouts else "", _ages(rule)]
    for column, nomenclature, name in _ASKED:
        named_codes = labels(nomenclature)
        codes = getattr(rule, column)
        if codes and wanted:
            codes = [getattr(wanted, name)]
        parts.append(_either([_small(named_codes[code]) for code in codes]))
    parts.append(f"niveau {rule.level.rank}" if rule.level else "")
    parts.append(department_names()[rule.department_id] if rule.department_id else "")
    return ", ".join(filter(None, parts)) or "toute personne"


def effect(rule: RoutingRule) -> str:
    """« Missions locales », « pas France Travail »."""
    return f"pas {rule.target}" if rule.excludes else rule.target


def reason_of(rule: RoutingRule, wanted: Wanted) -> str:
    whose = "règle de la Région" if rule.region_id else "règle nationale"
    return f"{whose} : {whom(rule, wanted)} → {effect(rule)}"


def _ages(rule: RoutingRule) -> str:
    if rule.youngest is None:
        return "" if rule.oldest is None else f"jusqu’à {rule.oldest} ans"
    if rule.oldest is None:
        return f"dès {rule.youngest} ans"
    return f"{rule.youngest}–{rule.oldest} ans"


def _either(words: list[str]) -> str:
    """« a, b ou c »."""
    return " ou ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _small(label: str) -> str:
    """Within a sentence; an acronym keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
