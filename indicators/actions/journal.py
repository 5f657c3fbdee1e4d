"""The journal of an edition, and its row held for the time of an act."""

from indicators.models import Edition, EditionEvent
from regions.actions import record
from regions.models import User


def locked(edition: Edition) -> Edition:
    """The row as it is now, held until the end of the transaction."""
    return Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)


def note(
    *, by: User | None, edition: Edition, kind: EditionEvent.Kind, action: str, text: str = ""
) -> EditionEvent:
    """One line of the history of an edition, and its audit row; nobody when it passes alone."""
    record(by=by, territory=edition.territory, action=action, obj=edition)
    return EditionEvent.objects.create(
        edition=edition, territory=edition.territory, kind=kind, by=by, text=text
    )
