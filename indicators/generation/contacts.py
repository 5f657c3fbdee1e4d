"""Anonymous level-1 contacts, in structures of any network: drawn one by one, kept as counts."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from indicators.generation import chance, mix
from indicators.generation.chance import Lot
from indicators.generation.ground import Ground
from indicators.generation.people import NULL
from indicators.generation.plan import Days, Slice
from indicators.generation.rows import Rows
from indicators.generation.structures import Body
from operators.models import AgeBand, Audience, SteeringResult, Theme


@dataclass(slots=True)
class Counter:
    """A site that receives, with the text of its Region at each time."""

    eras: list[tuple[int, str]]
    communes: list[str]


# In the order of what is drawn for a contact.
_DRAWN = ("days", "channel", "theme", "age_band", "audience", "commune", "result")
COLUMNS = (
    f"id region_id structure_id department_id site_id month total {' '.join(_DRAWN)} is_settled"
)


class Tallies:
    """Contacts as they are kept: counted by place and month, each answer apart."""

    def __init__(self) -> None:
        # The key is that of the first contact, so that a seed always gives the same.
        self._keys: dict[tuple[str, str], str] = {}
        self._counts: dict[tuple[str, str], list[dict[str, int]]] = {}

    def add(self, drawn: bytes) -> None:
        """The contacts of a slice; slices come in their order."""
        keys, counts = self._keys, self._counts
        for line in drawn.decode().splitlines():
            key, *place, day, channel, theme, band, audience, commune, result = line.split("\t")
            address = "\t".join(place), f"{day[:8]}01"
            if address not in keys:
                keys[address], counts[address] = key, [{} for _ in _DRAWN]
            given = (day, channel, theme, band, audience, commune, result)
            for one, code in zip(counts[address], given, strict=True):
                one[code] = one.get(code, 0) + 1

    def text(self) -> str:
        """COPY text, in the order of `COLUMNS`."""
        lines = []
        for address, key in self._keys.items():
            counts = self._counts[address]
            total = str(sum(counts[0].values()))
            lines.append("\t".join((key, *address, total, *map(_json, counts), "t\n")))
        return "".join(lines)


def _json(counts: dict[str, int]) -> str:
    return json.dumps({code: count for code, count in counts.items() if code != NULL})


class Contacts:
    def __init__(
        self, ground: Ground, days: Days, rows: Rows, factors: dict, seed: int, bodies: list[Body]
    ):
        for model, codes in (
            (Theme, mix.THEMES),
            (AgeBand, mix.AGE_BANDS),
            (Audience, mix.AUDIENCES),
            (SteeringResult, mix.RESULTS),
        ):
            ground.check(model, codes)
        self._days, self._rows, self._seed = days, rows, seed
        counters, weights = zip(*_counters(ground, days, factors, bodies), strict=True)
        self._lots = (
            Lot(counters, weights),
            Lot(*days.openings()),
            *map(
                Lot.of,
                (mix.CONTACT_CHANNELS, mix.THEMES, mix.AGE_BANDS, mix.AUDIENCES, mix.RESULTS),
            ),
        )

    def receive(self, part: Slice) -> None:
        """The contacts that come beside the journeys of the slice, one a line (`Tallies.add`)."""
        drawn = chance.source(self._seed, "contacts", part.number)
        uuid, random = chance.uuids(drawn), drawn.random
        counters, openings, *others = (lot.stream(drawn) for lot in self._lots)
        channels, themes, bands, audiences, results = others
        texts, add = self._days.texts, self._rows.contact.append
        start, end = (
            round(journeys * mix.CONTACTS_A_JOURNEY)
            for journeys in (part.first, part.first + part.journeys)
        )
        for _ in range(start, end):
            counter, day = counters(), openings()
            place = next(text for until, text in counter.eras if day < until)
            commune = NULL
            if counter.communes and random() < mix.NAMED_COMMUNE:
                commune = counter.communes[int(random() * len(counter.communes))]
            add(
                f"{uuid()}\t{place}\t{texts[day]}\t{channels()}\t{themes()}\t{bands()}\t"
                f"{audiences()}\t{commune}\t{results()}\n"
            )


def _counters(
    ground: Ground, days: Days, factors: dict[str, float], bodies: list[Body]
) -> Iterator[tuple[Counter, float]]:
    """Each site with its weight: its network's, its département's, and the Region's factor."""
    for body in bodies:
        shares = {d: ground.population(d) * factors[d] for d in body.departments}
        if not body.contact_weight:
            continue
        for place in body.places:
            d = place.department
            eras = [
                (
                    days.number(span.ends_on) if span.ends_on else days.horizon + 1,
                    f"{span.region}\t{body.id}\t{d}\t{place.id}",
                )
                for span in ground.spans[d]
            ]
            here = sum(other.department == d for other in body.places)
            large = [t.code for t in ground.towns[d][:12] if t.population > mix.LARGE_COMMUNE]
            whole = sum(shares.values()) if body.network in ("FT", "APEC") else 1e6
            yield Counter(eras, large), body.contact_weight * shares[d] / here / whole
