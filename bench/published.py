"""Periods compiled, sealed and exported as they really are, in this process: what is attacked.

The steps are those of a worker and of the DGEFP, without their waiting; papers and workbooks, which
hold the same values, are left out.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connections

from indicators import actions
from indicators.computation import Borders, borders_of
from indicators.exports.blocks import Block, constant_block, own_block
from indicators.exports.files import block_file
from indicators.exports.rows import COLUMNS
from indicators.models import Edition, Work
from indicators.worklist import nation
from regions.models import User
from sprocep.periods import Period

OWNER = "owner"
RAW = """
COPY (
  SELECT f.period || '/' || f.territory || '/' ||
         CASE WHEN f.borders = 'date' THEN f.number::text ELSE 'b' || f.borders END,
         f.period, f.territory, f.indicator, f.population, f.department, f.operator, f.level,
         f.breakdown, f.category, coalesce(f.value::text, ''), f.unit, 'published', '100.0', f.units
    FROM indicators_figure f
   ORDER BY f.number
) TO STDOUT WITH (FORMAT csv)
"""
# Journeys that were left open by mistake: exits recorded after the seal.
CLOSE_LATE = """
UPDATE beneficiaries_journey late
   SET closed_on = %(day)s, closed_region_id = region_id, closed_department_id = department_id,
       outcome_id = like_it.outcome_id, exit_situation_id = like_it.exit_situation_id
  FROM (SELECT outcome_id, exit_situation_id FROM beneficiaries_journey
         WHERE closed_on IS NOT NULL LIMIT 1) like_it
 WHERE late.id IN (
   SELECT j.id FROM beneficiaries_journey j
    WHERE j.region_id = %(region)s AND j.closed_on IS NULL AND j.opened_on < %(day)s
      AND NOT EXISTS (SELECT 1 FROM beneficiaries_session s
                       WHERE s.journey_id = j.id AND s.held_on >= %(day)s)
    ORDER BY j.id LIMIT %(count)s)
"""


def compile_period(period: Period) -> float:
    """Compute and protect; the seconds that the protection took."""
    with nation():
        compilation = actions.request_compilation(by=None, period=period)
    return carry_out(compilation.pk)


def carry_out(compilation: int) -> float:
    """The units of a compilation, in their order; the seconds of the last, which protects."""
    seconds = 0.0
    for work in _units(compilation):
        began = time.perf_counter()
        actions.carry_out(work=work)
        seconds = time.perf_counter() - began
        with nation():
            Work.objects.filter(pk=work.pk).update(state=Work.State.DONE)
    return seconds


def _units(compilation: int) -> Iterator[Work]:
    with nation(read_only=True):
        return iter(list(Work.objects.filter(compilation=compilation).order_by("step", "pk")))


def seal_period(period: Period, by: User) -> list[Edition]:
    """All editions of a period that are not sealed yet."""
    with nation():
        actions.validate_period(by=by, period=period)
        editions = Edition.objects.filter(period=period.code, sealed_at__isnull=True)
        return [actions.seal_edition(by=by, edition=e) for e in editions.order_by("territory")]


def correct(period: Period, region: str, count: int, by: User) -> float:
    """Exits recorded late, then the erratum of a Region, computed and sealed; as above."""
    day = period.last_day
    with connections[OWNER].cursor() as cursor:
        cursor.execute(CLOSE_LATE, {"day": day, "region": region, "count": count})
        if cursor.rowcount != count:
            raise RuntimeError(f"{cursor.rowcount} journeys closed of {count}")
    with nation():
        actions.open_erratum(by=by, period=period, territories=[region], cause="Sorties tardives")
        asked = Work.objects.filter(period=period.code, compilation__isnull=False)
        compilation = asked.order_by("compilation_id").last().compilation_id
    seconds = carry_out(compilation)
    seal_period(period, by)
    return seconds


def export(period: Period, folder: Path) -> list[Path]:
    """The CSV of every sealed edition of a period, and of the constant borders."""
    with nation(read_only=True):
        editions = Edition.objects.filter(period=period.code, sealed_at__isnull=False)
        blocks = [own_block(edition) for edition in editions]
        for borders in (Borders.OF_2015, Borders.OF_2016):
            for code in sorted(borders_of(period, borders)):
                if block := constant_block(period, code, borders.value):
                    blocks.append(block)
        return [_written(block, folder) for block in blocks]


def _written(block: Block, folder: Path) -> Path:
    path = folder / f"{block.code.replace('/', '-')}.csv"
    path.write_bytes(block_file(block, "csv"))
    return path


def raw_figures(path: Path) -> Path:
    """What nobody outside has: all figures, with the units behind them. As owner."""
    with path.open("wb") as file, connections[OWNER].cursor() as cursor:
        file.write((",".join((*COLUMNS, "units")) + "\n").encode())
        with cursor.copy(RAW) as copy:
            for chunk in copy:
                file.write(chunk)
    return path
