"""What a place is like for who comes or calls: neutral or not, how one gets in, how to reach it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from operators.models.routing import BY_EITHER, OF_THE_REGION
from regions.models import Region, Site, Structure
from sprocep.constraints import CompositeKey
from sprocep.tenancy import APP, Grants, RowPolicy

# Where data·inclusion has the accessibility of a place described (`accessibilite_lieu`).
DIRECTORY = "https://acceslibre.beta.gouv.fr/"
# Ordinary and free numbers, and those of four figures: the service is free (L6111-6), and 081, 082
# and 089 are charged to who calls (plan de numérotation, Arcep).
FREE_TO_CALL = r"^(0[1-79]( \d\d){4}|08 0\d( \d\d){3}|[13]\d \d\d)$"


class Premises(models.Model):
    """How a place receives, as its structure said it last, on a day; null is « not said ».

    Neutral: neither the employer's nor a desk where the operator decides of rights, in a space
    that keeps who comes anonymous (cahier des charges, § 3.1).
    """

    class Comfort(models.TextChoices):
        PARKING = "parking", "stationnement réservé"
        HEARING_LOOP = "hearing_loop", "boucle magnétique"
        SIGN_LANGUAGE = "sign_language", "langue des signes"
        GUIDANCE = "guidance", "repères pour personnes aveugles ou malvoyantes"
        EASY_TO_READ = "easy_to_read", "documents faciles à lire"

    class Remote(models.TextChoices):
        """The codes of `Channel` by which somebody is counselled from afar by a person."""

        PHONE = "TEL", "par téléphone"
        VIDEO = "VIS", "par visioconférence"
        CHAT = "CHA", "par tchat"
        MAIL = "MEL", "par courriel"

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, related_name="premises", db_index=False)
    is_neutral = models.BooleanField("lieu neutre", null=True, blank=True)
    is_step_free = models.BooleanField("entrée sans marche", null=True, blank=True)
    comforts = ArrayField(
        models.CharField(max_length=13, choices=Comfort),
        verbose_name="aménagements",
        default=list,
        blank=True,
    )
    address = models.URLField("page d’acceslibre", max_length=300, blank=True)
    remote = ArrayField(
        models.CharField(max_length=3, choices=Remote),
        verbose_name="conseil à distance",
        default=list,
        blank=True,
    )
    phone = models.CharField("téléphone public", max_length=14, blank=True)
    mail = models.EmailField("courriel public", blank=True)
    web_page = models.URLField("page en ligne", max_length=300, blank=True)
    said_on = models.DateField("mis à jour le")

    class Meta:
        verbose_name = "conditions d’accueil d’un lieu"
        constraints = [
            Grants(
                name="premises_grants",
                app=(
                    "SELECT, INSERT, "
                    "UPDATE (region_id, is_neutral, is_step_free, comforts, address, remote, "
                    "phone, mail, web_page, said_on)"
                ),
            ),
            RowPolicy(name="premises_region", using=OF_THE_REGION, check=BY_EITHER, to=(APP,)),
            CompositeKey(
                name="premises_site",
                columns=["structure_id", "site_id"],
                to="regions.Site",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce lieu d’accueil n’est pas de cette structure.",
            ),
            UniqueConstraint(fields=["structure", "site"], name="premises_once"),
            CheckConstraint(
                name="premises_comforts",
                condition=Q(
                    comforts__contained_by=[
                        "parking", "hearing_loop", "sign_language", "guidance", "easy_to_read"
                    ]
                ),
                violation_error_message="Choisissez les aménagements dans la liste.",
            ),
            CheckConstraint(
                name="premises_address",
                condition=Q(address="") | Q(address__startswith=DIRECTORY),
                violation_error_message=f"L’adresse commence par {DIRECTORY}.",
            ),
            CheckConstraint(
                name="premises_remote",
                condition=Q(remote__contained_by=["TEL", "VIS", "CHA", "MEL"]),
                violation_error_message="Choisissez les canaux dans la liste.",
            ),
            CheckConstraint(
                name="premises_phone",
                condition=Q(phone="") | Q(phone__regex=FREE_TO_CALL),
                violation_error_message="Donnez un numéro qui ne fait pas payer la personne.",
            ),
            CheckConstraint(
                name="premises_web_page",
                condition=Q(web_page="") | Q(web_page__startswith="https://"),
                violation_error_message="L’adresse commence par https://.",
            ),
            CheckConstraint(
                name="premises_remote_reached",
                condition=(~Q(remote__contains=["TEL"]) | ~Q(phone=""))
                & (~Q(remote__contains=["MEL"]) | ~Q(mail=""))
                & (~Q(remote__contains=["CHA"]) | ~Q(web_page="")),
                violation_error_message="Dites par où joindre chacun des canaux cochés.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        """« lieu neutre, entrée sans marche, boucle magnétique »: steps, what it has, from afar."""
        entry = {True: "entrée sans marche", False: "entrée avec marches", None: ""}
        kind = {True: "lieu neutre", False: "lieu non neutre", None: ""}
        said = [kind[self.is_neutral], entry[self.is_step_free]]
        held = [label for value, label in self.Comfort.choices if value in self.comforts]
        remote = [label for value, label in self.Remote.choices if value in self.remote]
        if remote:
            held.append("conseil à distance " + " ou ".join(remote))
        return ", ".join(filter(None, [*said, *held]))
