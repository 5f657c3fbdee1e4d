"""Published rows made by hand, for tests of the attacker."""

from scripts.attack_editions import TOTAL, Block, Blocks, Row

SECRET = None
AXES = ("level", "operator")


def cell(
    code: str,
    indicator: str,
    population: str,
    value: float | None,
    *,
    margin: str = TOTAL,
    category: str = f"{TOTAL}={TOTAL}",
    department: str = TOTAL,
) -> tuple[Block, Row]:
    """One figure; `value` None is a secret one. `margin` is « level=N1 », `category` « sex=F »."""
    breakdown, _, name = category.partition("=")
    status = "secret" if value is None else "published"
    return Block.parse(code), Row(
        indicator, population, department, margin, breakdown, name, value, status, None
    )


def blocks(*cells: tuple[Block, Row]) -> Blocks:
    found: Blocks = {}
    for block, row in cells:
        found.setdefault(block, []).append(row)
    return found


def line(code: str, indicator: str, population: str, **values: float | None) -> list:
    """Totals of an indicator by margin: `line(…, total=50, N1=30, apec=None)`."""
    return [
        cell(code, indicator, population, value, margin=_margin(name))
        for name, value in values.items()
    ]


def _margin(name: str) -> str:
    if name == TOTAL:
        return TOTAL
    return f"level={name}" if name[0] == "N" else f"operator={name}"
