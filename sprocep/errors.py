"""Refusals in French, and the error pages: JSON under `/api/`, a page everywhere else."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import IntegrityError, connections, transaction
from django.db.models.constraints import BaseConstraint
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

# Rules that are no constraint of a model: triggers, and keys that Django names by itself.
_OF_TRIGGERS = {
    "journey_dates": (
        "Un parcours s'ouvre le jour de son premier entretien et ne peut pas être clos avant "
        "le dernier."
    ),
}
_BY_KIND = {
    "23502": "Il manque une information obligatoire.",
    "23503": "Une des valeurs choisies n'existe pas ou n'est plus proposée.",
    "23505": "Cet élément existe déjà.",
}
_SENT_TWICE = "Cet envoi a déjà été enregistré."
_UNKNOWN = "Ce que vous avez saisi n'est pas possible. Vérifiez les dates et les choix."


class ActionRefused(Exception):
    """An action does not apply in the present state; the message is the French sentence shown."""


def french(exc: IntegrityError) -> str:
    """The sentence of the constraint that PostgreSQL says was violated."""
    diagnosis = getattr(exc.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    if name in _OF_TRIGGERS:
        return _OF_TRIGGERS[name]
    if name.endswith("_sent_once"):
        return _SENT_TWICE
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
    return page(request, 500)


_WORDS = {
    400: "Demande mal formée.",
    401: "Connectez-vous.",
    403: "Votre rôle ne permet pas cette action.",
    404: "Introuvable.",
    409: "L'état de cet élément ne permet pas cette action.",
    500: "Erreur du service.",
    503: "Service momentanément indisponible.",
}


def page(request: HttpRequest, status: int, sentence: str = "") -> HttpResponse:
    """The error page of a status: no context processor, no database."""
    if request.path.startswith("/api/"):
        response = JsonResponse({"error": sentence or _WORDS[status]}, status=status)
    else:
        response = HttpResponse(
            render_to_string(f"{status}.html", {"sentence": sentence}), status=status
        )
    response["Cache-Control"] = "no-store"
    return response
