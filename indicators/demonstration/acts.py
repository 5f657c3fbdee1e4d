"""What Regions did with what was transmitted to them: opened, acknowledged, contested."""

import uuid
from dataclasses import dataclass

from beneficiaries.actions import log_contact
from beneficiaries.entries import Reception
from indicators import actions, queries
from indicators.definitions import TOTAL
from indicators.demonstration.accounts import holder, officer
from indicators.demonstration.editions import seal_and_transmit, sent_quarters
from indicators.demonstration.waiting import Report, wait_for_compilations
from indicators.exports.blocks import own_block
from indicators.models import Contestation, Edition
from indicators.worklist import nation
from regions.middleware import scope_of
from regions.queries import region_scope
from sprocep import periods
from sprocep.periods import Period

ACKNOWLEDGE = ("11", "75", "93")
FORGOTTEN, FORGETS = 40, "accueil-93-1"


@dataclass(frozen=True)
class Dispute:
    """A total that a Region contests, and what it is answered; nothing yet without `outcome`."""

    region: str
    indicator: str
    population: str
    reason: str
    outcome: str = ""
    answer: str = ""


DISPUTES = (
    Dispute(
        "11",
        "A5",
        "journeys_closed",
        "Notre suivi régional compte davantage de sorties au deuxième mois du trimestre.",
        Contestation.Outcome.MAINTAINED,
        "Votre suivi compte la date de saisie ; l’indicateur A5 compte celle de la sortie. Les "
        "lignes de ce mois ont été recomptées : la valeur est juste.",
    ),
    Dispute(
        "75",
        "A1",
        "journeys_opened",
        "Une mission locale nous signale des entrées enregistrées dans un département voisin.",
    ),
    Dispute(
        "93",
        "A6",
        "contacts",
        f"{FORGOTTEN} accueils notés sur papier à Marseille n’avaient pas été saisis.",
        Contestation.Outcome.ERRATUM,
        f"{FORGOTTEN} accueils de la mission locale de Marseille, saisis après la transmission, "
        "sont ajoutés.",
    ),
)


def play_acts(report: Report) -> None:
    """All but the last that was sent are acknowledged; of that one, two Regions contest a figure,
    and a third one of the quarter before: its erratum."""
    *former, sent = sent_quarters()
    corrected = former[-1]
    for region in ACKNOWLEDGE:
        _acknowledge(region, former)
    if not _has_erratum(corrected):  # desks forget their forms after a day
        record_what_was_forgotten(corrected)
    for dispute in DISPUTES:
        is_corrected = dispute.outcome == Contestation.Outcome.ERRATUM
        play(dispute, corrected if is_corrected else sent)
    with nation(read_only=True):
        erratum = queries.latest_compilation(corrected.code)
    wait_for_compilations([erratum], report)
    seal_and_transmit(corrected)


def _has_erratum(period: Period) -> bool:
    with nation(read_only=True):
        return Edition.objects.filter(period=period.code, number__gt=1).exists()


def _acknowledge(region: str, sent: list[Period]) -> None:
    with nation(read_only=True):
        coordinator = holder(f"coordination-{region}")
    with scope_of(coordinator, read_only=False):
        editions = Edition.objects.filter(
            territory__in=region_scope(region),
            period__in=[period.code for period in sent],
            state=Edition.State.TRANSMITTED,
            number=1,
        )
        for edition in editions.order_by("transmitted_at"):
            actions.note_opening(by=coordinator.user, edition=edition)
            actions.acknowledge_edition(by=coordinator.user, edition=edition)


def record_what_was_forgotten(period: Period) -> None:
    with nation(read_only=True):
        member = holder(FORGETS)
    with scope_of(member, read_only=False):
        for rank in range(FORGOTTEN):
            log_contact(
                membership=member,
                reception=Reception(
                    held_on=periods.days_after(period.ends, -1 - rank % 20),
                    site=member.site,
                    channel="PRE",
                    theme="T01",
                    audience="P04",
                    result="R01",
                    age_band="A2",
                ),
                key=uuid.uuid5(uuid.NAMESPACE_URL, f"sprocep {period} {rank}"),
            )


def play(dispute: Dispute, period: Period) -> None:
    with nation(read_only=True):
        coordinator = holder(f"coordination-{dispute.region}")
    with scope_of(coordinator, read_only=False):
        contestation = _contested(dispute, period, coordinator)
    if dispute.outcome:
        with nation():
            actions.answer_contestation(
                by=officer(),
                contestation=contestation,
                outcome=dispute.outcome,
                answer=dispute.answer,
            )


def _contested(dispute: Dispute, period: Period, coordinator) -> Contestation:
    edition = Edition.objects.get(period=period.code, territory=dispute.region, number=1)
    if found := edition.contestations.filter(raised_by=coordinator.user).first():
        return found
    actions.note_opening(by=coordinator.user, edition=edition)
    cell = own_block(edition).cells.get(
        indicator=dispute.indicator,
        population=dispute.population,
        department=TOTAL,
        operator=TOTAL,
        level=TOTAL,
        breakdown=TOTAL,
        category=TOTAL,
    )
    return actions.contest_cell(
        by=coordinator.user, edition=edition, cell=cell, reason=dispute.reason
    )
