"""Rules of a Region and what its structures say of themselves: who writes, what is refused."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from operators import actions, routing
from operators.models import Capacity, OpeningHours, PlatformMember, RoutingRule
from regions.middleware import scope_of
from regions.models import AuditEvent, Region
from regions.queries import in_force
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

RULES = "/aiguillage/"


@pytest.fixture
def coordinator(world):
    return world["regional_coordinator 93"]


@pytest.fixture
def browser(logged_in, coordinator):
    return logged_in(coordinator)


def rule(**values) -> RoutingRule:
    """Written by whoever's scope is open."""
    first = {"region_id": "93", "position": 10, "network_id": "ML", "starts_on": periods.today()}
    return RoutingRule.objects.create(**first | values)


def refused(member, write, match="row-level security") -> None:
    with (
        pytest.raises(ProgrammingError, match=match),
        transaction.atomic(),
        scope_of(member, read_only=False),
    ):
        write()


# ── Who may write, in PostgreSQL ─────────────────────────────────────────────────────────────


def test_the_coordination_alone_writes_the_rules_of_its_region(world, coordinator):
    with scope_of(coordinator, read_only=False):
        written = rule()
    others = (
        "adviser marseille",
        "structure_manager marseille",
        "regional_coordinator 11",
        "dgefp_officer",
        "network_head ML",
    )
    for name in others:
        refused(world[name], rule)
    refused(coordinator, lambda: rule(region_id="11"))
    refused(coordinator, lambda: rule(region_id=None, source="national"))
    for name in ("adviser marseille", "dgefp_officer"):
        refused(world[name], lambda: RoutingRule.objects.filter(pk=written.pk).update(
            ends_on=periods.today()
        ))  # fmt: skip


def test_all_of_the_region_reads_its_rules_and_nobody_those_of_another(world, coordinator):
    with scope_of(coordinator, read_only=False):
        written = rule()
    seen = {}
    for name in ("adviser marseille", "level1_receptionist aix", "adviser paris"):
        with scope_of(world[name], read_only=True):
            seen[name] = RoutingRule.objects.filter(pk=written.pk).exists()
            assert RoutingRule.objects.filter(region=None).exists()
    assert seen == {
        "adviser marseille": True, "level1_receptionist aix": True, "adviser paris": False,
    }  # fmt: skip


def test_a_rule_is_never_rewritten(coordinator):
    with scope_of(coordinator, read_only=False):
        written = rule()
        RoutingRule.objects.filter(pk=written.pk).update(ends_on=periods.today())
    for change in ({"position": 1}, {"network_id": "FT"}, {"starts_on": periods.today()}):
        refused(
            coordinator,
            lambda change=change: RoutingRule.objects.filter(pk=written.pk).update(**change),
            "permission denied",
        )
    refused(coordinator, lambda: written.delete(), "permission denied")


def test_a_structure_writes_its_own_places_and_the_coordination_those_of_its_region(world):
    manager, coordinator = world["structure_manager aix"], world["regional_coordinator 93"]
    site = manager.site

    def capacity(region="93"):
        Capacity.objects.create(region_id=region, structure=world.aix, weekly=4)

    def hours():
        OpeningHours.objects.create(region_id="93", structure=world.aix, site=site, weekday=3)

    for name in ("structure_manager marseille", "regional_coordinator 11", "dgefp_officer"):
        refused(world[name], capacity)
        refused(world[name], hours)
    with scope_of(manager, read_only=False):
        capacity()
        hours()
    refused(manager, lambda: capacity("11"))
    with scope_of(coordinator, read_only=False):
        assert Capacity.objects.update(weekly=5) == 1
        assert OpeningHours.objects.update(opens_at="09:00", closes_at="12:00") == 1
    refused(world["structure_manager marseille"], lambda: Capacity.objects.update(weekly=9))


# ── What no row may say ──────────────────────────────────────────────────────────────────────

IN_MAY = date(2016, 5, 2)
IMPOSSIBLE = [
    ({"network_id": None}, "routing_rule_target"),
    ({"youngest": 30, "oldest": 29}, "routing_rule_ages"),
    ({"starts_on": IN_MAY, "ends_on": IN_MAY - timedelta(days=1)}, "routing_rule_span"),
    ({"department_id": "75"}, "routing_rule_department"),
    ({"situations": ["CDI", "XXX"]}, "routing_rule_codes"),
    ({"reasons": ["CDI"]}, "routing_rule_codes"),
    ({"categories": ["3"]}, "routing_rule_shared"),
    ({"categories": ["3"], "level_id": "N2"}, "routing_rule_shared"),
    ({"to_platform": True}, "routing_rule_target"),
]
POSSIBLE = [
    {"youngest": 29, "oldest": 29},
    {"starts_on": IN_MAY, "ends_on": IN_MAY},
    {"department_id": "13"},
    {"situations": ["CDI", "CDD"], "reasons": ["M10"]},
    {"categories": ["3"], "level_id": "N3"},
    {"to_platform": True, "network_id": None},
]


@pytest.mark.parametrize(("values", "name"), IMPOSSIBLE)
def test_a_rule_that_cannot_be_is_refused(coordinator, values, name):
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        scope_of(coordinator, read_only=False),
    ):
        rule(**values)
    assert refusal.value.__cause__.diag.constraint_name == name


@pytest.mark.parametrize("values", POSSIBLE)
def test_a_rule_that_can_be_passes(coordinator, values):
    with scope_of(coordinator, read_only=False):
        assert rule(**values).pk


def test_a_network_and_a_structure_are_not_one_target(world, coordinator):
    with scope_of(coordinator, read_only=False):
        assert rule(network_id=None, structure=world.aix).pk
        with pytest.raises(IntegrityError, match="routing_rule_target"), transaction.atomic():
            rule(structure=world.aix)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"opens_at": "09:00"}, "opening_hours_both"),
        ({"opens_at": "12:00", "closes_at": "09:00"}, "opening_hours_order"),
        ({"weekday": 7}, "opening_hours_weekday"),
        ({"region_id": "11"}, "a place of another Region"),
    ],
)
def test_hours_that_cannot_be_are_refused(world, values, name):
    manager = world["structure_manager aix"]
    first = {"region_id": "93", "structure": world.aix, "site": manager.site, "weekday": 1}
    with scope_of(manager, read_only=False):
        assert OpeningHours.objects.create(**first).pk
        with (
            pytest.raises(IntegrityError, match=name),
            transaction.atomic(),
        ):
            OpeningHours.objects.create(**first | {"weekday": 2} | values)


def test_the_hours_of_a_place_are_of_its_region(world):
    """The national body receives in three Regions: each holds its own places."""
    sites = {site.department_id: site for site in world.national.sites.all()}
    with scope_of(world["regional_coordinator 93"], read_only=False):
        here = {"region_id": "93", "structure": world.national, "weekday": 1}
        assert OpeningHours.objects.create(site=sites["13"], **here).pk
        with (
            pytest.raises(IntegrityError, match="another Region"),
            transaction.atomic(),
        ):
            OpeningHours.objects.create(site=sites["75"], **here)


# ── Actions ──────────────────────────────────────────────────────────────────────────────────


def test_a_change_ends_a_rule_and_begins_another(coordinator):
    today = periods.today()
    later = periods.days_after(today, 10)
    by = coordinator.user
    with scope_of(coordinator, read_only=False):
        first = actions.add_rule(
            by=by, region="93", starts_on=today, position=10, network_id="ML", oldest=25
        )
        second = actions.change_rule(
            by=by, rule=first, starts_on=later, position=5, network_id="CAP"
        )
        first.refresh_from_db()
        assert (first.ends_on, second.starts_on, second.region_id) == (later, later, "93")
        with pytest.raises(ActionRefused, match="L’arrêt est déjà fixé"):
            actions.end_rule(by=by, rule=first, ends_on=later)
        taken_back = actions.end_rule(by=by, rule=second, ends_on=later)
        assert taken_back.ends_on == taken_back.starts_on  # it never holds
        with pytest.raises(ActionRefused, match="ne change pas le passé"):
            actions.add_rule(
                by=by,
                region="93",
                starts_on=periods.days_after(today, -1),
                position=1,
                network_id="ML",
            )
        done = AuditEvent.objects.filter(by=by, object_type="operators.routingrule")
        assert list(done.order_by("pk").values_list("action", flat=True)) == [
            "add_rule", "change_rule", "end_rule",
        ]  # fmt: skip


def test_what_postgresql_refuses_is_said_in_french(coordinator):
    with scope_of(coordinator, read_only=False):
        asked = {"by": coordinator.user, "region": "93", "starts_on": periods.today()}
        with pytest.raises(ActionRefused, match="n’est transmise qu’au niveau 3"):
            actions.add_rule(**asked, position=1, network_id="ML", categories=["3"])
        assert actions.add_rule(
            **asked, position=1, network_id="ML", categories=["3"], level_id="N3"
        ).pk


# ── Pages ────────────────────────────────────────────────────────────────────────────────────


def typed(**values) -> dict:
    first = {
        "oldest": "25",
        "target": "CAP",
        "excludes": "False",
        "position": "10",
        "starts_on": periods.today().isoformat(),
    }
    return first | values


def rules_of(member) -> list[RoutingRule]:
    with scope_of(member, read_only=True):
        return list(RoutingRule.objects.filter(region=member.region_id).order_by("pk"))


def test_the_national_rules_stand_until_the_region_writes_its_own(browser, coordinator):
    page = browser.get(RULES).content.decode()
    assert "n’a pas de règle en vigueur" in page
    assert "16–25 ans" in page
    assert browser.post(f"{RULES}nouvelle/", typed(source="Convention")).status_code == 302
    page = browser.get(RULES).content.decode()
    assert "n’a pas de règle en vigueur" not in page
    assert "Jusqu’à 25 ans" in page
    assert "Convention" in page
    assert "Règles nationales ou d’avant une fusion, remplacées" in page


def test_the_rules_of_a_region_that_merged_say_where_they_hold(logged_in, world):
    with tenancy.scope(regions=["74"]):
        rule(region_id="74", oldest=25)
    page = logged_in(world["regional_coordinator 75"]).get(RULES).content.decode()
    assert "25 ans, dans les départements de l’ancienne Région Limousin" in page
    assert "Limousin" not in logged_in(world["regional_coordinator 93"]).get(RULES).content.decode()


def test_a_region_begins_with_the_national_rules_once(browser, coordinator):
    adopted = browser.post(f"{RULES}reprise/", follow=True).content.decode()
    assert "10 règles nationales reprises" in adopted
    ours = rules_of(coordinator)
    with scope_of(coordinator, read_only=True):
        national = RoutingRule.objects.filter(in_force(periods.today()), region=None)
        said = [(routing.whom(rule), rule.network_id, rule.excludes) for rule in national]
        assert [(routing.whom(rule), rule.network_id, rule.excludes) for rule in ours] == said
    again = browser.post(f"{RULES}reprise/", follow=True).content.decode()
    assert "Votre Région a déjà ses règles" in again
    assert len(rules_of(coordinator)) == 10


def test_who_has_rules_for_dropouts_adopts_the_others(browser, coordinator):
    of_dropouts = typed(of_dropouts="on", target="plateforme")
    assert browser.post(f"{RULES}nouvelle/", of_dropouts).status_code == 302
    (own,) = rules_of(coordinator)
    assert (own.of_dropouts, own.to_platform, own.network_id) == (True, True, None)
    page = browser.get(RULES)
    shown = {name: len(page.context[name]) for name in ("in_force", "inherited", "replaced")}
    assert shown == {"in_force": 1, "inherited": 8, "replaced": 2}
    assert "proposer : membres d’une plateforme" in page.content.decode()
    form = browser.get(f"{RULES}{own.public_id}/modifier/").context["form"]
    assert (form["target"].value(), form["of_dropouts"].value()) == ("plateforme", True)
    browser.post(f"{RULES}reprise/")
    assert len(rules_of(coordinator)) == 9
    page = browser.get(RULES)
    shown = {name: len(page.context[name]) for name in ("in_force", "inherited", "replaced")}
    assert shown == {"in_force": 9, "inherited": 0, "replaced": 10}


# ── Members of a platform ────────────────────────────────────────────────────────────────────


def test_the_coordination_alone_says_who_is_of_a_platform(world, coordinator):
    def join(region="93"):
        return PlatformMember.objects.create(
            region_id=region, structure=world.aix, starts_on=periods.today()
        )

    with scope_of(coordinator, read_only=False):
        joined = join()
    for name in (
        "adviser aix", "structure_manager aix", "regional_coordinator 11", "dgefp_officer",
    ):  # fmt: skip
        refused(world[name], join)
    refused(coordinator, lambda: join("11"))
    tomorrow = periods.days_after(periods.today(), 1)
    leave = PlatformMember.objects.filter(pk=joined.pk)
    refused(world["structure_manager aix"], lambda: leave.update(ends_on=tomorrow))
    refused(coordinator, lambda: leave.update(starts_on=tomorrow), "permission denied")
    with scope_of(coordinator, read_only=False):
        assert leave.update(ends_on=tomorrow) == 1
    with scope_of(world["adviser paris"], read_only=True):
        assert not leave.exists()
    with scope_of(world["level1_receptionist marseille"], read_only=True):
        assert leave.exists()


@pytest.mark.parametrize(
    ("span", "name"),
    [((5, None), "platform_member_once"), ((-9, -9), "platform_member_span")],
)
def test_a_structure_is_a_member_once_on_a_day(world, coordinator, span, name):
    today = periods.today()
    first, last = (day if day is None else periods.days_after(today, day) for day in span)

    def join(starts_on, ends_on=None):
        return PlatformMember.objects.create(
            region_id="93", structure=world.aix, starts_on=starts_on, ends_on=ends_on
        )

    with scope_of(coordinator, read_only=False):
        assert join(periods.days_after(today, -5), today).pk
        assert join(today).pk
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            join(first, last)
        assert refusal.value.__cause__.diag.constraint_name == name


def test_a_structure_joins_and_leaves_a_platform_on_its_page(
    browser, coordinator, world, logged_in
):
    own = f"/structures/{world.aix.public_id}/"
    today = periods.today()
    assert "N’est membre d’aucune plateforme" in browser.get(own).content.decode()
    past = browser.post(f"{own}plateforme/", {"day": "2015-01-05"})
    assert "Une arrivée ne change pas le passé" in past.content.decode()
    joined = browser.post(f"{own}plateforme/", {"day": today.isoformat()}, follow=True)
    assert "Membre à partir du" in joined.content.decode()
    twice = browser.post(f"{own}plateforme/", {"day": today.isoformat()})
    assert "déjà dit pendant ce temps" in twice.content.decode()
    leaves = {"leaves": "True"}
    same_day = browser.post(f"{own}plateforme/", leaves | {"day": today.isoformat()})
    assert "Le départ vient après l’arrivée" in same_day.content.decode()
    manager = logged_in(world["structure_manager aix"])
    assert "Membre à partir du" in manager.get(own).content.decode()
    assert f"{own}plateforme/" not in manager.get(own).content.decode()
    end = leaves | {"day": periods.days_after(today, 1).isoformat()}
    assert 'name="leaves" value="True"' in browser.get(f"{own}plateforme/").content.decode()
    assert browser.post(f"{own}plateforme/", end).status_code == 302
    assert "non compris" in browser.get(own).content.decode()  # until tomorrow it reads the paths
    with scope_of(coordinator, read_only=True):
        done = AuditEvent.objects.filter(object_type="operators.platformmember")
        assert list(done.order_by("pk").values_list("action", flat=True)) == [
            "join_platform", "leave_platform",
        ]  # fmt: skip


def test_a_rule_is_changed_and_ended_on_its_pages(browser, coordinator, world):
    browser.post(f"{RULES}nouvelle/", typed())
    (first,) = rules_of(coordinator)
    address = f"{RULES}{first.public_id}/"
    shown = browser.get(f"{address}modifier/").context["form"]
    assert (shown["oldest"].value(), shown["target"].value()) == (25, "CAP")
    changed = typed(target=str(world.aix.public_id), situations=["CDI"], department="13")
    assert browser.post(f"{address}modifier/", changed).status_code == 302
    first, second = rules_of(coordinator)
    assert first.ends_on == first.starts_on
    assert (second.structure_id, second.situations, second.department_id) == (
        world.aix.pk, ["CDI"], "13",
    )  # fmt: skip
    assert browser.get(f"{address}modifier/").status_code == 404  # it is over
    end = {"ends_on": periods.days_after(periods.today(), 1).isoformat()}
    ended = browser.post(f"{RULES}{second.public_id}/fin/", end, follow=True)
    assert "La règle s’arrête le" in ended.content.decode()
    assert rules_of(coordinator)[1].ends_on is not None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"target": ""}, "Ce champ est obligatoire"),
        ({"youngest": "30"}, "ne dépasse pas"),
        ({"categories": ["3"], "level": "N2"}, "transmise qu’au niveau 3"),
        ({"starts_on": "2015-01-05"}, "ne change pas le passé"),
        ({"department": "75"}, "Sélectionnez un choix valide"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(browser, coordinator, wrong, sentence):
    page = browser.post(f"{RULES}nouvelle/", typed(source="Séance du 4 mai", **wrong))
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert 'value="Séance du 4 mai"' in page.content.decode()
    assert rules_of(coordinator) == []
    assert browser.post(f"{RULES}nouvelle/", typed()).status_code == 302


def test_who_sends_reads_the_rules_and_changes_none(logged_in, world, coordinator):
    with scope_of(coordinator, read_only=False):
        written = rule(oldest=25)
    page = logged_in(world["level1_receptionist marseille"]).get(RULES)
    assert "Jusqu’à 25 ans" in page.content.decode()
    assert str(written.public_id) not in page.content.decode()
    assert str(written.public_id) in logged_in(coordinator).get(RULES).content.decode()
    elsewhere = logged_in(world["regional_coordinator 11"])
    assert "Jusqu’à 25 ans" not in elsewhere.get(RULES).content.decode()
    assert elsewhere.get(f"{RULES}{written.public_id}/modifier/").status_code == 404


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_asks_as_much_for_one_rule_as_for_fifty(browser, coordinator, count):
    with scope_of(coordinator, read_only=False):
        for position in range(count):
            rule(position=position, situations=["CDI"], department_id="13", level_id="N3")
    browser.get(RULES)
    with CaptureQueriesContext(connection) as queries:
        assert len(browser.get(RULES).context["in_force"]) == count
    assert len([q for q in queries if "routingrule" in q["sql"]]) == 1
    assert len(queries) < 25


def test_a_try_says_whom_before_any_fiche(browser, coordinator, world):
    asked = {
        "level": "N2",
        "department": "13",
        "age": "20",
        "commune": "Aix-en-Provence",
        "day": periods.today().isoformat(),
    }
    page = browser.get(f"{RULES}essayer/", asked)
    assert page.context["found"][0].structure.pk == world.aix.pk
    with scope_of(coordinator, read_only=False):
        PlatformMember.objects.create(
            region_id="93", structure=world.national, starts_on=periods.today()
        )
    of_dropout = browser.get(f"{RULES}essayer/", asked | {"is_dropout": "on"})
    assert of_dropout.context["found"][0].structure.pk == world.national.pk
    assert "règle nationale : 16–25 ans → Missions locales" in page.content.decode()
    with scope_of(coordinator, read_only=False):
        rule(network_id="FT", oldest=25)
    page = browser.get(f"{RULES}essayer/", asked)
    assert page.context["found"][0].structure.pk == world.national.pk
    assert browser.get(f"{RULES}essayer/").context["found"] is None
    wrong = browser.get(f"{RULES}essayer/", asked | {"commune": "Nulle-Part"})
    assert "Aucune commune" in wrong.content.decode()


def test_a_manager_says_her_places_and_hours(logged_in, world):
    manager = world["structure_manager aix"]
    browser = logged_in(manager)
    own = f"/structures/{world.aix.public_id}/"
    assert browser.get("/structures/")["Location"] == own
    until = periods.days_after(periods.today(), 5)
    browser.post(f"{own}capacite/", {"weekly": "4", "full_until": until.isoformat()})
    place = f"/structures/lieux/{manager.site.public_id}/horaires/"
    hours = {"opens_2": "09:00", "closes_2": "12:30", "opens_4": "09:00", "closes_4": "12:30"}
    saved = browser.post(place, hours, follow=True)
    page = saved.content.decode()
    assert "Horaires enregistrés" in page
    assert "le mardi et le jeudi de 9 h à 12 h 30" in page
    assert periods.full_date(until) in page
    assert browser.get(place).context["form"]["opens_2"].value().hour == 9
    browser.post(place, {"opens_4": "14:00", "closes_4": "17:00"})
    assert "le jeudi de 14 h à 17 h<" in browser.get(own).content.decode()
    assert browser.get(f"/structures/{world.marseille.public_id}/").status_code == 404
    with tenancy.scope(regions=["93"], read_only=True):
        done = AuditEvent.objects.filter(by=manager.user_id).values_list("action", flat=True)
        assert sorted(done) == ["set_capacity", "set_hours", "set_hours"]


@pytest.mark.parametrize(
    ("address", "wrong", "sentence"),
    [
        ("capacite/", {"weekly": "0"}, "Écrivez 1 au moins"),
        ("capacite/", {"full_until": "2015-03-02"}, "Ce jour est passé"),
        ("capacite/", {"address": "accueil"}, "Écrivez une adresse électronique, ou rien."),
        ("capacite/", {"address": "06 12 34 56 78"}, "Écrivez une adresse électronique, ou rien."),
        ("horaires", {"opens_1": "09:00"}, "Donnez l’heure d’ouverture"),
        ("horaires", {"opens_1": "12:00", "closes_1": "09:00"}, "ferme après avoir ouvert"),
    ],
)
def test_what_a_structure_cannot_say_is_explained(logged_in, world, address, wrong, sentence):
    manager = world["structure_manager aix"]
    browser = logged_in(manager)
    page = f"/structures/{world.aix.public_id}/{address}"
    if address == "horaires":
        page = f"/structures/lieux/{manager.site.public_id}/horaires/"
    answer = browser.post(page, wrong)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    with scope_of(manager, read_only=True):
        assert not Capacity.objects.exists()
        assert not OpeningHours.objects.exists()


def test_the_coordination_does_it_for_any_structure_of_its_region(logged_in, world):
    browser = logged_in(world["regional_coordinator 93"])
    page = browser.get("/structures/").content.decode()
    assert all(f"/structures/{one.public_id}/" in page for one in (world.aix, world.national))
    assert str(world.paris.public_id) not in page
    assert str(world.cio.public_id) not in page  # no operator: no fiche comes to it
    capacity = f"/structures/{world.aix.public_id}/capacite/"
    assert browser.post(capacity, {"weekly": "3"}).status_code == 302
    assert "3 places cette semaine" in browser.get("/structures/").content.decode()
    with tenancy.scope(regions=["93"], read_only=True):
        assert Capacity.objects.get().region == Region.objects.get(pk="93")


def test_no_national_scope_writes_a_rule(world):
    """Workers and the DGEFP run in it: a Region's rules are its own."""
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        tenancy.scope(regions=["93", NATION]),
    ):
        rule()
    with tenancy.scope(regions=["93"]):
        assert rule().pk


def test_fiches_go_to_a_mailbox_or_to_a_mobile(logged_in, world, settings):
    """A mobile where a gateway is there to send, written as gateways want it."""
    settings.SMS_BACKEND = "sprocep.sms.in_memory"
    browser = logged_in(world["structure_manager aix"])
    own = f"/structures/{world.aix.public_id}/"
    for typed, kept in (
        ("accueil@aix.example", "accueil@aix.example"),
        ("06 12 34 56 78", "+33612345678"),
        ("", ""),
    ):
        assert browser.post(f"{own}capacite/", {"address": typed}).status_code == 302
        with scope_of(world["structure_manager aix"], read_only=True):
            assert Capacity.objects.get().wanted_address == kept
        assert (kept or "Pas d’adresse.") in browser.get(own).content.decode()
    landline = browser.post(f"{own}capacite/", {"address": "04 91 00 00 00"})
    assert "ou un numéro de mobile" in landline.content.decode()
