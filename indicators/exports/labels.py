"""What codes are called on a day, read at once."""

import re
from dataclasses import dataclass

from django.db.models import CharField, Value

from operators.models import NOMENCLATURES, OperatorCategoryName
from regions.models import Department, NetworkName
from regions.queries import in_force
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
}
UNITS = {
    "journeys": "parcours",
    "persons": "personnes",
    "contacts": "accueils",
    "sessions": "entretiens",
    "services": "services",
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


def labels_on(period: Period) -> Labels:
    """Labels of all national lists on the last day of a period. One query."""
    day = period.last_day
    parts = [
        model.objects.filter(in_force(day))
        .order_by()
        .values_list(Value(name, CharField()), "code", "label", "position")
        for name, model in _LISTS.items()
    ]
    parts += [
        OperatorCategoryName.objects.filter(in_force(day), in_force(day, "category__"))
        .order_by()
        .values_list(Value("operator", CharField()), "category_id", "name", "category__position"),
        NetworkName.objects.filter(in_force(day))
        .order_by()
        .values_list(Value("network", CharField()), "network_id", "name", "network__position"),
        Department.objects.order_by().values_list(
            Value("department", CharField()), "code", "name", Value(0)
        ),
    ]
    lists: dict[str, dict[str, str]] = {name: {} for name in (*_LISTS, "operator", "network")}
    first, *others = parts
    for name, code, label, _ in sorted(
        first.union(*others, all=True), key=lambda row: (row[0], row[3], row[1])
    ):
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
        "exit_situation": lists["situation"],
        "month": {month.code: month.label for month in period.months},
    }


def _and(levels: tuple[str, ...]) -> str:
    ranks = [level[1:] for level in levels]
    return f"niveaux {', '.join(ranks[:-1])} et {ranks[-1]}"
