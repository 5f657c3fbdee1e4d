"""« Mes parcours » as a file: the rows that the page shows, on all its pages, in its order."""

import csv
import io
from collections.abc import Iterable

from beneficiaries.queries import JourneyRow, label
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


def journeys_csv(rows: Iterable[JourneyRow]) -> bytes:
    """UTF-8 with its mark and semicolons: a French spreadsheet opens it as it is."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(HEAD)
    for row in rows:
        writer.writerow(
            [
                neutralised(str(value if value is not None else ""))
                for value in (
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
                )
            ]
        )
    return buffer.getvalue().encode("utf-8-sig")
