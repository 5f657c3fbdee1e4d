"""An adviser limited to level 1: set by the direction of her structure, held by PostgreSQL, told by
the pages. Each refusal stands beside what is let through."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from beneficiaries import actions, queries
from beneficiaries.entries import Cost, Identity, Orientation, Paper, Profile, Reception, Talk
from beneficiaries.models import Draft, Session
from regions import actions as people
from regions.middleware import scope_of
from regions.models import AuditEvent, Membership
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused, french
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

ONLY = "Votre habilitation est limitée au niveau 1"
REFUSED = (
    "Une personne limitée au niveau 1 n’enregistre ni niveau 2 ni niveau 3. Retirez les services "
    "de ces niveaux, ou orientez la personne par une fiche de liaison."
)
KEPT = "Seule la direction de la structure limite un conseil au niveau 1, et pas elle-même."
DAY = date(2016, 2, 10)
SERVICES = {1: "S01", 2: "S07", 3: "S14"}
NEW = "/parcours/nouvel-entretien/"


@pytest.fixture
def manager(world):
    return world["structure_manager marseille"]


@pytest.fixture
def limited(world, manager) -> Membership:
    """The adviser of Marseille, from now on."""
    with scope_of(manager, read_only=False):
        people.limit_to_level1(by=manager.user, membership=world["adviser marseille"])
        found = Membership.objects.select_related("user", "site").get(
            pk=world["adviser marseille"].pk
        )
    return found


def who(membership: Membership) -> dict:
    return {"by": membership.user, "membership": membership}


def talk(rank: int, held_on: date = DAY) -> Talk:
    return Talk(held_on=held_on, channel="PRE", services=(SERVICES[rank],), minutes=30)


def first(by: Membership, rank: int, **values) -> Session:
    person = Identity(last_name=f"Lefèvre {uuid.uuid4().hex[:6]}", first_name="Sophie")
    profile = Profile(main_reason="M05", situation="CDI")
    values = {"person": person, "profile": profile, "talk": talk(rank)} | values
    return actions.log_first_session(**who(by), **values)


# ── Role × action ────────────────────────────────────────────────────────────────────────────


def contact(by: Membership) -> None:
    reception = Reception(
        held_on=DAY, site=by.site, channel="PRE", theme="T01", audience="P01", result="R01"
    )
    actions.log_contact(membership=by, reception=reception)


def fiche(by: Membership, to: Membership) -> None:
    person = Identity(last_name="Martin", first_name="Alix", phone="06 12 34 56 78")
    asked = Orientation(
        receiver=to.site.structure,
        department="13",
        level="N2",
        identity=person,
        profile=Profile(main_reason="M05", situation="CDI"),
        other_choice="Plus près de chez elle",
    )
    actions.send_referral(**who(by), orientation=asked)


MATRIX = {
    # what one does:            contact, fiche, level 1, level 2, level 3
    "level1_receptionist": (True, True, False, False, False),
    "adviser limited to level 1": (True, True, True, False, False),
    "adviser": (True, True, True, True, True),
    "structure_manager": (True, True, True, True, True),
}


def test_role_by_action(world, limited):
    members = {role: world[f"{role} aix"] for role in MATRIX if " " not in role}
    members["adviser limited to level 1"] = limited
    found = {}
    for role, member in members.items():
        to = world["adviser aix" if member is limited else "adviser marseille"]
        acts = [
            lambda by: contact(by),
            lambda by, to=to: fiche(by, to),
            *(lambda by, rank=rank: first(by, rank) for rank in SERVICES),
        ]
        found[role] = tuple(is_let_through(member, act) for act in acts)
    assert found == MATRIX


def is_let_through(by: Membership, act) -> bool:
    with scope_of(by, read_only=False):
        try:
            act(by)
        except ActionRefused:
            return False
    return True


# ── What PostgreSQL refuses, whatever the code says ──────────────────────────────────────────


def refused_by_postgres(act, sentence: str = REFUSED) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
    assert french(caught.value) == sentence


def test_no_session_above_level_1_in_sql(world, annex, limited):
    """Held by her, or written by her under the name of a colleague."""
    colleague = annex.colleague
    today = periods.today()
    with scope_of(colleague, read_only=False):
        journey = factories.journey(colleague)
        theirs = journey.sessions.get()
    with scope_of(limited, read_only=False):
        for by in (limited, colleague):
            refused_by_postgres(lambda by=by: factories.session(by, journey, held_on=today))
        own = factories.session(limited, journey, held_on=today, level="N1", service="S01")
        mine = Session.objects.filter(pk=own.pk)
        refused_by_postgres(lambda: mine.update(rank=2, level_id="N2"))
        others = Session.objects.filter(pk=theirs.pk)
        refused_by_postgres(lambda: others.update(minutes=10))
        refused_by_postgres(lambda: others.update(rank=1, level_id="N1"))
        assert mine.update(minutes=10) == 1
    with scope_of(colleague, read_only=False):
        assert others.update(minutes=10) == 1
        # Nobody raises what a limited person held, nor gives her what another did.
        refused_by_postgres(lambda: mine.update(rank=2, level_id="N2"))
        refused_by_postgres(lambda: others.update(adviser=limited, held_on=today))
        assert factories.session(colleague, journey, held_on=today)


def test_what_she_held_before_stays_and_a_colleague_corrects_it(world, annex, manager, limited):
    with scope_of(manager, read_only=False):
        people.lift_level1(by=manager.user, membership=limited)
    with scope_of(annex.colleague, read_only=False):
        before = factories.journey(limited, opened_on=DAY).sessions.get()
    with scope_of(manager, read_only=False):
        people.limit_to_level1(by=manager.user, membership=limited)
        changed = replace(talk(2), minutes=20)
        actions.correct_session(**who(manager), session=before, talk=changed)
        later = replace(changed, held_on=periods.today())
        with pytest.raises(ActionRefused, match="Une personne limitée au niveau 1"):
            actions.correct_session(**who(manager), session=before, talk=later)
    with scope_of(limited, read_only=False), pytest.raises(ActionRefused, match=ONLY):
        actions.correct_session(**who(limited), session=before, talk=talk(1))


def test_no_line_of_a_financing_plan(annex, limited):
    cost = Cost(kind="CP", amount=Decimal(100))
    another = Paper(label="Devis", content=b"%PDF-1.4")
    with scope_of(annex.colleague, read_only=False):
        journey = factories.journey(annex.colleague, level="N3", service="S14")
        line = actions.add_cost(**who(annex.colleague), journey=journey, cost=cost)
        paper = factories.plan_paper(line.plan)
    with scope_of(limited, read_only=False):
        for act in (
            lambda: actions.add_cost(**who(limited), journey=journey, cost=cost),
            lambda: actions.withdraw_cost(**who(limited), line=line),
            lambda: actions.add_paper(**who(limited), journey=journey, paper=another),
            lambda: actions.withdraw_paper(**who(limited), line=paper),
            lambda: actions.close_plan(**who(limited), journey=journey, gap_explained="x"),
        ):
            with pytest.raises(ActionRefused, match=ONLY):
                act()
        plan = queries.financing_plan(journey)
        refused_by_postgres(lambda: factories.plan_cost(plan, 10, changed_by_id=limited.pk))
        refused_by_postgres(lambda: factories.plan_paper(plan, b"2", changed_by_id=limited.pk))
        assert factories.plan_cost(plan, 10)
        assert factories.plan_paper(plan, b"2")


def test_a_fiche_of_level_2_waits_for_a_colleague(world, annex, limited):
    sender = world["adviser aix"]
    with scope_of(sender, read_only=False):
        higher = factories.referral(sender, limited)
        lower = factories.referral(sender, limited, level_id="N1")
    with scope_of(limited, read_only=False):
        with pytest.raises(ActionRefused, match=ONLY):
            actions.accept_referral(**who(limited), referral=higher)
        with pytest.raises(ActionRefused, match=ONLY):
            first(limited, 1, referral=higher)
        with pytest.raises(ActionRefused, match=ONLY):
            first(limited, 2, referral=lower)
        assert first(limited, 1, referral=lower)
    with scope_of(annex.colleague, read_only=False):
        assert first(annex.colleague, 2, referral=higher)


# ── Who sets and lifts it ────────────────────────────────────────────────────────────────────


def test_the_direction_limits_and_lifts_from_the_team_page(world, logged_in, manager):
    adviser, browser = world["adviser marseille"], logged_in(manager)
    own, neighbour = manager, world["adviser aix"]
    page = browser.get("/equipe/").content.decode()
    assert adviser.name in page
    assert "Limiter dès maintenant" in page
    url = f"/equipe/{adviser.public_id}"
    for stranger in (neighbour, world["adviser paris"]):
        assert browser.post(f"/equipe/{stranger.public_id}/niveau-1/").status_code == 404
    refused = browser.post(f"/equipe/{own.public_id}/niveau-1/", follow=True).content.decode()
    assert KEPT in refused
    for _ in range(2):
        page = browser.post(f"{url}/niveau-1/", follow=True).content.decode()
    assert f"niveau 1 seul, depuis le {periods.full_date(periods.today())}" in page
    assert f"{adviser.name} n’enregistre plus que le niveau 1." in page
    assert "conseil, niveau 1 seul" in logged_in(adviser).get("/").content.decode()
    page = browser.post(f"{url}/tous-niveaux/", follow=True).content.decode()
    assert "niveau 1 seul" not in page
    with tenancy.scope(regions=["93"]):
        found = AuditEvent.objects.filter(object_id=str(adviser.pk)) | AuditEvent.objects.filter(
            object_id=str(adviser.public_id)
        )
        traced = found.order_by("id").values_list("action", "fields", "by__email")
        assert list(traced) == [
            ("limit_to_level1", "level1_since", manager.user.email),
            ("lift_level1", "level1_since", manager.user.email),
        ]


def update(membership: Membership, column: str, value) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE regions_membership SET {column} = %s WHERE id = %s", [value, membership.pk]
        )
        return cursor.rowcount


def test_nothing_else_of_a_membership_is_written_by_a_structure(world, manager, annex, limited):
    colleague, today = annex.colleague, periods.today()
    receptionist = world["level1_receptionist marseille"]
    with scope_of(manager, read_only=False):
        for column, value in (("role", "structure_manager"), ("ends_on", today), ("name", "X")):
            refused_by_postgres(lambda c=column, v=value: update(colleague, c, v), KEPT)
        refused_by_postgres(
            lambda: update(receptionist, "level1_since", today),
            "Seul un conseil se limite au niveau 1.",
        )
        assert update(world["adviser aix"], "level1_since", today) == 0
        assert update(colleague, "level1_since", today) == 1
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Membership.objects.create(
                user=colleague.user,
                name="X",
                role="adviser",
                region_id="93",
                structure=world.marseille,
                site=manager.site,
                starts_on=today,
            )
    # Neither she nor a colleague lifts it.
    for writer in (limited, colleague):
        with scope_of(writer, read_only=False):
            refused_by_postgres(lambda: update(limited, "level1_since", None), KEPT)
    with scope_of(manager, read_only=False):
        assert update(limited, "level1_since", None) == 1


# ── What the pages offer ─────────────────────────────────────────────────────────────────────


def form(adviser: Membership, rank: int, **changes) -> dict:
    return {
        "key": str(uuid.uuid4()),
        "held_on": DAY.isoformat(),
        "channel": "PRE",
        "site": str(adviser.site.public_id),
        "main_service": SERVICES[rank],
        "person": "new",
        "last_name": "Lefèvre",
        "first_name": "Sophie",
        "sex": "F",
        "main_reason": "M05",
        "situation": "CDI",
        "education_level": "4",
        "socio_professional_category": "5",
        "sector": "C",
        "contract_type": "K01",
    } | changes


def test_the_page_offers_level_1_and_a_draft_brings_no_more(world, annex, limited, logged_in):
    browser = logged_in(limited)
    page = browser.get(NEW, {"person": "new"}).content.decode()
    assert (ONLY in page, 'value="S01"' in page) == (True, True)
    assert [code for code in ("S07", "S14", "N2", "N3") if f'value="{code}"' in page] == []
    typed = form(limited, 2)
    assert browser.post("/parcours/nouvel-entretien/brouillon/", typed).status_code == 200
    page = browser.get(NEW, {"brouillon": typed["key"]}).content.decode()
    assert 'value="S07"' not in page
    for changes in ({}, {"main_service": "S01", "level": "N2"}):
        answer = browser.post(NEW, typed | changes)
        assert answer.status_code == 200
        assert "Choisissez une valeur proposée." in answer.content.decode()
    assert browser.post(NEW, typed | {"main_service": "S01"}).status_code == 302
    with scope_of(limited, read_only=False):
        assert list(Session.objects.values_list("rank", flat=True)) == [1]
        assert not Draft.objects.exists()
    whole = logged_in(annex.colleague).get(NEW, {"person": "new"}).content.decode()
    assert (ONLY in whole, 'value="S07"' in whole, 'value="N3"' in whole) == (False, True, True)


def test_the_journey_page_offers_what_she_may_correct(annex, limited, logged_in):
    colleague = annex.colleague
    with scope_of(colleague, read_only=False):
        journey = factories.journey(colleague, level="N3", service="S14")
        lower = factories.session(
            colleague, journey, held_on=DAY + timedelta(days=9), level="N1", service="S01"
        )
        higher = journey.sessions.order_by("held_on").first()
        factories.plan_cost(factories.financing_plan(colleague, journey), 100)
    url, plan = f"/parcours/{journey.public_id}/", "plan-de-financement/"
    browser, other = logged_in(limited), logged_in(colleague)
    offered = {}
    for name, asking in (("limited", browser), ("colleague", other)):
        page = asking.get(url).content.decode()
        lines = asking.get(f"{url}{plan}").content.decode()
        offered[name] = (
            f"/entretiens/{lower.public_id}/" in page,
            f"/entretiens/{higher.public_id}/" in page,
            "Ajouter un coût" in lines,
        )
    assert offered == {"limited": (True, False, False), "colleague": (True, True, True)}
    answer = browser.get(f"/entretiens/{higher.public_id}/", follow=True)
    assert "une ou un collègue corrige cet entretien" in answer.content.decode()
    assert browser.get(f"/entretiens/{lower.public_id}/").status_code == 200


def test_the_page_of_a_fiche_of_level_2_says_who_answers(world, annex, limited, logged_in):
    sender = world["adviser aix"]
    with scope_of(sender, read_only=False):
        fiche = factories.referral(sender, limited)
    url, words = f"/fiches/{fiche.public_id}/", "une ou un collègue y répond"
    page = logged_in(limited).get(url).content.decode()
    assert (words in page, "Accepter" in page) == (True, False)
    page = logged_in(annex.colleague).get(url).content.decode()
    assert (words in page, "Accepter" in page) == (False, True)
