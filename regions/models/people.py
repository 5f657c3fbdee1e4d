"""People: accounts, dated memberships, and the traces of what was done and read."""

import uuid

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import check_password
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.crypto import salted_hmac

from regions.models.spro import Network, Site, Structure
from regions.models.territory import Region
from sprocep.constraints import CompositeKey, span
from sprocep.tenancy import (
    APP,
    COMPILER,
    IN_NATIONAL_SCOPE,
    IN_WHOLE_REGIONS,
    PRESENTED,
    REGIONS,
    SENDER,
    STRUCTURES,
    TODAY,
    USER,
    WITHOUT_STRUCTURE,
    Grants,
    RightfulAdding,
    RowPolicy,
    StructureAdding,
    StructureChanging,
)


class UserQuerySet(models.QuerySet):
    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser):
    """Who logs in: an e-mail, how mail comes to it, a password. Rights are in the memberships."""

    email = models.EmailField("adresse électronique", unique=True)
    is_active = models.BooleanField("actif", default=True)
    takes_digest = models.BooleanField(
        "lettres réunies une fois par jour", default=False, db_default=False
    )

    USERNAME_FIELD = "email"
    objects = UserQuerySet.as_manager()

    class Meta:
        verbose_name = "compte"
        constraints = [
            # Never the address: who could write it would receive the links of its holder.
            Grants(
                name="user_grants",
                app="SELECT, INSERT, UPDATE (password, last_login, is_active, takes_digest)",
            ),
            CheckConstraint(
                name="user_email_lower", condition=Q(email=models.functions.Lower("email"))
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password and self._tied(raw_password, settings.SECRET_KEY))

    def check_password(self, raw_password: str) -> bool:
        """Accept a password under a former key of the site too, and keep it under today's."""

        def keep(_: str) -> None:
            self.set_password(raw_password)
            self.save(update_fields=["password"])

        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            if check_password(self._tied(raw_password, key), self.password, keep):
                if key != settings.SECRET_KEY:
                    keep(raw_password)
                return True
        return False

    def _tied(self, raw_password: str, key: str) -> str:
        """Tie a password to this account and to the key of the site: who reads the stored hash has
        nothing to try passwords on, and who copies it to another account opens nothing."""
        text = f"{self.email} {raw_password}"
        return salted_hmac("regions.password", text, secret=key, algorithm="sha256").hexdigest()


class Membership(models.Model):
    """What a person may do, where, and from when to when. One is active at a time."""

    class Role(models.TextChoices):
        REGIONAL_COORDINATOR = "regional_coordinator", "coordination régionale"
        ADVISER = "adviser", "conseil"
        LEVEL1_RECEPTIONIST = "level1_receptionist", "accueil de niveau 1"
        STRUCTURE_MANAGER = "structure_manager", "direction de structure"
        NETWORK_HEAD = "network_head", "tête de réseau"
        ELECTED_REFERENT = "elected_referent", "élue ou élu référent"
        CARIF_OREF = "carif_oref", "Carif-Oref"
        API_CLIENT = "api_client", "logiciel autorisé"
        STRUCTURE_PROGRAM = "structure_program", "logiciel d’une structure"
        DGEFP_OFFICER = "dgefp_officer", "DGEFP"
        AUDITOR = "auditor", "audit"
        PLATFORM_ADMINISTRATOR = "platform_administrator", "administration de la plateforme"

    REGIONAL = frozenset(
        {Role.REGIONAL_COORDINATOR, Role.ELECTED_REFERENT, Role.CARIF_OREF, Role.API_CLIENT}
    )
    LOCAL = frozenset(
        {
            Role.ADVISER,
            Role.LEVEL1_RECEPTIONIST,
            Role.STRUCTURE_MANAGER,
            Role.STRUCTURE_PROGRAM,
        }
    )
    # Of no person: a token instead of a password, and no page at all.
    PROGRAMS = frozenset({Role.API_CLIENT, Role.STRUCTURE_PROGRAM})
    # Counts of the structures of a network: in one Region, or in all when none is named.
    OF_NETWORKS = frozenset({Role.NETWORK_HEAD})
    NATIONAL = frozenset({Role.DGEFP_OFFICER, Role.AUDITOR, Role.PLATFORM_ADMINISTRATOR})
    # Nobody gives these alone: another one than who opened them confirms them (docs/adr/0057).
    TO_CONFIRM = frozenset(
        {
            Role.ADVISER,
            Role.LEVEL1_RECEPTIONIST,
            Role.STRUCTURE_MANAGER,
            Role.PLATFORM_ADMINISTRATOR,
        }
    )

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, models.PROTECT, related_name="memberships", verbose_name="compte"
    )
    name = models.CharField("prénom et nom", max_length=120)
    role = models.CharField("rôle", max_length=30, choices=Role)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Région"
    )
    structure = models.ForeignKey(
        Structure, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="structure"
    )
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="lieu d’accueil"
    )
    network = models.ForeignKey(
        Network, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réseau"
    )
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    valid = span("starts_on", "ends_on")
    # Set and lifted by the direction of her structure; nothing else of a membership is hers.
    level1_since = models.DateField("niveau 1 seul depuis le", null=True, blank=True)

    granted_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="ouverte par",
    )
    # As long as it is set, the membership opens nothing.
    unconfirmed_since = models.DateTimeField("à confirmer depuis le", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="confirmée par",
    )

    class Meta:
        verbose_name = "habilitation"
        constraints = [
            Grants(name="membership_grants", app="SELECT, INSERT, UPDATE"),
            # Everyone reads own memberships; only a national scope writes any.
            RowPolicy(
                name="membership_reach",
                using=(
                    f"user_id = {USER} OR {IN_NATIONAL_SCOPE} OR (region_id = ANY ({REGIONS}) "
                    f"AND (structure_id IS NULL OR structure_id = ANY ({STRUCTURES})))"
                ),
                check=IN_NATIONAL_SCOPE,
            ),
            # What of a row a structure may change is held by a trigger (sql/memberships).
            StructureChanging(name="membership_of_own_structure"),
            # And that its direction alone opens one, by another of that file.
            StructureAdding(
                name="membership_program_of_structure",
                check=f"role = 'structure_program' AND {SENDER}",
            ),
            CheckConstraint(
                name="membership_level1",
                condition=Q(level1_since__isnull=True) | Q(role="adviser"),
                violation_error_message="Seul un conseil se limite au niveau 1.",
            ),
            CheckConstraint(
                name="membership_place",
                condition=(
                    Q(
                        role__in=[
                            "regional_coordinator",
                            "elected_referent",
                            "carif_oref",
                            "api_client",
                        ],
                        region__isnull=False,
                    )
                    & Q(structure__isnull=True, site__isnull=True, network__isnull=True)
                )
                | Q(
                    role__in=[
                        "adviser",
                        "level1_receptionist",
                        "structure_manager",
                        "structure_program",
                    ],
                    region__isnull=False,
                    structure__isnull=False,
                    site__isnull=False,
                    network__isnull=True,
                )
                | Q(
                    role__in=["network_head"],
                    network__isnull=False,
                    structure__isnull=True,
                    site__isnull=True,
                )
                | Q(
                    role__in=["dgefp_officer", "auditor", "platform_administrator"],
                    region__isnull=True,
                    structure__isnull=True,
                    site__isnull=True,
                    network__isnull=True,
                ),
                violation_error_message=(
                    "Un rôle régional porte une Région; un conseil, un accueil, une direction ou "
                    "un logiciel de structure, une Région, une structure et un lieu d’accueil; "
                    "une tête de réseau, un réseau; un rôle national, rien de cela."
                ),
            ),
            CheckConstraint(
                name="membership_not_to_oneself",
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("user")),
                violation_error_message=(
                    "Personne ne s’habilite soi-même. Demandez-le à une autre personne de "
                    "l’administration."
                ),
            ),
            CheckConstraint(
                name="membership_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True)
                | (
                    Q(unconfirmed_since__isnull=True)
                    & ~Q(confirmed_by=F("user"))
                    & (Q(granted_by__isnull=True) | ~Q(confirmed_by=F("granted_by")))
                ),
                violation_error_message=(
                    "Une habilitation est confirmée par une autre personne que celle qui l’a "
                    "ouverte et que celle qui la reçoit."
                ),
            ),
            CheckConstraint(
                name="membership_span",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="La fin d’une habilitation suit son début.",
            ),
            CompositeKey(
                name="membership_site",
                columns=["structure_id", "site_id"],
                to="regions.Site",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce lieu d’accueil n’est pas de cette structure.",
            ),
            UniqueConstraint(fields=["structure", "id"], name="membership_of_structure"),
        ]
        indexes = [models.Index(fields=["structure", "region"], name="membership_place_idx")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_confirmed(self) -> bool:
        return self.unconfirmed_since is None

    @property
    def is_level1_only(self) -> bool:
        return self.level1_since is not None

    @property
    def role_words(self) -> str:
        words = self.get_role_display()
        return f"{words}, niveau 1 seul" if self.is_level1_only else words


OF_A_MEMBERSHIP_SEEN = "EXISTS (SELECT FROM regions_membership m WHERE m.id = membership_id)"
# The nation, or the direction of the structure that the program is of; each in her own name.
BY_WHO_ISSUES = f"""({USER} IS NULL OR created_by_id = {USER}) AND ({IN_NATIONAL_SCOPE} OR EXISTS (
  SELECT FROM regions_membership program
    JOIN regions_membership direction USING (structure_id, region_id)
   WHERE program.id = membership_id AND program.role = 'structure_program'
     AND structure_id = ANY ({STRUCTURES}) AND region_id = ANY ({REGIONS})
     AND direction.role = 'structure_manager' AND direction.user_id = {USER}
     AND direction.starts_on <= {TODAY}
     AND (direction.ends_on IS NULL OR direction.ends_on > {TODAY})))"""


class ApiToken(models.Model):
    """What a program shows instead of a password: 256 bits, of which a proof alone is kept. Its
    issue is traced by PostgreSQL."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="tokens", verbose_name="habilitation"
    )
    label = models.CharField("usage", max_length=80)
    digest = models.CharField("empreinte SHA-256", max_length=64)
    created_at = models.DateTimeField("créé le", auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="créé par")
    expires_on = models.DateField("expire le")
    last_used_at = models.DateTimeField("dernier usage", null=True, blank=True)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)

    class Meta:
        verbose_name = "jeton d’accès"
        constraints = [
            Grants(
                name="api_token_grants", app="SELECT, INSERT, UPDATE (last_used_at, revoked_at)"
            ),
            # Whoever shows it, and who reaches its membership.
            RowPolicy(
                name="api_token_reach",
                using=f"digest = encode({PRESENTED}, 'hex') OR {OF_A_MEMBERSHIP_SEEN}",
                check=f"digest = encode({PRESENTED}, 'hex') OR {OF_A_MEMBERSHIP_SEEN}",
            ),
            RightfulAdding(name="api_token_issuing", check=BY_WHO_ISSUES),
            UniqueConstraint(fields=["public_id"], name="api_token_public_id"),
            UniqueConstraint(fields=["digest"], name="api_token_digest_once"),
            CheckConstraint(
                name="api_token_digest",
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="Seule l’empreinte d’un jeton est gardée.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


# A structure reads its own traces, and a Region all of its; one's own are seen as they are written.
TRACES_READ = (
    f"territory = ANY ({REGIONS}) AND ({IN_WHOLE_REGIONS} "
    f"OR structure_id = ANY ({STRUCTURES}) OR by_id = {USER})"
)
# Nobody signs with another's name, nor from another structure.
TRACES_WRITTEN = (
    f"territory = ANY ({REGIONS}) AND ({WITHOUT_STRUCTURE} OR structure_id = ANY ({STRUCTURES})) "
    f"AND ({USER} IS NULL OR by_id = {USER})"
)


class AuditEvent(models.Model):
    """Who did what to which object: field names, never a nominal value. Insert-only."""

    at = models.DateTimeField("le", auto_now_add=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="par")
    territory = models.CharField("territoire", max_length=2)
    structure = models.ForeignKey(Structure, models.PROTECT, null=True, related_name="+")
    action = models.CharField("action", max_length=60)
    object_type = models.CharField("objet", max_length=60)
    object_id = models.CharField("identifiant", max_length=60)
    fields = models.CharField("champs", max_length=400, blank=True)

    class Meta:
        verbose_name = "trace d’audit"
        constraints = [
            Grants(name="audit_event_grants", app="SELECT, INSERT", compiler="INSERT"),
            RowPolicy(
                name="audit_event_territory",
                using=TRACES_READ,
                check=TRACES_WRITTEN,
                to=(APP, COMPILER),
            ),
        ]
        indexes = [models.Index(fields=["territory", "-at"], name="audit_event_newest")]

    def __str__(self) -> str:
        return self.action


class AccessEvent(models.Model):
    """A page with names was read, or an edition opened: written once the read is over."""

    at = models.DateTimeField("le", auto_now_add=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")
    territory = models.CharField("territoire", max_length=2)
    structure = models.ForeignKey(Structure, models.PROTECT, null=True, related_name="+")
    page = models.CharField("page", max_length=80)
    object_id = models.CharField("identifiant", max_length=60, blank=True)

    class Meta:
        verbose_name = "trace de consultation"
        constraints = [
            Grants(name="access_event_grants", app="SELECT, INSERT"),
            RowPolicy(name="access_event_territory", using=TRACES_READ, check=TRACES_WRITTEN),
        ]
        indexes = [
            models.Index(fields=["territory", "-at"], name="access_event_newest"),
            models.Index(fields=["object_id"], name="access_event_object"),
        ]

    def __str__(self) -> str:
        return self.page
