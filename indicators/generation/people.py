"""True persons, and the files that structures hold of them.

No two true persons share birth name, first name and birth date; each office spells in its way.
"""

from dataclasses import dataclass, field
from datetime import date

from beneficiaries.identity import normalised, person_key, sort_key
from indicators.generation import chance, mix
from indicators.generation.chance import Lot
from indicators.generation.ground import Ground, Town
from indicators.generation.names import SPELLINGS, F, M, Names, as_is
from indicators.generation.plan import Slice
from indicators.generation.staff import Office

NULL = "\\N"
_BORN_NAME_DIFFERS = {F: 0.22, M: 0.01}


@dataclass(slots=True)
class Person:
    number: int
    sex: str
    birth_name: str
    first_name: str
    used_name: str
    birth: date | None
    category: str  # whose public she is: age and profile come from it


@dataclass(slots=True)
class File:
    """What one structure knows of a person in one Region, and the years in which it has facts."""

    id: int
    person: Person
    structure: int
    region: str
    area: str
    birth_name: str
    last_name: str
    first_name: str
    facts: set[tuple[int, str]] = field(default_factory=set)


def own_pair(drawn: float, part: int, slices: int, birth: int, pairs: int) -> int:
    """A pair of names, of those that this slice alone may give on that day of birth.

    The pairs of each day are dealt out among the slices: two slices never make the same person, and
    none needs to know the others. `drawn` is of [0, 1).
    """
    first = (part - birth) % slices
    return first + slices * int(drawn * ((pairs - 1 - first) // slices + 1))


class People:
    def __init__(self, ground: Ground, names: Names, seed: int, slices: int):
        self._names, self._seed, self._slices = names, seed, slices
        self._age_lots = {category: Lot.of(ages) for category, ages in mix.AGES.items()}
        self._town_lots = {
            department: Lot(towns, [town.population + 1 for town in towns])
            for department, towns in ground.towns.items()
        }

    def begin(self, part: Slice, first: dict[str, int]) -> None:
        """Draw from here on what belongs to this slice, with these first ids."""
        drawn = chance.source(self._seed, "people", part.number)
        self._part, self._next, self._known = part, first, set()
        self._random, self._uuid = drawn.random, chance.uuids(drawn)
        self._ages = {c: lot.stream(drawn) for c, lot in self._age_lots.items()}
        self._towns = {d: lot.stream(drawn) for d, lot in self._town_lots.items()}
        self.count = 0
        self.truth: list[str] = []

    def person(self, category: str, day: date) -> Person:
        """Somebody new, of an age that this public has on the day of opening."""
        drawn = self._random
        sex = F if drawn() < 0.53 else M
        last, first = self._names.last, self._names.first[sex]
        latest = day.toordinal() - int(self._ages[category]() * 365.25) - 3
        while True:
            birth = latest - int(drawn() * 358)
            names = own_pair(
                drawn(), self._part.number, self._slices, birth, len(last) * len(first)
            )
            if (sex, names, birth) not in self._known:
                break
        self._known.add((sex, names, birth))
        birth_name = used_name = last[names // len(first)]
        if drawn() < _BORN_NAME_DIFFERS[sex]:
            used_name = last[int(drawn() * len(last))]
        born = None if drawn() < mix.NO_BIRTH_DATE else date.fromordinal(birth)
        self.count += 1
        number = self._part.first + self.count
        return Person(number, sex, birth_name, first[names % len(first)], used_name, born, category)

    def file(
        self, person: Person, office: Office, region: str, stamp: str, *, other: bool
    ) -> tuple[File, str]:
        """Open a file and give its row. `other`: another structure already has one."""
        drawn = self._random
        odd = drawn() < (0.7 if other else 0.15)
        spell = SPELLINGS[int(drawn() * len(SPELLINGS))] if odd else as_is
        last, born = spell(person.used_name), spell(person.birth_name)
        if person.used_name == person.birth_name:
            born = born if drawn() < 0.4 else ""
        elif other and drawn() < 0.3:  # known here under the birth name alone
            last, born = born, ""
        town = self._towns[office.department]() if drawn() >= mix.UNFILLED else None
        number = self._next["beneficiary"]
        file = File(
            number, person, office.structure, region, town.area if town else "NR",
            born, last, spell(person.first_name),
        )  # fmt: skip
        self._next["beneficiary"] = number + 1
        self.truth.append(f"{number},{person.number}\n")
        return file, self._row(file, town, stamp)

    def _row(self, file: File, town: Town | None, stamp: str) -> str:
        person, drawn = file.person, self._random
        email = phone = ""
        if drawn() < 0.55:
            email = f"{normalised(file.first_name)}.{normalised(file.last_name)}{file.id}".lower()
            email += "@example.org"
        if drawn() < 0.6:  # numbers that the Arcep keeps for fiction
            phone = f"06 39 98 {int(drawn() * 100):02d} {int(drawn() * 100):02d}"
        sex = person.sex if drawn() > 0.03 else "NR"
        return (
            f"{file.id}\t{self._uuid()}\t{file.region}\t{file.structure}\t{file.last_name}\t"
            f"{file.first_name}\t{file.birth_name}\t{person.birth or NULL}\t{sex}\t{email}\t{phone}"
            f"\t{town.code if town else NULL}\t\t"
            f"{sort_key(file.last_name, file.first_name, file.birth_name)}\t{stamp}\n"
        )

    def keys(self, file: File) -> list[str]:
        """One key for each year and Region in which the file has a fact."""
        if file.person.birth is None:
            return []
        rows, number = [], self._next["person_key"]
        for year, region in sorted(file.facts):
            key = person_key(
                birth_name=file.birth_name,
                last_name=file.last_name,
                first_name=file.first_name,
                birth_date=file.person.birth,
                year=year,
            )
            rows.append(
                f"{number}\t{region}\t{file.structure}\t{file.id}\t{year}\t\\\\x{key.hex()}\n"
            )
            number += 1
        self._next["person_key"] = number
        return rows
