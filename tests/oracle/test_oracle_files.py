"""The files that the oracle reads and writes, and its independence of the product."""

import ast
import re
import sys
from decimal import Decimal
from pathlib import Path

from tests.oracle import rows as tables
from tests.oracle.__main__ import write
from tests.oracle.counting import Key
from tests.oracle.hand import Country


def a_row_of_each_kind() -> Country:
    country = Country()
    country.file(1, is_dated=True)
    country.file(2, is_dated=False)
    country.key(1, "0a1b")
    journey = country.journey(1, "13", "2016-01-05")
    country.reason(journey, "R2")
    country.session(journey, "13", "2016-01-05", "N2", "S1", "S2")
    country.contact(1, "13", "2016-01-05", "C1", "T1", "P1")
    return country


def test_each_statement_gives_the_fields_of_its_row():
    statements = tables.COPY | tables.COPY_FOR_TRUTH
    rows = tables.ROWS | {tables.BENEFICIARY_TABLE: tables.Beneficiary}
    assert statements.keys() == rows.keys()
    for table, statement in statements.items():
        columns = re.sub(r"\(key, 'hex'\)", "", re.search("SELECT (.*) FROM", statement)[1])
        names = tuple(column.split()[-1] for column in columns.split(","))
        assert names == rows[table]._fields


def test_tables_come_back_from_their_files(tmp_path: Path):
    country = a_row_of_each_kind()
    country.journey(6, "13", "2016-01-05", "2016-02-05", requested="2016-01-01", age=None)
    for table, written in country.tables.items():
        row = tables.ROWS.get(table, tables.Beneficiary)
        lines = [",".join(row._fields)]
        lines += [",".join(map(_as_postgresql_writes, one)) for one in written]
        (tmp_path / f"{table}.csv").write_text("\n".join(lines) + "\n")
    assert tables.load(tmp_path, with_beneficiaries=True).tables == country.tables


def _as_postgresql_writes(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def test_the_output_is_sorted_and_has_one_decimal(tmp_path: Path):
    key = Key("93", "E1.mean", "journeys_closed", "total", "total", "total", "total", "total")
    cells = {key: Decimal(3), key._replace(level="N1"): None, key._replace(territory="11"): 0}
    write(cells, tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_text().splitlines() == [
        "territory,indicator,population,department,operator,level,breakdown,category,value",
        "11,E1.mean,journeys_closed,total,total,total,total,total,0.0",
        "93,E1.mean,journeys_closed,total,total,N1,total,total,",
        "93,E1.mean,journeys_closed,total,total,total,total,total,3.0",
    ]


def test_the_oracle_knows_nothing_of_the_product():
    for path in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module]
            else:
                continue
            for module in modules:
                is_ours = module == "tests.oracle" or module.startswith("tests.oracle.")
                assert is_ours or module.split(".")[0] in sys.stdlib_module_names, (path, module)
