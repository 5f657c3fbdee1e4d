"""What codes are called on a day, read at once."""

import re
from dataclasses import dataclass
from operator import itemgetter

from django.db import connection

from indicators.definitions import DOCUMENT, PAYERS, STRUCTURES, changes_of_level
from operators.models import NOMENCLATURES
from sprocep.periods import Period
from sprocep.templatetags import french

# Of figures: an age is always a band, and nobody counts by audience.
_LISTS = {
    "age" if name == "age_band" else name: model
    for name, model in NOMENCLATURES.items()
    if name != "audience"
}
# « 2 000 habitants » is typed with a space where a line may end.
_GROUPS = re.compile(r"(?<=\d) (?=\d{3}\b)")
POPULATIONS = {
    "contacts": "accueils de niveau 1",
    "journeys_opened": "parcours ouverts",
    "persons_started_or_ended": "personnes dont un parcours a commencé ou fini",
    "persons_seen": "personnes reçues",
    "journeys_open": "parcours en cours au dernier jour",
    "journeys_closed": "parcours clos",
    "sessions": "entretiens",
    "services": "services mobilisés",
    "referrals": "fiches de liaison envoyées",
    "referrals_accepted": "fiches de liaison acceptées, personne non reçue",
    "referrals_received": "fiches de liaison dont la personne est reçue",
    "referrals_declined": "fiches de liaison refusées",
    "referrals_unanswered": "fiches de liaison sans réponse",
    "referrals_withdrawn": "fiches de liaison retirées",
    "financing_plans": "plans de financement bouclés",
    "fundings": "demandes répondues par leur financeur",
    "fundings_granted": "demandes accordées par leur financeur",
    "fundings_refused": "demandes refusées par leur financeur",
}
UNITS = {
    "journeys": "parcours",
    "persons": "personnes",
    "contacts": "accueils",
    "sessions": "entretiens",
    "services": "services",
    "referrals": "fiches",
    "plans": "plans",
    "fundings": "demandes",
    "euros": "euros",
    "days": "jours",
    "minutes": "minutes",
    "percent": "pour cent",
}


@dataclass(frozen=True)
class Labels:
    """Codes and labels in their own order: `labels["situation"]` is {code: label}."""

    lists: dict[str, dict[str, str]]

    def __getitem__(self, name: str) -> dict[str, str]:
        return self.lists[name]

    def of(self, breakdown: str, category: str) -> str:
        return self.lists.get(breakdown, {}).get(category, category)


def _held(table: str) -> str:
    return (
        f"{table}.starts_on <= %(day)s AND ({table}.ends_on IS NULL OR {table}.ends_on > %(day)s)"
    )


# Written: Django takes longer to put nineteen selections together than PostgreSQL to answer them.
_EVERY_LABEL = " UNION ALL ".join(
    [
        f"SELECT '{name}', code, label, position FROM {model._meta.db_table} l WHERE {_held('l')}"
        for name, model in _LISTS.items()
    ]
    + [
        "SELECT 'operator', n.category_id, n.name, c.position "
        "FROM operators_operatorcategoryname n "
        "JOIN operators_operatorcategory c ON c.code = n.category_id "
        f"WHERE {_held('n')} AND {_held('c')}",
        "SELECT 'network', n.network_id, n.name, w.position FROM regions_networkname n "
        f"JOIN regions_network w ON w.code = n.network_id WHERE {_held('n')}",
        "SELECT 'department', code, name, 0 FROM regions_department",
    ]
)


def labels_on(period: Period) -> Labels:
    """Labels of all national lists on the last day of a period. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_EVERY_LABEL, {"day": period.last_day})
        rows = sorted(cursor.fetchall(), key=itemgetter(0, 3, 1))
    lists: dict[str, dict[str, str]] = {name: {} for name in (*_LISTS, "operator", "network")}
    for name, code, label, _ in rows:
        lists.setdefault(name, {})[code] = _GROUPS.sub(french.THIN, label)
    return Labels(lists | _composed(lists, period))


def _composed(lists: dict[str, dict[str, str]], period: Period) -> dict[str, dict[str, str]]:
    levels = list(lists["level"])
    pairs = [(a, b) for rank, a in enumerate(levels) for b in levels[rank + 1 :]]
    sets = [(level,) for level in levels] + pairs + ([tuple(levels)] if len(levels) > 2 else [])
    return {
        "sex_age": {
            f"{sex}|{age}": f"{sex_label}, {age_label.lower()}"
            for sex, sex_label in lists["sex"].items()
            for age, age_label in lists["age"].items()
        },
        "journey_type": {
            "_".join(s): (f"niveau {s[0][1:]} seul" if len(s) == 1 else _and(s)) for s in sets
        },
        "level_change": dict(changes_of_level(levels)),
        "exit_situation": lists["situation"],
        "from_network": lists["network"],
        "to_network": lists["network"],
        **{one.name: dict(one.codes(period)) for one in (DOCUMENT, PAYERS, STRUCTURES)},
        "month": {month.code: month.label for month in period.months},
    }


def _and(levels: tuple[str, ...]) -> str:
    ranks = [level[1:] for level in levels]
    return f"niveaux {', '.join(ranks[:-1])} et {ranks[-1]}"
