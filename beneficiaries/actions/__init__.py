"""Writes on the nominal files and the anonymous contacts, split by noun.

Each action is atomic, locks what it changes, refuses in French and leaves one audit row. A
repeated idempotency key gives back what the first sending stored. Drafts are no facts, contacts and
opinions are counts: no audit.
"""

from beneficiaries.actions.access import (
    approve_own_document,
    end_access,
    enter_journey,
    give_access,
    revoke_own_code,
    send_factor,
    share_own_document,
    try_factor,
    withdraw_own_consent,
)
from beneficiaries.actions.contacts import log_contact, settle_contacts
from beneficiaries.actions.documents import (
    approve_document,
    hand_over_document,
    open_shared_document,
    revoke_share_code,
    share_document,
    take_up_document,
)
from beneficiaries.actions.drafts import drop_draft, keep_draft
from beneficiaries.actions.dropouts import drop_dropout, note_dropout
from beneficiaries.actions.exchange import act_once
from beneficiaries.actions.exit_letters import (
    send_exit_letters,
)
from beneficiaries.actions.exits import (
    answer_exit_question,
    ask_after_exit,
    decline_exit_question,
    note_exit_answer,
)
from beneficiaries.actions.exports import export_journeys
from beneficiaries.actions.feedback import (
    CODES_OF_A_SHEET,
    count_adviser_feedback,
    count_feedback,
    draw_feedback_codes,
)
from beneficiaries.actions.financing import (
    add_cost,
    add_funding,
    add_paper,
    change_cost,
    change_funding,
    close_plan,
    reopen_plan,
    withdraw_cost,
    withdraw_funding,
    withdraw_paper,
)
from beneficiaries.actions.journeys import (
    change_follow_up,
    change_situation,
    close_journey,
    entrust_journeys,
    reopen_journey,
)
from beneficiaries.actions.link_letters import send_links
from beneficiaries.actions.links import open_link, renew_link
from beneficiaries.actions.merges import merge_persons, separate_persons
from beneficiaries.actions.persons import correct_beneficiary
from beneficiaries.actions.referral_delays import ask_who_came, follow_lost_links, follow_referrals
from beneficiaries.actions.referrals import (
    accept_referral,
    decline_referral,
    note_absence,
    open_referral,
    receive_by_link,
    send_referral,
    withdraw_referral,
)
from beneficiaries.actions.rules import ChangedMeanwhile
from beneficiaries.actions.saved_views import drop_view, save_view
from beneficiaries.actions.sessions import correct_session, log_first_session, log_session
from beneficiaries.actions.steps import add_step, change_step, withdraw_step
from beneficiaries.actions.surveys import (
    publish_adviser_feedback,
    publish_dropouts,
    publish_exit_results,
    publish_feedback,
)
from beneficiaries.actions.webhooks import end_webhook, send_webhooks, set_webhook
from beneficiaries.actions.workshops import cancel_workshop, correct_workshop, log_workshop

__all__ = [
    "CODES_OF_A_SHEET",
    "ChangedMeanwhile",
    "accept_referral",
    "act_once",
    "add_cost",
    "add_funding",
    "add_paper",
    "add_step",
    "answer_exit_question",
    "approve_document",
    "approve_own_document",
    "ask_after_exit",
    "ask_who_came",
    "cancel_workshop",
    "change_cost",
    "change_follow_up",
    "change_funding",
    "change_situation",
    "change_step",
    "close_journey",
    "close_plan",
    "correct_beneficiary",
    "correct_session",
    "correct_workshop",
    "count_adviser_feedback",
    "count_feedback",
    "decline_exit_question",
    "decline_referral",
    "draw_feedback_codes",
    "drop_draft",
    "drop_dropout",
    "drop_view",
    "end_access",
    "end_webhook",
    "enter_journey",
    "entrust_journeys",
    "export_journeys",
    "follow_lost_links",
    "follow_referrals",
    "give_access",
    "hand_over_document",
    "keep_draft",
    "log_contact",
    "log_first_session",
    "log_session",
    "log_workshop",
    "merge_persons",
    "note_absence",
    "note_dropout",
    "note_exit_answer",
    "open_link",
    "open_referral",
    "open_shared_document",
    "publish_adviser_feedback",
    "publish_dropouts",
    "publish_exit_results",
    "publish_feedback",
    "receive_by_link",
    "renew_link",
    "reopen_journey",
    "reopen_plan",
    "revoke_own_code",
    "revoke_share_code",
    "save_view",
    "send_exit_letters",
    "send_factor",
    "send_links",
    "send_referral",
    "send_webhooks",
    "separate_persons",
    "set_webhook",
    "settle_contacts",
    "share_document",
    "share_own_document",
    "take_up_document",
    "try_factor",
    "withdraw_cost",
    "withdraw_funding",
    "withdraw_own_consent",
    "withdraw_paper",
    "withdraw_referral",
    "withdraw_step",
]
