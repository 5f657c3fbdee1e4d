"""True persons, and the files that structures hold of them.

No two true persons share birth name, first name and birth date; each office spells in its way.
"""

from dataclasses import dataclass, field
from datetime import date

from beneficiaries.identity import normalised, person_key, sort_key
from indicators.generation import chance, mix
from indicators.generation.ground import Ground, Town
from indicators.generation.names import SPELLINGS, F, M, Names, as_is

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


class People:
    def __init__(self, ground: Ground, names: Names, seed: int, first_file: int, first_key: int):
        self.count = 0
        self.truth: list[str] = []
        self._chance = chance.source(seed, "people")
        self._names, self._known = names, set()
        self._files, self._keys = first_file, first_key
        self._uuid = chance.uuids(self._chance)
        self._ages = {c: chance.stream_of(self._chance, ages) for c, ages in mix.AGES.items()}
        self._towns = {d: self._town_stream(towns) for d, towns in ground.towns.items()}

    def _town_stream(self, towns: list[Town]):
        weights = [town.population + 1 for town in towns]
        return chance.stream(self._chance, towns, weights, batch=256)

    def person(self, category: str, day: date) -> Person:
        """Somebody new, of an age that this public has on the day of opening."""
        drawn = self._chance.random
        sex = F if drawn() < 0.53 else M
        age, last, first = self._ages[category](), self._names.last, self._names.first[sex]
        while True:
            birth = day.toordinal() - int(age * 365.25) - 3 - int(drawn() * 358)
            who = (int(drawn() * len(last)), sex, int(drawn() * len(first)), birth)
            if who not in self._known:
                break
        self._known.add(who)
        self.count += 1
        birth_name = used_name = last[who[1 - 1]]
        if drawn() < _BORN_NAME_DIFFERS[sex]:
            used_name = last[int(drawn() * len(last))]
        unknown = drawn() < mix.NO_BIRTH_DATE
        born = None if unknown else date.fromordinal(birth)
        return Person(self.count, sex, birth_name, first[who[2]], used_name, born, category)

    def file(
        self,
        person: Person,
        structure: int,
        region: str,
        department: str,
        stamp: str,
        *,
        other: bool,
    ) -> tuple[File, str]:
        """Open a file and give its row. `other`: another structure already has one."""
        drawn = self._chance.random
        odd = drawn() < (0.7 if other else 0.15)
        spell = SPELLINGS[int(drawn() * len(SPELLINGS))] if odd else as_is
        last, born = spell(person.used_name), spell(person.birth_name)
        if person.used_name == person.birth_name:
            born = born if drawn() < 0.4 else ""
        elif other and drawn() < 0.3:  # known here under the birth name alone
            last, born = born, ""
        town = self._towns[department]() if drawn() >= mix.UNFILLED else None
        file = File(
            self._files, person, structure, region, town.area if town else "NR",
            born, last, spell(person.first_name),
        )  # fmt: skip
        self._files += 1
        self.truth.append(f"{file.id},{person.number}\n")
        return file, self._row(file, town, stamp)

    def _row(self, file: File, town: Town | None, stamp: str) -> str:
        person, drawn = file.person, self._chance.random
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
        rows = []
        for year, region in sorted(file.facts):
            key = person_key(
                birth_name=file.birth_name,
                last_name=file.last_name,
                first_name=file.first_name,
                birth_date=file.person.birth,
                year=year,
            )
            rows.append(
                f"{self._keys}\t{region}\t{file.structure}\t{file.id}\t{year}\t\\\\x{key.hex()}\n"
            )
            self._keys += 1
        return rows
