"""The path of a décrocheur: who reads it, in PostgreSQL first; who is proposed to her; that nothing
else says it."""

import re
from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from beneficiaries import actions, exports
from beneficiaries.entries import DropoutSteps
from beneficiaries.models import DropoutPath, Journey, Referral
from operators.models import PlatformMember
from regions.middleware import scope_of
from regions.models import AuditEvent
from regions.queries import national_regions
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
REPORTED = date(2016, 2, 10)
FIRST = DropoutSteps(reported_on=REPORTED)
SAID = re.compile("décroch", re.IGNORECASE)


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


def young(adviser, *, born: date = date(1999, 1, 5), **values) -> Journey:
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, birth_date=born, phone="06 12 34 56 78")
        return factories.journey(adviser, of=person, **{"age": 17} | values)


def left_school(adviser, **values) -> Journey:
    """One who follows the path since her journey was opened."""
    journey = young(adviser)
    with scope_of(adviser, read_only=False):
        factories.dropout_path(adviser, journey, **values)
    return journey


def join_platform(world, structure) -> PlatformMember:
    with scope_of(world["regional_coordinator 93"], read_only=False):
        return PlatformMember.objects.create(
            region_id="93", structure=structure, starts_on=date(2015, 1, 1)
        )


def paths_seen(**place) -> int:
    with tenancy.scope(read_only=True, **place):
        return DropoutPath.objects.count()


def seen_by(member) -> int:
    with scope_of(member, read_only=True):
        return DropoutPath.objects.count()


def fiche(adviser, receiver, journey: Journey, **values) -> Referral:
    with scope_of(adviser, read_only=False):
        return factories.referral(adviser, receiver, journey=journey, **values)


# ── Who reads it, in PostgreSQL ──────────────────────────────────────────────────────────────


def test_who_counsels_in_the_structure_reads_it_and_nobody_else(world, adviser):
    journey = left_school(adviser)
    readers = {name for name in world.members if seen_by(world[name])}
    assert readers == {"adviser marseille", "structure_manager marseille"}
    # Those of the same desk read the journey itself.
    with scope_of(world["level1_receptionist marseille"], read_only=True):
        assert Journey.objects.filter(pk=journey.pk).exists()


def test_a_scope_of_the_structure_without_a_person_reads_none_but_for_workers(world, adviser):
    """Such are those of a link of a fiche, and of a person's own access."""
    left_school(adviser)
    there = {"structures": [adviser.structure_id]}
    assert paths_seen(regions=["93"], **there) == 0
    assert paths_seen(regions=["93"], user=world["adviser aix"].user_id, **there) == 0
    assert paths_seen(regions=["93", "11"], **there) == 0
    assert paths_seen(regions=national_regions()) == 0
    assert paths_seen(regions=national_regions(), **there) == 1
    assert paths_seen(regions=["93"], user=adviser.user_id, **there) == 1


def test_an_adviser_whose_habilitation_ended_reads_it_no_more(adviser):
    left_school(adviser)
    place = {"regions": ["93"], "structures": [adviser.structure_id], "user": adviser.user_id}
    assert paths_seen(**place) == 1
    with tenancy.scope(regions=national_regions()):
        type(adviser).objects.filter(pk=adviser.pk).update(ends_on=periods.today())
    assert paths_seen(**place) == 0


def test_a_member_of_a_platform_reads_it_with_its_fiche_and_others_do_not(world, adviser):
    journey, relay = left_school(adviser), world["adviser aix"]
    sent = fiche(adviser, relay, journey)
    assert seen_by(relay) == 0
    member = join_platform(world, world.aix)
    assert seen_by(relay) == seen_by(world["structure_manager aix"]) == 1
    assert seen_by(world["level1_receptionist aix"]) == 0
    assert paths_seen(regions=["93"], structures=[world.aix.pk]) == 0  # by a link
    assert seen_by(world["adviser paris"]) == 0
    with scope_of(relay, read_only=False):  # reads, and changes nothing
        assert DropoutPath.objects.update(ending="job", ended_on=periods.today()) == 0
        assert DropoutPath.objects.all().delete()[0] == 0
    for state in ("declined", "withdrawn"):
        with scope_of(adviser, read_only=False), transaction.atomic():
            reason = {"decline_reason_id": "D01"} if state == "declined" else {}
            Referral.objects.filter(pk=sent.pk).update(state=state, **reason)
            with scope_of(relay, read_only=True):
                assert not DropoutPath.objects.exists()
            transaction.set_rollback(True)
    assert seen_by(relay) == 1
    with scope_of(world["regional_coordinator 93"], read_only=False):
        PlatformMember.objects.filter(pk=member.pk).update(ends_on=periods.today())
    assert seen_by(relay) == 0


def test_a_fiche_of_another_journey_tells_nothing(world, adviser):
    left_school(adviser)
    join_platform(world, world.aix)
    fiche(adviser, world["adviser aix"], young(adviser))
    assert seen_by(world["adviser aix"]) == 0
    assert seen_by(adviser) == 1


# ── What no row may say ──────────────────────────────────────────────────────────────────────


def test_nobody_writes_one_but_who_counsels_there(world, adviser):
    journey = young(adviser)
    for name in ("level1_receptionist marseille", "adviser aix", "regional_coordinator 93"):
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
            scope_of(world[name], read_only=False),
        ):
            factories.dropout_path(adviser, journey)
    with scope_of(adviser, read_only=False):
        assert factories.dropout_path(adviser, journey).pk


@pytest.mark.parametrize(
    ("born", "profile", "name"),
    [
        (date(1990, 2, 10), {}, "dropout_path_age"),  # 26 that day
        (date(2000, 2, 11), {}, "dropout_path_age"),  # 16 the day after
        (None, {"age": 26}, "dropout_path_age"),
        (date(1999, 1, 5), {"education_level_id": "3"}, "dropout_path_diploma"),
        (date(1990, 2, 11), {}, None),
        (date(2000, 2, 10), {"education_level_id": "2"}, None),
        (None, {"age": None}, None),
    ],
)
def test_it_is_for_the_young_without_a_diploma(adviser, born, profile, name):
    journey = young(adviser, born=born, **profile)
    with scope_of(adviser, read_only=False):
        if name is None:
            assert factories.dropout_path(adviser, journey).pk
            return
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            factories.dropout_path(adviser, journey)
    assert refusal.value.__cause__.diag.constraint_name == name


BEFORE, AFTER = date(2016, 2, 9), date(2016, 2, 11)


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        ({"contacted_on": BEFORE}, "dropout_path_order"),
        ({"relayed_on": BEFORE}, "dropout_path_order"),
        ({"ended_on": BEFORE, "ending": "job"}, "dropout_path_order"),
        ({"relayed_on": AFTER, "ended_on": REPORTED, "ending": "job"}, "dropout_path_order"),
        ({"ended_on": AFTER}, "dropout_path_end_is_whole"),
        ({"ending": "job"}, "dropout_path_end_is_whole"),
        ({"ended_on": AFTER, "ending": "prison"}, "dropout_path_end_is_whole"),
        ({"region_id": "11"}, "dropout_path_department"),
        (
            {"contacted_on": REPORTED, "relayed_on": AFTER, "ended_on": AFTER, "ending": "lost"},
            None,
        ),
    ],
)
def test_its_steps_follow_each_other(adviser, steps, name):
    journey = young(adviser)
    regions = ["93", "11"]
    with tenancy.scope(regions=regions, structures=[adviser.structure_id], user=adviser.user_id):
        if name is None:
            assert factories.dropout_path(adviser, journey, **steps).pk
            with pytest.raises(IntegrityError, match="dropout_path_once"), transaction.atomic():
                factories.dropout_path(adviser, journey)
            return
        made = DropoutPath(
            region_id="93", structure_id=adviser.structure_id, department_id="13",
            journey=journey, reported_on=REPORTED, noted_by=adviser,
        )  # fmt: skip
        for field, value in steps.items():
            setattr(made, field, value)
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            made.save()
    assert refusal.value.__cause__.diag.constraint_name == name


# ── Actions ──────────────────────────────────────────────────────────────────────────────────


def test_a_path_is_noted_goes_on_and_is_taken_back(adviser):
    journey = young(adviser)
    who = {"by": adviser.user, "membership": adviser, "journey": journey}
    with scope_of(adviser, read_only=False):
        made = actions.note_dropout(**who, steps=FIRST)
        assert (made.region_id, made.department_id) == ("93", "13")
        further = DropoutSteps(
            reported_on=REPORTED, contacted_on=AFTER, ended_on=AFTER, ending="training"
        )
        assert actions.note_dropout(**who, steps=further).pk == made.pk
        assert DropoutPath.objects.get().ending == "training"
        actions.drop_dropout(**who)
        assert not DropoutPath.objects.exists()
        with pytest.raises(ActionRefused, match="déjà retiré"):
            actions.drop_dropout(**who)
        traces = AuditEvent.objects.filter(by=adviser.user_id).order_by("pk")
        assert [(row.action, row.fields) for row in traces] == [
            ("note_dropout", "reported_on"),
            ("note_dropout", "contacted_on ended_on ending"),
            ("drop_dropout", ""),
        ]
        # Whoever audits reads whose act it was, not whose path.
        assert {(row.object_type, row.object_id) for row in traces} == {
            ("beneficiaries.dropoutpath", str(made.pk))
        }


def test_what_postgresql_refuses_is_said_in_french(world, adviser):
    journey = young(adviser, born=date(1980, 1, 5))
    with scope_of(adviser, read_only=False):
        with pytest.raises(ActionRefused, match="de 16 à 25 ans"):
            actions.note_dropout(by=adviser.user, membership=adviser, journey=journey, steps=FIRST)
        to_come = DropoutSteps(reported_on=periods.days_after(periods.today(), 1))
        with pytest.raises(ActionRefused, match="à venir"):
            actions.note_dropout(
                by=adviser.user, membership=adviser, journey=journey, steps=to_come
            )
    desk = world["level1_receptionist marseille"]
    with scope_of(desk, read_only=False), pytest.raises(ActionRefused, match="accueil anonyme"):
        actions.note_dropout(by=desk.user, membership=desk, journey=journey, steps=FIRST)


# ── Pages ────────────────────────────────────────────────────────────────────────────────────


def text_of(answer) -> str:
    return answer.content.decode()


def test_an_adviser_notes_it_beside_the_journey(browser, adviser):
    journey = young(adviser)
    address = f"/parcours/{journey.public_id}/"
    assert "Elle a quitté l’école sans diplôme" in text_of(browser.get(address))
    form = browser.get(f"{address}decrochage/")
    assert form.context["form"]["reported_on"].value() == periods.today()
    wrong = {"reported_on": "2016-02-10", "contacted_on": "2016-02-09"}
    again = browser.post(f"{address}decrochage/", wrong)
    assert "Ces dates se suivent" in text_of(again)
    assert 'value="2016-02-09"' in text_of(again)
    noted = browser.post(
        f"{address}decrochage/",
        {"reported_on": "2016-02-10", "ended_on": "2016-02-12", "ending": "training"},
        follow=True,
    )
    assert "De retour en formation" in text_of(noted)
    assert "Repérée" in text_of(noted)
    assert browser.get(f"{address}decrochage/").context["form"]["ending"].value() == "training"
    assert browser.post(f"{address}decrochage/retrait/").status_code == 302
    assert "Elle a quitté l’école sans diplôme" in text_of(browser.get(address))


def test_it_is_not_offered_to_who_cannot_follow_it(browser, adviser):
    offered = {}
    for name, values in {
        "young": {}, "grown": {"age": 26}, "graduate": {"education_level_id": "4"},
    }.items():  # fmt: skip
        journey = young(adviser, **values)
        page = text_of(browser.get(f"/parcours/{journey.public_id}/"))
        offered[name] = bool(SAID.search(page))
    assert offered == {"young": True, "grown": False, "graduate": False}


def test_orienting_a_dropout_proposes_the_platform_and_its_fiche_says_so(
    logged_in, browser, world, adviser
):
    journey, relay = left_school(adviser), world["adviser aix"]
    asked = f"/fiches/nouvelle/?journey={journey.public_id}"
    join_platform(world, world.aix)
    page = browser.get(asked)
    first, *others = page.context["form"].found.values()
    assert first.structure.pk == world.aix.pk
    assert "parcours décrocheur → membres d’une plateforme" in first.reasons[0]
    assert not any("plateforme" in one.reasons[0] for one in others)
    assert "ses conseils liront aussi" in text_of(page)
    typed = {
        "journey": str(journey.public_id), "department": "13", "level": "N2",
        "main_reason": "M05", "receiver": str(world.aix.public_id), "consent": "on",
    }  # fmt: skip
    partial = browser.post("/fiches/nouvelle/structures/", typed)
    assert "membres d’une plateforme" in text_of(partial)
    sent = browser.post("/fiches/nouvelle/", typed)
    assert sent.status_code == 302, text_of(sent)
    address = sent["Location"]
    read = text_of(logged_in(relay).get(address))
    assert "Votre structure le lit comme membre" in read
    assert "Repérée" in read
    for reader in (world["level1_receptionist aix"], world["level1_receptionist marseille"]):
        page = text_of(logged_in(reader).get(address))
        assert "Martin" in page
        assert not SAID.search(page)


def test_the_receiver_goes_on_from_what_the_fiche_says(logged_in, world, adviser):
    theirs, relay = left_school(adviser, contacted_on=AFTER), world["adviser aix"]
    join_platform(world, world.aix)
    ours = young(relay)
    sent = fiche(adviser, relay, theirs)
    with scope_of(relay, read_only=False):
        Referral.objects.filter(pk=sent.pk).update(state="accepted")
        Referral.objects.filter(pk=sent.pk).update(state="received", opened_journey=ours)
    form = logged_in(relay).get(f"/parcours/{ours.public_id}/decrochage/").context["form"]
    assert form["reported_on"].value() == REPORTED
    assert form["contacted_on"].value() == AFTER
    with scope_of(world["regional_coordinator 93"], read_only=False):
        PlatformMember.objects.update(ends_on=periods.today())
    form = logged_in(relay).get(f"/parcours/{ours.public_id}/decrochage/").context["form"]
    assert form["contacted_on"].value() is None


def test_who_was_found_waits_to_be_contacted(logged_in, browser, world, adviser):
    """On the home of her référent, then in the list of her structure and in no other."""
    journey, relay = left_school(adviser), world["adviser aix"]
    join_platform(world, world.aix)
    fiche(adviser, relay, journey)
    for later in ({"contacted_on": REPORTED}, {"relayed_on": REPORTED}):
        left_school(adviser, **later)
    line, wanted = "jeune repéré, à contacter", "/parcours/?state=to_contact"
    home = browser.get("/").content.decode()
    assert re.search(rf'count">1</span>.*?{line}.*?depuis le\s+10 février 2016', home, re.DOTALL)
    for reader in (browser, logged_in(world["structure_manager marseille"])):
        assert listed(reader, wanted) == [str(journey.public_id)]
    assert seen_by(relay) == 1
    assert listed(logged_in(relay), wanted) == []
    with scope_of(adviser, read_only=False):
        steps = DropoutSteps(reported_on=REPORTED, contacted_on=periods.today())
        actions.note_dropout(by=adviser.user, membership=adviser, journey=journey, steps=steps)
    assert line not in browser.get("/").content.decode()
    assert listed(browser, wanted) == []


def listed(browser, address: str) -> list[str]:
    return re.findall(r'href="/parcours/([0-9a-f-]{36})/"', browser.get(address).content.decode())


def test_nothing_that_leaves_the_structure_says_it(logged_in, browser, world, adviser):
    journey, relay = left_school(adviser), world["adviser aix"]
    join_platform(world, world.aix)
    sent = fiche(adviser, relay, journey)
    address = f"/parcours/{journey.public_id}/"
    assert SAID.search(text_of(browser.get(address)))
    fiche_address = f"/fiches/{sent.public_id}/"
    reader = logged_in(relay)
    assert SAID.search(text_of(reader.get(fiche_address)))
    silent = {
        "list": browser.get("/parcours/"),
        "file": browser.post("/parcours/fichier/?state=open", {"reason": "for_a_check"}),
        "document": browser.get(f"{address}document/"),
        "fiches sent": browser.get("/fiches/?cote=envoyees"),
        "fiches received": reader.get("/fiches/"),
    }
    for name, answer in silent.items():
        assert answer.status_code == 200, name
        assert "MARTIN" in text_of(answer).upper() or "fiches" in name
        assert not SAID.search(text_of(answer)), name
    with scope_of(relay, read_only=True):
        assert not SAID.search(str(exports.referral_json(sent)))
        assert not SAID.search(str(exports.described_person(sent)))
