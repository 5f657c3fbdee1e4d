"""Territory: dated Regions, départements that never move, communes."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from sprocep.constraints import TemporalKey, span
from sprocep.tenancy import Grants, NationalWriting


def reference_grants(name: str) -> Grants:
    """Reference data: everyone reads it, only a migration or a load as owner writes it."""
    return Grants(name=name, app="SELECT", compiler="SELECT")


def edited_reference(name: str, app: str = "SELECT, INSERT, UPDATE (ends_on)") -> list:
    """Reference data that the DGEFP adds to and ends, and never rewrites."""
    return [
        Grants(name=f"{name}_grants", app=app, compiler="SELECT"),
        NationalWriting(name=f"{name}_national"),
    ]


class DatedName(models.Model):
    """A name that a row bears from a day on: what is printed is the name of the date."""

    name = models.CharField("nom", max_length=120)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Region(models.Model):
    """The tenant: a Region within its borders of a time. A merger ends rows and begins one."""

    class Zone(models.TextChoices):
        METROPOLE = "metropole", "métropole"
        OVERSEAS = "drom", "outre-mer"

    code = models.CharField("code Insee", max_length=2, primary_key=True)
    zone = models.CharField("zone", max_length=10, choices=Zone)
    chef_lieu = models.CharField("chef-lieu", max_length=60)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "Région"
        constraints = [
            *edited_reference("region"),
            CheckConstraint(name="region_span", condition=Q(ends_on__gt=F("starts_on"))),
        ]

    def __str__(self) -> str:
        return self.code


class RegionName(DatedName):
    region = models.ForeignKey(Region, models.PROTECT, related_name="names")

    class Meta:
        verbose_name = "nom de Région"
        constraints = [
            *edited_reference("region_name"),
            TemporalKey(name="region_name_once", columns=["region_id"]),
        ]


class RegionSuccession(models.Model):
    """Where borders changed: the successor inherits what its predecessors held."""

    predecessor = models.ForeignKey(Region, models.PROTECT, related_name="+")
    successor = models.ForeignKey(Region, models.PROTECT, related_name="+")
    on = models.DateField("le")

    class Meta:
        verbose_name = "succession de Régions"
        constraints = [
            *edited_reference("region_succession", "SELECT, INSERT"),
            UniqueConstraint(fields=["predecessor", "successor"], name="region_succession_once"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id}"


class RegionPhase(models.Model):
    """Where a Region stands in the deployment of the SPRO, from a day on."""

    class Phase(models.TextChoices):
        PREFIGURATION = "prefiguration", "préfiguratrice"
        GENERAL = "general", "SPRO généralisé"

    region = models.ForeignKey(Region, models.PROTECT, related_name="phases")
    phase = models.CharField("phase", max_length=20, choices=Phase)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "phase du SPRO"
        constraints = [
            *edited_reference("region_phase"),
            TemporalKey(name="region_phase_once", columns=["region_id"]),
        ]

    def __str__(self) -> str:
        return self.get_phase_display()


class Department(models.Model):
    """Never moves: what a fact carries, so that it can be read in the borders of any date."""

    code = models.CharField("code Insee", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=60)

    class Meta:
        verbose_name = "département"
        constraints = [reference_grants("department_grants")]

    def __str__(self) -> str:
        return self.name


class DepartmentRegion(models.Model):
    """The Region of a département on each day."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="regions")
    region = models.ForeignKey(Region, models.PROTECT, related_name="departments")
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        db_table = "department_region"
        verbose_name = "rattachement de département"
        constraints = [
            *edited_reference("department_region"),
            TemporalKey(name="department_in_one_region", columns=["department_id"]),
            TemporalKey(name="department_region_key", columns=["department_id", "region_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} ∈ {self.region_id}"


class Commune(models.Model):
    code = models.CharField("code Insee", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=80)
    sort_key = models.CharField("clé de tri", max_length=80, db_index=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="communes")
    population = models.PositiveIntegerField("population")
    postcodes = models.CharField("codes postaux", max_length=400, blank=True)
    epci = models.CharField("intercommunalité (Siren)", max_length=9, blank=True, db_default="")

    class Meta:
        verbose_name = "commune"
        constraints = [reference_grants("commune_grants")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_rural(self) -> bool:
        """Fewer than 2,000 inhabitants in the file: a convention, printed as one."""
        return self.population < 2_000
