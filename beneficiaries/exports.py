"""« Mes parcours » as a file: the rows that the page shows, on all its pages, in its order. A fiche
de liaison, a document de synthèse: in words, and in the national format."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from django.template.loader import get_template, render_to_string

from beneficiaries.models import Referral, ReferralEvent, ReferralPerson, SynthesisDocument
from beneficiaries.queries import JourneyRow, PlanLine, Totals, label, read_back
from regions.models import Commune
from sprocep.periods import full_date
from sprocep.rendering.documents import fonts, pdf_bytes
from sprocep.rendering.tables import spreadsheet_csv
from sprocep.templatetags.french import SPACE, THIN

HEAD = (
    "nom d’usage",
    "prénom",
    "date de naissance",
    "ouvert le",
    "motif principal",
    "référent",
    "dernier entretien",
    "niveau",
    "clos le",
    "issue",
    "plan de financement",
    "coûts du plan",
    "accordé",
    "reste à financer",
)


def journeys_csv(rows: Iterable[JourneyRow], plans: Mapping[UUID, PlanLine]) -> bytes:
    return spreadsheet_csv([HEAD, *(_cells(row, plans.get(row.public_id)) for row in rows)])


def _cells(row: JourneyRow, plan: PlanLine | None) -> tuple:
    return (
        row.last_name,
        row.first_name,
        row.birth_date,
        row.opened_on,
        label("reason", row.main_reason),
        row.referent,
        row.last_held_on,
        row.rank,
        row.closed_on,
        label("outcome", row.outcome),
        *(_plan_cells(plan) if plan else [None] * 4),
    )


def _plan_cells(plan: PlanLine) -> tuple[str | Decimal, ...]:
    state = f"bouclé le {plan.closed_on}" if plan.closed_on else "ouvert"
    return (state, plan.totals.costs, plan.totals.granted, plan.totals.gap)


# ── Fiche de liaison ─────────────────────────────────────────────────────────────────────────

REFERRAL_SCHEMA = "/static/schemas/referral-1.json"
_WORDS = {
    "last_name": "Nom d’usage",
    "first_name": "Premier prénom",
    "birth_name": "Nom de naissance",
    "birth_date": "Date de naissance",
    "sex": "Sexe",
    "phone": "Téléphone",
    "email": "Adresse électronique",
    "commune": "Commune de résidence",
    "situation": "Situation",
    "education_level": "Niveau de formation",
    "socio_professional_category": "Catégorie socioprofessionnelle",
    "sector": "Secteur d’activité",
    "contract_type": "Type de contrat",
    "message": "Message",
}
_CODES = frozenset(
    {
        "sex",
        "situation",
        "education_level",
        "socio_professional_category",
        "sector",
        "contract_type",
    }
)


def described_person(referral: Referral) -> list[tuple[str, str]]:
    """What a fiche says of the person, in words; nothing once her consent is taken back."""
    return described(person_of(referral))


def described(person: ReferralPerson | None) -> list[tuple[str, str]]:
    return _in_words(read_back(person.fields)) if person else []


def _in_words(fields: dict) -> list[tuple[str, str]]:
    """(label, words) of those that say something, in the order of `_WORDS`."""
    found = {name: fields.get(name, "") for name in _WORDS}
    found |= {name: label(name, found[name]) for name in _CODES}
    if found["birth_date"]:
        found["birth_date"] = full_date(found["birth_date"])
    if found["commune"]:
        found["commune"] = Commune.objects.get(pk=found["commune"]).name
    return [(_WORDS[name], value) for name, value in found.items() if value]


def referral_json(referral: Referral) -> dict:
    """The fiche by its published schema: codes of the national lists, no word of ours."""
    return _referral_json(referral, person_of(referral), referral.events.order_by("pk"))


def referrals_json(referrals: Collection[Referral]) -> list[dict]:
    """Each as `referral_json` says it, in three queries for all."""
    ids = [referral.pk for referral in referrals]
    persons = {one.referral_id: one for one in ReferralPerson.objects.filter(referral__in=ids)}
    steps = defaultdict(list)
    for event in ReferralEvent.objects.filter(referral__in=ids).order_by("pk"):
        steps[event.referral_id].append(event)
    return [_referral_json(one, persons.get(one.pk), steps[one.pk]) for one in referrals]


def _referral_json(
    referral: Referral, person: ReferralPerson | None, events: Iterable[ReferralEvent]
) -> dict:
    return {
        "$schema": REFERRAL_SCHEMA,
        "version": 1,
        "id": str(referral.public_id),
        "number": referral.number,
        "thread_number": str(referral.thread_number),
        "sender": {"siret": referral.structure.siret, "region": referral.region_id},
        "receiver": {"siret": referral.receiver.siret, "region": referral.receiver_region_id},
        "department": referral.department_id,
        "level": referral.level_id,
        "reason": referral.reason_id,
        "sent_on": referral.sent_on.isoformat(),
        "consented_on": referral.consented_on.isoformat(),
        "state": referral.state,
        "decline_reason": referral.decline_reason_id,
        "person": person and {name: value for name, value in person.fields.items() if value},
        "events": [{"state": event.state, "at": event.at.isoformat()} for event in events],
    }


def referral_pdf(referral: Referral) -> bytes:
    context = {
        "referral": referral,
        "person": described_person(referral),
        "events": referral.events.order_by("pk"),
    }
    return _pdf("pdf/referral.html", context)


def person_of(referral: Referral) -> ReferralPerson | None:
    return ReferralPerson.objects.filter(structure=referral.structure_id, referral=referral).first()


# ── Document de synthèse ─────────────────────────────────────────────────────────────────────


def described_document(content: dict) -> dict:
    """What the page and the paper show of a content, today's or one that was read back."""
    steps, plan = content["steps"], content["plan"]
    return content | {
        "person_said": _in_words(content["person"]),
        "done": [step for step in steps if step["done_on"]],
        "to_do": [step for step in steps if not step["done_on"]],
        "totals": _totals(**plan) if plan else None,
    }


def _totals(costs: list[dict], fundings: list[dict]) -> Totals:
    return Totals(
        costs=sum((line["amount"] for line in costs), Decimal(0)),
        asked=sum((line["asked"] for line in fundings), Decimal(0)),
        granted=sum((line["granted"] for line in fundings), Decimal(0)),
        waiting=sum((line["asked"] for line in fundings if line["state"] == "asked"), Decimal(0)),
    )


def document_json(document: SynthesisDocument) -> dict:
    """A version by its published schema, with the approval that came after."""
    return document.content | {"approved_on": document.approved_on}


def document_pdf(document: SynthesisDocument) -> bytes:
    said = described_document(read_back(document.content))
    return _pdf("pdf/document.html", {"document": document, "said": said})


def _pdf(template: str, context: dict) -> bytes:
    return pdf_bytes(
        # The font has no narrow space, and extracted text would lose it.
        render_to_string(template, context).replace(THIN, SPACE),
        fonts(),
        stylesheet=get_template("pdf/document.css").render(),
    )
