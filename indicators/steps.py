"""What the DGEFP does to an edition, or to all those of a period: each step to the next state."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from indicators import actions
from indicators.models import Edition

_STATES = Edition.State


@dataclass(frozen=True)
class Step:
    """An act on the editions that wait for it in the state `waits`, and its words."""

    name: str  # of the route of one edition; with `_period`, of that of all
    waits: str
    act: Callable[..., Edition]
    label: str
    todo: str  # « à valider »
    words: tuple[str, str]  # what becomes of one edition, of several
    effect: str

    @property
    def of_period(self) -> str:
        return f"indicators:{self.name}_period"

    @property
    def of_edition(self) -> str:
        return f"indicators:{self.name}"


OPEN_REVIEW = Step(
    "open_review",
    _STATES.DRAFT,
    actions.open_review,
    "Ouvrir la relecture",
    "à mettre en relecture",
    ("en relecture", "en relecture"),
    "Chaque Région verra son tableau de bord et pourra le commenter.",
)
VALIDATE = Step(
    "validate",
    _STATES.UNDER_REVIEW,
    actions.validate_edition,
    "Valider",
    "à valider",
    ("validée", "validées"),
    "Aucune compilation ne changera plus les valeurs, et les structures ne pourront plus retirer "
    "leur confirmation.",
)
TAKE_BACK = Step(
    "take_back",
    _STATES.VALIDATED,
    actions.take_back_edition,
    "Reprendre la validation",
    "à reprendre",
    ("en relecture", "en relecture"),
    "Les valeurs pourront de nouveau être recalculées.",
)
SEAL = Step(
    "seal",
    _STATES.VALIDATED,
    actions.seal_edition,
    "Sceller",
    "à sceller",
    ("scellée", "scellées"),
    "Les valeurs ne pourront plus changer, et toutes les Régions les verront.",
)
TRANSMIT = Step(
    "transmit",
    _STATES.SEALED,
    actions.transmit_edition,
    "Transmettre",
    "à transmettre",
    ("transmise", "transmises"),
    "La transmission est datée d’aujourd’hui, à votre nom.",
)
STEPS = {step.name: step for step in (OPEN_REVIEW, VALIDATE, TAKE_BACK, SEAL, TRANSMIT)}
_WAY = (OPEN_REVIEW, VALIDATE, SEAL, TRANSMIT)


def next_step(states: Iterable[str]) -> Step | None:
    """The first step of the way that one of these editions waits for."""
    there = set(states)
    return next((step for step in _WAY if step.waits in there), None)
