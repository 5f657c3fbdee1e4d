"""Writes on the nominal files, as app in the adviser's scope. Each refusal shows, in the same test,
what is allowed."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from beneficiaries import actions, queries
from beneficiaries.entries import Change, Closing, Following, Identity, Profile, Reception, Talk
from beneficiaries.models import ANSWERS, Beneficiary, ContactForms, ContactTally, Journey, Session
from regions.models import AuditEvent, Commune, Membership
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

SOPHIE = Identity(last_name="Lefèvre", first_name="Sophie", birth_date=date(1985, 3, 12), sex="F")
PROFILE = Profile(main_reason="M05", other_reasons=("M07", "M08"), situation="CDI")
TALK = Talk(held_on=date(2016, 2, 10), channel="PRE", services=("S07", "S03"), minutes=50)


@pytest.fixture
def adviser(world):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        yield world["adviser marseille"]


def who(adviser: Membership) -> dict:
    return {"by": adviser.user, "membership": adviser}


def first(adviser: Membership, **changes) -> Session:
    values = {"person": SOPHIE, "profile": PROFILE, "talk": TALK} | changes
    return actions.log_first_session(**who(adviser), **values)


def on(day: date, **changes) -> Talk:
    return replace(TALK, held_on=day, **changes)


def closed(adviser: Membership, journey: Journey, day: date = date(2016, 5, 3)) -> Journey:
    closing = Closing(closed_on=day, outcome="I03", exit_situation="CDI")
    return actions.close_journey(**who(adviser), journey=journey, closing=closing)


# ── The first session ────────────────────────────────────────────────────────────────────────


def test_first_session_opens_file_journey_and_follow_up(adviser):
    session = first(adviser)
    journey = session.journey
    assert str(journey.beneficiary) == "LEFÈVRE Sophie"
    assert journey.beneficiary.sort_key == "LEFEVRE SOPHIE"
    assert (journey.opened_on, journey.region_id, journey.department_id) == (
        date(2016, 2, 10),
        "93",
        "13",
    )
    assert (journey.category_id, journey.age, journey.sex_id) == ("mission_locale", 30, "F")
    assert (journey.situation_id, journey.boeth_id) == ("CDI", "NR")
    assert sorted(journey.other_reasons.values_list("reason", flat=True)) == ["M07", "M08"]
    assert (session.level_id, session.rank, session.max_rank) == ("N2", 2, 3)
    services = session.services.order_by("position").values_list("service", "position")
    assert list(services) == [("S07", 0), ("S03", 1)]
    follow_up = journey.follow_ups.get()
    assert (follow_up.referent, follow_up.site, follow_up.starts_on, follow_up.ends_on) == (
        adviser,
        adviser.site,
        date(2016, 2, 10),
        None,
    )
    event = AuditEvent.objects.get()
    assert (event.action, event.by, event.object_id) == (
        "log_first_session",
        adviser.user,
        str(session.public_id),
    )


def test_first_session_sent_twice_is_stored_once(adviser):
    key = uuid.uuid4()
    once, twice = first(adviser, key=key), first(adviser, key=key)
    assert once == twice
    assert [model.objects.count() for model in (Beneficiary, Journey, Session)] == [1, 1, 1]
    other = first(adviser, key=uuid.uuid4(), person=replace(SOPHIE, birth_date=date(1986, 3, 12)))
    assert other != once


def test_first_session_of_a_known_person_continues_her_thread(adviser):
    former = closed(adviser, first(adviser).journey)
    session = first(adviser, person=former.beneficiary, talk=on(date(2016, 9, 1)))
    assert session.journey.continues == former
    assert session.journey.thread_number == former.thread_number


def test_first_session_is_refused_while_a_journey_is_open(adviser):
    journey = first(adviser).journey
    with pytest.raises(ActionRefused, match="a un parcours ouvert depuis le 10 février 2016"):
        first(adviser, person=journey.beneficiary, talk=on(date(2016, 3, 1)))
    closed(adviser, journey)
    with pytest.raises(ActionRefused, match="était suivie jusqu’au 3 mai 2016"):
        first(adviser, person=journey.beneficiary, talk=on(date(2016, 3, 1)))
    assert first(adviser, person=journey.beneficiary, talk=on(date(2016, 5, 3)))


def test_person_of_the_same_name_and_birth_is_not_opened_twice(adviser):
    first(adviser)
    same = replace(SOPHIE, last_name="LEFEVRE")
    with pytest.raises(ActionRefused, match="connaît déjà une personne de ce nom"):
        first(adviser, person=same)
    assert first(adviser, person=replace(same, birth_date=None))


@pytest.mark.parametrize(
    ("identity", "sentence"),
    [
        ({"birth_date": date(2014, 1, 1)}, "Vérifiez l’année de naissance"),
        ({"birth_date": date(1885, 1, 1)}, "Vérifiez l’année de naissance"),
        ({"sex": "X"}, "« X » n’est pas un code de la liste « sexe »"),
    ],
)
def test_impossible_identity_is_refused(adviser, identity, sentence):
    with pytest.raises(ActionRefused, match=sentence):
        first(adviser, person=replace(SOPHIE, **identity))
    assert not Beneficiary.objects.exists()
    assert first(adviser)


# ── Dates, levels, codes ─────────────────────────────────────────────────────────────────────


def test_dates_outside_the_mission_are_refused(adviser):
    tomorrow = periods.today() + timedelta(days=1)
    with pytest.raises(ActionRefused, match="une date à venir"):
        first(adviser, talk=on(tomorrow))
    with pytest.raises(ActionRefused, match="se compte depuis le 1er janvier 2015"):
        first(adviser, talk=on(date(2014, 12, 31)))
    assert first(adviser, talk=on(date(2015, 1, 1)))


def test_request_after_the_first_session_is_refused(adviser):
    with pytest.raises(ActionRefused, match="La demande ne peut pas suivre"):
        first(adviser, profile=replace(PROFILE, requested_on=date(2016, 2, 11)))
    assert first(adviser, profile=replace(PROFILE, requested_on=date(2016, 2, 10)))


@pytest.mark.parametrize(
    "changes",
    [
        {"talk": replace(TALK, channel="FAX")},
        {"talk": replace(TALK, services=("S99",))},
        {"talk": replace(TALK, level="N9")},
        {"talk": replace(TALK, services=())},
        {"profile": replace(PROFILE, main_reason="M77")},
        {"profile": replace(PROFILE, other_reasons=("M77",))},
        {"profile": replace(PROFILE, sector="Z9")},
    ],
)
def test_unknown_code_is_refused(adviser, changes):
    with pytest.raises(ActionRefused, match=r"Choisissez"):
        first(adviser, **changes)
    assert not Beneficiary.objects.exists()
    assert first(adviser)


def test_level_is_the_highest_of_the_services_or_raised(adviser):
    assert first(adviser, talk=replace(TALK, services=("S01", "S11"))).level_id == "N3"
    journey = Journey.objects.get()
    talk = on(date(2016, 2, 11), services=("S01",))
    assert actions.log_session(**who(adviser), journey=journey, talk=talk).level_id == "N1"
    raised = replace(talk, level="N2")
    assert actions.log_session(**who(adviser), journey=journey, talk=raised).level_id == "N2"
    lowered = replace(talk, services=("S11",), level="N1")
    assert actions.log_session(**who(adviser), journey=journey, talk=lowered).level_id == "N3"


def test_structure_without_designation_opens_nothing(world):
    cio = world["adviser cio"]
    with tenancy.scope(regions=["93"], structures=[world.cio.pk]):
        with pytest.raises(ActionRefused, match="n’est pas opérateur du CEP au 10 février 2016"):
            first(cio)
        reception = Reception(
            held_on=date(2016, 2, 10),
            site=cio.site,
            channel="PRE",
            theme="T01",
            audience="P01",
            result="R01",
        )
        assert actions.log_contact(membership=cio, reception=reception)


def test_level_above_the_designation_is_refused(annex):
    adviser = annex.limited
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        with pytest.raises(ActionRefused, match="pas habilitée au niveau 2"):
            first(adviser)
        assert first(adviser, talk=replace(TALK, services=("S01",))).level_id == "N1"


def test_receptionist_logs_contacts_only(world):
    desk = world["level1_receptionist marseille"]
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        with pytest.raises(ActionRefused, match="permet l’accueil anonyme"):
            first(desk)
        assert first(world["adviser marseille"])


# ── The next sessions ────────────────────────────────────────────────────────────────────────


def test_session_on_a_closed_journey_is_refused(adviser):
    journey = first(adviser).journey
    assert actions.log_session(**who(adviser), journey=journey, talk=on(date(2016, 3, 1)))
    closed(adviser, journey)
    with pytest.raises(ActionRefused) as refused:
        actions.log_session(**who(adviser), journey=journey, talk=on(date(2016, 4, 1)))
    assert str(refused.value) == (
        "Ce parcours est clos depuis le 3 mai 2016. Rouvrez-le ou ouvrez un nouveau parcours."
    )
    assert journey.sessions.count() == 2


def test_session_before_the_opening_is_refused(adviser):
    journey = first(adviser).journey
    with pytest.raises(ActionRefused, match="corrigez d’abord sa date"):
        actions.log_session(**who(adviser), journey=journey, talk=on(date(2016, 2, 9)))
    assert actions.log_session(**who(adviser), journey=journey, talk=on(date(2016, 2, 10)))


def test_session_sent_twice_is_stored_once(adviser):
    journey, key = first(adviser).journey, uuid.uuid4()
    sent = {"journey": journey, "talk": on(date(2016, 3, 1)), "key": key}
    once = actions.log_session(**who(adviser), **sent)
    closed(adviser, journey)
    assert actions.log_session(**who(adviser), **sent) == once
    assert journey.sessions.count() == 2


def test_journey_of_another_structure_is_refused(adviser, world):
    stranger = world["adviser aix"]
    with tenancy.scope(regions=["93"], structures=[world.aix.pk]):
        foreign = first(stranger)
        assert actions.log_session(**who(stranger), journey=foreign.journey, talk=TALK)
    for act in (
        lambda: actions.log_session(**who(adviser), journey=foreign.journey, talk=TALK),
        lambda: closed(adviser, foreign.journey),
        lambda: actions.reopen_journey(**who(adviser), journey=foreign.journey),
        lambda: first(adviser, person=foreign.journey.beneficiary),
        lambda: actions.correct_beneficiary(
            **who(adviser), beneficiary=foreign.journey.beneficiary, identity=SOPHIE
        ),
    ):
        with pytest.raises(ActionRefused, match="de votre structure"):
            act()


def test_site_of_another_structure_is_refused(adviser, world):
    with pytest.raises(ActionRefused, match="Ce lieu d’accueil n’est pas de votre structure"):
        first(adviser, talk=replace(TALK, site=world["adviser aix"].site))
    assert first(adviser, talk=replace(TALK, site=adviser.site))


# ── Where a fact lies ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def bordeaux(annex):
    with tenancy.scope(regions=["54", "72", "74", "75"], structures=[annex.bordeaux.structure_id]):
        yield annex.bordeaux


def test_region_is_that_of_the_day_of_the_fact(bordeaux):
    session = first(bordeaux, talk=on(date(2015, 12, 31)))
    journey = session.journey
    assert (session.region_id, journey.region_id) == ("72", "72")
    later = actions.log_session(**who(bordeaux), journey=journey, talk=on(date(2016, 1, 1)))
    assert (later.region_id, later.department_id) == ("75", "33")
    journey = closed(bordeaux, journey)
    assert (journey.region_id, journey.closed_region_id) == ("72", "75")


def test_correcting_over_the_merger_moves_the_region(bordeaux):
    session = first(bordeaux, talk=on(date(2016, 1, 5)))
    corrected = actions.correct_session(
        **who(bordeaux), session=session, talk=on(date(2015, 12, 20))
    )
    journey = Journey.objects.get()
    assert (corrected.region_id, journey.region_id) == ("72", "72")
    assert journey.opened_on == date(2015, 12, 20)
    assert journey.follow_ups.get().region_id == "72"
    assert set(corrected.services.values_list("region", flat=True)) == {"72"}


def test_remote_session_lies_at_the_advisers_site(bordeaux):
    merignac = bordeaux.structure.sites.exclude(pk=bordeaux.site_id).get()
    assert first(bordeaux, talk=replace(TALK, site=merignac)).site == merignac
    journey = Journey.objects.get()
    remote = replace(TALK, site=merignac, channel="TEL")
    assert actions.log_session(**who(bordeaux), journey=journey, talk=remote).site == bordeaux.site


def test_remote_platform_takes_the_commune_of_the_person(annex):
    platform = annex.platform
    with tenancy.scope(regions=["11"], structures=[platform.structure_id]):
        with pytest.raises(ActionRefused, match="indiquez la commune de résidence"):
            first(platform)
        marseille = Commune.objects.get(pk="13055")
        with pytest.raises(ActionRefused, match="Marseille n’est pas dans la Région"):
            first(platform, person=replace(SOPHIE, commune=marseille))
        versailles = Commune.objects.get(pk="78646")
        session = first(platform, person=replace(SOPHIE, commune=versailles))
        assert (session.department_id, session.region_id) == ("78", "11")


# ── Corrections ──────────────────────────────────────────────────────────────────────────────


def test_correcting_the_first_session_moves_the_opening(adviser):
    session = first(adviser)
    actions.correct_session(**who(adviser), session=session, talk=on(date(2015, 12, 1)))
    journey = Journey.objects.get()
    assert (journey.opened_on, journey.age) == (date(2015, 12, 1), 30)
    assert journey.follow_ups.get().starts_on == date(2015, 12, 1)


def test_correcting_a_later_session_before_the_first_is_refused(adviser):
    journey = first(adviser).journey
    later = actions.log_session(**who(adviser), journey=journey, talk=on(date(2016, 3, 1)))
    with pytest.raises(ActionRefused, match="Corrigez d’abord la date du premier"):
        actions.correct_session(**who(adviser), session=later, talk=on(date(2016, 2, 1)))
    talk = on(date(2016, 2, 20), note="Reprise du projet", services=("S11",))
    corrected = actions.correct_session(**who(adviser), session=later, talk=talk)
    assert (corrected.level_id, corrected.note) == ("N3", "Reprise du projet")


def test_first_session_corrected_beyond_the_second_gives_it_the_opening(adviser):
    session = first(adviser)
    journey = session.journey
    actions.log_session(**who(adviser), journey=journey, talk=on(date(2016, 3, 1)))
    actions.correct_session(**who(adviser), session=session, talk=on(date(2016, 4, 1)))
    journey.refresh_from_db()
    assert journey.opened_on == date(2016, 3, 1)


def test_correction_after_the_closing_is_refused(adviser):
    session = first(adviser)
    closed(adviser, session.journey)
    with pytest.raises(ActionRefused, match="est clos depuis le 3 mai 2016"):
        actions.correct_session(**who(adviser), session=session, talk=on(date(2016, 5, 4)))
    assert actions.correct_session(**who(adviser), session=session, talk=on(date(2016, 5, 3)))


def test_session_changed_meanwhile_is_not_overwritten(adviser):
    session = first(adviser)
    seen = session.updated_at
    actions.correct_session(
        **who(adviser), session=session, talk=replace(TALK, note="Un"), seen_at=seen
    )
    with pytest.raises(actions.ChangedMeanwhile, match="modifié pendant que vous"):
        actions.correct_session(
            **who(adviser), session=session, talk=replace(TALK, note="Deux"), seen_at=seen
        )
    session.refresh_from_db()
    assert session.note == "Un"


def test_first_session_corrected_beyond_a_change_of_follow_up_is_refused(adviser):
    session = first(adviser)
    change = Following(starts_on=date(2016, 3, 1), site=adviser.site, referent=adviser)
    actions.change_follow_up(**who(adviser), journey=session.journey, following=change)
    with pytest.raises(ActionRefused, match="Le suivi a changé le 1er mars 2016"):
        actions.correct_session(**who(adviser), session=session, talk=on(date(2016, 3, 1)))
    assert actions.correct_session(**who(adviser), session=session, talk=on(date(2016, 2, 29)))


def test_first_session_corrected_before_the_former_journey_ended_is_refused(adviser):
    former = closed(adviser, first(adviser).journey)
    session = first(adviser, person=former.beneficiary, talk=on(date(2016, 9, 1)))
    with pytest.raises(ActionRefused, match="Le parcours précédent s’est clos le 3 mai 2016"):
        actions.correct_session(**who(adviser), session=session, talk=on(date(2016, 5, 2)))
    assert actions.correct_session(**who(adviser), session=session, talk=on(date(2016, 5, 3)))


# ── Follow-up, closing, opening again ────────────────────────────────────────────────────────


def test_follow_up_changes_from_a_day_on(adviser, annex):
    journey = first(adviser).journey
    to_colleague = Following(
        starts_on=date(2016, 4, 1), site=adviser.site, referent=annex.colleague
    )
    actions.change_follow_up(**who(adviser), journey=journey, following=to_colleague)
    spans = journey.follow_ups.order_by("starts_on").values_list("starts_on", "ends_on")
    assert list(spans) == [
        (date(2016, 2, 10), date(2016, 4, 1)),
        (date(2016, 4, 1), None),
    ]
    with pytest.raises(ActionRefused, match="a commencé le 1er avril 2016"):
        actions.change_follow_up(
            **who(adviser),
            journey=journey,
            following=replace(to_colleague, starts_on=date(2016, 3, 1)),
        )
    back = replace(to_colleague, referent=adviser)
    actions.change_follow_up(**who(adviser), journey=journey, following=back)
    assert queries.follow_up_on(journey, date(2016, 4, 1)).referent == adviser


def test_a_referent_replaced_the_same_day_stays_in_the_history_and_on_her_list(adviser, annex):
    journey = first(adviser).journey
    day, today = date(2016, 2, 10), periods.today()
    following = Following(starts_on=day, site=adviser.site, referent=annex.colleague)
    for _ in range(2):  # again changes nothing
        actions.change_follow_up(**who(adviser), journey=journey, following=following)
    spans = [(one.referent, one.starts_on, one.ends_on) for one in queries.follow_ups(journey)]
    assert spans == [(annex.colleague.name, day, None), (adviser.name, day, day)]
    assert queries.follow_up_on(journey, today).referent == annex.colleague
    kept = queries.is_followed_by(adviser, day, handed_over=queries.HANDED_OVER_DAYS)
    assert list(Journey.objects.filter(kept)) == [journey]
    assert not Journey.objects.filter(queries.is_followed_by(adviser, day)).exists()
    assert list(Journey.objects.filter(queries.is_followed_by(annex.colleague, day))) == [journey]
    # The first session is dated again: both follow.
    session = journey.sessions.get()
    actions.correct_session(**who(adviser), session=session, talk=on(date(2016, 2, 8)))
    spans = [(one.starts_on, one.ends_on) for one in queries.follow_ups(journey)]
    assert spans == [(date(2016, 2, 8), None), (date(2016, 2, 8), date(2016, 2, 8))]


def test_follow_up_by_a_stranger_is_refused(adviser, world):
    journey = first(adviser).journey
    stranger = Following(
        starts_on=date(2016, 4, 1), site=adviser.site, referent=world["adviser aix"]
    )
    with pytest.raises(ActionRefused, match="n’est pas de votre structure"):
        actions.change_follow_up(**who(adviser), journey=journey, following=stranger)
    manager = replace(stranger, referent=world["structure_manager marseille"])
    assert actions.change_follow_up(**who(adviser), journey=journey, following=manager)


def test_follow_up_by_somebody_who_is_not_there_yet_is_refused(bordeaux):
    journey = first(bordeaux, talk=on(date(2015, 11, 3))).journey
    change = Following(starts_on=date(2015, 12, 1), site=bordeaux.site, referent=bordeaux)
    with pytest.raises(ActionRefused, match="n’est pas dans votre structure au 1er décembre 2015"):
        actions.change_follow_up(**who(bordeaux), journey=journey, following=change)
    arrived = replace(change, starts_on=date(2016, 1, 1))
    follow_up = actions.change_follow_up(**who(bordeaux), journey=journey, following=arrived)
    assert (follow_up.region_id, follow_up.department_id) == ("75", "33")


def test_a_situation_changes_from_a_day_on_and_figures_keep_that_of_the_opening(adviser):
    journey = first(adviser).journey
    opened = journey.situation_id
    hired = Change(situation="CDD", starts_on=date(2016, 4, 1))
    actions.change_situation(**who(adviser), journey=journey, change=hired)
    for day, expected in ((date(2016, 3, 31), opened), (date(2016, 4, 1), "CDD")):
        assert queries.situation_on(journey, day) == expected
    actions.change_situation(
        **who(adviser), journey=journey, change=replace(hired, situation="DEI")
    )
    assert [one.situation_id for one in queries.situation_changes(journey)] == ["DEI"]
    with pytest.raises(ActionRefused, match="déjà dans cette situation la veille"):
        actions.change_situation(
            **who(adviser),
            journey=journey,
            change=Change(situation="DEI", starts_on=date(2016, 5, 1)),
        )
    journey.refresh_from_db()
    assert journey.situation_id == opened
    assert queries.synthesis(journey)["person"]["situation"] == "DEI"


def test_a_situation_of_the_opening_day_or_after_the_close_is_refused(adviser):
    session = first(adviser)
    hired = Change(situation="CDD", starts_on=session.held_on)
    with pytest.raises(ActionRefused, match="un changement vient après"):
        actions.change_situation(**who(adviser), journey=session.journey, change=hired)
    next_day = replace(hired, starts_on=periods.days_after(session.held_on, 1))
    actions.change_situation(**who(adviser), journey=session.journey, change=next_day)
    journey = closed(adviser, session.journey)
    with pytest.raises(ActionRefused, match="clos"):
        actions.change_situation(
            **who(adviser), journey=journey, change=replace(hired, starts_on=date(2016, 4, 30))
        )


def test_closing_before_the_last_session_is_refused(adviser):
    journey = first(adviser).journey
    actions.log_session(**who(adviser), journey=journey, talk=on(date(2016, 3, 1)))
    with pytest.raises(ActionRefused, match="Le dernier entretien est du 1er mars 2016"):
        closed(adviser, journey, date(2016, 2, 20))
    journey = closed(adviser, journey, date(2016, 3, 1))
    assert (journey.closed_department_id, journey.closed_region_id) == ("13", "93")
    assert (journey.outcome_id, journey.exit_situation_id) == ("I03", "CDI")
    with pytest.raises(ActionRefused, match="Ce parcours est clos depuis le 1er mars 2016"):
        closed(adviser, journey, date(2016, 4, 1))


def test_closing_with_an_unknown_outcome_is_refused(adviser):
    journey = first(adviser).journey
    with pytest.raises(ActionRefused, match="« I77 » n’est pas un code de la liste « issue »"):
        actions.close_journey(
            **who(adviser),
            journey=journey,
            closing=Closing(closed_on=date(2016, 5, 3), outcome="I77", exit_situation="CDI"),
        )
    assert closed(adviser, journey)


def test_journey_opens_again_unless_another_began(adviser):
    journey = closed(adviser, first(adviser).journey)
    journey = actions.reopen_journey(**who(adviser), journey=journey)
    assert (journey.closed_on, journey.outcome, journey.closed_department) == (None, None, None)
    with pytest.raises(ActionRefused, match="déjà ouvert"):
        actions.reopen_journey(**who(adviser), journey=journey)
    closed(adviser, journey)
    first(adviser, person=journey.beneficiary, talk=on(date(2016, 9, 1)))
    with pytest.raises(ActionRefused, match="un autre parcours le 1er septembre 2016"):
        actions.reopen_journey(**who(adviser), journey=journey)


# ── The anonymous contact ────────────────────────────────────────────────────────────────────


def reception(adviser: Membership, **changes) -> Reception:
    values = {
        "held_on": date(2016, 2, 10),
        "site": adviser.site,
        "channel": "PRE",
        "theme": "T01",
        "audience": "P04",
        "result": "R01",
    }
    return Reception(**values | changes)


def log(adviser: Membership, key: uuid.UUID | None = None, **changes) -> bool:
    return actions.log_contact(membership=adviser, reception=reception(adviser, **changes), key=key)


def test_contact_sent_twice_is_counted_once(adviser):
    key = uuid.uuid4()
    assert log(adviser, key)
    assert not log(adviser, key)
    assert not log(adviser, key, held_on=date(2016, 3, 10))
    assert log(adviser, uuid.uuid4())
    tally = ContactTally.objects.get()
    assert (tally.region_id, tally.department_id, tally.month) == ("93", "13", date(2016, 2, 1))
    assert (tally.total, tally.days, tally.age_band) == (2, {"2016-02-10": 2}, {"NR": 2})


def test_a_form_of_yesterday_is_known_and_that_of_the_day_before_is_forgotten(adviser):
    for days, known in ((1, True), (2, False)):
        key = uuid.uuid4()
        sent_on = periods.days_after(periods.today(), -days)
        made = factories.contact_forms(adviser, key, sent_on=sent_on)
        actions.settle_contacts()
        assert ContactForms.objects.filter(pk=made.pk).exists() == known
        assert log(adviser, key) != known


def test_what_a_desk_wrote_is_written_again_with_all_the_rest(adviser):
    """One transaction for all: no version tells when the last contact of a place came."""
    for month in (1, 2, 3):
        assert log(adviser, uuid.uuid4(), held_on=date(2016, month, 10))
    assert set(ContactTally.objects.values_list("is_settled", flat=True)) == {False}
    before = list(ContactTally.objects.order_by("month").values("month", "total", *ANSWERS))
    actions.settle_contacts()
    assert set(ContactTally.objects.values_list("is_settled", flat=True)) == {True}
    after = list(ContactTally.objects.order_by("month").values("month", "total", *ANSWERS))
    assert after == before


@pytest.mark.parametrize(
    "change",
    [
        {"total": 3},
        {"days": {"2016-03-10": 2}},
        {"theme": {"T01": 1}},
        {"result": {"R77": 2}},
        {"commune": {"13055": 3}},
        {"commune": {"99999": 1}},
        {"total": 0, "days": {}} | {name: {} for name in ANSWERS},
    ],
)
def test_counts_that_do_not_add_up_are_refused(adviser, change):
    for _ in range(2):
        log(adviser)
    with pytest.raises(IntegrityError, match="do not add up"), transaction.atomic():
        ContactTally.objects.update(**change)
    assert ContactTally.objects.update(commune={"13055": 2}) == 1


def test_contact_of_a_small_commune_is_refused(adviser):
    large = Commune.objects.get(pk="13055")
    small = Commune.objects.filter(department="13", population__lte=10_000).first()
    with pytest.raises(ActionRefused, match="moins de 10 000 habitants"):
        log(adviser, commune=small)
    assert log(adviser, commune=large)
    assert ContactTally.objects.get().commune == {"13055": 1}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"theme": "T77"}, "« T77 » n’est pas un code de la liste « thème »"),
        ({"held_on": date(2014, 12, 31)}, "se compte depuis"),
        ({"held_on": date(2999, 1, 1)}, "une date à venir"),
    ],
)
def test_wrong_contact_is_refused(adviser, changes, sentence):
    with pytest.raises(ActionRefused, match=sentence):
        log(adviser, **changes)
    assert log(adviser)
