"""The chain of a territory: each seal covers the one before, and whoever breaks it is seen."""

import json
from hashlib import sha256

import pytest

from indicators.exports import bundle, verification
from indicators.exports.blocks import own_block
from indicators.exports.formats import Contents, json_file
from indicators.models import Edition
from indicators.worklist import nation
from tests.indicators.pages.fabricated import AFTER, BEFORE
from tests.indicators.pages.test_one_byte import altered


@pytest.fixture
def scoped(base, django_db_blocker):
    with django_db_blocker.unblock(), nation(read_only=True):
        yield


def edition(period, territory: str, using: str = "default") -> Edition:
    return Edition.objects.using(using).get(period=period.code, territory=territory)


def link(previous: str, of: Edition) -> str:
    return sha256(f"{previous}\n{of.code}\n{of.figures_seal}\n".encode()).hexdigest()


def test_each_edition_covers_the_one_sealed_before(scoped):
    first, second = edition(BEFORE, "93"), edition(AFTER, "93")
    assert first.chained_seal == link("0" * 64, first)
    assert second.chained_seal == link(first.chained_seal, second)


def test_a_merged_region_begins_a_chain_of_its_own(scoped):
    made = edition(AFTER, "75")
    assert made.chained_seal == link("0" * 64, made)


def test_files_say_the_link_and_the_one_before(scoped):
    made, before = edition(AFTER, "93"), edition(BEFORE, "93")
    links = {
        "previous_chained_seal": before.chained_seal,
        "chained_seal": made.chained_seal,
    }
    head = json.loads(json_file(Contents(own_block(made))))
    assert {name: head[name] for name in links} == links
    manifest = json.loads(bundle.texts_of(AFTER, [made])[bundle.MANIFEST])
    [entry] = manifest["editions"]
    assert {name: entry[name] for name in links} == links


# ── Broken by who holds the whole database ───────────────────────────────────────────────────


def row(period):
    """Found by its key, also once it has changed its territory."""
    return Edition.objects.using("owner").filter(pk=edition(period, "93", "owner").pk)


def broken() -> list[str]:
    """Editions that the verification of the newest edition of the Region names."""
    with nation(read_only=True):
        faults = verification.database_faults(edition(AFTER, "93"))
    return [fault.split()[10] for fault in faults if "sceau chaîné" in fault]


def test_nothing_is_broken(base):
    assert broken() == []


@pytest.mark.parametrize(
    ("period", "values", "named"),
    [
        (AFTER, {"chained_seal": "0" * 64}, [AFTER]),
        # What follows an edition that changed does not follow any more.
        (BEFORE, {"chained_seal": "0" * 64}, [BEFORE, AFTER]),
        # Taken out of its territory, as good as deleted.
        (BEFORE, {"territory": "ZZ"}, [AFTER]),
        # Sealed, it is said, after the one that covers it.
        (BEFORE, {"sealed_at": "2100-01-01T00:00Z"}, [AFTER, BEFORE]),
    ],
)
def test_a_broken_chain_is_named(base, period, values, named):
    with altered(row(period), **values):
        assert broken() == [f"{one.code}/93/1" for one in named]
    assert broken() == []
