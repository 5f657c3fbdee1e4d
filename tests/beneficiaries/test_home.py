"""An adviser's home lists the silent journeys that she follows, and nobody else's."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from beneficiaries.actions import close_journey
from beneficiaries.entries import Closing
from beneficiaries.models import Journey, Session
from sprocep import periods, tenancy
from sprocep.templatetags.french import day as long_day
from tests import factories
from tests.fixtures import ALL_DATABASES

pytestmark = pytest.mark.django_db(databases=ALL_DATABASES)


def home_of(member) -> str:
    client = Client()
    client.force_login(member.user)
    return client.get("/").content.decode()


def test_silent_journeys_wait_for_their_referent(world):
    adviser, neighbour = world["adviser marseille"], world["adviser aix"]
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        factories.journey(adviser, opened_on=periods.today() - timedelta(days=200))
        factories.journey(adviser, opened_on=periods.today())
    hers = home_of(adviser)
    assert "parcours sans entretien depuis 90 jours" in hers
    assert "state=silent&amp;referent=me" in hers
    assert '<span class="todo__count">1</span>' in hers
    assert "Rien ne vous attend." in home_of(neighbour)


def test_a_line_says_since_when_the_first_of_them_waits(world):
    adviser, today = world["adviser marseille"], periods.today()
    place = {"regions": ["93"], "structures": [adviser.structure_id]}
    first, second, third, lately = (today - timedelta(days=ago) for ago in (200, 150, 120, 10))
    with tenancy.scope(**place):
        spoken, _ = (factories.journey(adviser, opened_on=day) for day in (first, second))
    assert since(adviser) == [f"le plus ancien : {long_day(first)}"]
    with tenancy.scope(**place):
        factories.session(adviser, spoken, held_on=third)
    assert since(adviser) == [f"le plus ancien : {long_day(second)}"]
    with tenancy.scope(**place):
        factories.session(adviser, spoken, held_on=lately)
    assert since(adviser) == [f"depuis le {long_day(second)}"]
    missed = today - timedelta(days=2)
    with tenancy.scope(**place):
        Session.objects.filter(held_on=lately).update(next_on=missed)
        factories.synthesis_document(adviser, spoken, number=1, is_approved=False)
    assert since(adviser) == [f"depuis le {long_day(day)}" for day in (missed, second, today)]


def since(member) -> list[str]:
    """Of each line, its day."""
    found = re.findall(r'class="todo__due">(.*?)</span>', home_of(member), re.DOTALL)
    return [" ".join(words.split()) for words in found]


def test_what_is_due_on_journeys_waits_for_their_referent(world):
    adviser, colleague = world["adviser marseille"], world["structure_manager marseille"]
    today = periods.today()

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        missed, came = (factories.journey(adviser, opened_on=ago(30)) for _ in range(2))
        colleagues = factories.journey(colleague, opened_on=ago(30))
        Session.objects.update(next_on=ago(10))
        factories.session(adviser, came, held_on=ago(10), next_on=today)
        read, unread = (factories.journey(adviser, opened_on=today) for _ in range(2))
        factories.synthesis_document(adviser, read, number=1, is_approved=False)
        factories.synthesis_document(adviser, read, number=2)
        factories.synthesis_document(adviser, unread, number=1)
        factories.synthesis_document(adviser, unread, number=2, is_approved=False)
        owed, handed = (factories.journey(adviser, opened_on=ago(30)) for _ in range(2))
        informed = factories.journey(adviser, opened_on=ago(30), level="N1", service="S01")
        factories.synthesis_document(adviser, handed)
        closing = Closing(closed_on=today, outcome="I03", exit_situation="CDI")
        for made in (owed, handed, informed):
            close_journey(by=adviser.user, membership=adviser, journey=made, closing=closing)
    assert waiting(adviser) == {"missed": [missed], "to_approve": [unread], "to_hand_over": [owed]}
    assert waiting(colleague) == {"missed": [colleagues]}


def waiting(member) -> dict[str, list]:
    """By state, the journeys on the page behind each line of the home, as many as it counts."""
    client = Client()
    client.force_login(member.user)
    page = client.get("/").content.decode()
    found = {}
    line = r'count">(\d+)</span>.*?/parcours/\?state=(\w+)&amp;referent=(\w+)"'
    for count, state, referent in re.findall(line, page, re.DOTALL):
        rows = client.get(f"/parcours/?state={state}&referent={referent}").content.decode()
        ids = re.findall(r'href="/parcours/([0-9a-f-]{36})/"', rows)
        assert len(ids) == int(count)
        with tenancy.scope(regions=["93"], structures=[member.structure_id]):
            found[state] = list(Journey.objects.filter(public_id__in=ids))
    return found
