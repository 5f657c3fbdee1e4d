import pytest

from indicators import actions
from regions.models import Region
from sprocep.tenancy import scope

WOMEN = {
    "label": "Entrées de femmes",
    "population": "journeys_opened",
    "measure": "count",
    "subject": "",
    "filters": [["sex", ["F"]]],
    "part": [],
    "breakdown": "",
    "by_level": True,
    "by_operator": False,
    "by_department": False,
}


def composed(by, **other):
    """A draft of Region 93; inside its scope."""
    return actions.compose_indicator(
        by=by, region=Region.objects.get(pk="93"), composed=WOMEN | other
    )


@pytest.fixture
def coordinator(world):
    """Inside the scope of Region 93."""
    with scope(regions=["93"]):
        yield world["regional_coordinator 93"].user
