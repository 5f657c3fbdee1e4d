"""Writes on people and programs, split by noun, and the audit row of every action.

Each is atomic, locks what it changes, refuses in French and leaves one audit row.
"""

from regions.actions.accounts import (
    choose_password,
    close_account,
    create_account,
    reopen_account,
    send_invitation,
    send_reset_link,
)
from regions.actions.audit import record
from regions.actions.memberships import end_membership, open_membership
from regions.actions.programs import (
    TOKEN_DAYS_AT_MOST,
    authorise_program,
    issue_token,
    note_use,
    revoke_token,
)

__all__ = [
    "TOKEN_DAYS_AT_MOST",
    "authorise_program",
    "choose_password",
    "close_account",
    "create_account",
    "end_membership",
    "issue_token",
    "note_use",
    "open_membership",
    "record",
    "reopen_account",
    "revoke_token",
    "send_invitation",
    "send_reset_link",
]
