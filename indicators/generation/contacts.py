"""Anonymous level-1 contacts, in structures of any network: nothing that identifies."""

from collections.abc import Iterator
from dataclasses import dataclass

from indicators.generation import chance, mix
from indicators.generation.ground import Ground
from indicators.generation.people import NULL
from indicators.generation.plan import Days
from indicators.generation.rows import Rows
from indicators.generation.structures import Body
from operators.models import AgeBand, Audience, SteeringResult, Theme


@dataclass(slots=True)
class Counter:
    """A site that receives, with the text of its Region at each time."""

    eras: list[tuple[int, str]]
    communes: list[str]


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
        self._days, self._rows = days, rows
        drawn = chance.source(seed, "contacts")
        self._random, self._uuid = drawn.random, chance.uuids(drawn)
        self._openings = chance.stream(drawn, *days.openings())
        counters, weights = [], []
        for counter, weight in _counters(ground, days, factors, bodies):
            counters.append(counter)
            weights.append(weight)
        self._counters = chance.stream(drawn, counters, weights)
        self._channels = chance.stream_of(drawn, mix.CONTACT_CHANNELS)
        self._themes = chance.stream_of(drawn, mix.THEMES)
        self._bands = chance.stream_of(drawn, mix.AGE_BANDS)
        self._audiences = chance.stream_of(drawn, mix.AUDIENCES)
        self._results = chance.stream_of(drawn, mix.RESULTS)

    def receive(self, first: int, count: int) -> None:
        texts, add, drawn = self._days.texts, self._rows.contact.append, self._random
        for rank in range(first, first + count):
            counter, day = self._counters(), self._openings()
            place = next(text for until, text in counter.eras if day < until)
            commune = NULL
            if counter.communes and drawn() < mix.NAMED_COMMUNE:
                commune = counter.communes[int(drawn() * len(counter.communes))]
            add(
                f"{rank}\t{self._uuid()}\t{place}\t{texts[day]}\t{self._channels()}\t"
                f"{self._themes()}\t{self._bands()}\t{self._audiences()}\t{commune}\t"
                f"{self._results()}\n"
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
