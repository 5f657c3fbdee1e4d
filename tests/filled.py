"""Every tenant table holds rows of two Regions, and of two structures of the same Region.

Made by the app in the scope of each person, and by the owner where the app may not write.
"""

import uuid
from datetime import date, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from beneficiaries import actions
from beneficiaries.models import Draft, JourneyReason, Merge, Referral, SavedView, SurveyResult
from indicators.models import (
    Anomaly,
    Compilation,
    Contestation,
    DeclaredCount,
    EditionCell,
    EditionEvent,
    EditionFile,
    ExpectedReturn,
    Figure,
    QualityRule,
    Recount,
    RegionalIndicator,
    Rollup,
    RollupMark,
    ShownFigure,
    Work,
)
from regions.actions import record
from regions.middleware import scope_of
from regions.models import AccessEvent, ApiToken, Letter, RefusedAddress
from regions.queries import national_regions, token_digest
from sprocep import periods, tenancy
from tests import clearing, factories

OWNER = "owner"
# The name of every person here: where it is read, a nominal row was.
CANARY = "Kanarivogel"
PLACES = ("marseille", "aix", "paris", "national")
# To whom each sends its fiches: within its Region, and outside it.
NEIGHBOURS = {"marseille": "aix", "aix": "paris", "paris": "national", "national": "aix"}
# Nothing here is ever late: however long a walk lasts, the site says that it is well.
IN_YEARS = timezone.now() + timedelta(days=1000)
CELL = {
    "indicator": "A1",
    "population": "journeys_opened",
    "department": "total",
    "operator": "total",
    "level": "total",
    "breakdown": "total",
    "category": "total",
    "value": 12,
    "unit": "journeys",
}


@pytest.fixture(scope="package")
def filled(world, django_db_blocker):
    with django_db_blocker.unblock():
        for place in PLACES:
            _activity_of(world[f"adviser {place}"], world[f"adviser {NEIGHBOURS[place]}"])
        for code in ("93", "11"):
            _figures_of(code, world)
        _editions(world["dgefp_officer"].user_id)
        _returns_of(world)
        _routing_of(world)
        _results_of(world)
        _letter_to(world["dgefp_officer"].user_id)
        _tokens_of(world)
        clearing.package_fixtures.append("filled")
        yield world
        clearing.package_fixtures.remove("filled")
        with connections[OWNER].cursor():
            clearing.clear_all_but_the_world()


def _activity_of(adviser, neighbour) -> None:
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, last_name=CANARY, birth_name=CANARY)
        journey = factories.journey(adviser, of=person)
        JourneyReason.objects.create(
            region_id=journey.region_id,
            structure_id=journey.structure_id,
            journey=journey,
            reason_id="M01",
        )
        factories.contact(adviser, held_on=journey.opened_on, commune="13055")
        factories.contact_forms(adviser, uuid.uuid4())
        factories.session(adviser, journey, held_on=journey.opened_on, level="N3", service="S12")
        plan = factories.financing_plan(adviser, journey)
        factories.plan_cost(plan, 4000, label=CANARY)
        factories.plan_funding(plan, 3000, 2500, document=CANARY)
        factories.plan_paper(plan, label=CANARY)
        factories.workshop(adviser, journey, held_on=journey.opened_on, title=CANARY)
        for state in ("sent", "escalated"):
            sent = factories.referral(adviser, neighbour, journey=journey)
            Referral.objects.filter(pk=sent.pk).update(state=state)
            factories.referral_link(sent)
        factories.exchange_act(adviser)
        factories.webhook_event(factories.webhook(adviser), sent)
        factories.situation_change(adviser, journey)
        factories.step(adviser, journey, what=CANARY)
        document = factories.synthesis_document(adviser, journey)
        now = timezone.now()
        for opened in ({}, {"reader_id": neighbour.structure_id, "opened_at": now}):
            region = {"reader_region_id": neighbour.region_id} if opened else {}
            factories.share_code(adviser, document, **opened, **region)
        factories.person_access(adviser, journey, factor=b"x" * 32, factor_sent_at=now)
        six_months_ago = periods.months_after(periods.today(), -6)
        factories.exit_letter(factories.exit_question(adviser, exit_on=six_months_ago))
        actions.draw_feedback_codes(by=adviser.user, membership=adviser)
        Merge.objects.create(
            region_id=journey.region_id,
            structure_id=journey.structure_id,
            kept=person,
            aside=factories.beneficiary(adviser, last_name=CANARY),
            replaced={"note": ["", CANARY]},
            merged_by=adviser,
        )
        young = factories.beneficiary(adviser, birth_date=date(1999, 1, 5))
        left_school = factories.journey(adviser, of=young, age=17)
        factories.dropout_path(
            adviser,
            left_school,
            contacted_on=left_school.opened_on,
            relayed_on=left_school.opened_on,
            ended_on=left_school.opened_on,
            ending="training",
        )
        Draft.objects.create(
            key=uuid.uuid4(),
            region_id=journey.region_id,
            structure_id=journey.structure_id,
            author=adviser,
            typed=f"last_name={CANARY}",
        )
        SavedView.objects.create(
            region_id=journey.region_id,
            structure_id=journey.structure_id,
            owner=adviser,
            name=CANARY,
            query="state=silent",
        )
        record(
            by=adviser.user,
            territory=adviser.region_id,
            structure_id=adviser.structure_id,
            action="log_session",
            obj=journey,
        )
        AccessEvent.objects.create(
            by=adviser.user,
            territory=adviser.region_id,
            structure_id=adviser.structure_id,
            page="nominal:journey",
            object_id=str(journey.public_id),
        )


def _results_of(world) -> None:
    """Of the nation, of two Regions and of a structure of each."""
    with tenancy.scope(regions=national_regions()):
        places = [("FR", None)]
        for place in ("marseille", "paris"):
            at = world[f"adviser {place}"]
            places += [(at.region_id, None), (at.region_id, at.structure_id)]
        for territory, structure in places:
            SurveyResult.objects.create(
                survey="six_months",
                period="2015-T4",
                territory=territory,
                structure_id=structure,
                threshold=11,
                published_on=periods.today(),
            )


def _routing_of(world) -> None:
    """A rule and advice of each Region, and what two structures say of their places."""
    factories.hint(None)
    for place in ("marseille", "paris"):
        at = world[f"adviser {place}"]
        factories.rule(at.region_id, network_id="ML", oldest=25)
        factories.hint(at.region_id)
        factories.recruiting_trade(at.region_id, at.site.department_id)
        factories.registration(at, factories.exchange(at.region_id))
        factories.capacity(at.region_id, at.site.structure, weekly=5)
        factories.platform_member(at.region_id, at.site.structure)
        factories.opening_hours(at.region_id, at.site, 2, 9, 12)
        factories.premises(at.region_id, at.site)


def _figures_of(code: str, world) -> None:
    quarter = periods.quarter(2016, 1)
    structure = world["adviser marseille" if code == "93" else "adviser paris"].structure_id
    neighbours = [world.aix.pk] if code == "93" else []
    for owing in (structure, *neighbours, world.national.pk):  # two networks
        ExpectedReturn.objects.using(OWNER).create(
            period=quarter.code, region_id=code, structure_id=owing
        )
    RollupMark.objects.using(OWNER).create(region_id=code, month=quarter.starts)
    Rollup.objects.using(OWNER).create(
        region_id=code,
        department="13",
        month=quarter.starts,
        structure_id=structure,
        operator="mission_locale",
        level="N2",
        population="journeys_opened",
        breakdown="total",
        category="total",
        units=12,
    )
    Figure.objects.using(OWNER).create(
        territory=code, period=quarter.code, units=12, contributors=1, **CELL
    )
    ShownFigure.objects.using(OWNER).create(
        territory=code, period=quarter.code, number=1, units=12, status="published", **CELL
    )


def _regional_indicators(region: str, by: int) -> None:
    """R93.1 is published, with a draft of its next version; R93.2 is a draft."""
    rows = RegionalIndicator.objects.using(OWNER)
    for code, version in ((f"R{region}.1", 1), (f"R{region}.1", 2), (f"R{region}.2", 1)):
        made = rows.create(
            region_id=region,
            code=code,
            version=version,
            label="Entrées en ville",
            population="journeys_opened",
            measure="count",
            filters=[["residence_area", ["urban"]]],
            created_by_id=by,
        )
        if (code, version) == (f"R{region}.1", 1):
            rows.filter(pk=made.pk).update(
                state="published", published_at=timezone.now(), starts_on=date(2015, 1, 1)
            )


def _editions(sealed_by: int) -> None:
    """Of each territory, one sealed edition, one draft and one under review."""
    now = timezone.now()
    for territory in ("93", "11"):
        _regional_indicators(territory, sealed_by)
    for territory in ("93", "11", "FR"):
        for period, seal in (
            (
                "2015-T4",
                {
                    "state": "sealed",
                    "sealed_at": now,
                    "sealed_by_id": sealed_by,
                    "chained_seal": "0" * 64,
                },
            ),
            ("2016-T1", {"state": "draft"}),
            ("2016-T2", {"state": "under_review"}),
        ):
            edition = factories.edition(period, territory, **seal)
            cell = EditionCell.objects.using(OWNER).create(
                edition=edition, territory=territory, status="published", completeness=97, **CELL
            )
            EditionEvent.objects.using(OWNER).create(
                edition=edition, territory=territory, kind="commented", by_id=sealed_by
            )
            Contestation.objects.using(OWNER).create(
                edition=edition,
                territory=territory,
                cell=cell,
                reason="trop",
                raised_by_id=sealed_by,
            )
            Recount.objects.using(OWNER).create(
                cell=cell, reason="contrôle", requested_by_id=sealed_by
            )
            for name, media_type in (("edition.csv", "text/csv"), ("A1.svg", "image/svg+xml")):
                EditionFile.objects.using(OWNER).create(
                    edition=edition,
                    name=name,
                    media_type=media_type,
                    content=b"<svg/>",
                    sha256="0" * 64,
                    size=6,
                )
    compilation = Compilation.objects.using(OWNER).create(period="2016-T1")
    for territory in ("93", "11"):
        Work.objects.using(OWNER).create(
            compilation=compilation,
            step=Work.Step.COMPUTE,
            period="2016-T1",
            starts_on=periods.quarter(2016, 1).starts,
            territory=territory,
            regions=[territory],
            lease_until=IN_YEARS,
        )


def _returns_of(world) -> None:
    """Of each structure of `PLACES`, a declared count and an anomaly."""
    rule, _ = QualityRule.objects.using(OWNER).get_or_create(
        code="test",
        kind="missing",
        label="essai",
        subject="situation",
        threshold=10,
        is_active=False,
    )
    for place in PLACES:
        adviser = world[f"adviser {place}"]
        key = {
            "period": "2016-T1",
            "region_id": adviser.region_id,
            "structure_id": adviser.structure_id,
        }
        DeclaredCount.objects.using(OWNER).create(
            population="journeys_opened", breakdown="total", category="total", units=12, **key
        )
        Anomaly.objects.using(OWNER).create(rule=rule, found=12, **key)


def _tokens_of(world) -> None:
    """Of the program of each structure, and of that of each Region."""
    names = [f"structure_program {place}" for place in PLACES]
    for name in (*names, "api_client 93", "api_client 11"):
        ApiToken.objects.using(OWNER).create(
            membership_id=world[name].pk,
            label="essai",
            digest=token_digest(name),
            created_by_id=world["platform_administrator"].user_id,
            expires_on=date(2100, 1, 1),
        )


def _letter_to(user_id: int) -> None:
    Letter.objects.using(OWNER).create(
        key="essai", recipient_id=user_id, subject="Essai", body="Essai", due_at=IN_YEARS
    )
    RefusedAddress.objects.using(OWNER).create(
        fingerprint="0" * 12, status="5.1.1", noted_at=timezone.now(), made_at=timezone.now()
    )
