"""A very small country to count by hand: four départements, few codes, and rows with defaults.

Aquitaine (72: 33) and Limousin (74: 87) become Nouvelle-Aquitaine (75) on 2016-01-01; Île-de-France
(11: 75) and Provence (93: 13) stay.
"""

from datetime import date, datetime, time
from decimal import Decimal
from itertools import count

from tests.oracle import rows as tables
from tests.oracle.counting import Cells, Key

ALWAYS = (date(2014, 1, 1), None)
MERGER = date(2016, 1, 1)
BEFORE = (date(2014, 1, 1), MERGER)
AFTER = (MERGER, None)

CODES = {
    "operators_service": "S1 S2",
    "operators_reason": "R1 R2 R3",
    "operators_channel": "C1 C2",
    "operators_outcome": "O1 O2",
    "operators_situation": "S1 S2 NR",
    "operators_sex": "F H NR",
    "operators_boeth": "O N NR",
    "operators_educationlevel": "4 5 NR",
    "operators_socioprofessionalcategory": "5 6 NR",
    "operators_sector": "A B NR",
    "operators_contracttype": "K01 K99",
    "operators_residencearea": "R U NR",
    "operators_arrival": "V1 V3 NR",
    "operators_theme": "T1 T2",
    "operators_steeringresult": "P1 P2",
    "operators_declinereason": "D1 D2",
    "operators_funder": "CPF REG",
}
LEVELS = {"N1": 1, "N2": 2, "N3": 3}


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def reference_tables() -> dict[str, list]:
    country = [
        ("33", "72", *BEFORE), ("33", "75", *AFTER),
        ("87", "74", *BEFORE), ("87", "75", *AFTER),
        ("75", "11", *ALWAYS), ("13", "93", *ALWAYS),
    ]  # fmt: skip
    regions = [("72", *BEFORE), ("74", *BEFORE), ("75", *AFTER), ("11", *ALWAYS), ("93", *ALWAYS)]
    categories = [
        ("mission_locale", *ALWAYS),
        ("apec", *ALWAYS),
        ("opacif", date(2014, 1, 1), date(2020, 1, 1)),
        ("regional_operator", date(2020, 1, 1), None),
    ]
    bands = [("A1", 0), ("A2", 26), ("A5", 55), ("NR", None)]
    return {
        "department_region": [tables.DepartmentRegion(*row) for row in country],
        "regions_region": [tables.Code(*row) for row in regions],
        "regions_network": [tables.Network("ML", ALWAYS[0]), tables.Network("CIO", ALWAYS[0])],
        "regions_structure": [tables.Structure(1, "ML"), tables.Structure(2, "CIO")],
        "operators_operatorcategory": [tables.Code(*row) for row in categories],
        "operators_servicelevel": [tables.Level(*level, *ALWAYS) for level in LEVELS.items()],
        "operators_ageband": [tables.AgeBand(*band, *ALWAYS) for band in bands],
        **{
            table: [tables.Code(code, *ALWAYS) for code in codes.split()]
            for table, codes in CODES.items()
        },
    }


class Country:
    """Adds rows one by one; ids count from 1, so the order of writing is that of the ids."""

    def __init__(self):
        facts = {table: [] for table in tables.ROWS if table.startswith("beneficiaries_")}
        self.tables = reference_tables() | facts | {tables.BENEFICIARY_TABLE: []}
        self.ids = {table: count(1) for table in self.tables}

    @property
    def rows(self) -> tables.Rows:
        return tables.Rows(self.tables)

    def _add(self, table: str, row) -> None:
        self.tables[f"beneficiaries_{table}"].append(row)

    def _id(self, table: str) -> int:
        return next(self.ids[f"beneficiaries_{table}"])

    def key(self, beneficiary: int, key: str, year: int = 2016) -> None:
        self._add("personkey", tables.PersonKey(self._id("personkey"), beneficiary, year, key))

    def file(self, beneficiary: int, *, is_dated: bool) -> None:
        self._add("beneficiary", tables.Beneficiary(beneficiary, is_dated))

    def journey(
        self, beneficiary: int, department: str, opened: str, closed: str | None = None, **others
    ) -> int:
        """Closed where it was opened, followed there all along, unless told otherwise."""
        written = {
            "id": self._id("journey"),
            "beneficiary": beneficiary,
            "department": department,
            "category": "mission_locale",
            "requested_on": None,
            "opened_on": day(opened),
            "closed_on": day(closed),
            "closed_department": department if closed else None,
            "outcome": "O1" if closed else None,
            "exit_situation": "NR" if closed else None,
            "main_reason": "R1",
            "sex": "F",
            "age": 30,
            "education_level": "NR",
            "situation": "NR",
            "socio_professional_category": "NR",
            "boeth": "NR",
            "sector": "NR",
            "contract_type": "K99",
            "residence_area": "NR",
            "arrival": "NR",
        }
        requested = day(others.pop("requested", None))
        journey = tables.Journey(**written | {"requested_on": requested} | others)
        self._add("journey", journey)
        self.follow_up(journey.id, department, opened)
        return journey.id

    def follow_up(self, journey: int, department: str, starts: str) -> None:
        self._add("followup", tables.FollowUp(journey, department, day(starts)))

    def reason(self, journey: int, reason: str) -> None:
        self._add("journeyreason", tables.JourneyReason(journey, reason))

    def session(
        self, journey: int, department: str, held: str, level: str = "N1", *services: str,
        category: str = "mission_locale", channel: str = "C1",
    ) -> None:  # fmt: skip
        number = self._id("session")
        written = (number, journey, department, category, day(held), channel, level, LEVELS[level])
        self._add("session", tables.Session(*written))
        for service in services:
            mobilised = tables.SessionService(self._id("sessionservice"), number, service)
            self._add("sessionservice", mobilised)

    def contact(
        self, structure: int, department: str, held: str, channel: str, theme: str, result: str
    ) -> None:
        answers = (f'{{"{code}": 1}}' for code in (channel, theme, result, "NR"))
        row = (structure, department, day(held).replace(day=1), *answers)
        self._add("contacttally", tables.ContactTally(*row))

    def fiche(
        self, sender: int, receiver: int, department: str, sent: str, *moves: tuple[str, str],
        declined: str | None = None, journey: int | None = None,
    ) -> None:  # fmt: skip
        """`moves`: (state, day) after the sending; the last is what it is now."""
        number, moves = self._id("referral"), (("sent", sent), *moves)
        row = (number, sender, receiver, journey, department, day(sent), moves[-1][0], declined)
        self._add("referral", tables.Referral(*row))
        for state, at in moves:
            event = (self._id("referralevent"), number, state, datetime.combine(day(at), time(9)))
            self._add("referralevent", tables.ReferralEvent(*event))

    def document(self, journey: int) -> None:
        row = tables.Document(self._id("synthesisdocument"), journey)
        self._add("synthesisdocument", row)

    def plan(
        self, journey: int, department: str, closed: str | None, cost: int, *asked: tuple
    ) -> None:
        """`asked`: (funder, asked, granted, day asked, day decided or None)."""
        number = self._id("financingplan")
        self._add("financingplan", tables.Plan(number, journey, department, day(closed)))
        self._add("plancost", tables.Cost(self._id("plancost"), number, Decimal(cost)))
        for funder, amount, granted, on, decided in asked:
            state = "asked" if decided is None else "granted" if granted else "refused"
            row = (self._id("planfunding"), number, funder, state, Decimal(amount))
            funding = tables.Funding(*row, Decimal(granted), day(on), day(decided))
            self._add("planfunding", funding)


def figures(cells: Cells, territory: str, indicator: str, **cell) -> dict:
    """The non-zero cells of an indicator, by what distinguishes them: `cell` is the fixed part,
    `total` where nothing is said; `by=` names the field that varies."""
    by = cell.pop("by")
    fixed = {
        "territory": territory, "indicator": indicator, "department": "total",
        "operator": "total", "level": "total", "breakdown": "total", "category": "total",
    } | cell  # fmt: skip
    fixed.pop(by)
    return {
        getattr(key, by): value
        for key, value in cells.items()
        if all(getattr(key, field) == wanted for field, wanted in fixed.items()) and value
    }


def figure(cells: Cells, territory: str, indicator: str, **cell):
    """One cell, `total` where nothing is said; the population may be left out when there is one."""
    population = cell.pop("population", None)
    wanted = {
        "department": "total", "operator": "total", "level": "total",
        "breakdown": "total", "category": "total",
    } | cell  # fmt: skip
    found = [
        value
        for key, value in cells.items()
        if key == Key(territory, indicator, population or key.population, **wanted)
    ]
    (value,) = found
    return value
