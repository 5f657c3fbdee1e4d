"""Who is proposed: golden cases, and three hundred drawn at random that a plain evaluator, which
shares no line with the product, judges as well."""

import csv
import random
from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from operators.loading import DATA
from operators.models import Capacity, OpeningHours, PlaceTaken, RoutingRule
from operators.routing import Wanted, hours_in_words, offer_in, receivers
from regions.middleware import scope_of
from regions.models import Site, Structure
from sprocep import periods
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

HERE = "84"  # in Region 93, where the small world has no structure
# Avignon, Carpentras, L'Isle-sur-la-Sorgue; Vedène, which is of the Grand Avignon.
COMMUNES = ("84007", "84031", "84054", "84141")
GRAND_AVIGNON = {"84007", "84141"}
NETWORKS = {
    "APEC": "apec",
    "CAP": "cap_emploi",
    "FT": "public_employment_service",
    "ML": "mission_locale",
    "OPACIF": "opacif",
    "OPR": "regional_operator",
}


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


def receiving(name: str, *communes: str, regions=("93",), **values) -> Structure:
    """A structure where somebody has an account, and may answer."""
    made = factories.structure(name, *communes, **values)
    at = Site.objects.filter(structure=made.pk).order_by("pk").first()
    for region in regions:
        factories.member("adviser", region=region, at=at)
    return made


@pytest.fixture
def one_of_each():
    """A structure of each network in Avignon, called as its network."""
    return {
        network: receiving(network, "84007", network=network, category=category)
        for network, category in NETWORKS.items()
    }


def seen(adviser, wanted: Wanted, day: date | None = None, department: str = HERE) -> list:
    with scope_of(adviser, read_only=True):
        return receivers(wanted, offer_in(department, day or periods.today()))


def proposed(found) -> list[str]:
    return [one.name for one in found if one.is_proposed]


# ── National rules ───────────────────────────────────────────────────────────────────────────

BY_NAME = ["APEC", "CAP", "FT"]  # where no rule holds: all in one commune
GOLDEN = [
    # what the fiche says, on which day, who is proposed, who is ruled out
    ({"age": 20}, None, ["ML", "APEC", "CAP"], []),
    ({"age": 25}, None, ["ML", "APEC", "CAP"], []),
    ({"age": 26}, None, BY_NAME, []),
    ({}, None, BY_NAME, []),
    ({"age": 40, "situation": "DEI"}, None, ["FT", "APEC", "CAP"], []),
    ({"age": 20, "situation": "DEI"}, None, ["ML", "FT", "APEC"], []),
    ({"situation": "CDI"}, None, ["OPR", "APEC", "CAP"], []),
    ({"situation": "CDI"}, date(2016, 5, 2), ["OPACIF", "APEC", "CAP"], []),
    ({"situation": "IND"}, date(2016, 5, 2), BY_NAME, []),
    ({"situation": "FTI"}, None, BY_NAME, ["OPR"]),
    ({"situation": "FTI"}, date(2016, 5, 2), BY_NAME, []),
    ({"situation": "CDI", "category": "3", "rank": 3}, None, ["APEC", "OPR", "CAP"], []),
    ({"situation": "CDI", "category": "3", "rank": 2}, None, ["OPR", "APEC", "CAP"], []),
    ({"situation": "CDI", "reason": "M10"}, None, ["OPR", "APEC", "CAP"], ["FT", "ML"]),
    ({"age": 22, "reason": "M10"}, None, ["APEC", "CAP", "OPACIF"], ["FT", "ML"]),
    ({"age": 22, "reason": "M10"}, date(2019, 10, 31), ["ML", "APEC", "CAP"], []),
    ({"reason": "M11"}, None, ["CAP", "APEC", "FT"], []),
    # No structure is of a platform: the mission locale, at any age.
    ({"is_dropout": True}, None, ["ML", "APEC", "CAP"], []),
    ({"is_dropout": True, "situation": "DEI"}, None, ["ML", "FT", "APEC"], []),
]  # fmt: skip


@pytest.mark.parametrize(("said", "day", "expected", "ruled_out"), GOLDEN)
def test_national_rules(one_of_each, adviser, said, day, expected, ruled_out):
    found = seen(adviser, Wanted(**{"rank": 2} | said), day)
    assert len(found) == len(NETWORKS)
    assert proposed(found) == expected
    assert {one.name for one in found if "pas " in one.reasons[0]} == set(ruled_out)
    assert not set(proposed(found)) & set(ruled_out)
    assert {one.name for one in found[len(found) - len(ruled_out) :]} == set(ruled_out)


def test_each_proposal_says_why(one_of_each, adviser):
    site = one_of_each["ML"].sites.get()
    factories.opening_hours("93", site, 2, 9, 12)
    factories.capacity("93", one_of_each["ML"], weekly=3)
    young, apec, *_ = seen(adviser, Wanted(rank=2, age=20))
    assert young.reasons == (
        "règle nationale : 16–25 ans → Missions locales",
        "3 places cette semaine",
        "reçoit à Avignon le mardi de 9 h à 12 h",
        "jusqu’au niveau 3",
    )
    assert apec.reasons == ("reçoit à Avignon", "public : cadres", "jusqu’au niveau 3")
    factories.rule(
        "93", structure=one_of_each["APEC"], situations=["CDI", "CDD"], department_id=HERE
    )
    asked = Wanted(rank=2, situation="CDD")
    assert seen(adviser, asked)[0].reasons[0] == (
        "règle de la Région : salarié du privé en CDD, Vaucluse → APEC"
    )


# ── Décrocheurs ──────────────────────────────────────────────────────────────────────────────


def test_members_of_a_platform_come_first_for_a_dropout_and_for_nobody_else(one_of_each, adviser):
    today, dropout = periods.today(), Wanted(rank=2, age=17, is_dropout=True)
    factories.platform_member("93", one_of_each["FT"])
    factories.platform_member("93", one_of_each["CAP"], ends_on=today)  # no longer
    factories.platform_member("93", one_of_each["APEC"], starts_on=today + timedelta(days=1))
    found = seen(adviser, dropout)
    assert proposed(found) == ["FT", "ML", "APEC"]
    assert found[0].reasons[0] == (
        "règle nationale : parcours décrocheur → membres d’une plateforme de suivi et d’appui"
    )
    assert proposed(seen(adviser, Wanted(rank=2, age=17))) == ["ML", "APEC", "CAP"]
    factories.capacity("93", one_of_each["FT"], full_until=today)
    assert proposed(seen(adviser, dropout))[0] == "ML"


def test_a_region_replaces_the_rules_for_dropouts_and_the_others_apart(one_of_each, adviser):
    dropout, young = Wanted(rank=2, age=17, is_dropout=True), Wanted(rank=2, age=17)
    factories.rule("93", network_id="APEC")
    assert proposed(seen(adviser, young))[0] == "APEC"
    assert proposed(seen(adviser, dropout))[0] == "ML"
    factories.rule("93", position=1, network_id="CAP", of_dropouts=True)
    assert proposed(seen(adviser, dropout))[0] == "CAP"
    assert proposed(seen(adviser, young))[0] == "APEC"


def test_the_members_of_a_platform_are_known_in_their_region_alone(world, adviser):
    """As places and hours: elsewhere a décrocheur is proposed the mission locale."""
    receiving("Dans Paris", "75056", regions=("11",), network="FT", category=NETWORKS["FT"])
    of_paris = Structure.objects.get(names__name="Dans Paris")
    factories.platform_member("11", of_paris)
    dropout = Wanted(rank=2, age=17, is_dropout=True)
    assert proposed(seen(world["adviser paris"], dropout, department="75"))[0] == "Dans Paris"
    assert proposed(seen(adviser, dropout, department="75"))[0] != "Dans Paris"


# ── Rules of a Region ────────────────────────────────────────────────────────────────────────


def test_the_rules_of_the_region_replace_the_national_ones(one_of_each, adviser):
    young = Wanted(rank=2, age=20)
    assert proposed(seen(adviser, young))[0] == "ML"
    factories.rule("93", network_id="CAP", oldest=25)
    assert proposed(seen(adviser, young)) == ["CAP", "APEC", "FT"]


def test_the_rules_of_another_region_have_no_effect(one_of_each, adviser):
    young = Wanted(rank=2, age=20)
    before = seen(adviser, young)
    factories.rule("11", network_id="CAP", oldest=25)
    assert seen(adviser, young) == before
    factories.rule("93", network_id="CAP", oldest=25)
    assert seen(adviser, young) != before


def test_elsewhere_than_in_the_region_the_national_rules_hold(world, adviser):
    """Neither the rules of the sender, nor those of the other Region, which she cannot read."""
    factories.member("adviser", region="11", at=world["adviser national"].site)
    young = Wanted(rank=2, age=20)
    before = seen(adviser, young, department="75")
    factories.rule("93", network_id="FT", oldest=25)
    factories.rule("11", network_id="FT", oldest=25)
    assert seen(adviser, young, department="75") == before
    there = seen(world["adviser paris"], young, department="75")
    assert there[0].structure.pk == world.national.pk
    assert before[0].structure.pk == world.paris.pk


def test_a_rule_holds_from_a_day_to_a_day(one_of_each, adviser):
    today = periods.today()
    begins, ends = today + timedelta(days=10), today + timedelta(days=20)
    factories.rule("93", network_id="CAP", starts_on=begins, ends_on=ends)
    first = {
        day: proposed(seen(adviser, Wanted(rank=2), day))[0]
        for day in (begins - timedelta(days=1), begins, ends - timedelta(days=1), ends)
    }
    assert list(first.values()) == ["APEC", "CAP", "CAP", "APEC"]


def test_the_rules_of_a_region_that_merged_hold_in_its_departements_until_new_ones(world):
    """Haute-Vienne was of Limousin (74), and is of Nouvelle-Aquitaine (75) since 2016."""
    for network in ("ML", "CAP"):
        receiving(
            network,
            "87085",
            regions=("74", "75"),
            network=network,
            category=NETWORKS[network],
        )
    receiving("CAP", "33063", regions=("74", "75"), network="CAP", category="cap_emploi")
    factories.rule("74", network_id="ML", starts_on=date(2015, 3, 2))
    coordinator = world["regional_coordinator 75"]
    anybody = Wanted(rank=2)

    def first(day: date, department: str) -> str:
        return proposed(seen(coordinator, anybody, day, department))[0]

    assert first(date(2015, 6, 1), "87") == first(date(2016, 6, 1), "87") == "ML"
    assert first(date(2016, 6, 1), "33") != "ML"
    factories.rule("75", network_id="CAP", starts_on=date(2016, 9, 1))
    assert first(date(2016, 8, 31), "87") == "ML"
    assert first(date(2016, 9, 1), "87") == "CAP"


# ── Places and hours ─────────────────────────────────────────────────────────────────────────


def test_a_structure_that_is_full_comes_after_the_others_and_says_so(one_of_each, adviser):
    today, young = periods.today(), Wanted(rank=2, age=20)
    until = today + timedelta(days=7)
    factories.capacity("93", one_of_each["ML"], full_until=until)
    found = seen(adviser, young)
    assert "ML" not in proposed(found)
    assert found[-1].name == "ML"
    assert f"complet jusqu’au {periods.full_date(until)}" in found[-1].reasons
    assert proposed(seen(adviser, young, until))[0] != "ML"
    assert proposed(seen(adviser, young, until + timedelta(days=1)))[0] == "ML"


def test_each_fiche_takes_a_place_of_the_week_and_a_refusal_gives_it_back(world, adviser):
    receiver = world["adviser aix"]
    factories.capacity("93", world.aix, weekly=2)
    young = Wanted(rank=2, age=20, commune="13001", without=frozenset([world.marseille.pk]))

    def first() -> tuple[bool, str]:
        found = seen(adviser, young, department="13")
        aix = next(one for one in found if one.structure.pk == world.aix.pk)
        return found[0] == aix, next(word for word in aix.reasons if "semaine" in word)

    assert first() == (True, "2 places cette semaine")
    with scope_of(adviser, read_only=False):
        sent = [factories.referral(adviser, receiver)]
    assert first() == (True, "1 place cette semaine")
    with scope_of(adviser, read_only=False):
        sent.append(factories.referral(adviser, receiver))
        last_week = periods.week_of(periods.today()) - timedelta(days=1)
        factories.referral(adviser, receiver, sent_on=last_week)
    assert first() == (False, "complet cette semaine")
    with scope_of(receiver, read_only=False):
        type(sent[0]).objects.filter(pk=sent[0].pk).update(
            state="declined", decline_reason_id="D03"
        )
    assert first() == (True, "1 place cette semaine")


def test_a_fiche_from_another_region_takes_a_place_too(world):
    paris, aix = world["adviser paris"], world["adviser aix"]
    with scope_of(paris, read_only=False):
        factories.referral(paris, aix)
        assert not PlaceTaken.objects.exists()  # hers to send, not to count
    with scope_of(aix, read_only=True):
        assert PlaceTaken.objects.get().structure_id == world.aix.pk


def test_her_commune_comes_first_among_equals(one_of_each, adviser):
    receiving("Zoé", "84031", network="CAP", category="cap_emploi")
    assert proposed(seen(adviser, Wanted(rank=2, commune="84031"))) == ["Zoé", "APEC", "CAP"]
    assert proposed(seen(adviser, Wanted(rank=2, commune="84007"))) == BY_NAME


def test_then_comes_her_intercommunalite_and_it_is_said(one_of_each, adviser):
    receiving("Zoé", "84031", "84141", network="CAP", category="cap_emploi")
    first = seen(adviser, Wanted(rank=2, commune="84092"))[0]  # Le Pontet
    assert (first.name, first.reasons[1]) == ("APEC", "dans son intercommunalité")
    assert proposed(seen(adviser, Wanted(rank=2, commune="84141"))) == ["Zoé", "APEC", "CAP"]
    near = seen(adviser, Wanted(rank=2, commune="84092"))[-1]
    assert near.reasons[0].startswith("reçoit à Vedène, Carpentras")
    assert "dans sa commune" in seen(adviser, Wanted(rank=2, commune="84031"))[0].reasons
    beyond_the_rhone = seen(adviser, Wanted(rank=2, commune="30351"))  # Villeneuve-lès-Avignon
    assert "dans son intercommunalité" in beyond_the_rhone[0].reasons
    far = seen(adviser, Wanted(rank=2, commune="84054"))
    assert not any("dans s" in reason for one in far for reason in one.reasons)


def test_a_structure_that_no_fiche_reaches_comes_last_and_says_so(one_of_each, adviser):
    """The rule of the Region wants it first; an address is enough."""
    silent = factories.structure("Aaa", "84007", network="CIO", category="regional_operator")
    factories.rule("93", structure=silent)
    found = seen(adviser, Wanted(rank=2))
    assert proposed(found) == BY_NAME
    assert (found[-1].name, found[-1].is_proposed) == ("Aaa", False)
    assert (
        found[-1].reasons[0]
        == "ni compte ni adresse qui reçoive : aucune fiche ne lui parviendrait"
    )
    factories.capacity("93", silent, address="accueil@aaa.example")
    assert proposed(seen(adviser, Wanted(rank=2)))[0] == "Aaa"


HOURS = [
    ({}, ""),
    ({2: (9, 12)}, "le mardi de 9 h à 12 h"),
    ({1: (9, 12), 4: (9, 12)}, "le lundi et le jeudi de 9 h à 12 h"),
    ({1: (9, 12), 3: (9, 12), 5: (9, 12)}, "le lundi, le mercredi et le vendredi de 9 h à 12 h"),
    (
        {1: (9, 17), 2: (9, 17), 3: (9, 17), 6: (9, 12)},
        "du lundi au mercredi de 9 h à 17 h, le samedi de 9 h à 12 h",
    ),
]


@pytest.mark.parametrize(("days", "words"), HOURS)
def test_hours_are_said_as_one_says_them(days, words):
    rows = [
        OpeningHours(weekday=day, opens_at=time(opens), closes_at=time(closes))
        for day, (opens, closes) in days.items()
    ]
    assert hours_in_words([*rows, OpeningHours(weekday=6)]) == words


@pytest.mark.parametrize("count", [1, 50])
def test_as_many_queries_for_one_rule_as_for_fifty(one_of_each, adviser, count):
    for position in range(1, count + 1):
        factories.rule("93", network_id="ML", position=position, situations=["CDI"])
    seen(adviser, Wanted(rank=2, situation="CDI"))  # labels are remembered
    with scope_of(adviser, read_only=True), CaptureQueriesContext(connection) as queries:
        receivers(Wanted(rank=2, situation="CDI"), offer_in(HERE, periods.today()))
    assert len(queries) == 16  # five of which open and close a scope


# ── Against a plain evaluator ────────────────────────────────────────────────────────────────

DAY = date(2026, 3, 11)  # a Wednesday
MONDAY, SUNDAY = date(2026, 3, 9), date(2026, 3, 15)
ROUNDS, PERSONS = 20, 15
SITUATIONS, REASONS, CATEGORIES = ["DEI", "CDI", "ETU", "FTI"], ["M01", "M10", "M11"], list("356")


def test_three_hundred_cases_drawn_at_random(adviser):
    chance = random.Random(55)
    structures = [_draw_structure(chance, number) for number in range(14)]
    national = [_read(row) for row in _national_rows() if not row["dropouts"]]
    kinds = {"region": 0, "national": 0, "ruled out": 0, "full": 0}
    for _ in range(ROUNDS):
        _forget()
        rules = [_draw_rule(chance, structures) for _ in range(chance.choice([0, 3, 12]))]
        loads = {one["pk"]: _draw_load(chance, one) for one in structures}
        offer = _offer(adviser)
        for _ in range(PERSONS):
            person = _draw_person(chance)
            expected = judge(person, structures, rules, national, loads)
            found = [(o.structure.pk, o.is_proposed) for o in receivers(Wanted(**person), offer)]
            assert found == expected, person
            kinds["region" if any(map(_is_ours, rules)) else "national"] += 1
            in_use = [rule for rule in rules if _is_ours(rule)] or national
            kinds["ruled out"] += any(r["excludes"] and _is_for(r, person) for r in in_use)
            kinds["full"] += any(_is_full(*loads[pk]) for pk, _ in expected)
    assert kinds["region"] + kinds["national"] == ROUNDS * PERSONS
    assert min(kinds.values()) > 5, kinds


def _offer(adviser):
    with scope_of(adviser, read_only=True):
        return offer_in(HERE, DAY)


def judge(person, structures, rules, national, loads) -> list[tuple[int, bool]]:
    """(structure, is it proposed), in order: the statement of the task, in plain Python."""
    ours = [rule for rule in rules if _is_ours(rule)]
    in_use = sorted(ours or [r for r in national if _in_force(r)], key=lambda r: r["position"])
    ranked = []
    for one in structures:
        if one["max_rank"] < person["rank"]:
            continue
        deciding = None
        for rule in in_use:
            aims_at_it = one["pk"] == rule["structure"] or one["network"] == rule["network"]
            if deciding is None and _is_for(rule, person) and aims_at_it:
                deciding = rule
        out = bool(deciding and deciding["excludes"])
        if person["commune"] in one["communes"]:
            place = 0
        elif person["commune"] in GRAND_AVIGNON and GRAND_AVIGNON & set(one["communes"]):
            place = 1
        else:
            place = 2
        rank = deciding["position"] if deciding else float("inf")
        of_others = deciding is None and _is_for_other_ages(one, in_use, person["age"])
        key = (out, of_others, _is_full(*loads[one["pk"]]), rank, place, one["name"])
        ranked.append((key, one["pk"], out))
    ranked.sort()
    return [(pk, not out and n < 3) for n, (_, pk, out) in enumerate(ranked)]


def _is_for_other_ages(one, rules, age) -> bool:
    """Whether rules send there, and none of them somebody of this age."""
    sending = [
        rule
        for rule in rules
        if not rule["excludes"]
        and rule["department"] in (None, HERE)
        and (one["pk"] == rule["structure"] or one["network"] == rule["network"])
    ]
    spans = [(rule["youngest"] or 0, rule["oldest"] or 999) for rule in sending]
    return bool(spans) and age is not None and not any(a <= age <= b for a, b in spans)


def _is_ours(rule) -> bool:
    return rule["region"] == "93" and _in_force(rule)


def _in_force(rule) -> bool:
    return rule["starts_on"] <= DAY and not (rule["ends_on"] and rule["ends_on"] <= DAY)


def _is_for(rule, person) -> bool:
    if rule["department"] not in (None, HERE):
        return False
    if rule["level"] and int(rule["level"][1]) != person["rank"]:
        return False
    for codes, code in (
        ("situations", "situation"),
        ("reasons", "reason"),
        ("categories", "category"),
    ):
        if rule[codes] and person[code] not in rule[codes]:
            return False
    bounds = (rule["youngest"], rule["oldest"])
    if bounds == (None, None):
        return True
    age = person["age"]
    return age is not None and (bounds[0] or 0) <= age <= (bounds[1] or 999)


def _is_full(weekly, full_until, taken) -> bool:
    return bool(full_until and full_until >= DAY) or bool(weekly and weekly <= taken)


def _draw_structure(chance, number: int) -> dict:
    network = chance.choice(list(NETWORKS))
    communes = chance.sample(COMMUNES, chance.choice([1, 2]))
    drawn = {"name": f"S{number:02d}", "network": network, "communes": communes}
    drawn["max_rank"] = chance.choice([2, 3, 3])
    made = receiving(
        drawn["name"],
        *communes,
        network=network,
        category="regional_operator",
        max_rank=drawn["max_rank"],
    )
    return drawn | {"pk": made.pk}


def _draw_rule(chance, structures) -> dict:
    level = chance.choice([None, None, "N2", "N3"])
    youngest, oldest = sorted(chance.sample(range(16, 60), 2))
    drawn = {
        "region": chance.choice(["93", "93", "93", "11"]),
        "position": chance.randrange(1, 8),
        "level": level,
        "situations": _some(chance, SITUATIONS),
        "reasons": _some(chance, REASONS),
        "categories": _some(chance, CATEGORIES) if level == "N3" else [],
        "youngest": chance.choice([None, youngest]),
        "oldest": chance.choice([None, oldest]),
        "excludes": chance.random() < 0.25,
        "starts_on": chance.choice([date(2026, 1, 1), DAY, DAY + timedelta(days=1)]),
        "ends_on": chance.choice([None, None, DAY + timedelta(days=1), DAY + timedelta(days=9)]),
    }
    here = {"93": ["84", "13"], "11": ["75"]}[drawn["region"]]
    drawn["department"] = chance.choice([None, None, *here])
    drawn["network"] = chance.choice([None, *NETWORKS])
    drawn["structure"] = None if drawn["network"] else chance.choice(structures)["pk"]
    columns = {"level", "department", "network", "structure"}
    factories.rule(
        drawn["region"],
        **{
            f"{name}_id" if name in columns else name: value
            for name, value in drawn.items()
            if name != "region"
        },
    )
    return drawn


def _some(chance, codes: list[str]) -> list[str]:
    return chance.sample(codes, chance.choice([0, 0, 1, 2]))


def _draw_load(chance, structure) -> tuple:
    """(a week, full until, taken this week)"""
    weekly = chance.choice([None, None, 1, 3])
    until = chance.choice([None, None, None, DAY - timedelta(days=1), DAY, DAY + timedelta(days=4)])
    if weekly or until:
        factories.capacity("93", Structure(pk=structure["pk"]), weekly=weekly, full_until=until)
    taken = chance.choice([0, 1, 2, 3])
    days = [chance.choice([MONDAY, DAY, SUNDAY]) for _ in range(taken)]
    others = [MONDAY - timedelta(days=1), SUNDAY + timedelta(days=1)]  # of no weight
    PlaceTaken.objects.using("owner").bulk_create(
        PlaceTaken(region_id="93", structure_id=structure["pk"], sent_on=day, places=1)
        for day in [*days, *others]
    )
    return weekly, until, taken


def _draw_person(chance) -> dict:
    rank = chance.choice([2, 3])
    return {
        "rank": rank,
        "age": chance.choice([None, *range(16, 60)]),
        "commune": chance.choice(["", *COMMUNES]),
        "situation": chance.choice(["", *SITUATIONS]),
        "reason": chance.choice(REASONS),
        "category": chance.choice(["", *CATEGORIES]) if rank == 3 else "",
    }


def _national_rows() -> list[dict]:
    with (DATA / "routing_rules.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _read(row: dict) -> dict:
    lists = {name: row[name].split() for name in ("reasons", "situations", "categories")}
    return lists | {
        "position": int(row["position"]),
        "level": row["level"],
        "youngest": int(row["youngest"] or 0) or None,
        "oldest": int(row["oldest"] or 0) or None,
        "network": row["network"],
        "structure": None,
        "department": None,
        "excludes": row["effect"] == "exclude",
        "starts_on": date.fromisoformat(row["starts_on"]),
        "ends_on": date.fromisoformat(row["ends_on"]) if row["ends_on"] else None,
    }


def _forget() -> None:
    RoutingRule.objects.using("owner").exclude(region=None).delete()
    for model in (Capacity, PlaceTaken):
        model.objects.using("owner").all().delete()
