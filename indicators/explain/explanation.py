"""What a figure is, told from public rows alone: nobody learns here why a cell is hidden.

The raw figures are not read: the role of a request may not. Of a secret cell neither neighbours nor
history are told, so that its page says no more than the sign in the table.
"""

from dataclasses import dataclass, field

from indicators.definitions import LEGAL_SOURCE, Indicator
from indicators.explain.address import CellAddress
from indicators.explain.opening import Opening
from indicators.explain.sentences import sentence
from indicators.explain.surroundings import (
    Moment,
    Neighbour,
    Returns,
    filters_of,
    over_editions,
    over_periods,
    parts,
    returns_of,
    wholes,
)
from indicators.exports.blocks import Block
from indicators.exports.figures import BY_CODE, PUBLISHED, SECRET
from indicators.exports.labels import POPULATIONS, UNITS, Labels, labels_on
from indicators.models import (
    Definition,
    Edition,
    EditionCell,
    RegionalIndicator,
    SecrecyThreshold,
)
from sprocep.periods import Period


@dataclass(frozen=True)
class Explanation:
    block: Block
    cell: EditionCell
    address: CellAddress
    labels: Labels = field(repr=False)
    territory_name: str
    definition: Definition | None
    regional: RegionalIndicator | None
    threshold: SecrecyThreshold
    returns: Returns | None
    editions: tuple[Moment, ...] = ()
    series: tuple[Moment, ...] = ()
    wholes: tuple[Neighbour, ...] = ()
    parts: tuple[tuple[str, tuple[Neighbour, ...]], ...] = ()

    @property
    def edition(self) -> Edition:
        return self.block.edition

    @property
    def period(self) -> Period:
        return self.block.period

    @property
    def indicator(self) -> Indicator | None:
        """None for an indicator that a Region composed."""
        return BY_CODE.get(self.address.indicator)

    @property
    def title(self) -> str:
        words = self.definition or self.regional or self.indicator
        return words.label if words else self.address.indicator

    @property
    def sentence(self) -> str:
        return sentence(self.address, self.title, self.period, self.territory_name, self.labels)

    @property
    def words(self) -> Definition | RegionalIndicator | None:
        """What says its definition, with its version and first day."""
        return self.definition or self.regional

    @property
    def legal_source(self) -> str:
        if self.regional:
            return f"indicateur composé par la Région {self.territory_name}"
        return self.definition.legal_source if self.definition else LEGAL_SOURCE

    @property
    def unit(self) -> str:
        return UNITS.get(self.cell.unit, "")

    @property
    def population(self) -> str:
        return POPULATIONS.get(self.address.population, self.address.population)

    @property
    def filters(self) -> list[tuple[str, str]]:
        return filters_of(self.address, self.labels)

    @property
    def is_secret(self) -> bool:
        return self.cell.status == SECRET

    @property
    def fewest_units(self) -> int:
        """Units that a cell of this indicator needs to be published."""
        return max(self.threshold.k, self.indicator.least_units if self.indicator else 0)

    @property
    def is_corrected(self) -> bool:
        return len(self.editions) > 1


def cell_of(block: Block, address: CellAddress) -> EditionCell | None:
    return block.cells.filter(**address.columns).first()


def explain(opened: Opening, *, with_returns: bool) -> Explanation:
    """All that may be told of a cell, by the same reads for every cell.

    `with_returns`: who asks sees all the returns of the block's Regions.
    """
    block, cell, address = opened.block, opened.cell, opened.address
    labels = labels_on(block.period)
    versions = list(Definition.objects.filter(code=address.indicator).order_by("starts_on"))
    begun = [one for one in versions if one.starts_on <= block.period.last_day]
    around = {}
    if cell.status != SECRET:
        around = {
            "editions": over_editions(opened),
            "series": over_periods(opened, versions),
        }
    if cell.status == PUBLISHED:
        around |= {"wholes": wholes(opened, labels), "parts": parts(opened, labels)}
    return Explanation(
        block=block,
        cell=cell,
        address=address,
        labels=labels,
        territory_name=opened.shelf.name,
        definition=begun[-1] if begun else None,
        regional=_regional(address.indicator, block),
        threshold=opened.shelf.threshold,
        returns=returns_of(block, address) if with_returns else None,
        **around,
    )


def _regional(code: str, block: Block) -> RegionalIndicator | None:
    """The version that stood then, of `R93.1` and of what it is made of (`R93.1.base`)."""
    if code in BY_CODE:
        return None
    family = ".".join(code.split(".")[:2])
    versions = RegionalIndicator.objects.filter(
        region=block.territory, code=family, starts_on__lte=block.period.last_day
    )
    return versions.order_by("version").last()
