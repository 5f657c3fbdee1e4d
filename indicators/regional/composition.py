"""One composition: what is counted, checked against the vocabulary, and the indicators it gives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from indicators.definitions import TOTAL, Breakdown, Indicator
from indicators.models import RegionalIndicator
from indicators.regional.vocabulary import FIELDS, POPULATIONS, Population, Subject
from sprocep.errors import ActionRefused

Measure = RegionalIndicator.Measure
# At each address a share also stands as its two counts, a mean or a median as its number of units:
# secrecy is decided on counts alone.
BASE, PART = "base", "part"

Filter = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Composed(Indicator):
    """An indicator of the grid; `counts`: over nothing it is nought, not empty."""

    counts: bool = True

    @property
    def is_count(self) -> bool:
        return self.counts


@dataclass(frozen=True)
class Composition:
    code: str
    label: str
    population: str
    measure: str
    subject: str = ""
    filters: tuple[Filter, ...] = ()
    part: tuple[Filter, ...] = ()
    breakdown: str = ""
    by_level: bool = False
    by_operator: bool = False
    by_department: bool = False

    @classmethod
    def of(cls, row: RegionalIndicator) -> "Composition":
        """Raises ActionRefused when the row says what the vocabulary does not know."""
        made = cls(
            code=row.code,
            label=row.label,
            population=row.population,
            measure=row.measure,
            subject=row.subject,
            filters=_filters(row.filters),
            part=_filters(row.part),
            breakdown=row.breakdown,
            by_level=row.by_level,
            by_operator=row.by_operator,
            by_department=row.by_department,
        )
        made.check()
        return made

    def under(self, code: str) -> "Composition":
        return replace(self, code=code)

    @property
    def counted(self) -> Population:
        return POPULATIONS[self.population]

    @property
    def taken(self) -> Subject:
        """What a mean or a median is taken of."""
        return self.counted.subjects[self.subject]

    @property
    def is_count(self) -> bool:
        return self.measure in (Measure.COUNT, Measure.PERSONS)

    @property
    def count_codes(self) -> tuple[str, ...]:
        """Codes of the counts that it publishes, the widest first."""
        if self.is_count:
            return (self.code,)
        if self.measure == Measure.SHARE:
            return (f"{self.code}.{BASE}", f"{self.code}.{PART}")
        return (f"{self.code}.{BASE}",)

    @property
    def codes(self) -> tuple[str, ...]:
        return self.count_codes if self.is_count else (self.code, *self.count_codes)

    @property
    def count_unit(self) -> str:
        return "persons" if self.measure == Measure.PERSONS else self.counted.unit

    @property
    def unit(self) -> str:
        if self.is_count:
            return self.count_unit
        return "percent" if self.measure == Measure.SHARE else self.taken.unit

    @property
    def indicators(self) -> list[Composed]:
        """As the grid knows them: `source` is the code itself, and the code with the breakdown."""
        return [self._indicator(code, code in self.count_codes) for code in self.codes]

    def _indicator(self, code: str, counts: bool) -> Composed:
        breakdowns = ()
        if self.breakdown:
            chosen = FIELDS[self.breakdown]
            breakdowns = (
                Breakdown(
                    self.breakdown,
                    chosen.label,
                    lambda period: chosen.codes(period.last_day),
                ),
            )
        return Composed(
            code=code,
            label=self.label_of(code),
            unit=self.count_unit if counts else self.unit,
            populations=(self.population,),
            breakdowns=breakdowns,
            by_level=self.by_level,
            by_operator=self.by_operator,
            by_department=self.by_department,
            measure=code,
            sources={self.breakdown: f"{code} {self.breakdown}"} if self.breakdown else {},
            counts=counts,
        )

    def label_of(self, code: str) -> str:
        match code.removeprefix(self.code):
            case ".base":
                return f"{self.label}, effectif"
            case ".part":
                return f"{self.label}, numérateur"
            case _:
                return self.label

    @property
    def _names(self) -> set[str]:
        """What it tells apart, by filters, numerator or breakdown."""
        return {name for name, _ in (*self.filters, *self.part)} | {self.breakdown}

    def check(self) -> None:
        """Raises ActionRefused with a French sentence when it says what cannot be composed."""
        if self.population not in POPULATIONS:
            raise ActionRefused("Choisissez ce qui est compté dans la liste.")
        known = self.counted
        if self.measure not in measures_of(self.population):
            raise ActionRefused("Cette mesure n’existe pas pour ce qui est compté.")
        if (self.subject != "") != (self.measure in (Measure.MEAN, Measure.MEDIAN)):
            raise ActionRefused("Une moyenne ou une médiane porte sur une grandeur, et elle seule.")
        if self.subject and self.subject not in known.subjects:
            raise ActionRefused("Cette grandeur n’existe pas pour ce qui est compté.")
        if bool(self.part) != (self.measure == Measure.SHARE):
            raise ActionRefused("Une part, et elle seule, dit quelles unités vont au numérateur.")
        for chosen in (self.filters, self.part):
            _check_filters(chosen, known)
        if self.breakdown and self.breakdown not in known.breakdowns:
            raise ActionRefused("Cette ventilation n’existe pas pour ce qui est compté.")
        if len(self._names & known.apart) > 1:
            raise ActionRefused(
                "Les réponses d’un accueil anonyme sont comptées chacune à part : choisissez-en "
                "une seule, canal, thème, résultat ou âge. Le réseau et le département s’ajoutent."
            )
        if (self.by_level and not known.rank) or (self.by_operator and not known.operator):
            raise ActionRefused("Ce qui est compté n’a ni niveau, ni catégorie d’opérateur.")


def measures_of(population: str) -> list[str]:
    known = POPULATIONS[population]
    found = [Measure.COUNT, Measure.SHARE]
    if known.is_nominal and not known.is_of_persons:
        found.insert(1, Measure.PERSONS)
    if known.subjects:
        found += [Measure.MEAN, Measure.MEDIAN]
    return found


def _filters(stored: Iterable) -> tuple[Filter, ...]:
    """[["sex", ["F"]]] as it is stored; anything else is refused."""
    try:
        return tuple((str(name), tuple(map(str, codes))) for name, codes in stored)
    except (TypeError, ValueError) as exc:
        raise ActionRefused("Ces filtres ne se lisent pas.") from exc


def _check_filters(chosen: tuple[Filter, ...], known: Population) -> None:
    names = [name for name, _ in chosen]
    if len(set(names)) < len(names) or not set(names) <= set(known.columns):
        raise ActionRefused("Ce filtre n’existe pas pour ce qui est compté.")
    if not all(codes for _, codes in chosen):
        raise ActionRefused("Un filtre choisit au moins une modalité.")


def check_codes(composition: Composition, day: date) -> None:
    """Raises ActionRefused when a filter names a code that is not offered on this day."""
    for name, codes in (*composition.filters, *composition.part):
        offered = {code for code, _ in FIELDS[name].choices(day)}
        if unknown := sorted(set(codes) - offered):
            raise ActionRefused(
                f"Modalité inconnue pour « {FIELDS[name].label} » : {', '.join(unknown)}."
            )


def by_code(compositions: Iterable[Composition]) -> Mapping[str, Composition]:
    """Every code that stands in a figure, to its composition."""
    return {code: one for one in compositions for code in one.codes}


__all__ = ["BASE", "PART", "TOTAL", "Composed", "Composition", "Measure", "by_code", "check_codes"]
