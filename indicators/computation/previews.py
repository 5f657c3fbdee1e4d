"""Previews of a composition: counts of periods that are out already, blurred before anybody reads
them. Runs as `compiler`.

Each count goes up or down to a multiple of the threshold, at random, without bias, by a key made of
the units themselves: the same units always give the same number, whatever composition finds them,
so that asking again tells nothing more.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.conf import settings
from django.db import connections

from indicators.computation import facts
from indicators.computation.compute import count_facts, parameters_of
from indicators.computation.territory import Extent
from indicators.definitions import TOTAL
from indicators.regional.composition import Composition, Measure
from indicators.regional.statements import sketch
from sprocep import tenancy

# A share or a measure on fewer would be more noise than fact.
LEAST_BASE = 50


@dataclass(frozen=True)
class Line:
    """About how many, in one cell; `value` is the share in whole percent, or the whole measure."""

    operator: str
    level: str
    category: str
    about: int
    value: int | None


def preview(extent: Extent, composition: Composition, k: int) -> list[dict]:
    """Lines of the whole territory: total, by level, by operator, by category."""
    with (
        tenancy.scope(regions=extent.scope, using="compiler"),
        connections["compiler"].cursor() as cursor,
    ):
        count_facts(cursor, extent, facts.ALL)
        asked = sketch(composition, _seed())
        cursor.execute(asked.text, parameters_of(extent) | asked.parameters)
        found = sorted(cursor.fetchall(), key=lambda row: row[:3])
        cursor.execute(f"DROP TABLE counted, {', '.join(facts.TABLES)}")
    return [asdict(line) for line in _blurred(found, composition, k)]


def _seed() -> int:
    """Kept outside of the database: who reads rows cannot work out the keys."""
    digest = hashlib.sha256(b"preview" + settings.SECRET_KEY.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _blurred(rows: list[tuple], composition: Composition, k: int) -> Iterator[Line]:
    for operator, level, category, base, part, base_key, part_key, taken in rows:
        if operator != TOTAL and level != TOTAL:
            continue
        whole = blurred(base, base_key, k)
        value = None
        if whole >= LEAST_BASE:
            if composition.measure == Measure.SHARE:
                value = min(100, round(100 * blurred(part, part_key, k) / whole))
            elif taken is not None:
                value = int(Decimal(taken).to_integral_value())
        yield Line(operator, level, category, whole, value)


def blurred(count: int, key: int, k: int) -> int:
    """A neighbouring multiple of k, the nearer the likelier: right in the mean."""
    left = count % k
    return count - left + (k if key % k < left else 0)
