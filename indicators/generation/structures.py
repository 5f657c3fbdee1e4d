"""About a thousand structures of all networks: legal bodies, sites, operators, SPRO memberships."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from random import Random

from stdnum import luhn

from indicators.generation import chance
from indicators.generation.ground import Ground, Town
from indicators.generation.plan import BEGINNING
from regions.models import Network, SproMembership
from sprocep.settings import BASE_DIR

DATA = Path(__file__).parent / "data"
MISSIONS_LOCALES = BASE_DIR / "regions" / "data" / "missions_locales_2015.csv"
MISSIONS_LOCALES_WANTED = 300
CAP_EMPLOI_WANTED = 98
MAX_RANK = 3
BY_LAW = SproMembership.Status.BY_LAW
# loi du 5 septembre 2018: the Opacif end, the regional operators begin.
REGIONAL_OPERATORS_FROM = date(2020, 1, 1)
RENAMED_ON = date(2024, 1, 1)

# Invented bodies: no legal unit is registered in this range yet.
_FIRST_SIREN = 99_000_000
_INHABITANTS_A_SITE = {"FT": 120_000, "OPR": 900_000}


@dataclass
class Place:
    """A site, with its row in the database."""

    id: int
    town: Town
    department: str
    name: str


@dataclass
class Body:
    """A structure: an operator when it has a category."""

    id: int
    siret: str
    network: str
    names: list[tuple[str, date, date | None]]
    status: str = BY_LAW
    category: str | None = None
    starts_on: date = BEGINNING
    ends_on: date | None = None
    contact_weight: float = 0.0
    places: list[Place] = field(default_factory=list)

    @property
    def departments(self) -> list[str]:
        return list(dict.fromkeys(place.department for place in self.places))


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def of_town(name: str) -> str:
    """« du Havre », « des Abymes », « d'Ajaccio », « de La Rochelle »."""
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    return f"d'{name}" if name[0] in "AEIOUYÀÂÉÈÊÎÔ" else f"de {name}"


def siret(rank: int) -> str:
    """Valid, and the same for the same rank."""
    siren = f"{_FIRST_SIREN + rank:08d}"
    siren += luhn.calc_check_digit(siren)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


class Founding:
    """Founds the networks one after the other; ids follow those already taken."""

    def __init__(self, ground: Ground, seed: int, first_body: int, first_site: int):
        self.ground = ground
        self.bodies: list[Body] = []
        self._chance = chance.source(seed, "structures")
        self._body_ids, self._site_ids = count(first_body), count(first_site)
        self._names: dict[str, int] = {}

    def found(self) -> list[Body]:
        self._public_employment_service()
        self._apec()
        self._cap_emploi()
        self._missions_locales()
        self._opacif()
        self._regional_operators()
        self._other_networks()
        return self.bodies

    def _body(self, network: str, name: str, category: str | None = None, **more) -> Body:
        self.ground.check(Network, [network])
        names = more.pop("names", None) or [(self._once(name), BEGINNING, None)]
        body = Body(
            id=next(self._body_ids),
            siret=siret(len(self.bodies)),
            network=network,
            names=names,
            category=category,
            **more,
        )
        self.bodies.append(body)
        return body

    def _once(self, name: str) -> str:
        """« Mission locale de Paris », then « Mission locale de Paris 2 »."""
        self._names[name] = rank = self._names.get(name, 0) + 1
        return name if rank == 1 else f"{name} {rank}"

    def _open(self, body: Body, town: Town, department: str) -> None:
        here = sum(place.town is town for place in body.places)
        name = town.name if not here else f"{town.name} {here + 1}"
        body.places.append(Place(next(self._site_ids), town, department, name))

    def _towns(self, department: str, wanted: int) -> list[Town]:
        """The chief town first, then others by their population; few may come twice."""
        towns = self.ground.towns[department]
        others = towns[1:40] or towns
        weights = [town.population + 1 for town in others]
        drawn: list[Town] = []
        for town in self._chance.choices(others, weights, k=wanted * 4):
            if town not in drawn:
                drawn.append(town)
        drawn += [towns[0]] * wanted
        return [towns[0], *drawn][:wanted]

    # ── Operators ────────────────────────────────────────────────────────────────────────────

    def _public_employment_service(self) -> None:
        body = self._body(
            "FT",
            "",
            "public_employment_service",
            names=[("Pôle emploi", BEGINNING, RENAMED_ON), ("France Travail", RENAMED_ON, None)],
            contact_weight=8,
        )
        for department in self.ground.departments:
            wanted = self.ground.population(department) // _INHABITANTS_A_SITE["FT"]
            for town in self._towns(department, max(1, min(15, wanted))):
                self._open(body, town, department)

    def _apec(self) -> None:
        body = self._body("APEC", "Apec", "apec", contact_weight=2)
        for department in self.ground.departments:
            self._open(body, self._towns(department, 1)[0], department)

    def _cap_emploi(self) -> None:
        """One a département; the smallest are served by a neighbour of their Region."""
        by_region = self.ground.departments_of(BEGINNING)
        peopled = sorted(self.ground.departments, key=self.ground.population)
        served = [d for d in peopled if len(by_region[self.ground.region(d, BEGINNING)]) > 1]
        without = served[: len(peopled) - CAP_EMPLOI_WANTED]
        bodies = {}
        for department in self.ground.departments:
            if department not in without:
                name = f"Cap emploi {self.ground.departments[department]}"
                bodies[department] = self._body("CAP", name, "cap_emploi", contact_weight=0.01)
                self._open(bodies[department], self._towns(department, 1)[0], department)
        for department in without:
            neighbours = by_region[self.ground.region(department, BEGINNING)]
            host = next(d for d in reversed(neighbours) if d in bodies)
            self._open(bodies[host], self._towns(department, 1)[0], department)

    def _missions_locales(self) -> None:
        """As many as in 2015, to scale: at least two in each Region that had several."""
        rows = read_rows(MISSIONS_LOCALES)
        scale = MISSIONS_LOCALES_WANTED / sum(int(row["missions_locales"]) for row in rows)
        by_region = self.ground.departments_of(BEGINNING)
        for row in rows:
            real, departments = int(row["missions_locales"]), by_region[row["region_2015"]]
            wanted = max(round(real * scale), min(2, real), len(departments))
            for department, here in self._share_out(departments, wanted):
                self._missions_locales_in(department, here)

    def _share_out(self, departments: list[str], wanted: int) -> Iterator[tuple[str, int]]:
        """At least one each, the others where most people are for one structure."""
        counts = dict.fromkeys(departments, 1)
        for _ in range(wanted - len(departments)):
            least = max(departments, key=lambda d: self.ground.population(d) / counts[d])
            counts[least] += 1
        yield from counts.items()

    def _missions_locales_in(self, department: str, wanted: int) -> None:
        for seat in self._towns(department, wanted):
            body = self._body(
                "ML", f"Mission locale {of_town(seat.name)}", "mission_locale", contact_weight=0.03
            )
            others = self._towns(department, 3)[1:]
            for town in [seat, *others][: self._chance.choice((1, 2, 2, 3))]:
                self._open(body, town, department)

    def _opacif(self) -> None:
        for region, departments in self.ground.departments_of(BEGINNING).items():
            body = self._body(
                "OPACIF",
                f"Fongecif {self.ground.region_names[region]}",
                "opacif",
                ends_on=REGIONAL_OPERATORS_FROM,
            )
            for department in departments:
                self._open(body, self._towns(department, 1)[0], department)

    def _regional_operators(self) -> None:
        for region, departments in self.ground.departments_of(REGIONAL_OPERATORS_FROM).items():
            body = self._body(
                "OPR",
                f"Mon conseil en évolution professionnelle {self.ground.region_names[region]}",
                "regional_operator",
                starts_on=REGIONAL_OPERATORS_FROM,
            )
            for department in departments:
                wanted = 1 + self.ground.population(department) // _INHABITANTS_A_SITE["OPR"]
                for town in self._towns(department, wanted):
                    self._open(body, town, department)

    # ── Networks that receive and do not follow ──────────────────────────────────────────────

    def _other_networks(self) -> None:
        peopled = sorted(self.ground.departments, key=lambda d: -self.ground.population(d))
        for row in read_rows(DATA / "networks.csv"):
            wanted = int(row["structures"])
            for rank in range(wanted):
                department = peopled[rank % len(peopled)]
                town = self._towns(department, 1 + rank // len(peopled))[-1]
                name = row["name"].format(
                    commune=town.name,
                    of_commune=of_town(town.name),
                    department=self.ground.departments[department],
                )
                body = self._body(
                    row["network"],
                    name,
                    status=SproMembership.Status(row["status"]),
                    contact_weight=float(row["weight"]) / wanted,
                )
                self._open(body, town, department)


def region_factors(ground: Ground, seed: int, today: date) -> dict[str, float]:
    """How much a Region's people come, beside its population: between half and one and a half."""
    drawn: Random = chance.source(seed, "regions")
    regions = sorted({ground.region(d, today) for d in ground.departments})
    factors = {region: 0.55 + drawn.random() for region in regions}
    return {d: factors[ground.region(d, today)] for d in ground.departments}
