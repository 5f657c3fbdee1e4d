"""All that is written about figures: keyword-only, `by=`, atomic, audited."""

from indicators.actions.campaigns import (
    open_review,
    take_back_edition,
    validate_edition,
    validate_period,
)
from indicators.actions.compilations import (
    carry_out,
    launch_due_compilations,
    request_compilation,
    retry_failed,
    retry_files,
    settled_territories,
)
from indicators.actions.contestations import answer_contestation, contest_cell
from indicators.actions.definitions import publish_definition, record_opinion
from indicators.actions.editions import (
    acknowledge_edition,
    note_opening,
    seal_edition,
    transmit_edition,
)
from indicators.actions.errata import open_erratum
from indicators.actions.recounts import request_recount
from indicators.actions.reference import (
    announce_threshold,
    set_deadlines,
)

__all__ = [
    "acknowledge_edition",
    "announce_threshold",
    "answer_contestation",
    "carry_out",
    "contest_cell",
    "launch_due_compilations",
    "note_opening",
    "open_erratum",
    "open_review",
    "publish_definition",
    "record_opinion",
    "request_compilation",
    "request_recount",
    "retry_failed",
    "retry_files",
    "seal_edition",
    "set_deadlines",
    "settled_territories",
    "take_back_edition",
    "transmit_edition",
    "validate_edition",
    "validate_period",
]
