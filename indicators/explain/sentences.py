"""What a cell counts, in one sentence of French."""

from indicators.definitions import TOTAL
from indicators.explain.address import CellAddress
from indicators.exports.labels import Labels
from indicators.exports.wording import TO_THE_STEP, lowered
from sprocep import periods
from sprocep.periods import Period
from sprocep.templatetags.french import SPACE

_COUNTED = {
    "contacts": "Nombre d’accueils de niveau 1 tenus {span}",
    "journeys_opened": "Nombre de parcours ouverts {span}",
    "persons_started_or_ended": "Nombre de personnes dont un parcours a été ouvert ou clos {span}",
    "persons_seen": "Nombre de personnes reçues en entretien {span}",
    "journeys_open": "Nombre de parcours ouverts à la fin du {last_day}",
    "journeys_closed": "Nombre de parcours clos {span}",
    "sessions": "Nombre d’entretiens tenus {span}",
    "services": "Nombre de services mobilisés dans les entretiens tenus {span}",
    "referrals": "Nombre de fiches de liaison envoyées {span}",
    "referrals_accepted": "Nombre de fiches de liaison envoyées {span}, acceptées, dont la "
    "personne n’a pas été reçue",
    "referrals_received": "Nombre de fiches de liaison envoyées {span} dont la personne est reçue",
    "referrals_declined": "Nombre de fiches de liaison envoyées {span} et refusées",
    "referrals_unanswered": "Nombre de fiches de liaison envoyées {span} et restées sans réponse",
    "referrals_withdrawn": "Nombre de fiches de liaison envoyées {span} puis retirées",
    "financing_plans": "Nombre de plans de financement bouclés {span}",
    "fundings": "Nombre de demandes de financement auxquelles leur financeur a répondu {span}",
    "fundings_granted": "Nombre de demandes que leur financeur a accordées {span}, en tout ou "
    "partie",
    "fundings_refused": "Nombre de demandes que leur financeur a refusées {span}",
}
_OF_EXITS = ", pour les parcours clos {span}"
_OF_ENTRIES = ", pour les parcours ouverts {span}"
_OF_FICHES = ", pour les fiches de liaison envoyées {span} et répondues"
_OF_PLANS = ", pour les plans de financement bouclés {span}"
_OF_REQUESTS = ", pour les demandes auxquelles leur financeur a répondu {span}"
_MEASURED = {
    "E1.mean": f"Nombre moyen d’entretiens par parcours{_OF_EXITS}",
    "E1.median": f"Nombre médian d’entretiens par parcours{_OF_EXITS}",
    "E2.q1": f"Premier quartile de la durée en jours, de l’ouverture à la clôture{_OF_EXITS}",
    "E2.median": f"Durée médiane en jours, de l’ouverture à la clôture{_OF_EXITS}",
    "E2.q3": f"Troisième quartile de la durée en jours, de l’ouverture à la clôture{_OF_EXITS}",
    "E3.median": f"Délai médian en jours, de la demande au premier entretien{_OF_ENTRIES}",
    "E3.d9": f"Neuvième décile du délai en jours, de la demande au premier entretien{_OF_ENTRIES}",
    "G2.costs": f"Coût total en euros, {TO_THE_STEP}{_OF_PLANS}",
    "G2.gap": f"Somme en euros, {TO_THE_STEP}, de ce qui reste à financer{_OF_PLANS}",
    "G2.asked": f"Somme demandée en euros, {TO_THE_STEP}{_OF_REQUESTS}",
    "G2.given": f"Somme accordée en euros, {TO_THE_STEP}{_OF_REQUESTS}",
    "G2.median": f"Délai médian en jours, de la demande à la réponse{_OF_REQUESTS}",
    "G2.d9": f"Neuvième décile du délai en jours, de la demande à la réponse{_OF_REQUESTS}",
    "H2.median": f"Délai médian en jours, de l’envoi à la réponse{_OF_FICHES}",
    "H2.d9": f"Neuvième décile du délai en jours, de l’envoi à la réponse{_OF_FICHES}",
    "E3.undated": "Nombre de parcours ouverts {span} sans date de demande",
}
# How a level is a journey's or a person's (docs/counting-rules.md).
_LEVELS = {
    "journeys_opened": "premier entretien de niveau {level}",
    "journeys_open": "niveau {level} au plus haut jusque-là",
    "journeys_closed": "niveau {level} au plus haut",
    "persons_started_or_ended": "niveau {level} au plus haut",
    "persons_seen": "niveau {level} au plus haut dans la période",
    "sessions": "niveau {level}",
    "services": "dans un entretien de niveau {level}",
}
_CATEGORIES = {
    "month": "en {label}",
    "reason": "motif {quoted}",
    "service": "service {quoted}",
    "network": "réseau {label}",
    "from_network": "envoyées par le réseau {quoted}",
    "to_network": "adressées au réseau {quoted}",
    "decline_reason": "motif de refus {quoted}",
    "arrival": "venue {quoted}",
    "structures": "structures traversées : {quoted}",
    "level_change": "changement de niveau : {quoted}",
    "document": "document de synthèse : {quoted}",
    "funder": "financeur {quoted}",
    "payers": "financeurs qui accordent : {quoted}",
}


def sentence(
    address: CellAddress, title: str, period: Period, territory: str, labels: Labels
) -> str:
    """« Nombre de parcours ouverts du 1er janvier au 31 mars 2016, Région Bretagne, … »."""
    what = _MEASURED.get(address.indicator)
    if what is None and address.indicator.startswith("R"):
        what = f"{title} {{span}}"
    elif what is None:
        what = _COUNTED[address.population]
    last_day = periods.full_date(period.last_day)
    words = [what.format(span=f"du {_first(period)} au {last_day}", last_day=last_day)]
    words += [_place(address, territory, labels), *_filters(address, labels)]
    return f"{', '.join(words)}."


def _first(period: Period) -> str:
    """« 1er janvier », with its year only where the last day has another."""
    text = periods.full_date(period.starts)
    is_same_year = period.starts.year == period.last_day.year
    return text.removesuffix(f" {period.starts.year}") if is_same_year else text


def _place(address: CellAddress, territory: str, labels: Labels) -> str:
    region = "France entière" if territory == "France" else f"Région {territory}"
    if address.department == TOTAL:
        return region
    return f"{region}, département {labels.of('department', address.department)}"


def _filters(address: CellAddress, labels: Labels) -> list[str]:
    found = []
    if address.breakdown != TOTAL:
        label = lowered(labels.of(address.breakdown, address.category))
        pattern = _CATEGORIES.get(address.breakdown, "{quoted}")
        if address.indicator == "C1.main":
            pattern = f"{pattern} en motif principal"
        found.append(pattern.format(label=label, quoted=_quoted(label)))
    if address.operator != TOTAL:
        found.append(f"opérateurs {_quoted(labels.of('operator', address.operator))}")
    if address.level != TOTAL:
        pattern = _LEVELS.get(address.population, "niveau {level}")
        found.append(pattern.format(level=address.level.removeprefix("N")))
    return found


def _quoted(text: str) -> str:
    return f"«{SPACE}{text}{SPACE}»"
