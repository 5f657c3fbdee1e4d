"""What an attack came to."""

from dataclasses import dataclass, field

from .counts import Counts


@dataclass
class Report:
    """What an attack came to. `smallest` is of what is not wide; None where all is wide."""

    threshold: int
    cells: int = 0
    hidden: int = 0
    found: int = 0
    narrow: int = 0
    smallest: int | None = None
    unprinted: int = 0
    small_differences: int = 0
    primaries: int | None = None
    hidden_volume: float | None = None
    doubted: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    worst: list[tuple[str, int, int]] = field(default_factory=list)
    seconds: float = 0

    @property
    def is_clean(self) -> bool:
        return not (self.found or self.narrow or self.unprinted)

    def note(self, counts: Counts, variable: int, least: int, most: int) -> None:
        if counts.is_virtual[variable]:
            if least >= 1 and most < self.threshold:
                self.unprinted += 1
                self.worst.append((counts.names[variable], least, most))
            return
        cells = counts.hidden_cells[variable]
        if least == most:
            self.found += cells
        else:
            self.narrow += cells
        width = most - least
        self.smallest = width if self.smallest is None else min(self.smallest, width)
        self.worst.append((counts.names[variable], least, most))


def told(report: Report) -> str:
    smallest = f"{report.smallest}" if report.smallest is not None else f"≥ {report.threshold - 1}"
    lines = [
        f"cells                 {report.cells:,}",
        f"hidden                {report.hidden:,}",
        f"found exactly         {report.found:,}",
        f"interval < {report.threshold - 1:<11}{report.narrow:,}",
        f"smallest interval     {smallest}",
        f"unprinted small       {report.unprinted:,}",
        f"small differences     {report.small_differences:,}",
        f"seconds               {report.seconds:.1f}",
    ]
    if report.primaries is not None:
        lines += [f"small and hidden      {report.primaries:,}"]
        lines += [f"volume hidden         {report.hidden_volume:.2%}"]
    lines += [f"not believed          {name}" for name in report.doubted[:20]]
    lines += [f"two values            {name}" for name in report.conflicts[:20]]
    lines += [f"{least:>6} to {most:<6} {name}" for name, least, most in report.worst[:20]]
    return "\n".join(lines)
