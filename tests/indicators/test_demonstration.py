"""The demonstration: its accounts, the campaign that it leaves running, what its Regions did."""

import json
from datetime import date

import pytest
from django.utils import timezone

from beneficiaries.models import (
    ContactTally,
    Draft,
    DropoutPath,
    Journey,
    Session,
    Workshop,
    WorkshopParticipant,
)
from beneficiaries.queries import documents, referrals_of, to_answer
from indicators import demonstration
from indicators.demonstration.accounts import holder
from indicators.demonstration.acts import DISPUTES, FORGOTTEN, play, record_what_was_forgotten
from indicators.demonstration.campaign import confirm_returns
from indicators.demonstration.roads import FROM, TO
from indicators.models import (
    Anomaly,
    CalendarEntry,
    Contestation,
    Edition,
    EditionCell,
    ExpectedReturn,
    QualityRule,
)
from indicators.regional.standing import compositions
from indicators.worklist import nation
from operators.exchanges.roll import roll
from operators.models import OpeningHours, PlatformMember, Premises
from operators.queries import exchanges_of, sites_receiving, trade_lists
from regions.middleware import scope_of
from regions.models import Membership, User
from regions.permissions import ROLES
from regions.queries import token_in_force
from sprocep import periods
from sprocep.periods import Period
from sprocep.tenancy import scope
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_every_role_has_its_account(world, tmp_path, client):
    path = tmp_path / "accounts.json"
    accounts = demonstration.open_accounts(path)
    assert {account.role for account in accounts} == set(ROLES)
    assert path.stat().st_mode & 0o777 == 0o600
    assert demonstration.open_accounts(path) == accounts
    for account in accounts:
        if account.role in Membership.PROGRAMS:
            token = token_in_force(account.password)
            assert token.membership.region_id == account.region
            continue
        logged_in = client.login(
            request=client.get("/connexion/").wsgi_request,
            username=account.email,
            password=account.password,
        )
        assert logged_in, account.role
        client.logout()


def test_losing_the_file_gives_other_secrets_to_the_same_accounts(world, tmp_path):
    path = tmp_path / "accounts.json"
    before = demonstration.open_accounts(path)
    path.unlink()
    after = demonstration.open_accounts(path)
    assert [a.email for a in after] == [a.email for a in before]
    assert not {a.password for a in after} & {a.password for a in before}
    with scope(regions=["11", "93", "75", "FR"]):
        held = Membership.objects.filter(user__email__in=[a.email for a in after])
        assert held.count() == len(after)
        assert set(held.values_list("starts_on", flat=True)) == {periods.today()}
    assert len(json.loads(path.read_text())) == len(after)


def test_one_region_shows_an_indicator_of_its_own(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    for _ in range(2):
        demonstration.compose_regional_indicator()
    with scope(regions=["11", "93", "75", "FR"]):
        [one] = compositions(Period.parse("2015-T4"), "93")
        assert (one.code, one.measure) == ("R93.1", "share")
        assert compositions(Period.parse("2015-T4"), "11") == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_five_persons_on_their_road(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    for _ in range(2):
        demonstration.play_roads()
    with nation(read_only=True):
        sender, receiver = holder(FROM), holder(TO)
    with scope_of(sender, read_only=True):
        journey = Journey.objects.get(beneficiary__first_name="Lina")
        assert journey.steps.count() == 4
        ended = Journey.objects.get(beneficiary__first_name="Yaël")
        assert ended.may_be_asked
        plan = journey.plans.get()
        assert (plan.costs.count(), plan.fundings.count()) == (2, 2)
        [document] = documents(journey)
        assert document.is_approved
        sent = referrals_of(sender).filter(structure=sender.structure_id)
        assert sorted(sent.values_list("state", flat=True)) == ["accepted", "sent"]
        assert to_answer(sender).count() == 1
    with scope_of(receiver, read_only=True):
        assert to_answer(receiver).count() == 2


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_an_adviser_takes_the_desk_of_who_follows_most(world, tmp_path, client):
    """And something waits there, as at the reception."""
    place = world["adviser marseille"].site
    busy = factories.member("adviser", region="93", at=place)
    for ago in (20, 40, 60):
        with scope_of(busy, read_only=False):
            factories.journey(busy, opened_on=periods.days_after(periods.today(), -ago))
    demonstration.open_accounts(tmp_path / "accounts.json")
    for _ in range(2):
        demonstration.play_desks()
    with nation(read_only=True):
        seated, reception = holder("conseil-93-1"), holder("accueil-93-1")
    assert (seated.pk, seated.name) == (busy.pk, "Sacha Moreau")
    with scope_of(seated, read_only=True):
        given = Session.objects.filter(adviser=seated, next_on__isnull=False)
        assert given.count() == 3
        assert Draft.objects.filter(author=seated).count() == 1
        assert to_answer(seated).count() == 3  # two of colleagues, one of the other reception
    with scope_of(reception, read_only=True):
        sent = referrals_of(reception).filter(sent_by=reception)
        assert sorted(sent.values_list("state", flat=True)) == ["declined", "sent"]
    for member, words in (
        (reception, ("fiche refusée : à orienter ailleurs", "fiche envoyée : sans réponse encore")),
        (seated, ("rendez-vous passé sans entretien", "Entretien commencé", "à répondre")),
    ):
        client.force_login(member.user)
        home = client.get("/").content.decode()
        assert all(word in home for word in words)
        assert "Rien ne vous attend." not in home


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_places_say_when_they_receive_and_how_they_are_reached(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    for _ in range(6):
        factories.site(world.marseille, "13055")
    for _ in range(2):
        demonstration.play_receptions()
    with nation(read_only=True):
        places = sites_receiving("93", periods.today())
        said = Premises.objects.filter(site__in=places)
        assert 1 < said.count() < places.count()
        assert len(set(said.values_list("phone", flat=True))) == said.count()
        assert said.exclude(remote=[]).exists()
        hours = OpeningHours.objects.filter(site__in=places)
        assert 1 < hours.values("site").distinct().count() < places.count()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_workshops_are_held_once(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    with nation(read_only=True):
        member = holder(FROM)
    with scope_of(member, read_only=False):
        followed = factories.journey(member, opened_on=periods.months_after(periods.today(), -1))
    for _ in range(2):
        demonstration.play_workshops()
    with scope_of(member, read_only=True):
        held = Workshop.objects.filter(structure=member.structure_id)
        assert (held.count(), held.filter(cancelled_at__isnull=False).count()) == (8, 1)
        known = WorkshopParticipant.objects.filter(journey=followed)
        assert known.count() == 2
        assert all(one.workshop.held_on >= followed.opened_on for one in known)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_platform_follows_young_people_once(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    with nation(read_only=True):
        member, other = holder(FROM), holder(TO)
    opened_on = periods.months_after(periods.today(), -2)
    with scope_of(member, read_only=False):
        values = {"opened_on": opened_on, "education_level_id": "1"}
        for age in (17, 18, 19, 20, 21, 22, 23, 60):
            born = opened_on.replace(year=opened_on.year - age, day=1)
            person = factories.beneficiary(member, birth_date=born)
            factories.journey(member, of=person, age=age, **values)
    for _ in range(2):
        demonstration.play_dropouts()
    with scope_of(member, read_only=True):
        paths = DropoutPath.objects.filter(structure=member.structure_id)
        assert paths.count() == 6
        assert paths.filter(ending="training").count() == 1
        assert max(paths.values_list("journey__age", flat=True)) < 26
        on_platform = PlatformMember.objects.values_list("structure", flat=True)
        assert sorted(on_platform) == sorted([member.structure_id, other.structure_id])


# ── The campaign that is left running ────────────────────────────────────────────────────────


NOW = timezone.now()
LAST = periods.last_complete_quarter(periods.today())


def test_the_last_quarter_has_all_its_deadlines_ahead(world):
    for _ in range(2):
        demonstration.open_calendar()
    with nation(read_only=True):
        running, *coming = CalendarEntry.objects.order_by("starts_on")
    assert running.period == LAST.code
    today = periods.today()
    assert running.opens_on <= today < running.confirm_by < running.comment_by < running.due_on
    assert [entry.period for entry in coming] == [
        quarter.code for quarter in periods.quarters(LAST.after, LAST.after.after.after.after)
    ]
    for entry in coming:
        assert entry.opens_on == Period.parse(entry.period).ends


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_all_explain_and_confirm_but_those_whom_accounts_follow(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    free, doubtful = (factories.structure(name, "13001") for name in ("Libre", "Douteuse"))
    other = factories.structure("Autre réseau", "13001", network="APEC")
    for structure in (free, doubtful, other, world.marseille):
        ExpectedReturn.objects.using("owner").create(
            period=LAST.code, region_id="93", structure_id=structure.pk
        )
    rule, _ = QualityRule.objects.using("owner").get_or_create(
        code="missing_age",
        defaults={"kind": "missing", "label": "Âge", "subject": "age", "threshold": 10},
    )
    for structure in (doubtful, other):
        Anomaly.objects.using("owner").create(
            period=LAST.code,
            region_id="93",
            structure_id=structure.pk,
            rule_id=rule.pk,
            found=20,
            expected=10,
        )
    for _ in range(2):
        confirm_returns()
    received = ExpectedReturn.objects.using("owner").filter(received_at__isnull=False)
    came = {row.structure_id: row.received_by and row.received_by.email for row in received}
    assert came == {free.pk: "reseau-ml@sprocep.example", other.pk: None}
    states = Anomaly.objects.using("owner").values_list("structure", "state")
    assert dict(states) == {doubtful.pk: "open", other.pk: "explained"}


# ── What Regions did ─────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_region_contests_once_and_is_answered(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    by = User.objects.using("owner").get(email="dgefp-officer@sprocep.example")
    sent = {"sealed_at": NOW, "sealed_by": by, "transmitted_at": NOW, "transmitted_by": by}
    edition = factories.edition(
        LAST.code, "11", "sealed", chained_seal="0" * 64, sealed_at=NOW, sealed_by=by
    )
    Edition.objects.using("owner").filter(pk=edition.pk).update(state="transmitted", **sent)
    EditionCell.objects.using("owner").create(
        edition=edition, territory="11", indicator="A5", population="journeys_closed",
        department="total", operator="total", level="total", breakdown="total", category="total",
        value=120, unit="journeys", status="published", completeness=100,
    )  # fmt: skip
    dispute = next(one for one in DISPUTES if one.region == "11")
    for _ in range(2):
        play(dispute, LAST)
    with nation(read_only=True):
        [made] = Contestation.objects.all()
        assert (made.outcome, made.answer) == ("maintained", dispute.answer)
        kinds = list(made.edition.events.values_list("kind", flat=True))
    assert kinds == ["opened", "contested", "answered"]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_what_was_forgotten_is_recorded_once(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    for _ in range(2):
        record_what_was_forgotten(LAST)
    tallies = ContactTally.objects.using("owner").filter(region_id="93")
    assert sum(tally.total for tally in tallies) == FORGOTTEN
    assert all(date.fromisoformat(day) in LAST for tally in tallies for day in tally.days)


def test_each_region_has_an_example_of_trades_that_says_so(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    for _ in range(2):
        demonstration.play_trades()
    with scope(regions=["93"]):
        [held] = trade_lists("93")
        assert held.source == "Exemple de la démonstration, chiffres inventés"
        assert set(held.trades.values_list("department_id", flat=True)) == {
            *("04", "05", "06", "13", "83", "84")
        }


def test_each_region_announces_a_workshop_that_its_advisers_join(world, tmp_path):
    demonstration.open_accounts(tmp_path / "accounts.json")
    for _ in range(2):
        demonstration.play_exchanges()
    with scope(regions=["93"]):
        [announced] = exchanges_of("93")
        assert [one.is_in for one in roll(announced)] == [True, False]  # of one network
