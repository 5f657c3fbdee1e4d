"""Results at six months: recounted by hand, published once, read each by its own."""

import random
import re
from collections import Counter
from datetime import date
from html import unescape

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from beneficiaries.actions import count_adviser_feedback, count_feedback, draw_feedback_codes
from beneficiaries.models import QUESTIONS, SurveyResult
from indicators import actions
from indicators.models import SecrecyThreshold
from regions.middleware import scope_of
from regions.queries import national_regions
from sprocep import periods, tenancy
from sprocep.periods import Period
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PERIOD = Period.parse("2025-T3")
FINAL = periods.months_after(PERIOD.ends, 8)
PAGE = "/resultats-a-six-mois/"
# By place: how many answered, how many did not.
SIZES = {"marseille": (25, 7), "aix": (14, 4), "paris": (11, 19)}
SITUATIONS = ("CDI", "CDD", "DEI", "APP")


@pytest.fixture
def rows(world) -> list[dict]:
    """What was asked and answered in the quarter, as plain rows."""
    drawn = random.Random(11)
    made = []
    for place, (answered, silent) in SIZES.items():
        adviser = world[f"adviser {place}"]
        with scope_of(adviser, read_only=False):
            for rank in range(answered + silent):
                answer = {
                    "situation_id": drawn.choice(SITUATIONS),
                    "project": drawn.choice(("yes", "partly", "no")),
                    "usefulness": drawn.choice((1, 2, 3, 4, None)),
                }
                answer = answer if rank < answered else None
                day = periods.days_after(PERIOD.starts, drawn.randrange(92))
                factories.exit_question(adviser, exit_on=day, answer=answer)
                made.append({"structure": adviser.structure_id, "region": adviser.region_id})
                made[-1]["answer"] = answer
    return made


@pytest.fixture
def published(rows) -> list[dict]:
    assert actions.publish_surveys(FINAL) == [PERIOD.code]
    return rows


def by_hand(rows: list[dict], **place) -> tuple:
    """asked, answered, counts: in plain Python, from the rows."""
    own = [row for row in rows if all(row[name] == value for name, value in place.items())]
    given = [row["answer"] for row in own if row["answer"]]
    return (
        len(own),
        len(given),
        {
            "situation": Counter(one["situation_id"] for one in given),
            "project": Counter(one["project"] for one in given),
            "usefulness": Counter(str(one["usefulness"]) for one in given if one["usefulness"]),
        },
    )


def stored(territory: str, structure: int | None = None) -> SurveyResult:
    with tenancy.scope(regions=national_regions()):
        return SurveyResult.objects.get(territory=territory, structure=structure)


def text_of(page) -> str:
    words = re.sub(r"<[^>]+>", " ", page.content.decode())
    return " ".join(unescape(words).replace("\u202f", " ").replace("\u00a0", " ").split())


# ── Counted ──────────────────────────────────────────────────────────────────────────────────


def test_results_equal_a_recount_by_hand(world, published):
    for territory, structure, place in (
        ("FR", None, {}),
        ("93", None, {"region": "93"}),
        ("93", world.marseille.pk, {"structure": world.marseille.pk}),
        ("93", world.aix.pk, {"structure": world.aix.pk}),
    ):
        result = stored(territory, structure)
        asked, answered, counts = by_hand(published, **place)
        assert (result.asked, result.answered, result.threshold) == (asked, answered, 11)
        for question, read in result.counts.items():
            told = {answer: n for answer, n in read.items() if answer != "rest"}
            assert told == {answer: counts[question][answer] for answer in told}
            assert sum(read.values()) == sum(counts[question].values())
            assert min(read.values()) >= 11
    assert {"situation", "project"} <= set(stored("FR").counts)


def test_a_quarter_is_published_once_its_answers_are_all_in(world, rows):
    assert actions.publish_surveys(periods.days_after(FINAL, -1)) == []
    assert actions.publish_surveys(FINAL) == [PERIOD.code]
    before = stored("93").answered
    assert actions.publish_surveys(FINAL) == []
    with scope_of(world["adviser aix"], read_only=False):
        factories.exit_question(
            world["adviser aix"],
            exit_on=PERIOD.starts,
            answer={"situation_id": "CDI", "project": "yes"},
        )
    assert actions.publish_surveys(FINAL) == []
    assert stored("93").answered == before


def test_the_threshold_is_that_of_the_quarter(world, rows):
    with tenancy.scope(regions=national_regions()):
        for k, day in ((30, PERIOD.starts), (3, PERIOD.ends)):
            SecrecyThreshold.objects.create(k=k, starts_on=day)
    actions.publish_surveys(FINAL)
    assert (stored("FR").answered, stored("FR").threshold) == (50, 30)
    # Our thirty-nine would give the eleven of Paris away.
    assert [stored(code).answered for code in ("93", "11")] == [None, None]


def test_below_the_threshold_nothing_is_stored_nor_found(world):
    for place, answered in (("marseille", 25), ("aix", 10), ("paris", 10)):
        with scope_of(world[f"adviser {place}"], read_only=False):
            for _ in range(answered):
                answer = {"situation_id": "CDI", "project": "yes"}
                factories.exit_question(
                    world[f"adviser {place}"], exit_on=PERIOD.starts, answer=answer
                )
    actions.publish_surveys(FINAL)
    assert stored("FR").answered == 45
    # Ten of Paris would be the nation without our Region, ten of Aix our Region without Marseille.
    for place in (("11", None), ("11", world.paris.pk), ("93", world.aix.pk)):
        hidden = stored(*place)
        assert (hidden.asked, hidden.answered, hidden.counts) == (None, None, None)
    assert stored("93").answered is None
    assert stored("93", world.marseille.pk).answered is None


def test_a_reopened_journey_is_no_exit(world, rows):
    with scope_of(world["adviser aix"], read_only=False):
        factories.exit_question(world["adviser aix"], exit_on=PERIOD.starts, state="reopened")
    actions.publish_surveys(FINAL)
    assert stored("93").asked == by_hand(rows, region="93")[0]


def test_a_result_never_changes(world, published):
    few = SurveyResult(
        survey="six_months",
        period="2025-T1",
        territory="93",
        threshold=11,
        published_on=FINAL,
        asked=20,
        answered=10,
        counts={"project": {"yes": 10}},
    )
    with scope_of(world["dgefp_officer"], read_only=False):
        with pytest.raises(ProgrammingError), transaction.atomic():
            SurveyResult.objects.update(answered=99)
        with pytest.raises(IntegrityError), transaction.atomic():
            few.save()
    assert stored("93").answered == 39


# ── Read ─────────────────────────────────────────────────────────────────────────────────────


def test_a_manager_reads_her_structure_with_its_response_rate(world, logged_in, published):
    text = text_of(logged_in(world["structure_manager marseille"]).get(PAGE))
    assert "Mission locale de Marseille" in text
    assert "Personnes interrogées 32 Réponses 25 Taux de réponse 78,1 %" in text
    assert "pays d'Aix" not in text
    assert "Paris" not in text


def test_a_coordinator_reads_her_region_by_structure(world, logged_in, published):
    text = text_of(logged_in(world["regional_coordinator 93"]).get(PAGE))
    assert "Personnes interrogées 50 Réponses 39 Taux de réponse 78,0 %" in text
    assert "Mission locale de Marseille 32 25 78,1 %" in text
    assert "Mission locale du pays d'Aix 18 14 77,8 %" in text
    assert "Mission locale de Paris" not in text


def test_the_nation_reads_every_region_and_goes_into_one(world, logged_in, published):
    browser = logged_in(world["dgefp_officer"])
    text = text_of(browser.get(PAGE))
    assert "Personnes interrogées 80 Réponses 50 Taux de réponse 62,5 %" in text
    assert "50 réponses, taux de réponse 62,5 %" in text
    assert "Autres réponses, trop peu nombreuses pour être dites une à une 20" in text
    assert "Île-de-France 30 11 36,7 %" in text
    inside = text_of(browser.get(f"{PAGE}?periode=2025-T3&region=93"))
    assert "Mission locale de Marseille 32 25 78,1 %" in inside
    wrong = text_of(browser.get(f"{PAGE}?periode=nope&region=ZZ"))
    assert "Île-de-France 30 11 36,7 %" in wrong


def test_a_hidden_result_says_no_number(world, logged_in):
    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        for _ in range(7):
            answer = {"situation_id": "CDI", "project": "yes"}
            factories.exit_question(adviser, exit_on=PERIOD.starts, answer=answer)
    actions.publish_surveys(FINAL)
    for role in ("structure_manager marseille", "regional_coordinator 93", "dgefp_officer"):
        text = text_of(logged_in(world[role]).get(PAGE))
        main = text[text.index("sorties du") :]
        assert "Pas assez de réponses" in main
        assert "7" not in main[: main.index("Un trimestre publié ne change plus")]


def test_before_the_first_quarter_the_page_says_when(world, logged_in):
    text = text_of(logged_in(world["regional_coordinator 93"]).get(PAGE))
    assert "Aucun trimestre n’est encore publié" in text


def test_others_read_nothing_in_postgresql_either(world, logged_in, published):
    assert logged_in(world["adviser marseille"]).get(PAGE).status_code == 403
    for role, seen in (
        ("structure_manager aix", {("93", world.aix.pk)}),
        ("adviser national", set()),
        ("network_head ML", set()),
        (
            "regional_coordinator 93",
            {("93", None), ("93", world.aix.pk), ("93", world.marseille.pk)},
        ),
        ("regional_coordinator 75", set()),
    ):
        with scope_of(world[role], read_only=True):
            found = set(SurveyResult.objects.values_list("territory", "structure"))
        assert found == seen, role


def test_nobody_but_the_nation_publishes(world, rows):
    row = {"survey": "six_months", "period": "2025-T1", "territory": "93", "threshold": 11}
    row |= {"published_on": FINAL}
    coordination = scope_of(world["regional_coordinator 93"], read_only=False)
    with coordination, pytest.raises(ProgrammingError), transaction.atomic():
        SurveyResult.objects.create(**row)
    with tenancy.scope(regions=national_regions()):
        assert SurveyResult.objects.create(**row).pk


# ── Feedback after a session ─────────────────────────────────────────────────────────────────


def test_feedback_is_read_from_eleven_answers_once_its_codes_serve_no_more(
    world, logged_in, monkeypatch
):
    drawn, given = random.Random(5), {}
    day = periods.quarter_of(periods.today()).starts
    monkeypatch.setattr(periods, "today", lambda: day)
    for place, answers in (("marseille", 15), ("aix", 12), ("national", 5), ("paris", 11)):
        adviser = world[f"adviser {place}"]
        with scope_of(adviser, read_only=False):
            sheets = [
                code
                for _ in range(2)
                for code in draw_feedback_codes(by=adviser.user, membership=adviser)
            ]
        given[place] = [
            {question: drawn.randint(1, 4) for question in QUESTIONS} for _ in range(answers)
        ]
        for code, grades in zip(sheets, given[place], strict=False):
            assert count_feedback(code=code, grades=grades)
    quarter = periods.quarter_of(day)
    over = periods.months_after(quarter.ends, 1)
    assert actions.publish_surveys(periods.days_after(over, -1)) == []
    assert actions.publish_surveys(over) == [quarter.code]
    page = "/avis-apres-entretien/"
    manager = text_of(logged_in(world["structure_manager marseille"]).get(page))
    assert "Réponses 15" in manager
    counted = Counter(one["listened"] for one in given["marseille"])
    assert f"tout à fait {counted[4]} " in manager
    nation = text_of(logged_in(world["dgefp_officer"]).get(page))
    assert "Réponses 43" in nation
    region = text_of(logged_in(world["regional_coordinator 93"]).get(page))
    assert "Agence nationale pas encore assez de réponses" in region
    # Five of the agency would be our Region without Marseille and Aix.
    for role in ("structure_manager national", "structure_manager aix"):
        text = text_of(logged_in(world[role]).get(page))
        main = text[text.index("entretiens du") :]
        assert "Pas encore assez de réponses" in main
        assert not re.search(r"\d", main.split("Pas encore")[1].split("Un trimestre publié")[0])
    assert logged_in(world["adviser marseille"]).get(page).status_code == 403


# ── Feedback of advisers ─────────────────────────────────────────────────────────────────────

OF_ADVISERS = "/avis-des-conseillers/"


def advisers_answer(world, place: str, advisers: int, answers: int) -> None:
    """So many advisers who each hold sessions there, and so many answers."""
    at = world[f"adviser {place}"]
    for rank in range(advisers):
        held_by = at if rank == 0 else factories.member("adviser", region=at.region_id, at=at.site)
        with scope_of(held_by, read_only=False):
            for _ in range(-(-answers // advisers)):
                factories.journey(held_by, opened_on=periods.today())
    with scope_of(at, read_only=False):
        for _ in range(answers):
            said = {"conditions": 4, "time": 1, "lacked": "time"}
            count_adviser_feedback(membership=at, answers=said)


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_advisers_are_read_from_eleven_answers_of_where_eleven_could_answer(
    world, logged_in, monkeypatch
):
    day = periods.quarter_of(periods.today()).starts
    monkeypatch.setattr(periods, "today", lambda: day)
    advisers_answer(world, "marseille", advisers=11, answers=22)
    advisers_answer(world, "aix", advisers=2, answers=14)  # enough answers, of too few
    advisers_answer(world, "national", advisers=9, answers=9)
    quarter = periods.quarter_of(day)
    assert actions.publish_surveys(quarter.last_day) == []
    assert actions.publish_surveys(quarter.ends) == [quarter.code]
    assert actions.publish_surveys(quarter.ends) == []
    manager = text_of(logged_in(world["structure_manager marseille"]).get(OF_ADVISERS))
    assert "Réponses 22" in manager
    assert "du temps 22 100,0 %" in manager
    region = text_of(logged_in(world["regional_coordinator 93"]).get(OF_ADVISERS))
    assert "Réponses 45" in region
    for hidden in ("Mission locale du pays d'Aix", "Agence nationale"):
        assert f"{hidden} pas encore assez de réponses" in region
    few = text_of(logged_in(world["structure_manager aix"]).get(OF_ADVISERS))
    assert "Pas encore assez de réponses" in few
    assert " 14 " not in few.split("réponses du")[1]
    assert logged_in(world["adviser marseille"]).get(OF_ADVISERS).status_code == 403


# ── Décrocheurs ──────────────────────────────────────────────────────────────────────────────

FOUND = Period.parse("2016-T1")
READ_ON = periods.months_after(FOUND.ends, 6)
OF_DROPOUTS = "/parcours-des-decrocheurs/"
BECAME = {
    "training": {"ended_on": date(2016, 3, 1), "ending": "training"},
    "relayed": {"relayed_on": date(2016, 3, 1)},
    "neither": {},
    "other": {"ended_on": date(2016, 3, 1), "ending": "job"},
}


def find_dropouts(adviser, **numbers: int) -> list:
    """So many of each that became so; their journeys."""
    with scope_of(adviser, read_only=False):
        made = []
        for became, number in numbers.items():
            for _ in range(number):
                person = factories.beneficiary(adviser, birth_date=date(1999, 1, 5))
                journey = factories.journey(adviser, of=person, age=17)
                factories.dropout_path(adviser, journey, **BECAME[became])
                made.append(journey)
    return made


def test_dropouts_are_counted_where_they_were_found_and_what_became_of_them(world, logged_in):
    find_dropouts(world["adviser marseille"], training=12, relayed=11, neither=8, other=4)
    find_dropouts(world["adviser aix"], training=13, relayed=20, neither=12)
    find_dropouts(world["adviser paris"], training=11, neither=11)
    assert actions.publish_surveys(periods.days_after(READ_ON, -1)) == []
    assert actions.publish_surveys(READ_ON) == [FOUND.code]
    assert actions.publish_surveys(READ_ON) == []
    became = {"training": 25, "relayed": 31, "neither": 24}
    assert (stored("93").answered, stored("93").counts) == (80, {"became": became})
    assert stored("93", world.marseille.pk).counts == {
        "became": {"training": 12, "relayed": 11, "neither": 12}
    }
    assert stored("FR").answered == 102
    text = text_of(logged_in(world["regional_coordinator 93"]).get(OF_DROPOUTS))
    assert "Personnes repérées 80" in text
    assert "De retour en formation 25 31,3 %" in text
    assert "Mission locale du pays d'Aix 45 28,9 %" in text
    assert "Paris" not in text
    assert logged_in(world["adviser marseille"]).get(OF_DROPOUTS).status_code == 403


def test_no_count_of_dropouts_is_below_the_threshold(world, logged_in):
    """Ten are none; of eleven and more, what became of them is read where each count is enough."""
    find_dropouts(world["adviser marseille"], training=12, neither=14)
    find_dropouts(world["adviser aix"], training=15, relayed=3)
    find_dropouts(world["adviser paris"], neither=10)
    actions.publish_surveys(READ_ON)
    assert (stored("FR").answered, stored("FR").counts) == (54, {})  # three are followed
    assert [stored(code).answered for code in ("93", "11")] == [None, None]
    text = text_of(logged_in(world["regional_coordinator 93"]).get(OF_DROPOUTS))
    main = text[text.index("repérages du") :]
    assert "Trop peu de personnes" in main
    assert "44" not in main
    assert "Personnes repérées 54" in text_of(logged_in(world["dgefp_officer"]).get(OF_DROPOUTS))


def test_a_dropout_of_two_structures_is_counted_once(world):
    journeys = find_dropouts(world["adviser marseille"], neither=22)
    relay = world["adviser aix"]
    with scope_of(relay, read_only=False):
        for one in journeys[:11]:
            person = factories.beneficiary(relay, birth_date=date(1999, 1, 5))
            theirs = factories.journey(relay, of=person, age=17, thread_number=one.thread_number)
            factories.dropout_path(
                relay, theirs, reported_on=date(2016, 2, 20), **BECAME["training"]
            )
    actions.publish_surveys(READ_ON)
    assert stored("93").counts == {"became": {"training": 11, "neither": 11}}
    assert stored("93", world.marseille.pk).answered == 22
    with tenancy.scope(regions=national_regions()):
        assert not SurveyResult.objects.filter(structure=world.aix.pk).exists()
