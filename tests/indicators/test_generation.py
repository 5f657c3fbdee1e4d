"""The load of the national data set: equal rows, an equal catalogue, and its parts one by one."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections, transaction
from stdnum.fr import siret as siret_rules

from beneficiaries.identity import normalised
from beneficiaries.models import Referral
from indicators.generation import activity, chance, loading, mix, people
from indicators.generation.ground import OWNER
from indicators.generation.names import SPELLINGS, Names
from indicators.generation.plan import Days, Plan, read_plan
from indicators.generation.report import gini
from indicators.generation.rows import FACTS, LEFT_BEHIND
from indicators.generation.structures import of_town, siret
from indicators.generation.tables import COLUMNS
from indicators.loading import load_definitions
from operators.loading import load_nomenclatures
from regions.loading import load_territory
from regions.models import Commune
from sprocep.periods import Period, PeriodError, quarter_of
from tests.databases import cloned_database

pytestmark = pytest.mark.owner

SMALL, SLICE = 400, 90
MODELS = (*COLUMNS, *(model for model, _ in FACTS.values()), *LEFT_BEHIND)
TABLES = [model._meta.db_table for model in MODELS]
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


# PostgreSQL writes the cast of a list in two ways, and reads both as one.
_CASTS = re.compile(r"[()]|::text(\[\])?")


def catalogue() -> dict[str, list[tuple]]:
    found = {
        name: rows(query, *([TABLES] if "%s" in query else [])) for name, query in CATALOGUE.items()
    }
    found["indexes"] = [(_CASTS.sub("", rule), *state) for rule, *state in found["indexes"]]
    return found


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
    """Two loads in a database of its own, by one process and by two, of several slices; the second
    stays for tests that look at rows."""
    folder, found, truths = tmp_path_factory.mktemp("generation"), [], []
    with django_db_blocker.unblock(), cloned_database(f"generation_{worker_id}"):
        if not Commune.objects.using(OWNER).exists():
            load_territory()
            load_nomenclatures()
            load_definitions()
        empty()
        before = catalogue()
        for processes in (1, 2):
            empty()
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("indicators.generation.plan.JOURNEYS_A_SLICE", SLICE)
                generate(folder, processes=processes)
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
            ("contacttally", "region_id", "month"),
        ):
            expected |= {
                (code, on.replace(day=1))
                for code, on in rows(f"SELECT {region}, {day} FROM beneficiaries_{table}")
                if on
            }
        assert sorted(rows("SELECT region_id, month FROM indicators_rollupmark")) == sorted(
            expected
        )

    def test_each_fiche_has_made_the_moves_that_lead_where_it_is(self, runs):
        """And the places that it took: what triggers write on screen."""
        states = set()
        for state, since, path, at, places in rows("""
            SELECT r.state, r.state_since, array_agg(e.state ORDER BY e.id), max(e.at),
                   (SELECT sum(t.places) FROM operators_placetaken t
                     WHERE (t.structure_id, t.region_id, t.sent_on)
                           = (r.receiver_id, r.receiver_region_id, r.sent_on))
              FROM beneficiaries_referral r
              JOIN beneficiaries_referralevent e ON e.referral_id = r.id
             GROUP BY r.id"""):
            assert path[0] == "sent"
            assert (path[-1], at) == (state, since)
            assert all(after in Referral.MOVES[move] for move, after in pairwise(path))
            assert places >= (state not in ("declined", "withdrawn"))
            states.add(state)
        # Whether one is accepted and still waited for depends on the day.
        assert states >= {"received", "missed", "declined"}
        ((fiches, taken, back),) = rows("""
            SELECT (SELECT count(*) FROM beneficiaries_referral),
                   count(*) FILTER (WHERE places = 1), count(*) FILTER (WHERE places = -1)
              FROM operators_placetaken""")
        given_back = "SELECT count(*) FROM beneficiaries_referral WHERE state IN %s"
        ended = rows(given_back.replace("%s", "('declined', 'withdrawn')"))[0][0]
        assert (taken, back) == (fiches, ended)

    def test_each_plan_is_whole_and_says_what_was_done(self, runs):
        ((plans, closed),) = rows(
            "SELECT count(*), count(closed_on) FROM beneficiaries_financingplan"
        )
        assert 0 < closed < plans
        for is_closed, acts, lines, costs, granted, gap in rows("""
            SELECT p.closed_on IS NOT NULL,
                   (SELECT array_agg(act ORDER BY id) FROM beneficiaries_planevent
                     WHERE plan_id = p.id),
                   (SELECT count(*) FROM beneficiaries_plancost WHERE plan_id = p.id)
                   + (SELECT count(*) FROM beneficiaries_planfunding WHERE plan_id = p.id),
                   (SELECT sum(amount) FROM beneficiaries_plancost WHERE plan_id = p.id),
                   (SELECT sum(granted) FROM beneficiaries_planfunding WHERE plan_id = p.id),
                   p.gap_explained
              FROM beneficiaries_financingplan p"""):
            assert acts == ["opened", *["added"] * lines, *["closed"] * is_closed]
            assert costs > 0
            assert not is_closed or costs == granted or gap

    def test_the_log_of_a_line_is_that_of_postgresql(self, runs):
        """Touched once more, as on screen: the trigger writes the same words."""
        with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
            for table in ("plancost", "planfunding"):
                cursor.execute(f"""
                    UPDATE beneficiaries_{table} SET changed_at = changed_at
                     WHERE plan_id IN (SELECT id FROM beneficiaries_financingplan
                                        WHERE closed_on IS NULL) RETURNING id""")
                assert cursor.fetchall()
            for logged in rows("""
                SELECT array_agg(line ORDER BY id) FROM beneficiaries_planevent
                 WHERE act IN ('added', 'changed') GROUP BY line ->> 'public_id'
                HAVING count(*) > 1"""):
                assert logged[0][0] == logged[0][1]
            transaction.set_rollback(True, using=OWNER)

    def test_a_wrong_temporal_key_is_found(self, runs):
        with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
            loading.check_temporal_keys(cursor, loading.FACT_MODELS)
            key = rows("SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                       "WHERE conname = 'contact_tally_department'")[0][0]  # fmt: skip
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE beneficiaries_contacttally DROP CONSTRAINT contact_tally_department"
            )
            cursor.execute(
                "UPDATE beneficiaries_contacttally SET region_id = '72' WHERE id = "
                "(SELECT id FROM beneficiaries_contacttally WHERE month >= '2016-01-01' LIMIT 1)"
            )
            cursor.execute(
                "ALTER TABLE beneficiaries_contacttally "
                f"ADD CONSTRAINT contact_tally_department {key} NOT VALID"
            )
            with pytest.raises(loading.LoadError, match="contact_tally_department"):
                loading.check_temporal_keys(cursor, loading.FACT_MODELS)
            transaction.set_rollback(True, using=OWNER)

    def test_a_wrong_key_is_found(self, runs):
        """A key to a list, and a key to a fact."""
        for table, name in (("contacttally", "site_id"), ("journey", "continues_id")):
            with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
                loading.check_keys(cursor, loading.FACT_MODELS)
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(
                    f"UPDATE beneficiaries_{table} SET {name} = '0' "
                    f"WHERE id = (SELECT id FROM beneficiaries_{table} ORDER BY id DESC LIMIT 1)"
                )
                cursor.execute("SET LOCAL session_replication_role = origin")
                with pytest.raises(loading.LoadError, match=f"{name}_.* par des lignes"):
                    loading.check_keys(cursor, loading.FACT_MODELS)
                transaction.set_rollback(True, using=OWNER)

    def test_keys_that_may_not_sleep_are_checked_row_by_row(self, runs, tmp_path, monkeypatch):
        """As PostgreSQL does where the owner may not set the replication role."""
        monkeypatch.setattr(loading, "_MAY_SLEEP", "SELECT false")
        with transaction.atomic(using=OWNER):
            empty()
            generate(tmp_path, journeys=20)
            assert rows("SELECT count(*) FROM beneficiaries_journey") == [(20,)]
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
        ({"start": "2015-T5"}, "n’est pas une période"),
        ({"start": "2014-T4"}, "commencent au 1er trimestre 2015"),
        ({"start": "2016-T1", "end": "2015-T1"}, "doit précéder"),
        ({"start": "2999-T1", "end": "2999-T2"}, "doit précéder"),
        ({"journeys": 0}, "Demandez d’un à 100000000 parcours"),
        ({"processes": 0}, "au moins un processus"),
    ],
)
def test_a_wrong_request_is_refused_in_french(asked, said, monkeypatch, tmp_path):
    monkeypatch.setattr("indicators.management.commands.generate_activity.is_empty", lambda: True)
    with pytest.raises(CommandError, match=said):
        generate(tmp_path, **asked)


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


def test_openings_begin_with_the_asked_month_and_need_a_working_day():
    days = Days(plan(start="2019-11", end="2020"))
    numbers, _ = days.openings()
    assert (days.dates[numbers[0]], days.dates[numbers[-1]]) == (
        date(2019, 11, 4),
        date(2020, 12, 31),
    )
    with pytest.raises(PeriodError, match="jour ouvré"):
        Days(plan(start="2027-T1", today=date(2027, 1, 1))).openings()


def test_even_peaks_in_september():
    days = Days(plan())
    months = defaultdict(float)
    for number, weight in zip(*days.openings(), strict=True):
        if days.years[number] == 2019:
            months[days.dates[number].month] += weight
    assert max(months, key=months.get) == 9


def test_focus_follows_today_and_the_asked_span():
    codes = ["2015-T4", "2016-T1", "2026-T3"]
    assert [quarter.code for quarter in plan(profile="merger").focus] == codes
    assert [q.code for q in plan(profile="merger", end="2016-T2").focus] == codes[:2]
    assert plan().focus == {}


def test_the_demonstration_is_full_where_it_is_read():
    """The last five quarters, the rest of their first year, and those around the merger."""
    full = {quarter.code: weight for quarter, weight in plan(profile="demo").focus.items()}
    assert full == {
        **{"2015-T4": 3, "2016-T1": 3, "2025-T1": 2, "2025-T2": 2},
        **{"2025-T3": 4, "2025-T4": 4, "2026-T1": 4, "2026-T2": 4, "2026-T3": 4},
    }
    days = Days(plan(profile="demo"))
    opened = dict.fromkeys(full, 0.0)
    for number, weight in zip(*days.openings(), strict=True):
        code = quarter_of(days.dates[number]).code
        opened[code] = opened.get(code, 0.0) + weight
    whole = sum(opened.values())
    assert sum(opened[code] for code in full) / whole == pytest.approx(0.93)
    assert opened["2026-T3"] / opened["2016-T1"] == pytest.approx(4 / 3)


def test_a_campaign_is_left_to_run_in_the_demonstration_alone():
    assert plan(profile="demo").first_awaited == Period.parse("2026-T3")
    assert plan().first_awaited == Period.parse("2026-T4")


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


def test_slices_share_all_journeys_and_their_contacts():
    parts = plan(journeys=9_001).slices
    assert [(p.number, p.first, p.journeys) for p in parts] == [
        (0, 0, 4_000),
        (1, 4_000, 4_000),
        (2, 8_000, 1_001),
    ]


def test_names_of_a_day_of_birth_are_dealt_out_among_the_slices():
    """Each pair belongs to one slice, and each slice can give all of its own."""
    pairs, slices, day = 23, 7, date(1980, 2, 3).toordinal()
    given = [
        pair
        for part in range(slices)
        for pair in {people.own_pair(n / 100, part, slices, day, pairs) for n in range(100)}
    ]
    assert sorted(given) == list(range(pairs))


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
