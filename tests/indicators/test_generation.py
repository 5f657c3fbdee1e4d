"""The national data set: what it holds, that it comes out equal, and that it leaves no trace."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections, transaction
from stdnum.fr import siret as siret_rules

from beneficiaries.identity import normalised
from beneficiaries.models import Journey
from indicators.generation import activity, chance, loading, mix
from indicators.generation.ground import OWNER
from indicators.generation.names import SPELLINGS, Names
from indicators.generation.plan import Days, Plan, read_plan
from indicators.generation.report import gini
from indicators.generation.rows import FACTS
from indicators.generation.structures import of_town, siret
from indicators.generation.tables import COLUMNS
from operators.loading import load_nomenclatures
from regions.loading import load_territory
from regions.models import Commune
from sprocep.periods import Period
from tests.indicators.conftest import cloned_database

pytestmark = pytest.mark.owner

SMALL = 400
TABLES = [model._meta.db_table for model in (*COLUMNS, *(model for model, _ in FACTS.values()))]
CATALOGUE = {
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated,
               condeferrable, condeferred, conenforced
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    "indexes": """
        SELECT pg_get_indexdef(indexrelid), indisvalid, indisready, indisunique, indisprimary
        FROM pg_index WHERE indrelid = ANY (%s::regclass[]) ORDER BY 1""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2""",
    "internal triggers": """
        SELECT tgrelid::regclass::text, tgfoid::regproc::text, conname, tgenabled
        FROM pg_trigger JOIN pg_constraint c ON c.oid = tgconstraint
        WHERE tgisinternal ORDER BY 1, 2, 3""",
    "policies": "SELECT * FROM pg_policies ORDER BY tablename, policyname",
    "tables": """
        SELECT relname, relrowsecurity, relforcerowsecurity, relacl::text FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1""",
    "role": "SHOW session_replication_role",
}


def rows(query: str, *values) -> list[tuple]:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall()


def catalogue() -> dict[str, list[tuple]]:
    return {
        name: rows(query, *([TABLES] if "%s" in query else [])) for name, query in CATALOGUE.items()
    }


def contents() -> dict[str, str]:
    return {
        table: rows(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t")[0][0]
        for table in TABLES
    }


def empty() -> None:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            f"TRUNCATE {', '.join(TABLES)}, indicators_rollupmark RESTART IDENTITY CASCADE"
        )


def generate(folder, **options) -> str:
    report = StringIO()
    asked = {"journeys": SMALL, "seed": 5, "start": "2015-T1", "truth": folder / "truth.csv"}
    call_command("generate_activity", stdout=report, **(asked | options))
    return report.getvalue()


@dataclass(frozen=True)
class Runs:
    before: dict
    after: dict
    first: dict
    second: dict
    truths: list[str]


# Until the end of its class: the national base is cloned from what then is there.
@pytest.fixture(scope="class")
def runs(django_db_setup, django_db_blocker, tmp_path_factory, worker_id) -> Iterator[Runs]:
    """Two equal loads in a database of its own; the second stays for tests that look at rows."""
    folder, found, truths = tmp_path_factory.mktemp("generation"), [], []
    with django_db_blocker.unblock(), cloned_database(f"generation_{worker_id}"):
        if not Commune.objects.using(OWNER).exists():
            load_territory()
            load_nomenclatures()
        empty()
        before = catalogue()
        for _ in range(2):
            empty()
            generate(folder)
            found.append(contents())
            truths.append((folder / "truth.csv").read_text())
        yield Runs(before, catalogue(), *found, truths)


# ── The load ─────────────────────────────────────────────────────────────────────────────────


class TestLoad:
    """Catalogue, rows, marks and rules around two loads of 400 journeys."""

    def test_the_catalogue_is_the_same_before_and_after(self, runs):
        assert runs.after == runs.before
        assert all(valid for _, _, _, valid, *_ in runs.after["constraints"])
        assert {enabled for *_, enabled in runs.after["internal triggers"]} == {"O"}
        assert runs.after["role"] == [("origin",)]

    def test_the_same_command_gives_equal_rows(self, runs):
        assert runs.first == runs.second
        assert None not in runs.first.values()
        assert runs.truths[0] == runs.truths[1]

    def test_a_base_with_journeys_is_left_alone(self, runs, tmp_path):
        with pytest.raises(CommandError, match="contient déjà des parcours"):
            generate(tmp_path)
        assert generate(tmp_path, if_empty=True) == ""
        assert contents() == runs.second

    def test_next_rows_come_after_the_loaded_ones(self, runs):
        for model, _ in FACTS.values():
            table = model._meta.db_table
            last = rows(f"SELECT max(id) FROM {table}")[0][0]
            sequence = rows(f"SELECT pg_get_serial_sequence('{table}', 'id')")[0][0]
            assert rows(f"SELECT last_value, is_called FROM {sequence}") == [(last, True)]

    def test_every_month_with_a_fact_is_marked_once(self, runs):
        expected = set()
        for table, region, day in (
            ("journey", "region_id", "opened_on"),
            ("journey", "closed_region_id", "closed_on"),
            ("session", "region_id", "held_on"),
            ("contact", "region_id", "held_on"),
        ):
            expected |= {
                (code, on.replace(day=1))
                for code, on in rows(f"SELECT {region}, {day} FROM beneficiaries_{table}")
                if on
            }
        assert sorted(rows("SELECT region_id, month FROM indicators_rollupmark")) == sorted(
            expected
        )

    def test_a_wrong_temporal_key_is_found(self, runs):
        with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
            loading.check_temporal_keys(cursor)
            key = rows("SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                       "WHERE conname = 'contact_department'")[0][0]  # fmt: skip
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE beneficiaries_contact DROP CONSTRAINT contact_department")
            cursor.execute(
                "UPDATE beneficiaries_contact SET region_id = '72' WHERE id = "
                "(SELECT max(id) FROM beneficiaries_contact WHERE held_on >= '2016-01-01')"
            )
            cursor.execute(
                "ALTER TABLE beneficiaries_contact "
                f"ADD CONSTRAINT contact_department {key} NOT VALID"
            )
            with pytest.raises(loading.LoadError, match="contact_department"):
                loading.check_temporal_keys(cursor)
            transaction.set_rollback(True, using=OWNER)

    def test_a_session_before_its_journey_is_found(self, runs):
        with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
            loading.check_dates(cursor)
            cursor.execute("ALTER TABLE beneficiaries_session DISABLE TRIGGER USER")
            cursor.execute("UPDATE beneficiaries_session SET held_on = held_on - 7 WHERE id = 1")
            with pytest.raises(loading.LoadError, match="1 parcours"):
                loading.check_dates(cursor)
            transaction.set_rollback(True, using=OWNER)

    def test_nothing_stays_of_a_load_that_fails(self, runs, tmp_path, monkeypatch):
        monkeypatch.setitem(mix.SERVICES, "S99", 1)
        before = catalogue()
        with transaction.atomic(using=OWNER):
            empty()
            with pytest.raises(CommandError, match="« service » ne connaît pas S99"):
                generate(tmp_path)
            transaction.set_rollback(True, using=OWNER)
        assert catalogue() == before
        assert not (tmp_path / "truth.csv").exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"start": "2015-T5"}, "n'est pas une période"),
        ({"start": "2014-T4"}, "commencent au 1er trimestre 2015"),
        ({"start": "2016-T1", "end": "2015-T1"}, "doit précéder"),
        ({"start": "2999-T1", "end": "2999-T2"}, "doit précéder"),
        ({"journeys": 0}, "au moins un parcours"),
    ],
)
def test_a_wrong_request_is_refused_in_french(asked, said, monkeypatch, tmp_path):
    monkeypatch.setattr("indicators.management.commands.generate_activity.is_empty", lambda: True)
    with pytest.raises(CommandError, match=said):
        generate(tmp_path, **asked)


# ── The report, and what the base holds ──────────────────────────────────────────────────────


@pytest.mark.usefixtures("in_national")
class TestNational:
    """6,000 journeys, profile `demo`."""

    def test_the_report_says_what_the_tables_hold(self, national):
        journeys, closed = rows("SELECT count(*), count(closed_on) FROM beneficiaries_journey")[0]
        sessions = rows("SELECT count(*) FROM beneficiaries_session")[0][0]
        lines = [line.replace("\u202f", "").strip() for line in national.report.splitlines()]
        assert f"{journeys}  parcours" in lines
        assert f"{sessions}  entretien" in lines
        assert f"Entretiens par parcours : {sessions / journeys:.2f}".replace(".", ",") in lines
        assert f"Parcours clos : {100 * closed / journeys:.1f}\u00a0%".replace(".", ",") in lines
        for start in (
            "Gini",
            "Personnes suivies",
            "Profils non",
            "Remontées non",
            "Entretiens par s",
        ):
            assert sum(line.startswith(start) for line in lines) == 1

    def test_sessions_a_journey(self):
        sessions, journeys = rows(
            "SELECT count(*), count(DISTINCT journey_id) FROM beneficiaries_session"
        )[0]
        assert journeys == 6_000
        assert abs(sessions / journeys - 3.7) < 0.1

    def test_one_profile_in_ten_is_unfilled(self):
        unfilled = rows("""
            SELECT avg((situation_id = 'NR')::int), avg((education_level_id = 'NR')::int),
                   avg((age IS NULL)::int), avg((sex_id = 'NR')::int),
                   avg((contract_type_id = 'K99')::int), avg((residence_area_id = 'NR')::int),
                   avg((boeth_id = 'NR')::int), avg((sector_id = 'NR')::int)
            FROM beneficiaries_journey""")[0]
        assert all(0.08 < share < 0.12 for share in unfilled)

    def test_persons_followed_by_two_structures_of_a_region(self, national):
        held, regions = defaultdict(set), defaultdict(set)
        files = {f: (s, r) for f, s, r in rows(
            "SELECT id, structure_id, region_id FROM beneficiaries_beneficiary")}  # fmt: skip
        for line in national.truth.read_text().splitlines()[1:]:
            file, person = map(int, line.split(","))
            structure, region = files.pop(file)
            held[person, region].add(structure)
            regions[person].add(region)
        assert files == {}
        two = {person for (person, _), structures in held.items() if len(structures) > 1}
        assert 0.06 < len(two) / len(regions) < 0.12
        assert sum(len(own) > 1 for own in regions.values()) > 5

    def test_a_true_person_has_one_key_a_year_and_a_key_one_person(self, national):
        lines = national.truth.read_text().splitlines()[1:]
        persons = dict(tuple(map(int, line.split(","))) for line in lines)
        keys, holders = defaultdict(set), defaultdict(set)
        for file, year, key in rows(
            "SELECT beneficiary_id, year, key FROM beneficiaries_personkey"
        ):
            keys[persons[file], year].add(bytes(key))
            holders[bytes(key)].add(persons[file])
        assert {len(found) for found in keys.values()} == {1}
        assert {len(found) for found in holders.values()} == {1}

    def test_every_fact_has_the_key_of_its_year_and_region(self):
        assert (
            rows("""
            WITH facts AS (
                SELECT j.beneficiary_id, s.held_on AS day, s.region_id FROM beneficiaries_session s
                JOIN beneficiaries_journey j ON j.id = s.journey_id
                UNION SELECT beneficiary_id, closed_on, closed_region_id FROM beneficiaries_journey
                WHERE closed_on IS NOT NULL)
            SELECT beneficiary_id, extract(year FROM day)::int, facts.region_id FROM facts
            JOIN beneficiaries_beneficiary b ON b.id = beneficiary_id AND birth_date IS NOT NULL
            EXCEPT SELECT beneficiary_id, year, region_id FROM beneficiaries_personkey""")
            == []
        )

    def test_a_few_have_no_birth_date(self):
        share = rows("SELECT avg((birth_date IS NULL)::int) FROM beneficiaries_beneficiary")[0][0]
        assert 0.008 < share < 0.025

    def test_some_are_spelled_otherwise_in_the_second_structure(self):
        birth_name = "coalesce(nullif(birth_name, ''), last_name)"
        assert rows(f"""
            SELECT count(*) FROM (
                SELECT key FROM beneficiaries_personkey k
                JOIN beneficiaries_beneficiary b ON b.id = k.beneficiary_id
                GROUP BY key HAVING count(DISTINCT {birth_name} || first_name) > 1) spelled
            """)[0][0] > 50  # fmt: skip

    def test_demo_fills_five_quarters(self):
        plan = read_plan(journeys=1, seed=1, start="2015-T1", end=None, profile="demo",
                         today=date.today())  # noqa: DTZ011  # fmt: skip
        days = ", ".join(f"('{q.starts}'::date, '{q.ends}'::date)" for q in sorted(plan.focus))
        share = rows(f"""
            SELECT avg((EXISTS (SELECT FROM (VALUES {days}) f(a, b)
                                WHERE opened_on >= a AND opened_on < b))::int)
            FROM beneficiaries_journey""")[0][0]
        assert len(plan.focus) == 5
        assert abs(float(share) - 0.85) < 0.02
        quarters = rows("SELECT count(DISTINCT date_trunc('quarter', opened_on)) "
                        "FROM beneficiaries_journey")[0][0]  # fmt: skip
        assert quarters == len(plan.quarters)

    def test_operators_have_the_shares_of_the_year(self):
        for year in (2015, 2016):
            found = dict(rows("""
                SELECT category_id, count(*) / sum(count(*)) OVER () FROM beneficiaries_journey
                WHERE opened_on >= %s AND opened_on < %s GROUP BY category_id""",
                date(year, 1, 1), date(year + 1, 1, 1)))  # fmt: skip
            for category, share in mix.operator_shares(year).items():
                assert abs(float(found[category]) - share) < 0.05

    def test_ages_are_those_of_the_public(self):
        assert rows("SELECT min(age) >= 16, max(age) <= 25 FROM beneficiaries_journey "
                    "WHERE category_id = 'mission_locale'") == [(True, True)]  # fmt: skip

    def test_facts_of_a_journey_change_region_with_their_own_date(self):
        crossing = rows("""
            SELECT count(*) FROM beneficiaries_journey j
            JOIN beneficiaries_session s ON s.journey_id = j.id
            WHERE j.region_id = '72' AND j.opened_on < '2016-01-01' AND s.region_id = '75'
              AND s.held_on >= '2016-01-01' AND s.department_id = j.department_id""")[0][0]
        assert crossing > 10
        assert rows("SELECT count(*) > 10 FROM beneficiaries_journey "
                    "WHERE region_id = '72' AND closed_region_id = '75'") == [(True,)]  # fmt: skip
        # The référent of that day belongs to the new Region from the day of the merger on.
        assert rows("""
            SELECT count(*) FROM beneficiaries_followup f
            JOIN regions_membership m ON m.id = f.referent_id
            WHERE m.region_id <> f.region_id OR f.starts_on < m.starts_on
               OR f.starts_on >= m.ends_on""") == [(0,)]

    def test_level_is_the_highest_of_the_services_or_raised(self):
        below, raised = rows("""
            SELECT avg((s.rank < highest)::int), avg((s.rank > highest)::int)
            FROM beneficiaries_session s
            JOIN (SELECT ss.session_id, max(l.rank) AS highest
                  FROM beneficiaries_sessionservice ss
                  JOIN operators_service o ON o.code = ss.service_id
                  JOIN operators_servicelevel l ON l.code = o.level_id
                  GROUP BY ss.session_id) v ON v.session_id = s.id""")[0]
        assert below == 0
        assert 0 < raised < 0.06

    def test_journeys_are_closed_open_or_silent(self):
        closed, silent, recent = rows("""
            SELECT avg((closed_on IS NOT NULL)::int),
                   avg((closed_on IS NULL AND last < current_date - 90)::int),
                   avg((closed_on IS NULL AND last >= current_date - 90)::int)
            FROM beneficiaries_journey j
            JOIN (SELECT journey_id, max(held_on) AS last FROM beneficiaries_session
                  GROUP BY journey_id) s ON s.journey_id = j.id""")[0]
        assert closed > 0.75
        assert silent > 0.015
        assert recent > 0.02

    def test_nothing_is_dated_after_today(self):
        assert rows("""
            SELECT max(held_on) <= current_date, max(recorded_at) <= now()
            FROM beneficiaries_session""") == [(True, True)]
        assert rows("SELECT max(closed_on) <= current_date FROM beneficiaries_journey") == [(True,)]
        assert rows("SELECT max(received_at) <= now() FROM indicators_expectedreturn") == [(True,)]

    def test_three_returns_in_a_hundred_are_not_received(self):
        over = "to_char(current_date, 'YYYY-\"T\"Q')"
        lost, expected = rows(f"""
            SELECT avg((received_at IS NULL)::int), count(*) FROM indicators_expectedreturn
            WHERE period < {over}""")[0]
        assert expected > 10_000
        assert 0.02 < lost < 0.04
        assert rows(f"SELECT count(received_at) FROM indicators_expectedreturn "
                    f"WHERE period >= {over}") == [(0,)]  # fmt: skip

    def test_about_a_thousand_structures_with_valid_sirets(self):
        sirets = [number for (number,) in rows("SELECT siret FROM regions_structure")]
        assert 950 < len(sirets) < 1_100
        assert all(map(siret_rules.is_valid, (n for n in sirets if n.startswith("99"))))

    def test_every_region_has_its_missions_locales(self):
        found = rows("""
            SELECT r.region_id, count(DISTINCT s.id) FROM regions_structure s
            JOIN regions_site i ON i.structure_id = s.id
            JOIN department_region r ON r.department_id = i.department_id
                 AND r.valid @> '2015-12-31'::date
            WHERE s.network_id = 'ML' GROUP BY 1""")
        assert len(found) == 27
        # Guadeloupe, Guyane, Mayotte: one each in 2015.
        assert sum(count == 1 for _, count in found) == 3

    def test_contacts_name_large_communes_only(self):
        assert rows("""
            SELECT count(*) > 1000, min(population) > 10000 FROM beneficiaries_contact
            JOIN regions_commune c ON c.code = commune_id""") == [(True, True)]
        assert rows("SELECT count(*) FROM beneficiaries_contact") == [(3_600,)]


# ── Parts ────────────────────────────────────────────────────────────────────────────────────


def plan(**changes) -> Plan:
    asked = {"journeys": 1, "seed": 1, "start": "2015-T1", "end": None, "profile": "even",
             "today": date(2026, 11, 24)}  # fmt: skip
    return read_plan(**(asked | changes))


def test_openings_are_working_days_up_to_the_horizon():
    days = Days(plan(end="2015-T2"))
    numbers, weights = days.openings()
    opened = [days.dates[n] for n in numbers]
    assert opened[0] == date(2015, 1, 2)
    assert opened[-1] == date(2015, 6, 30)
    assert {day.weekday() for day in opened} == set(range(5))
    assert date(2015, 5, 1) not in opened
    assert min(weights) > 0


def test_even_peaks_in_september():
    days = Days(plan())
    months = defaultdict(float)
    for number, weight in zip(*days.openings(), strict=True):
        if days.years[number] == 2019:
            months[days.dates[number].month] += weight
    assert max(months, key=months.get) == 9


def test_focus_follows_today_and_the_asked_span():
    codes = ["2015-T4", "2016-T1", "2025-T3", "2026-T2", "2026-T3"]
    assert plan(profile="demo").focus == {Period.parse(code) for code in codes}
    assert plan(profile="demo", end="2016-T2").focus == {Period.parse(c) for c in codes[:2]}
    assert plan().focus == frozenset()


@pytest.mark.parametrize("year", range(2015, 2027))
def test_shares_of_operators_come_out_with_the_second_structures(year):
    shares = mix.operator_shares(year)
    first = activity.primary_shares(shares)
    assert sum(shares.values()) == pytest.approx(1)
    assert sum(first.values()) == pytest.approx(1)
    assert ("opacif" in shares) == (year < 2020)
    second = activity._SECONDS
    employment = first[mix.FT] * (1 - second) + (1 - first[mix.FT]) * second
    assert employment == pytest.approx(shares[mix.FT])


def test_gini_of_equal_and_of_one_holder():
    assert gini([5, 5, 5, 5]) == pytest.approx(0)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)


def test_names_differ_once_normalised_and_spellings_do_not():
    names = Names()
    first = names.first["F"] + names.first["H"]
    for found in (names.last, first):
        assert len({normalised(name) for name in found}) == len(found)
        assert all(normalised(spell(n)) == normalised(n) for n in found for spell in SPELLINGS)


def test_another_seed_draws_otherwise():
    first, second = (chance.uuids(chance.source(seed, "journeys"))() for seed in (1, 2))
    assert first != second


def test_sirets_are_valid_and_follow_the_rank():
    assert all(siret_rules.is_valid(siret(rank)) for rank in range(1_100))
    assert siret(3) == siret(3) != siret(4)


def test_a_town_takes_its_article():
    towns = ["Le Havre", "Les Abymes", "La Rochelle", "Ajaccio", "Bordeaux"]
    said = ["du Havre", "des Abymes", "de La Rochelle", "d'Ajaccio", "de Bordeaux"]
    assert [of_town(town) for town in towns] == said


def test_journeys_are_stored_as_django_reads_them(in_national):
    journey = Journey.objects.using(OWNER).order_by("pk").first()
    assert journey.public_id.version == 4
    assert journey.updated_at >= journey.recorded_at
