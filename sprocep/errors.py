"""Refusals in French, and the error pages: JSON under `/api/`, a page everywhere else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    connections,
    transaction,
)
from django.db.models.constraints import BaseConstraint
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

# Rules that are no constraint of a model: triggers, and keys that Django names by itself.
_OF_TRIGGERS = {
    "access_ends_once": "Cet accès est retiré. Donnez-en un autre à la personne.",
    "capacity_address_proven": (
        "Une adresse de fiches sert une fois confirmée par qui la lit : un lien y part."
    ),
    "code_of_approved": (
        "Un document se partage une fois que la personne l’a approuvé. Notez d’abord son accord."
    ),
    "code_opens_once": "Ce code de partage a déjà servi, ou est révoqué. Donnez-en un autre.",
    "contact_tally_adds_up": (
        "Ces accueils ne s’additionnent pas, ou l’un d’eux donne une réponse inconnue. Reprenez le "
        "formulaire."
    ),
    "document_is_kept": (
        "Un document remis ne change plus, ni l’accord de la personne. Remettez-lui une nouvelle "
        "version."
    ),
    "dropout_path_age": (
        "Le parcours décrocheur est pour une personne de 16 à 25 ans. Vérifiez la date, ou sa date "
        "de naissance."
    ),
    "dropout_path_diploma": (
        "Le parcours décrocheur est pour une personne sans diplôme : son niveau de formation à "
        "l’ouverture en suppose un."
    ),
    "exit_answer_of_her": (
        "Ce lien n’ouvre plus rien. Votre conseiller peut noter votre réponse : appelez-le."
    ),
    "exit_question_of_exit": (
        "La question à six mois se pose une fois le parcours clos depuis six mois, à qui a été "
        "suivi au niveau 2 et l’a accepté à la clôture."
    ),
    "feedback_after_a_session": (
        "Il y a déjà autant d’avis que d’entretiens dans votre structure : enregistrez d’abord "
        "l’entretien."
    ),
    "feedback_takes_its_code": "Ce code a déjà servi, ou n’est plus valable.",
    "file_set_aside": (
        "Cette fiche est mise de côté et reste comme elle était. Séparez d’abord les deux fiches."
    ),
    "journey_dates": (
        "Un parcours s’ouvre le jour de son premier entretien et ne peut pas être clos avant "
        "le dernier."
    ),
    "level1_only": (
        "Une personne limitée au niveau 1 n’enregistre ni niveau 2 ni niveau 3. Retirez les "
        "services de ces niveaux, ou orientez la personne par une fiche de liaison."
    ),
    "membership_kept": (
        "Seule la direction de la structure limite un conseil au niveau 1, et pas elle-même."
    ),
    "membership_confirmed": (
        "Cette habilitation est confirmée par la direction de la structure ou, s’il n’y en a pas, "
        "par une autre personne de l’administration que celle qui l’a ouverte."
    ),
    "membership_of_one_person": (
        "Une habilitation garde sa personne, son rôle et son lieu. Ouvrez-en une autre."
    ),
    "membership_to_confirm": (
        "Ce rôle lit des noms, ou ouvre des rôles : une autre personne le confirme d’abord."
    ),
    "membership_program": "Seule la direction de la structure autorise un logiciel pour elle.",
    "merge_is_over": "Ces deux fiches sont déjà séparées.",
    "merge_without_chain": (
        "Une de ces fiches est déjà réunie à une autre. Séparez-les d’abord, puis recommencez."
    ),
    "no_journey_aside": (
        "Cette fiche est réunie à une autre : ses parcours y sont. Cherchez la personne à nouveau."
    ),
    "person_acts_herself": (
        "Seule la personne fait cela en son nom, par son propre accès. Notez son accord à sa place."
    ),
    "plan_level": (
        "Un plan de financement est d’un parcours de niveau 3. Enregistrez d’abord l’entretien qui "
        "l’y porte."
    ),
    "plan_keeps_its_level": (
        "Ce parcours a un plan de financement, qui demande un entretien de niveau 3 : c’est le "
        "dernier. Gardez-lui son niveau."
    ),
    "plan_closed_with_costs": (
        "Un plan sans coût ne se boucle pas. Ajoutez d’abord ce que coûte le projet."
    ),
    "plan_gap_explained": (
        "Il reste un écart entre les coûts et ce qui est accordé. Dites en une phrase pourquoi le "
        "plan se boucle ainsi."
    ),
    "plan_has_room": (
        "Ce plan a déjà vingt pièces. Retirez-en une, ou réunissez plusieurs papiers en un PDF."
    ),
    "plan_is_open": (
        "Ce plan de financement est bouclé. Reprenez-le pour changer une ligne ou une pièce."
    ),
    "program_ends_once": "Seule la direction de la structure retire un logiciel, une fois.",
    "routing_rule_department": (
        "Ce département n’est pas de votre Région à cette date. Choisissez-en un de la liste."
    ),
    "routing_rule_codes": (
        "Un des codes choisis n’est dans aucune liste. Rechargez la page et choisissez à nouveau."
    ),
    "routing_rule_shared": (
        "La catégorie socioprofessionnelle n’est transmise qu’au niveau 3. Choisissez ce niveau, "
        "ou retirez les catégories."
    ),
    "recruiting_trade_department": (
        "Ce département n’est pas de votre Région. Retirez ses métiers de la liste."
    ),
    "opening_hours_place": "Ce lieu d’accueil n’est pas de votre Région.",
    "registration_in_time": (
        "Cet atelier est passé ou annulé : ses inscriptions ne changent plus. Voyez les autres."
    ),
    "attendance_by_organiser": (
        "Les présences se notent par qui organise, le jour de l’atelier ou après."
    ),
    "referral_link_used_once": "Ce lien a déjà servi. Demandez-en un autre.",
    "referral_told_by_link": "Une personne reçue sans parcours est dite par un lien.",
    "referral_moves": (
        "Cette fiche a changé d’état pendant ce temps. Rechargez la page pour voir où elle en est."
    ),
    "situation_in_journey": (
        "Un changement de situation vient après l’ouverture et avant la clôture."
    ),
    "workshop_heads_known": (
        "Le nombre de personnes est plus petit que celui des participants choisis. Corrigez-le, ou "
        "laissez-le vide si tous sont choisis."
    ),
    "workshop_in_journey": (
        "Un des participants n’avait pas de parcours ouvert ce jour-là. Retirez-le de la liste et "
        "comptez-le dans le nombre de personnes."
    ),
    "workshop_is_over": "Cet atelier est annulé : il ne change plus. Enregistrez-en un autre.",
    "step_of_elsewhere": (
        "Cette étape a été faite dans une autre structure : elle ne se change pas. Vous pouvez la "
        "retirer du plan d’actions."
    ),
    "survey_result_is_kept": "Un résultat publié ne change plus.",
}
_BY_KIND = {
    "23502": "Il manque une information obligatoire.",
    "23503": "Une des valeurs choisies n’existe pas ou n’est plus proposée.",
    "23505": "Cet élément existe déjà.",
}
_BUSY = (
    "Une autre personne enregistre ce même élément en ce moment. Attendez quelques secondes, puis "
    "réessayez."
)
_TOO_LONG = (
    "Cette demande durait trop longtemps : elle est arrêtée, et rien n’en est enregistré. "
    "Réessayez dans un moment."
)
_OF_INTERRUPTIONS = {
    "55P03": _BUSY,  # a lock did not come in time
    "40P01": _BUSY,  # two requests that waited for each other
    "40001": _BUSY,
    "57014": _TOO_LONG,
}
SECONDS_BEFORE_RETRY = 10
_HOLDS_NIR = (
    "Ce texte contient un numéro de sécurité sociale. Retirez-le : il ne doit pas être enregistré "
    "ici."
)
_SENT_TWICE = "Cet envoi a déjà été enregistré."
_UNKNOWN = "Ce que vous avez saisi n’est pas possible. Vérifiez les dates et les choix."


class ActionRefused(Exception):
    """An action does not apply in the present state; the message is the French sentence shown."""


class HeldElsewhere(Exception):
    """Somebody else is at the same work, which must not be done twice at once: try later."""


def french(exc: IntegrityError) -> str:
    """The sentence of the constraint that PostgreSQL says was violated."""
    diagnosis = getattr(exc.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    if name in _OF_TRIGGERS:
        return _OF_TRIGGERS[name]
    if name.endswith("_sent_once"):
        return _SENT_TWICE
    if name.endswith("_without_nir"):
        return _HOLDS_NIR
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name and _speaks(constraint):
                return str(constraint.violation_error_message)
    return _BY_KIND.get(getattr(diagnosis, "sqlstate", None) or "", _UNKNOWN)


def _speaks(constraint: BaseConstraint) -> bool:
    return constraint.violation_error_message != BaseConstraint.default_violation_error_message


@contextmanager
def refusals(using: str = "default") -> Iterator[None]:
    """Turn what PostgreSQL refuses inside the block into `ActionRefused`.

    Constraints that wait for the end of the transaction are checked at the end of the block:
    wrap the whole action, not the steps that it is made of.

    Raises:
        ActionRefused: with the sentence of the violated constraint; the block is rolled back.
    """
    try:
        with transaction.atomic(using=using):
            yield
            with connections[using].cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as exc:
        raise ActionRefused(french(exc)) from exc


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while it handles what was raised, wherever that was."""
    raised = sys.exc_info()[1]
    if isinstance(raised, (OperationalError, InterfaceError)):
        return page(request, 503, _OF_INTERRUPTIONS.get(sqlstate_of(raised), ""))
    return page(request, 500)


def sqlstate_of(exc: BaseException) -> str:
    """The five letters of PostgreSQL; none when the connection itself was lost."""
    return getattr(exc.__cause__, "sqlstate", None) or ""


_WORDS = {
    400: "Demande mal formée.",
    401: "Connectez-vous.",
    403: "Votre rôle ne permet pas cette action.",
    404: "Introuvable.",
    409: "L’état de cet élément ne permet pas cette action.",
    429: "Trop de demandes en peu de temps.",
    500: "Erreur du service.",
    503: "Service momentanément indisponible.",
}


def page(request: HttpRequest, status: int, sentence: str = "") -> HttpResponse:
    """The error page of a status: no context processor, no database."""
    if request.path.startswith("/api/"):
        response = JsonResponse({"error": sentence or _WORDS[status]}, status=status)
    else:
        context = {"sentence": sentence, "path": request.get_full_path(), "typed": []}
        if status == 503:
            context["typed"] = _typed(request)
        response = HttpResponse(render_to_string(f"{status}.html", context), status=status)
    if status == 503:
        response["Retry-After"] = str(SECONDS_BEFORE_RETRY)
    response["Cache-Control"] = "no-store"
    return response


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What the form held, to be sent again as it was; never a password."""
    if request.method != "POST" or any("password" in name for name in request.POST):
        return []
    return [(name, value) for name, values in request.POST.lists() for value in values]
