"""All that is written about figures: keyword-only, `by=`, atomic, audited."""

from indicators.actions.calendar import run_campaigns
from indicators.actions.campaigns import (
    comment_edition,
    may_still_comment,
    open_review,
    review_ends_on,
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
from indicators.actions.contestations import answer_contestation, contest_cell, note_reading
from indicators.actions.counts import request_count
from indicators.actions.definitions import publish_definition, record_opinion
from indicators.actions.editions import (
    acknowledge_edition,
    note_opening,
    seal_edition,
    transmit_edition,
)
from indicators.actions.errata import open_erratum
from indicators.actions.quality import explain_anomaly, set_rule
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
    withdraw_indicator,
)
from indicators.actions.returns import (
    confirm_return,
    confirm_without_anomaly,
    is_settled,
    open_anomalies,
    open_campaigns,
    withdraw_confirmation,
)
from indicators.actions.surveys import publish_surveys

__all__ = [
    "acknowledge_edition",
    "announce_threshold",
    "answer_contestation",
    "carry_out",
    "change_draft",
    "comment_edition",
    "compose_indicator",
    "compose_version",
    "confirm_return",
    "confirm_without_anomaly",
    "contest_cell",
    "discard_draft",
    "explain_anomaly",
    "is_settled",
    "launch_due_compilations",
    "may_still_comment",
    "note_opening",
    "note_opinion",
    "note_reading",
    "open_anomalies",
    "open_campaigns",
    "open_erratum",
    "open_review",
    "promote_indicator",
    "publish_definition",
    "publish_indicator",
    "publish_surveys",
    "record_opinion",
    "request_compilation",
    "request_count",
    "request_recount",
    "retry_failed",
    "retry_files",
    "review_ends_on",
    "run_campaigns",
    "seal_edition",
    "set_deadlines",
    "set_rule",
    "settled_territories",
    "take_back_edition",
    "transmit_edition",
    "validate_edition",
    "validate_period",
    "withdraw_confirmation",
    "withdraw_indicator",
]
