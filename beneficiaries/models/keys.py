"""What every table here shares: the two axes of isolation, national codes, dated départements."""

from django.db import models

from sprocep.constraints import CompositeKey
from sprocep.tenancy import NominalIsolation, RegionIsolation


def code_of(nomenclature, label: str, **options) -> models.ForeignKey:
    """A code of a national list: a foreign key without an index of its own."""
    return models.ForeignKey(
        nomenclature,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=label,
        **options,
    )


def held_by(model, label: str, **options) -> models.ForeignKey:
    return models.ForeignKey(
        model, models.PROTECT, related_name="+", db_index=False, verbose_name=label, **options
    )


def isolation(name: str) -> list:
    """The two axes of every table here."""
    return [RegionIsolation(name=f"{name}_region"), NominalIsolation(name=f"{name}_structure")]


def department_on(name: str, department: str, region: str, period: str) -> CompositeKey:
    """The Region is the one of that département on that day, and PostgreSQL says so."""
    return CompositeKey(
        name=name,
        columns=[department, region],
        to="regions.DepartmentRegion",
        to_columns=["department_id", "region_id"],
        period=period,
        violation_error_message="Ce département n’est pas de cette Région à cette date.",
    )


def of_member(name: str, column: str) -> CompositeKey:
    return CompositeKey(
        name=name,
        columns=["structure_id", column],
        to="regions.Membership",
        to_columns=["structure_id", "id"],
        violation_error_message="Cette personne n’est pas de votre structure.",
    )


def of_journey(name: str) -> CompositeKey:
    return CompositeKey(
        name=name,
        columns=["structure_id", "journey_id"],
        to="beneficiaries.Journey",
        to_columns=["structure_id", "id"],
        violation_error_message="Ce parcours n’est pas de votre structure.",
    )
