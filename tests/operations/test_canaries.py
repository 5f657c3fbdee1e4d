"""Persons of a day are nowhere but in the files of who follows them.

The day of `day.py` is lived once; then everything that the product wrote or said is looked through.
"""

from pathlib import Path

import pytest
from django.db import connections

from indicators.exports.formats import FORMATS
from indicators.worklist import nation
from regions.queries import national_regions
from sprocep import tenancy
from tests.beneficiaries.test_page_costs import FIRST_VISIT, NEXT_VISIT
from tests.isolation.test_compiler import DECLARED
from tests.operations.day import SEALED
from tests.operations.people import CANARIES, found_in, found_under

NOBODY: dict = {}
# Where they belong: columns that are declared to identify (docs/architecture.md).
NOMINAL = {
    f"{model._meta.db_table}.{column}"
    for model, columns in DECLARED.items()
    for column in columns.identifying.split()
}
# Whatever is no number, truth or instant may hold a text: dates, texts, bytes, lists, documents.
COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = 'public' AND data_type !~ 'int|numeric|double|boolean|timestamp'
       AND has_column_privilege(table_name::regclass, column_name, 'SELECT')
"""


def columns_with_somebody(alias: str) -> tuple[dict[str, set], int]:
    """Of each column with a canary in it, whose; and how many columns were read."""
    with connections[alias].cursor() as cursor:
        cursor.execute(COLUMNS)
        columns = cursor.fetchall()
        found = {}
        for table, column in columns:
            cursor.execute(f'SELECT string_agg(DISTINCT "{column}"::text, chr(10)) FROM "{table}"')
            if persons := found_in(cursor.fetchone()[0] or ""):
                found[f"{table}.{column}"] = set(persons)
    return found, len(columns)


# ── The scan sees ────────────────────────────────────────────────────────────────────────────


def test_all_are_on_the_pages_of_who_follows_them(lived):
    seen = {}
    for answer in lived.day.nominal:
        for canary, fields in found_in(answer.content).items():
            seen.setdefault(canary, set()).update(fields)
    assert set(seen) == set(CANARIES)
    # The birth date is written in letters on a page; a list shows no more than the name.
    assert all({"last_name", "first_name"} <= fields for fields in seen.values())
    assert {"email", "phone", "note", "birth_name"} <= seen[CANARIES[0]]


def test_a_fiche_says_who_she_is_to_who_receives_it(lived):
    """On the page of the receiver, in the file, and where a link opens it. Paper holds glyphs, in
    which the scan reads nobody."""
    read = [found_in(answer.content) for answer in lived.day.fiches]
    whose = [[canary.number for canary in found] for found in read]
    assert whose[:2] == [[0], [1]]
    assert sorted(whose[2:]) == [[1], [2]]
    for found in read:
        assert {"last_name", "first_name", "note"} <= next(iter(found.values()))


def test_all_are_in_the_nominal_columns_and_in_no_other(in_lived):
    found, read = columns_with_somebody("owner")
    assert read > 300
    assert set(found) <= NOMINAL
    table = "beneficiaries_beneficiary"
    everyone = [
        *(f"{table}.{name}" for name in ("last_name", "first_name", "birth_name", "birth_date")),
        *(f"{table}.{name}" for name in ("email", "phone", "sort_key")),
        "beneficiaries_session.note",
    ]
    for column in everyone:
        assert found[column] == set(CANARIES), column


# ── And nowhere else ─────────────────────────────────────────────────────────────────────────


def test_nobody_is_in_what_the_compilation_may_read(in_lived):
    with tenancy.scope(regions=national_regions(), using="compiler"):
        found, read = columns_with_somebody("compiler")
        with connections["compiler"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM beneficiaries_session")
            assert cursor.fetchone()[0] >= len(CANARIES)
    assert read > 150
    assert found == NOBODY


def test_nobody_is_in_what_the_nation_may_read(in_lived):
    with nation(read_only=True):
        found, read = columns_with_somebody("default")
    assert read > 200
    assert found == NOBODY


def test_nobody_is_in_a_log(lived):
    written = {path.name: path for path in lived.servers_logs.iterdir()}
    written |= {path.name: path for path in (lived.site.folder / "log").iterdir()}
    assert set(written) == {"postgresql.log", "valkey.log", "web.log", "worker.log", "beat.log"}
    assert '"route": "beneficiaries:log_session", "status": 500' in written["web.log"].read_text()
    assert "psycopg.errors.RaiseException P0001" in written["web.log"].read_text()
    for name, path in written.items():
        assert path.stat().st_size > 0
        assert found_in(path.read_bytes()) == NOBODY, name


def test_nobody_is_in_the_broker(lived):
    assert any(b"carry_on" in content for content in lived.day.broker)
    for content in lived.day.broker:
        assert found_in(content) == NOBODY


def test_the_session_form_is_light_on_the_line(lived):
    """Compressed, as gunicorn sends it: a first visit with all that it needs, then a next page."""
    for path, weights in lived.day.weights.items():
        assert sum(weights.values()) <= FIRST_VISIT, path
        assert weights[path] <= NEXT_VISIT, path
        kinds = {Path(address.partition("?")[0]).suffix for address in weights}
        assert kinds == {"", ".css", ".js", ".svg", ".woff2"}


def test_nobody_is_in_a_file_of_an_edition(lived):
    assert len(lived.day.files) == len(SEALED) * len(FORMATS) >= 8
    for address, content in lived.day.files.items():
        assert len(content) > 10_000, address
        assert found_in(content) == NOBODY, address


def test_nobody_is_in_what_the_site_left_on_the_disk(lived):
    """Editions, mails, the schedule of the beat: whatever lies there, in whichever format."""
    written = [place for place in lived.site.folder.iterdir() if place.name != "static"]
    assert {place.name for place in written} >= {"editions", "log", "mail"}
    mails = "".join(path.read_text() for path in (lived.site.folder / "mail").iterdir())
    assert mails.count("/lien/") == 2
    assert "est retirée" in mails  # the structure is told
    assert [found for place in written if (found := found_under(place))] == []


def test_nobody_is_on_an_error_page(lived):
    assert {name[:3]: answer.status_code for name, answer in lived.day.refused.items()} == {
        name[:3]: int(name[:3]) for name in lived.day.refused
    }
    for name, answer in lived.day.refused.items():
        assert found_in(answer.content) == NOBODY, name


def test_nobody_is_on_a_page_of_somebody_else(lived):
    assert len([answer for answer in lived.day.of_others if answer.ok]) >= 20
    for answer in lived.day.of_others:
        assert found_in(answer.content) == NOBODY, answer.url


@pytest.mark.parametrize("header", ["Set-Cookie", "Location", "ETag", "HX-Redirect"])
def test_nobody_is_in_a_header(lived, header):
    sent = [a.headers[header] for a in lived.site.answers if header in a.headers]
    assert sent or header in ("ETag", "HX-Redirect")
    for value in sent:
        assert found_in(value) == NOBODY
