"""What the national data set holds, and what its report says: 6,000 journeys, profile `merger`."""

from collections import defaultdict
from datetime import date

import pytest
from django.db import connections
from stdnum.fr import siret as siret_rules

from beneficiaries.models import Journey
from indicators.generation import mix
from indicators.generation.ground import OWNER
from indicators.generation.plan import read_plan
from sprocep import periods
from sprocep.tenancy import TODAY

pytestmark = [pytest.mark.owner, pytest.mark.usefixtures("in_national")]


def rows(query: str, *values) -> list[tuple]:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall()


def test_the_report_says_what_the_tables_hold(national):
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


def test_sessions_a_journey():
    sessions, journeys = rows(
        "SELECT count(*), count(DISTINCT journey_id) FROM beneficiaries_session"
    )[0]
    assert journeys == 6_000
    assert abs(sessions / journeys - 3.7) < 0.25  # fewer just after a quarter full of openings


def test_one_profile_in_ten_is_unfilled():
    unfilled = rows("""
        SELECT avg((situation_id = 'NR')::int), avg((education_level_id = 'NR')::int),
               avg((age IS NULL)::int), avg((sex_id = 'NR')::int),
               avg((contract_type_id = 'K99')::int), avg((residence_area_id = 'NR')::int),
               avg((boeth_id = 'NR')::int), avg((sector_id = 'NR')::int)
        FROM beneficiaries_journey""")[0]
    assert all(0.08 < share < 0.12 for share in unfilled)


def test_persons_followed_by_two_structures_of_a_region(national):
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


def test_a_true_person_has_one_key_a_year_and_a_key_one_person(national):
    lines = national.truth.read_text().splitlines()[1:]
    persons = dict(tuple(map(int, line.split(","))) for line in lines)
    keys, holders = defaultdict(set), defaultdict(set)
    for file, year, key in rows("SELECT beneficiary_id, year, key FROM beneficiaries_personkey"):
        keys[persons[file], year].add(bytes(key))
        holders[bytes(key)].add(persons[file])
    assert {len(found) for found in keys.values()} == {1}
    assert {len(found) for found in holders.values()} == {1}


def test_every_fact_has_the_key_of_its_year_and_region():
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


def test_a_few_have_no_birth_date():
    share = rows("SELECT avg((birth_date IS NULL)::int) FROM beneficiaries_beneficiary")[0][0]
    assert 0.008 < share < 0.025


def test_some_are_spelled_otherwise_in_the_second_structure():
    birth_name = "coalesce(nullif(birth_name, ''), last_name)"
    assert rows(f"""
        SELECT count(*) FROM (
            SELECT key FROM beneficiaries_personkey k
            JOIN beneficiaries_beneficiary b ON b.id = k.beneficiary_id
            GROUP BY key HAVING count(DISTINCT {birth_name} || first_name) > 1) spelled
        """)[0][0] > 50  # fmt: skip


def test_the_profile_fills_three_quarters():
    plan = read_plan(journeys=1, seed=1, start="2015-T1", end=None, profile="merger",
                     today=periods.today())  # fmt: skip
    days = ", ".join(f"('{q.starts}'::date, '{q.ends}'::date)" for q in sorted(plan.focus))
    share = rows(f"""
        SELECT avg((EXISTS (SELECT FROM (VALUES {days}) f(a, b)
                            WHERE opened_on >= a AND opened_on < b))::int)
        FROM beneficiaries_journey""")[0][0]
    assert len(plan.focus) == 3
    assert abs(float(share) - 0.85) < 0.02
    quarters = rows("SELECT count(DISTINCT date_trunc('quarter', opened_on)) "
                    "FROM beneficiaries_journey")[0][0]  # fmt: skip
    assert len(plan.quarters) - 1 <= quarters <= len(plan.quarters)  # one may begin today


def test_operators_have_the_shares_of_the_year():
    for year in (2015, 2016):
        found = dict(rows("""
            SELECT category_id, count(*) / sum(count(*)) OVER () FROM beneficiaries_journey
            WHERE opened_on >= %s AND opened_on < %s GROUP BY category_id""",
            date(year, 1, 1), date(year + 1, 1, 1)))  # fmt: skip
        for category, share in mix.operator_shares(year).items():
            assert abs(float(found[category]) - share) < 0.05


def test_ages_are_those_of_the_public():
    assert rows("SELECT min(age) >= 16, max(age) <= 25 FROM beneficiaries_journey "
                "WHERE category_id = 'mission_locale'") == [(True, True)]  # fmt: skip


def test_facts_of_a_journey_change_region_with_their_own_date():
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


def test_level_is_the_highest_of_the_services_or_raised():
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


def test_journeys_are_closed_open_or_silent():
    closed, silent, recent = rows(f"""
        SELECT avg((closed_on IS NOT NULL)::int),
               avg((closed_on IS NULL AND last < {TODAY} - 90)::int),
               avg((closed_on IS NULL AND last >= {TODAY} - 90)::int)
        FROM beneficiaries_journey j
        JOIN (SELECT journey_id, max(held_on) AS last FROM beneficiaries_session
              GROUP BY journey_id) s ON s.journey_id = j.id""")[0]
    assert closed > 0.75
    assert silent > 0.01
    assert recent > 0.02


def test_nothing_is_dated_after_today():
    assert rows(f"""
        SELECT max(held_on) <= {TODAY}, max(recorded_at) <= now()
        FROM beneficiaries_session""") == [(True, True)]
    assert rows(f"SELECT max(closed_on) <= {TODAY} FROM beneficiaries_journey") == [(True,)]
    assert rows("SELECT max(received_at) <= now() FROM indicators_expectedreturn") == [(True,)]


def test_three_returns_in_a_hundred_are_not_received():
    """But for the campaign that the profile leaves to run, and the quarter to come."""
    awaited = periods.last_complete_quarter(periods.today()).code
    lost, expected = rows(f"""
        SELECT avg((received_at IS NULL)::int), count(*) FROM indicators_expectedreturn
        WHERE period < '{awaited}'""")[0]
    assert expected > 10_000
    assert 0.02 < lost < 0.04
    assert rows(f"""
        SELECT count(received_at), count(*) > 400 FROM indicators_expectedreturn
        WHERE period = '{awaited}'""") == [(0, True)]
    assert rows(f"SELECT count(received_at) FROM indicators_expectedreturn "
                f"WHERE period > '{awaited}'") == [(0,)]  # fmt: skip


def test_about_a_thousand_structures_with_valid_sirets():
    sirets = [number for (number,) in rows("SELECT siret FROM regions_structure")]
    assert 950 < len(sirets) < 1_100
    assert all(map(siret_rules.is_valid, (n for n in sirets if n.startswith("99"))))


def test_every_region_has_its_missions_locales():
    found = rows("""
        SELECT r.region_id, count(DISTINCT s.id) FROM regions_structure s
        JOIN regions_site i ON i.structure_id = s.id
        JOIN department_region r ON r.department_id = i.department_id
             AND r.valid @> '2015-12-31'::date
        WHERE s.network_id = 'ML' GROUP BY 1""")
    assert len(found) == 27
    # Guadeloupe, Guyane, Mayotte: one each in 2015.
    assert sum(count == 1 for _, count in found) == 3


def test_contacts_name_large_communes_only():
    assert rows("""
        SELECT sum(n::int) > 1000, min(population) > 10000 FROM beneficiaries_contacttally
        CROSS JOIN LATERAL jsonb_each_text(commune) given(code, n)
        JOIN regions_commune c USING (code)""") == [(True, True)]
    assert rows("SELECT sum(total) FROM beneficiaries_contacttally") == [(3_600,)]


def test_answers_of_generated_contacts_add_up():
    """As PostgreSQL asks of each that a page writes: its trigger sleeps while rows are loaded."""
    sums = ", ".join(f"sum(given_in({name})) = sum(total)" for name in ("days", "theme", "result"))
    assert rows(f"SELECT {sums} FROM beneficiaries_contacttally") == [(True, True, True)]
    assert rows("""
        SELECT count(*) FROM beneficiaries_contacttally
        WHERE given_in(days) <> total OR given_in(theme) <> total OR given_in(channel) <> total
           OR given_in(audience) <> total OR given_in(age_band) <> total
           OR given_in(result) <> total OR given_in(commune) > total""") == [(0,)]


def test_journeys_are_stored_as_django_reads_them():
    journey = Journey.objects.using(OWNER).order_by("pk").first()
    assert journey.public_id.version == 4
    assert journey.updated_at >= journey.recorded_at
