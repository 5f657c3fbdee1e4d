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
from indicators.actions.definitions import publish_definition, record_opinion
from indicators.actions.editions import (
    seal_edition,
    transmit_edition,
)
from indicators.actions.reference import (
    announce_threshold,
    set_deadlines,
)

__all__ = [
    "announce_threshold",
    "carry_out",
    "launch_due_compilations",
    "open_review",
    "publish_definition",
    "record_opinion",
    "request_compilation",
    "retry_failed",
    "retry_files",
    "seal_edition",
    "settled_territories",
    "set_deadlines",
    "take_back_edition",
    "transmit_edition",
    "validate_edition",
    "validate_period",
]
