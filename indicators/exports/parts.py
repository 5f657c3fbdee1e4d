"""What a report is made of: plain tables, charts and texts, and the material they come from."""

from dataclasses import dataclass

from indicators.exports import breaks
from indicators.exports.blocks import Block
from indicators.exports.figures import CHANGE, NOT_APPLICABLE, Entry, Figures, change
from indicators.exports.labels import Labels
from indicators.exports.wording import TO_THE_STEP
from sprocep import periods
from sprocep.rendering import charts, maps
from sprocep.templatetags import french

PEERS = "Semblables"
ROUNDING = (
    "Parts, évolutions, moyennes et quantiles sont arrondis au dixième : une somme de parts peut "
    "différer de 100 de quelques dixièmes. Les nombres sont exacts, les montants "
    f"{TO_THE_STEP}."
)
SOURCE = "Source : sessions enregistrées par les opérateurs du CEP et les réseaux du SPRO."


@dataclass(frozen=True)
class Column:
    """`kind`: whole, tenth, share, change or days. `group` stands over neighbours."""

    head: str
    kind: str = "whole"
    group: str = ""


@dataclass(frozen=True)
class Line:
    label: str
    entries: tuple[Entry, ...]
    is_total: bool = False


@dataclass(frozen=True)
class Table:
    caption: str
    label_head: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """(text, width) of the upper head row; empty where no column has a group."""
        if not any(column.group for column in self.columns):
            return []
        found: list[tuple[str, int]] = []
        for column in self.columns:
            if found and found[-1][0] == column.group:
                found[-1] = (column.group, found[-1][1] + 1)
            else:
                found.append((column.group, 1))
        return found

    @property
    def signs(self) -> list[str]:
        """Statuses that need a legend under this table."""
        used = {entry.status for line in self.lines for entry in line.entries}
        return [status for status in french.SIGNS if status in used]

    @property
    def legend(self) -> str:
        """« s : secret statistique. », for the signs that this table holds."""
        return " ".join("{} : {}.".format(*french.SIGNS[status]) for status in self.signs)


@dataclass(frozen=True)
class Chart:
    """A drawing and its text twin; nothing is drawn before `svg()`."""

    name: str
    alt: str
    shape: charts.Shape

    def svg(self) -> bytes:
        return self.shape.svg().encode()


@dataclass(frozen=True)
class Map:
    """A chart whose marks are the départements themselves."""

    name: str
    alt: str
    title: str
    subtitle: str
    areas: tuple[maps.Area, ...]

    def svg(self) -> bytes:
        return maps.svg(self.areas, title=self.title, subtitle=self.subtitle).encode()


@dataclass(frozen=True)
class Section:
    """`detail` is a larger table, for the workbook and a fold of the page, never the PDF; nor is
    all of a section that is not `on_paper`, whose pages are few.

    The series of `indicator` over all periods is one click away; `field` is what is counted.
    """

    slug: str
    title: str
    table: Table
    chart: Chart | Map | None = None
    notes: tuple[str, ...] = ()
    detail: Table | None = None
    indicator: str = ""
    field: str = ""
    source: str = SOURCE
    on_paper: bool = True


@dataclass(frozen=True)
class Chapter:
    slug: str
    name: str
    question: str
    sections: tuple[Section, ...]

    @property
    def printed(self) -> list[Section]:
        return [section for section in self.sections if section.on_paper]


@dataclass(frozen=True)
class Material:
    """All that the chapters are written from; `listed`: borders of the Regions of a nation."""

    block: Block
    name: str
    labels: Labels
    now: Figures
    before: Figures
    year_before: Figures
    nation: Figures
    peers: Figures
    peer_names: tuple[str, ...]
    names: dict[str, str]
    series: tuple[tuple[Block | None, str, Figures], ...]
    listed: str

    @property
    def period(self) -> periods.Period:
        return self.block.period

    @property
    def where_and_when(self) -> str:
        return f"{self.name} · {self.period.label}"

    @property
    def compared(self) -> list[tuple[str, Figures]]:
        """(head, figures) of what is there to compare with."""
        found = [*self.earlier_heads, ("France", self.nation), (PEERS, self.peers)]
        return [(head, figures) for head, figures in found if figures]

    @property
    def earlier(self) -> list[tuple[periods.Period, Figures]]:
        """The period before and the same a year before, where they are sealed."""
        found = [(self.period.before, self.before), (self.period.year_before, self.year_before)]
        if found[0][0] == found[1][0]:
            found.pop()
        return [(period, figures) for period, figures in found if figures]

    @property
    def earlier_heads(self) -> list[tuple[str, Figures]]:
        return [(period.code, figures) for period, figures in self.earlier]

    def moved(self, code: str, earlier: periods.Period, figures: Figures) -> Entry:
        """Change of the whole of an indicator; none through a break of its definition."""
        if self.breaks_since(earlier, code):
            return Entry(None, NOT_APPLICABLE, CHANGE)
        return change(self.now.get(code), figures.get(code))

    def breaks_since(self, earlier: periods.Period, *codes: str) -> list[breaks.Break]:
        return breaks.between(breaks.of_definitions(codes), earlier, self.period)

    @property
    def levels(self) -> dict[str, str]:
        return {code: f"Niveau {code[1:]}" for code in self.labels["level"]}
