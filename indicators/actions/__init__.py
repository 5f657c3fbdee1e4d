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
from indicators.actions.regional import (
    change_draft,
    compose_indicator,
    compose_version,
    discard_draft,
    note_opinion,
    promote_indicator,
    publish_indicator,
    request_preview,
    withdraw_indicator,
)

__all__ = [
    "acknowledge_edition",
    "announce_threshold",
    "answer_contestation",
    "carry_out",
    "change_draft",
    "compose_indicator",
    "compose_version",
    "contest_cell",
    "discard_draft",
    "launch_due_compilations",
    "note_opening",
    "note_opinion",
    "open_erratum",
    "open_review",
    "promote_indicator",
    "publish_definition",
    "publish_indicator",
    "record_opinion",
    "request_compilation",
    "request_preview",
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
    "withdraw_indicator",
]
