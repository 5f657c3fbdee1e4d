"""A composition as one statement over the facts of a territory: names from the vocabulary, codes as
parameters.

Each cell also counts what it leaves out. The units that stand behind a published count are the
fewest, but none, of those inside it and of those of its population outside: a reader who knows the
national cell of the same address would find the latter by difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indicators.regional.composition import BASE, PART, Composition, Filter, Measure
from indicators.regional.vocabulary import Population

_LEVEL = """coalesce((SELECT l.code FROM operators_servicelevel l
  WHERE l.rank = facts.rank AND l.valid @> %(last_day)s::date), 'total')"""
_RANKS = """(SELECT l.rank FROM operators_servicelevel l
    WHERE l.code = ANY ({codes}) AND l.valid @> %(last_day)s::date)"""

# Persons in each place apart: the whole, each département, each operator, each of one in the other.
# The profile is that of the journey opened last, the level the highest.
_PLACES = (
    ("'total'", "'total'", "person"),
    ("department", "'total'", "department, person"),
    ("'total'", "operator", "operator, person"),
    ("department", "operator", "department, operator, person"),
)
_CHOSEN = "\n  UNION ALL ".join(
    f"""(SELECT DISTINCT ON ({within}) {department} AS department, {operator} AS operator,
          journey_id, max(rank) OVER (PARTITION BY {within}) AS rank,
          count(*) OVER (PARTITION BY {within})::int AS sessions
     FROM seen ORDER BY {within}, opened_on DESC, journey_id)"""
    for department, operator, within in _PLACES
)


_TAKEN = {
    Measure.MEAN: "avg(subject)",
    Measure.MEDIAN: "percentile_cont(0.5) WITHIN GROUP (ORDER BY subject)",
}


@dataclass(frozen=True)
class Statement:
    text: str
    parameters: dict


def statement(composition: Composition) -> Statement:
    """Adds the counts of a composition to `counted`."""
    cells, parameters = _cells(composition, _aggregates(composition))
    suffix = f" {composition.breakdown}" if composition.breakdown else ""
    named = {"code": composition.code, "population": composition.population, "suffix": suffix}
    text = f"""INSERT INTO counted
{cells}, judged AS (
  SELECT cells.*, {_fewest(composition, "base", "outside")} AS behind_base,
         {_fewest(composition, "part", "rest", "base", "outside")} AS behind_part
    FROM cells
)
SELECT %(population)s, m.source || CASE WHEN category IS NULL THEN '' ELSE %(suffix)s END,
       coalesce(category, 'total'), coalesce(department, 'total'), coalesce(operator, 'total'),
       {_LEVEL}, m.value, m.units, m.contributors
  FROM judged facts CROSS JOIN LATERAL (VALUES {_rows(composition)})
    m(source, value, units, contributors)
"""
    return Statement(text, parameters | named)


def _cells(composition: Composition, aggregates: Mapping[str, str]) -> tuple[str, dict]:
    """`WITH … cells`: one row an address, with these aggregates of its units."""
    known = composition.counted
    parameters: dict[str, list[str]] = {}
    inside = _condition(known, composition.filters, "filter", parameters)
    part = _condition(known, composition.part, "part", parameters)
    category = known.columns[composition.breakdown] if composition.breakdown else "NULL"
    subject = composition.taken.column if composition.subject else "0"
    chosen = f"chosen AS ({_CHOSEN}),\n" if known.is_of_persons else ""
    groups = _groups(composition)
    counts = ", ".join(f"{expression} AS {name}" for name, expression in aggregates.items())
    return (
        f"""WITH {chosen}units AS (
  SELECT {known.department} AS department, {known.operator or "NULL::text"} AS operator,
         {known.rank or "NULL::smallint"} AS rank, {known.structure} AS structure_id,
         {known.person or "NULL::int"} AS person,
         {category} AS category, ({inside}) AND {subject} IS NOT NULL AS inside,
         ({part}) AS part, {subject} AS subject
    FROM {known.reading}
), cells AS (
  SELECT {_keys(groups)}, {counts}
    FROM units GROUP BY {groups}
)""",
        parameters,
    )


def _condition(
    known: Population, chosen: Iterable[Filter], prefix: str, parameters: dict[str, list[str]]
) -> str:
    """Every filter holds; a filter holds for any of its codes."""
    conditions = []
    for rank, (name, codes) in enumerate(chosen):
        key = f"{prefix}_{rank}"
        parameters[key] = list(codes)
        values = f"%({key})s::text[]"
        if name == "level":
            conditions.append(f"{known.rank} IN {_RANKS.format(codes=values)}")
        else:
            conditions.append(f"{known.columns[name]} = ANY ({values})")
    return " AND ".join(conditions) or "true"


def _aggregates(composition: Composition) -> dict[str, str]:
    counts = composition.measure == Measure.PERSONS
    stands = counts or composition.counted.stands_on_persons
    unit = "DISTINCT person" if counts else "*"
    behind = "DISTINCT person" if stands else "*"
    found = {
        "base": f"count({unit}) FILTER (WHERE inside)",
        "part": f"count({unit}) FILTER (WHERE inside AND part)",
        "base_behind": f"count({behind}) FILTER (WHERE inside)",
        "part_behind": f"count({behind}) FILTER (WHERE inside AND part)",
        "rest_behind": f"count({behind}) FILTER (WHERE inside AND NOT part)",
        # Of persons: those who are behind no unit inside.
        "outside_behind": (
            f"count({unit}) - count({unit}) FILTER (WHERE inside)"
            if counts
            else f"count({behind}) FILTER (WHERE NOT inside)"
        ),
        "structures": "count(DISTINCT structure_id) FILTER (WHERE inside)",
        "part_structures": "count(DISTINCT structure_id) FILTER (WHERE inside AND part)",
    }
    if composition.subject:
        found["taken"] = f"round(({_TAKEN[composition.measure]} FILTER (WHERE inside))::numeric, 1)"
    return found


def _keys(groups: str) -> str:
    """A column by which nothing is grouped says nothing of a cell."""
    columns = {"department": "text", "operator": "text", "rank": "smallint", "category": "text"}
    return ", ".join(
        name if name in groups else f"NULL::{kind} AS {name}" for name, kind in columns.items()
    )


def _groups(composition: Composition) -> str:
    """As the grid has them: one-way margins, départements in their whole alone."""
    known = composition.counted
    margins = ["", "rank"] if composition.by_level else [""]
    if known.is_of_persons:
        # Places are laid already; of an operator the level is not asked.
        sets = [_set(*inner) for inner in _with_category(composition, margins)]
        return f"department, operator, GROUPING SETS ({', '.join(sets)})"
    margins += ["operator"] if composition.by_operator else []
    sets = [_set(*inner) for inner in _with_category(composition, margins)]
    if composition.by_department:
        sets += [_set("department", margin) for margin in margins]
    return f"GROUPING SETS ({', '.join(sets)})"


def _with_category(composition: Composition, margins: list[str]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [(margin,) for margin in margins]
    if composition.breakdown:
        found += [("category", margin) for margin in margins]
    return found


def _set(*columns: str) -> str:
    return f"({', '.join(column for column in columns if column)})"


def _fewest(composition: Composition, *sides: str) -> str:
    """The fewest units, but none, on either side of what is published.

    A filter by reason that leaves nothing out says that no health reason was given: this nought is
    as small as a one, as in the national base.
    """
    values = [f"nullif({side}_behind, 0)" for side in sides]
    by_reason = any(name == "reason" for name, _ in (*composition.filters, *composition.part))
    if by_reason:
        values.append("CASE WHEN base_behind > 0 AND outside_behind = 0 THEN 1 END")
    return f"coalesce(least({', '.join(values)}), 0)"


def _rows(composition: Composition) -> str:
    """(source, value, units, contributors) of each code of the composition."""
    base = f"(%(code)s || '.{BASE}', base::numeric, behind_base, structures)"
    part = f"(%(code)s || '.{PART}', part::numeric, behind_part, part_structures)"
    match composition.measure:
        case Measure.SHARE:
            share = "round(100.0 * part / nullif(base, 0), 1)"
            return f"(%(code)s, {share}, behind_part, structures), {base}, {part}"
        case Measure.MEAN | Measure.MEDIAN:
            return f"(%(code)s, taken, behind_base, structures), {base}"
        case _:
            return "(%(code)s, base::numeric, behind_base, structures)"
