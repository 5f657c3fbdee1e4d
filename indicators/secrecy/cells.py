"""Figures as the labels of counts, and the statuses that are decided back into cells. SQL here."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from indicators.computation import Borders, borders_of
from indicators.definitions import TOTAL, Indicator, base_in_force
from indicators.regional.composition import BASE
from indicators.secrecy.published import ADDRESS, Published
from indicators.secrecy.relations import STOCK, Key, Label
from operators.models import Reason
from sprocep.periods import Period, quarter_of
from sprocep.tenancy import NATION

EXTENTS = """
CREATE TEMP TABLE extent (
  territory text, borders text, region_id text, edition_id bigint, number int
) ON COMMIT DROP
"""

# Returns of the cell's Regions: all of them, and by category of operator.
RETURNS = """
CREATE TEMP TABLE returns ON COMMIT DROP AS
SELECT e.territory, e.borders, coalesce(o.category_id, 'total') AS operator,
       count(*) AS expected, count(r.received_at) AS received
  FROM extent e
  JOIN indicators_expectedreturn r ON r.region_id = e.region_id AND r.period = ANY (%(quarters)s)
  JOIN operators_operator o ON o.structure_id = r.structure_id AND o.valid @> %(last_day)s::date
 GROUP BY GROUPING SETS ((e.territory, e.borders), (e.territory, e.borders, o.category_id))
"""

# The primary rule: 1 to k - 1 units are secret; for special breakdowns nought is too, unless there
# is nobody at all. Means and quantiles are decided when counts are.
JUDGED = """
CREATE TEMP TABLE judged ON COMMIT DROP AS
SELECT f.id, e.edition_id,
       coalesce(round(100.0 * r.received / nullif(r.expected, 0), 1), 0) AS completeness,
       CASE
         WHEN f.operator <> 'total' AND r.expected IS NULL AND f.units = 0 THEN 'not_applicable'
         WHEN r.expected > 0 AND r.received = 0 THEN 'missing'
         WHEN f.value IS NULL THEN 'not_applicable'
         WHEN f.units BETWEEN 1 AND t.k - 1 THEN 'secret'
         WHEN f.units = 0 AND f.is_special AND f.everybody > 0 THEN 'secret'
         ELSE 'published'
       END AS status, f.is_special
  FROM (SELECT DISTINCT territory, borders, edition_id, number FROM extent) e
  JOIN (SELECT id, territory, borders, number, operator, value, units,
               breakdown = ANY (%(special_breakdowns)s)
                 OR (breakdown = 'reason' AND category = ANY (%(health_reasons)s)) AS is_special,
               max(units) FILTER (WHERE breakdown = 'total') OVER (
                 PARTITION BY territory, borders, number, indicator, population, department,
                              operator, level) AS everybody
          FROM indicators_figure WHERE period = %(period)s) f
    ON f.territory = e.territory AND f.borders = e.borders AND f.number = e.number
  CROSS JOIN (SELECT %(k)s AS k) t
  LEFT JOIN returns r
    ON r.territory = f.territory AND r.borders = f.borders AND r.operator = f.operator
"""

FIGURES = f"""
SELECT {", ".join(f"f.{column}" for column in ADDRESS)}, f.value, f.units, j.status, j.is_special,
       f.number, f.unit, f.is_dominated, j.id
  FROM judged j JOIN indicators_figure f USING (id)
"""

RAW = f"""
SELECT period, number, {", ".join(ADDRESS)}, value, units FROM indicators_figure
 WHERE (period, indicator, breakdown) IN (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]))
"""

# What editions under review showed when their figures were counted again.
SHOWN = f"""
SELECT s.period, s.number, {", ".join(f"s.{column}" for column in ADDRESS)}, s.value, s.units,
       s.status
  FROM indicators_shownfigure s
  JOIN indicators_edition e
    ON e.period = s.period AND e.number = s.number
   AND e.territory = CASE s.borders WHEN 'date' THEN s.territory ELSE '{NATION}' END
 WHERE e.id = ANY (%s) AND e.state = 'under_review'
"""

FORGET_SHOWN = f"""
DELETE FROM indicators_shownfigure s USING indicators_edition e
 WHERE e.id = ANY (%s) AND e.period = s.period AND e.number = s.number
   AND e.territory = CASE s.borders WHEN 'date' THEN s.territory ELSE '{NATION}' END
"""

CELLS = f"""
INSERT INTO indicators_editioncell
  (edition_id, {", ".join(ADDRESS)}, unit, completeness, status, value)
SELECT j.edition_id, {", ".join(f"f.{column}" for column in ADDRESS)}, f.unit, j.completeness,
       coalesce(d.status, j.status),
       CASE WHEN coalesce(d.status, j.status) = 'published' THEN f.value END
  FROM judged j JOIN indicators_figure f USING (id) LEFT JOIN decided d USING (id)
"""


class Figure(NamedTuple):
    territory: str
    borders: str
    indicator: str
    population: str
    department: str
    operator: str
    level: str
    breakdown: str
    category: str
    value: Decimal | None
    units: int
    status: str
    is_special: bool
    number: int
    unit: str
    is_dominated: bool
    id: int


def erase(cursor, editions: list[int]) -> None:
    """In SQL: Django would look for contestations of drafts, which the compilation may not read."""
    cursor.execute("DELETE FROM indicators_editioncell WHERE edition_id = ANY (%s)", [editions])


def threshold(cursor, period: Period) -> int:
    cursor.execute(
        "SELECT k FROM indicators_secrecythreshold WHERE starts_on <= %s "
        "ORDER BY starts_on DESC LIMIT 1",
        [period.last_day],
    )
    return cursor.fetchone()[0]


def judge(cursor, period: Period, k: int, editions: dict[str, tuple[int, int]]) -> list[Figure]:
    """Figures of these editions (territory: id and number) under the primary rule, in the order of
    their addresses."""
    _lay_extents(cursor, period, editions)
    parameters = _parameters(period) | {"k": k}
    cursor.execute(RETURNS, parameters)
    cursor.execute("ANALYZE extent, returns")  # else each figure is held against every return
    cursor.execute(JUDGED, parameters)
    cursor.execute("CREATE INDEX ON judged (id)")
    cursor.execute("ANALYZE judged")
    cursor.execute(FIGURES)
    return sorted(Figure._make(row) for row in cursor.fetchall())


def leave_out(cursor, figures: Iterable[int]) -> None:
    """These have no cell."""
    cursor.execute("DELETE FROM judged WHERE id = ANY (%s)", [sorted(figures)])


def write(cursor, decided: Iterable[tuple[int, str]]) -> None:
    """All cells of the judged figures; `decided`: id and status of those that are not as judged."""
    cursor.execute("CREATE TEMP TABLE decided (id bigint, status text) ON COMMIT DROP")
    with cursor.copy("COPY decided FROM STDIN") as copy:
        for row in decided:
            copy.write_row(row)
    cursor.execute("ANALYZE decided")
    cursor.execute(CELLS)
    cursor.execute("DROP TABLE extent, returns, judged, decided")


def _lay_extents(cursor, period: Period, editions: dict[str, tuple[int, int]]) -> None:
    """The Regions of the date behind each territory; constant borders go with the nation."""
    now = borders_of(period, Borders.DATE)
    region_of = {department: code for code, members in now.items() for department in members}
    rows = [(code, "date", code, *editions[code]) for code in now if code in editions]
    if NATION in editions:
        nation = editions[NATION]
        rows += [(NATION, "date", code, *nation) for code in now]
        for borders in (Borders.OF_2015, Borders.OF_2016):
            for territory, members in borders_of(period, borders).items():
                behind = {region_of[department] for department in members}
                rows += [(territory, borders.value, code, *nation) for code in sorted(behind)]
    cursor.execute(EXTENTS)
    cursor.executemany("INSERT INTO extent VALUES (%s, %s, %s, %s, %s)", rows)


def _parameters(period: Period) -> dict:
    return {
        "period": period.code,
        "last_day": period.last_day,
        "quarters": sorted({quarter_of(month.starts).code for month in period.months}),
        "special_breakdowns": sorted(_special_breakdowns(period)),
        "health_reasons": sorted(_health_reasons()),
    }


def _special_breakdowns(period: Period) -> set[str]:
    return {b.name for i in base_in_force(period) for b in i.breakdowns if b.is_special}


def _health_reasons() -> set[str]:
    return set(Reason.objects.filter(is_health=True).values_list("code", flat=True))


def is_composed_count(code: str, codes: frozenset[str]) -> bool:
    """A share, a mean or a median stands with the counts behind it (`.base`, `.part`)."""
    return f"{code}.{BASE}" not in codes


class Addresses:
    """From the address of a figure to what it counts."""

    def __init__(self):
        self.ranks: dict[frozenset, int] = {}
        self._base: dict[str, dict[str, Indicator]] = {}
        self._extents: dict[str, dict[tuple[str, str], frozenset]] = {}
        self._periods: dict[str, Period] = {}
        self._special: dict[str, set[str]] = {}
        self._health = _health_reasons()
        self.composed: frozenset[str] = frozenset()  # codes of all that is no national base

    @property
    def places(self) -> list[frozenset]:
        return list(self.ranks)

    def key(self, period: str, cell: tuple) -> Key | None:
        """Of a cell that begins with `ADDRESS`; None when it is no count."""
        territory, borders, code, population, department, operator, level, breakdown, category = (
            cell[:9]
        )
        span = self._period(period)
        indicator = self._indicators(period).get(code)
        if indicator is None:  # composed by a Region: a population of its own
            if not is_composed_count(code, self.composed):
                return None
            population, source = f"{population} {code}", breakdown
        elif not indicator.is_count:
            return None
        elif breakdown == TOTAL:
            source = indicator.measure or TOTAL
        elif breakdown == "month":
            source, category, span = TOTAL, TOTAL, self._period(category)
        else:
            source = indicator.sources.get(breakdown, breakdown)
        starts, ends = span.starts, span.ends
        if population == STOCK:
            starts = ends = span.last_day
        place = self._place(period, territory, borders, department)
        return Key(population, source, category, place, operator, level, starts, ends)

    def is_special(self, period: str, breakdown: str, category: str) -> bool:
        if period not in self._special:
            self._special[period] = _special_breakdowns(self._period(period))
        return breakdown in self._special[period] or (
            breakdown == "reason" and category in self._health
        )

    def _period(self, code: str) -> Period:
        if code not in self._periods:
            self._periods[code] = Period.parse(code)
        return self._periods[code]

    def _indicators(self, period: str) -> dict[str, Indicator]:
        if period not in self._base:
            self._base[period] = {i.code: i for i in base_in_force(self._period(period))}
        return self._base[period]

    def _place(self, period: str, territory: str, borders: str, department: str) -> int:
        if department != TOTAL:
            members = frozenset((department,))
        else:
            if period not in self._extents:
                self._extents[period] = dict(_places(self._period(period)))
            members = self._extents[period][territory, borders]
        return self.ranks.setdefault(members, len(self.ranks))


def _places(period: Period) -> Iterator[tuple[tuple[str, str], frozenset]]:
    for borders in Borders:
        for code, members in borders_of(period, borders).items():
            yield (code, borders.value), frozenset(members)
    now = borders_of(period, Borders.DATE).values()
    yield (NATION, Borders.DATE.value), frozenset(d for members in now for d in members)


def labels_of(
    period: Period, figures: list[Figure], addresses: Addresses
) -> tuple[list[Label], list[int]]:
    """Labels of the counts among these figures, and where each stands among them."""
    addresses.composed = frozenset(figure.indicator for figure in figures)
    labels, ranks = [], []
    for rank, figure in enumerate(figures):
        key = addresses.key(period.code, figure)
        if key is not None:
            labels.append(
                Label(key, int(figure.value), figure.units, figure.status, False, figure.is_special)
            )
            ranks.append(rank)
    return labels, ranks


def fixed_labels(cursor, published: Published, addresses: Addresses) -> list[Label]:
    """What is out: its values where they are public, else the raw figures behind it."""
    if not published.cells:
        return []
    raw = _figures_behind(cursor, published)
    labels = []
    for period, number, *address, status, value in sorted(published.cells, key=lambda c: c[:11]):
        key = addresses.key(period, address)
        if key is None:
            continue
        behind, units = raw.get((period, number, *address), (None, 0))
        value = behind if value is None else value
        if status == "not_applicable":
            value = 0
        if value is not None:
            is_special = addresses.is_special(period, *address[7:9])
            labels.append(Label(key, int(value), units, status, True, is_special))
    return labels


def _figures_behind(cursor, published: Published) -> dict[tuple, tuple]:
    """Value and units by address: of the tables that are out alone, since of quarters further away
    only those of the flows are."""
    tables = sorted({(cell[0], cell[4], cell[9]) for cell in published.cells})
    cursor.execute(RAW, [list(column) for column in zip(*tables, strict=True)])
    return {row[:11]: row[11:] for row in cursor.fetchall()}


def shown_labels(cursor, editions: list[int], addresses: Addresses) -> list[Label]:
    """What these editions show as they are compiled again, where a Region has read it."""
    cursor.execute(SHOWN, [editions])
    labels = []
    for period, _, *address, value, units, status in sorted(cursor.fetchall(), key=_by_address):
        key = addresses.key(period, address)
        if key is not None and value is not None:
            is_special = addresses.is_special(period, *address[7:9])
            labels.append(Label(key, int(value), units, status, True, is_special))
    return labels


def _by_address(row: tuple) -> tuple:
    return row[:11]


def forget_shown(cursor, editions: list[int]) -> None:
    """Their cells are those of the present figures."""
    cursor.execute(FORGET_SHOWN, [editions])


def least_units(period: Period) -> dict[str, int]:
    return {i.code: i.least_units for i in base_in_force(period)}
