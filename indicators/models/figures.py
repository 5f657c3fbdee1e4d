"""Rollups and raw figures, which only the compilation reads."""

from django.db import models

from regions.models import Region, Structure
from sprocep.tenancy import (
    Grants,
    RegionIsolation,
)


class RollupMark(models.Model):
    """A (Region, month) whose facts changed since its rollups were built. Insert-only journal:
    two advisers who save at once never wait for each other. Contacts leave no row where one is
    there already: they read it, and say nothing of when they came."""

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    month = models.DateField("mois")

    class Meta:
        verbose_name = "mois à recalculer"
        constraints = [
            RegionIsolation(name="rollup_mark_region"),
            Grants(
                name="rollup_mark_grants",
                app="SELECT, INSERT",
                compiler="SELECT, INSERT, DELETE",
            ),
        ]
        indexes = [models.Index(fields=["region", "month"], name="rollup_mark_cell")]

    def __str__(self) -> str:
        return f"{self.region_id} {self.month}"


class Rollup(models.Model):
    """Additive counts of one structure in one département and month.

    `population = built` with no unit is the mark that the cell (Region, month) is built.
    """

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    department = models.CharField("département", max_length=3)
    month = models.DateField("mois")
    structure = models.ForeignKey(
        Structure, models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    operator = models.CharField("catégorie d’opérateur", max_length=30)
    level = models.CharField("niveau", max_length=12)
    population = models.CharField("population", max_length=30)
    breakdown = models.CharField("ventilation", max_length=30)
    category = models.CharField("modalité", max_length=12)
    units = models.PositiveIntegerField("unités")

    class Meta:
        verbose_name = "agrégat"
        constraints = [
            RegionIsolation(name="rollup_region"),
            Grants(name="rollup_grants", compiler="SELECT, INSERT, DELETE, TRUNCATE"),
        ]
        indexes = [models.Index(fields=["region", "month", "population"], name="rollup_cell")]

    def __str__(self) -> str:
        return f"{self.region_id} {self.month} {self.population}"


class CellKey(models.Model):
    """The address of a figure: the columns of a published file (docs/architecture.md)."""

    territory = models.CharField("territoire", max_length=2)
    borders = models.CharField("périmètre", max_length=6, default="date")
    indicator = models.CharField("indicateur", max_length=12)
    population = models.CharField("population", max_length=30)
    department = models.CharField("département", max_length=5)
    operator = models.CharField("catégorie d’opérateur", max_length=30)
    level = models.CharField("niveau", max_length=12)
    breakdown = models.CharField("ventilation", max_length=30)
    category = models.CharField("modalité", max_length=12)
    value = models.DecimalField("valeur", max_digits=16, decimal_places=1, null=True)
    unit = models.CharField("unité", max_length=12)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.indicator} {self.territory} {self.breakdown}={self.category}"


class Figure(CellKey):
    """One computed cell, raw, with what stands behind it: `compiler` only."""

    period = models.CharField("période", max_length=7)
    # Of the edition that it was computed for: an erratum leaves the former figures where they are.
    number = models.PositiveSmallIntegerField("numéro d’édition", db_default=1)
    units = models.PositiveIntegerField("unités derrière la valeur")
    contributors = models.PositiveIntegerField("structures derrière la valeur")
    # Of an amount of money: one person makes up nearly all of it.
    is_dominated = models.BooleanField("dominée", db_default=False)

    class Meta:
        verbose_name = "valeur"
        constraints = [
            RegionIsolation(name="figure_territory", column="territory"),
            Grants(name="figure_grants", compiler="SELECT, INSERT, DELETE, TRUNCATE"),
        ]
        indexes = [
            models.Index(fields=["period", "borders", "territory"], name="figure_of_territory")
        ]


class ShownFigure(CellKey):
    """The figure behind a cell that an open edition shows, kept while it is counted again: what was
    read binds what is written in its place (`indicators.secrecy.former`)."""

    period = models.CharField("période", max_length=7)
    number = models.PositiveSmallIntegerField("numéro d’édition")
    units = models.PositiveIntegerField("unités derrière la valeur")
    status = models.CharField("statut", max_length=14)

    class Meta:
        verbose_name = "valeur montrée"
        constraints = [
            RegionIsolation(name="shown_figure_territory", column="territory"),
            Grants(name="shown_figure_grants", compiler="SELECT, INSERT, DELETE"),
        ]
        indexes = [
            models.Index(
                fields=["period", "borders", "territory"], name="shown_figure_of_territory"
            )
        ]
