"""Parquet copies of the rows that the counting reads, made once and not timed."""

from pathlib import Path

import duckdb
from django.db import connections


def _given(answer: str) -> str:
    return (
        f"SELECT row_number() OVER () AS rank, given.key AS {answer}_id "
        f"FROM jsonb_each_text(c.{answer}) given, generate_series(1, given.value::int)"
    )


COLUMNS = {
    "journey": (
        "SELECT id, structure_id, department_id, category_id, beneficiary_id, requested_on, "
        "opened_on, closed_on, closed_department_id, outcome_id, exit_situation_id, "
        "main_reason_id, sex_id, age, education_level_id, situation_id, "
        "socio_professional_category_id, sector_id, contract_type_id, residence_area_id, boeth_id, "
        "arrival_id FROM beneficiaries_journey"
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
    # One row a contact, whose answers are not of one person: they are counted apart.
    "contact": (
        "SELECT c.structure_id, c.department_id, c.month AS held_on, channel_id, theme_id, "
        "result_id, t.network_id FROM beneficiaries_contacttally c "
        "JOIN regions_structure t ON t.id = c.structure_id CROSS JOIN LATERAL "
        f"({_given('channel')}) channels JOIN LATERAL ({_given('theme')}) themes USING (rank) "
        f"JOIN LATERAL ({_given('result')}) results USING (rank)"
    ),
    "document": "SELECT structure_id, journey_id FROM beneficiaries_synthesisdocument",
    "referral": (
        "SELECT r.id, r.structure_id, r.department_id, r.journey_id, r.state, r.sent_on, "
        "r.thread_number, r.decline_reason_id, s.network_id AS from_network, "
        "t.network_id AS to_network FROM beneficiaries_referral r "
        "JOIN regions_structure s ON s.id = r.structure_id "
        "JOIN regions_structure t ON t.id = r.receiver_id"
    ),
    "answer": (
        "SELECT referral_id, (at AT TIME ZONE 'Europe/Paris')::date AS given_on "
        "FROM beneficiaries_referralevent WHERE state IN ('accepted', 'declined')"
    ),
    "plan": (
        "SELECT id, structure_id, journey_id, department_id, closed_on "
        "FROM beneficiaries_financingplan"
    ),
    "cost": "SELECT plan_id, amount FROM beneficiaries_plancost WHERE NOT is_withdrawn",
    "funding": (
        "SELECT f.plan_id, r.funder_id, f.state, f.asked, f.granted, f.asked_on, f.decided_on "
        "FROM beneficiaries_planfunding f JOIN operators_fundingright r ON r.code = f.right_id "
        "WHERE NOT f.is_withdrawn"
    ),
    "age_band": "SELECT code, youngest FROM operators_ageband WHERE youngest IS NOT NULL",
    "place": "SELECT department_id, region_id, starts_on, ends_on FROM department_region",
}
# Everything else is text, even where it looks like a number: « 01 » is the Ain.
TYPES = {
    "BIGINT": "id structure_id beneficiary_id journey_id session_id referral_id plan_id",
    "SMALLINT": "year age rank youngest",
    "DATE": (
        "requested_on opened_on closed_on held_on starts_on ends_on sent_on given_on asked_on "
        "decided_on"
    ),
    "DECIMAL(12, 2)": "amount asked granted",
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
