"""« Mes parcours » as a file: the rows that the page shows, on all its pages, in its order."""

import csv
import io
from collections.abc import Iterable

from beneficiaries.models import Journey
from sprocep.rendering.tables import neutralised

MOST = 10_000
HEAD = (
    "nom d'usage",
    "prénom",
    "date de naissance",
    "ouvert le",
    "motif principal",
    "référent",
    "dernier entretien",
    "niveau",
    "clos le",
    "issue",
)


def journeys_csv(journeys: Iterable[Journey]) -> bytes:
    """UTF-8 with its mark and semicolons: a French spreadsheet opens it as it is."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(HEAD)
    for journey in journeys:
        person = journey.beneficiary
        writer.writerow(
            [
                neutralised(str(value if value is not None else ""))
                for value in (
                    person.last_name,
                    person.first_name,
                    person.birth_date,
                    journey.opened_on,
                    journey.main_reason.label,
                    journey.referent_name,
                    journey.last_held_on,
                    journey.rank,
                    journey.closed_on,
                    journey.outcome and journey.outcome.label,
                )
            ]
        )
    return buffer.getvalue().encode("utf-8-sig")
