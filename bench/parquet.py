"""Parquet copies of the rows that the counting reads, made once and not timed."""

from pathlib import Path

import duckdb
from django.db import connections

COLUMNS = {
    "journey": (
        "SELECT id, structure_id, department_id, category_id, beneficiary_id, requested_on, "
        "opened_on, closed_on, closed_department_id, outcome_id, exit_situation_id, "
        "main_reason_id, sex_id, age, education_level_id, situation_id, "
        "socio_professional_category_id, sector_id, contract_type_id, residence_area_id, boeth_id "
        "FROM beneficiaries_journey"
    ),
    "reason": "SELECT journey_id, reason_id FROM beneficiaries_journeyreason",
    "session": (
        "SELECT id, structure_id, journey_id, department_id, category_id, held_on, channel_id, "
        "level_id, rank FROM beneficiaries_session"
    ),
    "service": "SELECT session_id, service_id FROM beneficiaries_sessionservice",
    "follow_up": "SELECT journey_id, department_id, starts_on FROM beneficiaries_followup",
    "person_key": (
        "SELECT id, beneficiary_id, year, encode(key, 'hex') AS key FROM beneficiaries_personkey"
    ),
    "contact": (
        "SELECT c.structure_id, c.department_id, c.held_on, c.channel_id, c.theme_id, "
        "c.result_id, t.network_id FROM beneficiaries_contact c "
        "JOIN regions_structure t ON t.id = c.structure_id"
    ),
    "age_band": "SELECT code, youngest FROM operators_ageband WHERE youngest IS NOT NULL",
    "place": "SELECT department_id, region_id, starts_on, ends_on FROM department_region",
}
# Everything else is text, even where it looks like a number: « 01 » is the Ain.
TYPES = {
    "BIGINT": "id structure_id beneficiary_id journey_id session_id",
    "SMALLINT": "year age rank youngest",
    "DATE": "requested_on opened_on closed_on held_on starts_on ends_on",
}
_TYPE_OF = {column: kind for kind, columns in TYPES.items() for column in columns.split()}


def export(folder: Path) -> None:
    """One file a table: PostgreSQL writes CSV, DuckDB turns it into Parquet."""
    with connections["owner"].cursor() as cursor, duckdb.connect() as reference:
        for table, rows in COLUMNS.items():
            text = folder / f"{table}.csv"
            with (
                text.open("wb") as file,
                cursor.copy(f"COPY ({rows}) TO STDOUT (FORMAT csv)") as copy,
            ):
                for block in copy:
                    file.write(block)
            cursor.execute(f"SELECT * FROM ({rows}) AS sample LIMIT 0")
            columns = {c.name: _TYPE_OF.get(c.name, "VARCHAR") for c in cursor.description}
            reference.execute(
                f"COPY (SELECT * FROM read_csv('{text}', header = false, columns = {columns})) "
                f"TO '{folder / table}.parquet' (FORMAT parquet)"
            )
            text.unlink()
