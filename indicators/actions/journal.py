"""The journal of an edition, and its row held for the time of an act."""

from collections.abc import Iterable

from indicators.models import Edition, EditionEvent
from regions import letters
from regions.actions import record
from regions.models import User
from regions.queries import region_name
from sprocep.periods import Period


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


def announce(
    template: str, edition: Edition, *, to: Iterable[User], subject: str, of: str = "", **context
) -> None:
    """A formal letter to these accounts, in the transaction of the act; `of`: one of several acts
    of a kind on the edition."""
    period = Period.parse(edition.period)
    letters.write(
        key=f"{template} {of or edition.code}",
        to=to,
        subject=subject,
        template=template,
        context={
            "edition": edition,
            "place": region_name(edition.territory, period.last_day),
            "period": period.label,
            **context,
        },
        is_formal=True,
    )
