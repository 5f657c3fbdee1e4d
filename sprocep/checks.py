"""What must be true of an installation before it serves anybody."""

from collections.abc import Iterator, Sequence

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, models
from django.db.models import UniqueConstraint

from sprocep.constraints import TemporalKey
from sprocep.tenancy import APP, COMPILER, NATION, Grants, RowPolicy, scope

_TERRITORY = "territoire et réseaux: publics, écrits par le chargement des références"
_DIRECTORY = "annuaire public des structures: ni personne, ni activité"
_CODES = "nomenclature nationale: publique, écrite par le chargement des références"
_DJANGO = "table de Django: aucune donnée d’un territoire"
_LOGIN = "la connexion précède toute portée: clé opaque, contenu signé"
_TRIES = "la connexion précède toute portée: empreinte d’adresse, provenance, essais manqués"
_UNUSED = "table de django-axes: vide, ce journal est coupé (sprocep/settings.py)"
# Of Django and its applications: what the app may do with each (regions, sql/tables_of_django).
RIGHTS_OF_OTHERS: dict[str, str] = {
    "auth.Permission": "",
    "auth.Group": "",
    "auth.Group_permissions": "",
    "contenttypes.ContentType": "",
    "sessions.Session": "SELECT, INSERT, UPDATE, DELETE",
    "axes.AccessAttempt": "SELECT, INSERT, UPDATE, DELETE",
    "axes.AccessAttemptExpiration": "SELECT, DELETE",  # always empty, and looked into first
    "axes.AccessFailureLog": "",
    "axes.AccessLog": "",
}

# Every table without a row policy, and why it may do without one. Nothing else may.
TABLES_WITHOUT_TENANT: dict[str, str] = {
    "sprocep.ScopeKey": "ni les requêtes ni la compilation ne la lisent ni ne l’écrivent",
    "regions.Region": _TERRITORY,
    "regions.RegionName": _TERRITORY,
    "regions.RegionSuccession": _TERRITORY,
    "regions.RegionPhase": _TERRITORY,
    "regions.Department": _TERRITORY,
    "regions.DepartmentRegion": _TERRITORY,
    "regions.Commune": _TERRITORY,
    "regions.Network": _TERRITORY,
    "regions.NetworkName": _TERRITORY,
    "regions.Structure": _DIRECTORY,
    "regions.StructureName": _DIRECTORY,
    "regions.Site": _DIRECTORY,
    "regions.User": "la connexion précède toute portée: adresse et mot de passe, rien d’autre",
    "operators.OperatorCategory": _CODES,
    "operators.OperatorCategoryName": _CODES,
    "operators.Operator": _DIRECTORY,
    "operators.OperatorSuccession": _DIRECTORY,
    "operators.ServiceLevel": _CODES,
    "operators.Service": _CODES,
    "operators.Reason": _CODES,
    "operators.Channel": _CODES,
    "operators.Outcome": _CODES,
    "operators.Situation": _CODES,
    "operators.Sex": _CODES,
    "operators.AgeBand": _CODES,
    "operators.Boeth": _CODES,
    "operators.EducationLevel": _CODES,
    "operators.SocioProfessionalCategory": _CODES,
    "operators.Sector": _CODES,
    "operators.ContractType": _CODES,
    "operators.ResidenceArea": _CODES,
    "operators.Arrival": _CODES,
    "operators.Theme": _CODES,
    "operators.Audience": _CODES,
    "operators.SteeringResult": _CODES,
    "operators.DeclineReason": _CODES,
    "operators.CostKind": _CODES,
    "operators.Funder": _CODES,
    "operators.FundingRight": _CODES,
    "operators.IndividualRight": _CODES,
    "indicators.CalendarEntry": "calendrier national: public, des dates et rien d’autre",
    "indicators.SecrecyThreshold": "règle nationale: publique, lue pour protéger chaque édition",
    "indicators.AttackReport": "ce que le secret cache, ce qu’une attaque trouve: des nombres",
    "indicators.QualityRule": "règle nationale: publique, ce qui fait relever une anomalie",
    "indicators.Definition": "définitions publiques, lisibles sans connexion",
    "indicators.Opinion": "avis publics sur les définitions, lisibles sans connexion",
    "auth.Permission": _DJANGO,
    "auth.Group": _DJANGO,
    "auth.Group_permissions": _DJANGO,
    "contenttypes.ContentType": _DJANGO,
    "sessions.Session": _LOGIN,
    "axes.AccessAttempt": _TRIES,
    "axes.AccessAttemptExpiration": _UNUSED,
    "axes.AccessFailureLog": _UNUSED,
    "axes.AccessLog": _UNUSED,
}

# Unique keys of tenant tables that begin otherwise, and why nobody learns anything from them.
KEYS_APART: dict[str, str] = {
    "edition_number": "seule la compilation insère une édition, jamais une requête",
    "regional_indicator_promoted_once": "seule la DGEFP promeut un indicateur, pour la nation",
    "key": "la portée nationale seule lit et écrit les lettres",
    "api_token_public_id": "tiré au hasard sur 122 bits: aucun autre ne se rencontre",
    "api_token_digest_once": "empreinte de 256 bits tirés au hasard: aucune autre ne se rencontre",
    "refused_address_once": "la portée nationale seule lit et écrit cette table",
    "work_once": "la portée nationale seule lit et écrit cette table",
}
TENANTS = ("region", "structure", "territory", "edition")

MAY_SEE_EVERYTHING = """
    SELECT rolname, rolsuper, rolbypassrls,
           EXISTS (SELECT FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
                   WHERE relowner = r.oid AND nspname = 'public')
           OR EXISTS (SELECT FROM pg_database WHERE datdba = r.oid),
           EXISTS (SELECT FROM pg_roles other WHERE other.oid <> r.oid
                   AND pg_has_role(r.oid, other.oid, 'MEMBER'))
    FROM pg_roles r WHERE rolname = current_user
"""


@register(Tags.database)
def database_roles(app_configs, databases: Sequence[str] | None = None, **kwargs):
    """Requests and the compilation run under roles that row security applies to."""
    expected = {"default": APP, "compiler": COMPILER}
    return [
        message
        for alias in databases or ()
        if alias in expected
        for message in _faults_of_role(alias, expected[alias])
    ]


def _faults_of_role(alias: str, expected: str) -> Iterator[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute(MAY_SEE_EVERYTHING)
        name, is_superuser, bypasses, owns, is_member = cursor.fetchone()
    if is_superuser or bypasses or owns or is_member:
        yield Error(
            f"La connexion « {alias} » tourne sous {name}, à qui l’isolation ne s’applique pas.",
            hint="Un rôle sans SUPERUSER ni BYPASSRLS, qui ne possède rien, membre de rien.",
            id="sprocep.E001",
        )
    elif name != expected:
        yield Error(
            f"La connexion « {alias} » tourne sous {name} au lieu de {expected}.",
            hint="Les règles d’isolation sont écrites pour ce rôle: un autre ne voit rien.",
            id="sprocep.E002",
        )


KEPT_BY_THE_APP = """
    SELECT coalesce(rolconfig, '{}'),
           EXISTS (SELECT FROM pg_db_role_setting WHERE setrole = pg_roles.oid AND setdatabase <> 0)
    FROM pg_roles WHERE rolname = current_user
"""


@register(Tags.database)
def the_app_keeps_no_default(app_configs, databases: Sequence[str] | None = None, **kwargs):
    """PostgreSQL lets a role change its own defaults: what was made at its birth still holds."""
    if "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(KEPT_BY_THE_APP)
        kept, has_more = cursor.fetchone()
    if kept == ["track_activities=off"] and not has_more:
        return []
    return [
        Error(
            f"Le rôle {APP} garde pour ses connexions : {', '.join(kept) or 'rien'}.",
            hint=(
                "En superutilisateur : ALTER ROLE sprocep_app RESET ALL (et IN DATABASE …), puis "
                "ALTER ROLE sprocep_app SET track_activities = off (deploy/roles.sql)."
            ),
            id="sprocep.E010",
        )
    ]


@register(Tags.database)
def scopes_are_proven(app_configs, databases: Sequence[str] | None = None, **kwargs):
    """Where PostgreSQL holds another key than ours, every scope is empty without a word."""
    if "default" not in (databases or ()):
        return []
    with scope(regions=[NATION], read_only=True), connections["default"].cursor() as cursor:
        cursor.execute("SELECT scope_is_proven()")
        if cursor.fetchone() == (True,):
            return []
    return [
        Error(
            "La clé des portées gardée par la base n’est pas tirée de SECRET_KEY : personne n’y "
            "voit rien.",
            hint="manage.py keep_scope_key, avec le rôle propriétaire.",
            id="sprocep.E011",
        )
    ]


@register(Tags.security)
def three_roles(app_configs, **kwargs):
    users = [settings.DATABASES[alias]["USER"] for alias in ("default", "owner", "compiler")]
    if len(set(users)) == len(users):
        return []
    return [
        Error(
            f"Deux connexions à la base ont le même rôle: {', '.join(users)}.",
            hint="DATABASE_URL, DATABASE_OWNER_URL et DATABASE_COMPILER_URL ont chacune le leur.",
            id="sprocep.E003",
        )
    ]


@register(Tags.models)
def every_table_has_a_tenant(app_configs, **kwargs):
    """A row policy, or a line with a reason: never neither, never both."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        has_policy = any(isinstance(c, RowPolicy) for c in model._meta.constraints)
        has_reason = model._meta.label in TABLES_WITHOUT_TENANT
        if has_policy is has_reason:
            found.append(
                Error(
                    f"{model._meta.label}: "
                    + ("une règle et une exception." if has_policy else "aucune règle par ligne."),
                    hint="Une règle dans Meta.constraints, ou une raison dans sprocep/checks.py.",
                    obj=model,
                    id="sprocep.E004",
                )
            )
    return found


@register(Tags.models)
def every_table_says_who_may_what(app_configs, **kwargs):
    """No right comes by default, and a table that nobody may read was forgotten."""
    return [
        Error(
            f"{model._meta.label}: aucun droit déclaré par rôle de base de données.",
            hint="Grants dans Meta.constraints.",
            obj=model,
            id="sprocep.E009",
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and model._meta.label not in RIGHTS_OF_OTHERS
        and not any(isinstance(c, Grants) for c in model._meta.constraints)
    ]


@register(Tags.models)
def unique_keys_begin_with_the_tenant(app_configs, **kwargs):
    """Otherwise the refusal of a double tells that somebody else holds it."""
    return [
        Error(
            f"{model._meta.label}: la clé unique « {name} » ne commence pas par son territoire.",
            obj=model,
            id="sprocep.E005",
        )
        for model in apps.get_models()
        if any(isinstance(c, RowPolicy) for c in model._meta.constraints)
        for name, first in _unique_keys(model)
        if first not in TENANTS and name not in KEYS_APART
    ]


def _unique_keys(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield constraint.name, next(iter(constraint.fields), "")
        elif isinstance(constraint, TemporalKey):
            yield constraint.name, constraint.columns[0].removesuffix("_id")
    for field in model._meta.local_fields:
        if field.unique and not field.primary_key:
            yield field.name, field.name


@register(Tags.security)
def half_done_work_is_undone(app_configs, **kwargs):
    if settings.DATABASES["default"].get("ATOMIC_REQUESTS"):
        return []
    return [
        Error(
            "ATOMIC_REQUESTS est coupé: une page en erreur garderait la moitié de son travail.",
            id="sprocep.E006",
        )
    ]


@register(Tags.security)
def a_message_is_not_delivered_twice(app_configs, **kwargs):
    timeout = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout", 3600)
    if timeout > settings.CELERY_TASK_TIME_LIMIT * 2:
        return []
    return [
        Error(
            f"Une tâche peut durer {settings.CELERY_TASK_TIME_LIMIT} s et son message revient au "
            f"bout de {timeout} s: elle tournerait plusieurs fois.",
            hint="La durée limite reste sous la moitié de visibility_timeout.",
            id="sprocep.E007",
        )
    ]


@register(Tags.security)
def nothing_inline(app_configs, **kwargs):
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    values = {str(v) for sources in directives.values() for v in sources}
    if not values & {"'unsafe-inline'", "'unsafe-eval'", "*"} and "default-src" in directives:
        return []
    return [Error("La politique de contenu laisse passer du code en ligne.", id="sprocep.E008")]
