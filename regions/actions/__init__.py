"""Writes on people, programs and the territory, split by noun, and the audit row of every action.

Each is atomic, locks what it changes, refuses in French and leaves one audit row.
"""

from regions.actions.accounts import (
    choose_letters,
    choose_password,
    close_account,
    create_account,
    reopen_account,
    send_invitation,
    send_reset_link,
)
from regions.actions.audit import record
from regions.actions.memberships import (
    confirm_membership,
    end_membership,
    lift_level1,
    limit_to_level1,
    open_membership,
)
from regions.actions.programs import (
    TOKEN_DAYS_AT_MOST,
    authorise_program,
    authorise_software,
    end_software,
    issue_token,
    note_use,
    revoke_token,
)
from regions.actions.territory import (
    QUARTERS_AHEAD,
    begins_a_quarter,
    merge_regions,
    rename_region,
)

__all__ = [
    "QUARTERS_AHEAD",
    "TOKEN_DAYS_AT_MOST",
    "authorise_program",
    "authorise_software",
    "begins_a_quarter",
    "choose_letters",
    "choose_password",
    "close_account",
    "confirm_membership",
    "create_account",
    "end_membership",
    "end_software",
    "issue_token",
    "lift_level1",
    "limit_to_level1",
    "merge_regions",
    "note_use",
    "open_membership",
    "record",
    "rename_region",
    "reopen_account",
    "revoke_token",
    "send_invitation",
    "send_reset_link",
]
