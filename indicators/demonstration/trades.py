"""A list of trades that recruit in each Region that has accounts: an example, and it says so."""

from indicators.demonstration.accounts import accounts_of
from operators.actions import publish_trades
from operators.queries import trade_lists
from regions.middleware import scope_of
from regions.models import Membership
from regions.queries import departments_of
from sprocep import periods

SOURCE = "Exemple de la démonstration, chiffres inventés"
# Code of the ROME, name, projects in the first département, share judged difficult.
_TRADES = (
    ("J1501", "Aide-soignance", 410, 68),
    ("K1302", "Aide à domicile", 380, 74),
    ("G1602", "Cuisine", 350, 57),
    ("M1805", "Études et développement informatique", 240, 61),
    ("F1703", "Maçonnerie", 190, 66),
    ("N4101", "Conduite de poids lourds", 160, 63),
)
_LESS = 37  # projects fewer in each next département, so that no two are alike


def play_trades() -> None:
    """Once a Region."""
    today = periods.today()
    for member in accounts_of(Membership.Role.REGIONAL_COORDINATOR):
        with scope_of(member, read_only=False):
            if trade_lists(member.region_id).exists():
                continue
            publish_trades(
                by=member.user,
                region=member.region_id,
                source=SOURCE,
                year=today.year,
                trades=_trades(member.region_id),
            )


def _trades(region: str) -> list[dict]:
    return [
        {
            "department_id": department.code,
            "code": code,
            "label": label,
            "projects": max(projects - rank * _LESS, 10),
            "difficult": difficult,
        }
        for rank, department in enumerate(departments_of(region, periods.today()))
        for code, label, projects, difficult in _TRADES
    ]
