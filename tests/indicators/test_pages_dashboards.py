"""Dashboards: who sees which, what they print, what may be downloaded."""

import gzip

import pytest

from tests.indicators.pages_base import AFTER, base, browse

__all__ = ["base", "browse"]

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
OWN = f"/tableaux-de-bord/{AFTER}/93/"


def test_own_sealed_edition(browse):
    response = browse("regional_coordinator 93").get(OWN)
    assert response.status_code == 200
    assert b"2016-T1/93/1" in response.content
    print(len(response.content), len(gzip.compress(response.content)))
