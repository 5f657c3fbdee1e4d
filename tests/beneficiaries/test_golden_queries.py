"""Two hundred queries as one types them: whom they name comes among the first three.

`data/golden_queries.csv`: what is typed, who is meant, what makes it hard. Beside her stand some
thousand others who share her name, her given name, or nearly both.
"""

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from beneficiaries.identity import sort_key
from beneficiaries.models import Beneficiary
from beneficiaries.queries import persons_found
from indicators.generation.names import Names
from sprocep import tenancy

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

FIRST = 3
BORN = date(1988, 7, 14)
with (Path(__file__).parent / "data" / "golden_queries.csv").open(encoding="utf-8") as file:
    QUERIES = list(csv.DictReader(file))
MEANT = {(row["last_name"], row["first_name"]): row["birth_name"] for row in QUERIES}


def misspelt(name: str, chance: Random) -> str:
    """Two letters otherwise."""
    letters = list(name)
    for at in chance.sample(range(len(letters)), 2):
        letters[at] = chance.choice([c for c in "aeilmnorstu" if c != letters[at].lower()])
    return "".join(letters).title()


def look_alikes(names: Names, chance: Random) -> set[tuple[str, str]]:
    made = set()
    for last, first in MEANT:
        made |= {(last, names.first_name(chance)) for _ in range(20)}
        made |= {(names.last_name(chance), first) for _ in range(20)}
        made |= {(misspelt(last, chance), names.first_name(chance)) for _ in range(10)}
        made |= {(misspelt(last, chance), first) for _ in range(2)}
    made |= {(names.last_name(chance), names.first_name(chance)) for _ in range(1_500)}
    return made - set(MEANT)


def record(structure: int, people) -> None:
    """People with their birth names, born each on another day unless they are meant."""
    Beneficiary.objects.bulk_create(
        Beneficiary(
            region_id="93",
            structure_id=structure,
            last_name=last,
            first_name=first,
            birth_name=birth,
            birth_date=BORN if (last, first) in MEANT else BORN - timedelta(days=rank + 1),
            sort_key=sort_key(last, first, birth),
        )
        for rank, (last, first, birth) in enumerate(people)
    )


def meant() -> list[tuple[str, str, str]]:
    return [(*name, birth) for name, birth in MEANT.items()]


def test_whom_a_query_names_is_among_the_first_three(world):
    others = sorted((*name, "") for name in look_alikes(Names(), Random(200)))
    assert len(QUERIES) == 200
    assert len(others) > 4_000
    with tenancy.scope(regions=["93"], structures=[world.aix.pk]):
        record(world.aix.pk, meant())  # the same persons, known elsewhere
        unknown = [
            q["query"] for q in QUERIES if not persons_found(world.aix.pk, ["93"], q["query"])
        ]
        assert unknown == []
    misses, kinds = [], Counter()
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        record(world.marseille.pk, [*meant(), *others])
        assert Beneficiary.objects.count() == len(MEANT) + len(others)
        for row in QUERIES:
            found = persons_found(world.marseille.pk, ["93"], row["query"])
            assert {person.structure_id for person in found} <= {world.marseille.pk}
            assert persons_found(world.aix.pk, ["93"], row["query"]) == []
            names = [(person.last_name, person.first_name) for person in found]
            is_found = (row["last_name"], row["first_name"]) in names[:FIRST]
            kinds[row["kind"]] += is_found
            if not is_found:
                misses.append((row["kind"], row["query"], names))
    for kind, total in Counter(row["kind"] for row in QUERIES).items():
        print(f"{kind}: {kinds[kind]} of {total}")
    assert misses == []
