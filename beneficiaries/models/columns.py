"""Columns of each table: what identifies a person, what is special, what is neutral."""

from sprocep.tenancy import Columns

CONTACT_TALLY = Columns(
    neutral=(
        "id region_id structure_id department_id site_id month held total days theme audience "
        "result age_band channel is_settled"
    ),
    # No figure needs where they live, and one commune of a small place says who.
    identifying="commune",
)


CONTACT_FORMS = Columns(
    # Proves to who holds a form that it was sent.
    identifying="fingerprints",
    neutral="id region_id structure_id site_id sent_on",
)


BENEFICIARY = Columns(
    identifying=(
        "last_name first_name birth_name birth_date sort_key given_key birth_key email phone "
        "commune_id note"
    ),
    neutral="id public_id region_id structure_id sex_id kept_in_id recorded_at",
)


MERGE = Columns(
    identifying="replaced",
    neutral=(
        "id public_id region_id structure_id kept_id aside_id merged_by_id merged_at "
        "separated_by_id separated_at"
    ),
)


PERSON_KEY = Columns(neutral="id region_id structure_id beneficiary_id year key")


JOURNEY = Columns(
    special="boeth_id",
    neutral=(
        "id public_id region_id structure_id department_id category_id beneficiary_id came_from_id "
        "requested_on opened_on opened closed_on closed closed_region_id closed_department_id "
        "outcome_id exit_situation_id main_reason_id sex_id age education_level_id situation_id "
        "socio_professional_category_id sector_id contract_type_id residence_area_id arrival_id "
        "continues_id joined_to_id thread_number contact_code_fingerprint idempotency_key "
        "recorded_at updated_at may_be_asked"
    ),
)


JOURNEY_REASON = Columns(neutral="id region_id structure_id journey_id reason_id")


FOLLOW_UP = Columns(
    neutral=(
        "id region_id structure_id journey_id department_id site_id referent_id starts_on ends_on "
        "started valid"
    )
)


SITUATION_CHANGE = Columns(
    neutral="id region_id structure_id journey_id situation_id starts_on noted_by_id noted_at"
)


DROPOUT_PATH = Columns(
    # The compilation does not learn whose it is: décrocheurs are counted apart (ADR 36).
    identifying=(
        "structure_id department_id journey_id reported_on reported contacted_on relayed_on "
        "ended_on ending noted_by_id noted_at"
    ),
    neutral="id region_id",
)


SESSION = Columns(
    identifying="note",
    neutral=(
        "id public_id region_id structure_id journey_id department_id category_id max_rank site_id "
        "adviser_id held_on held channel_id level_id rank is_collective minutes next_on "
        "idempotency_key recorded_at updated_at"
    ),
)


SESSION_SERVICE = Columns(neutral="id region_id structure_id session_id service_id position")


REFERRAL = Columns(
    neutral=(
        "id public_id region_id structure_id department_id site_id receiver_id receiver_region_id "
        "journey_id opened_journey_id thread_number level_id reason_id sent_by_id sent_on sent "
        "consented_on state state_since reminded_on decline_reason_id received_by_link "
        "idempotency_key"
    ),
)


REFERRAL_PERSON = Columns(
    identifying="fields other_choice",  # free text
    neutral="id region_id structure_id receiver_id receiver_region_id referral_id",
)


REFERRAL_EVENT = Columns(neutral="id referral_id state at")


REFERRAL_LINK = Columns(
    identifying="address fingerprint",
    neutral=(
        "id region_id structure_id receiver_id receiver_region_id referral_id made_at due_at "
        "sent_at expires_at used_at lost_at"
    ),
)


EXCHANGE_ACT = Columns(
    # Of what was sent, names included: nobody reads it back, and nobody may try names on it.
    identifying="fingerprint",
    neutral="id region_id structure_id key receipt at",
)


WEBHOOK = Columns(
    identifying="url drawn",
    neutral="id region_id structure_id set_by_id set_at ended_at",
)


WEBHOOK_EVENT = Columns(
    identifying="cause",  # as the other end answered
    neutral=(
        "id public_id region_id structure_id webhook_id referral_id state at sequence made_at "
        "due_at tries sent_at given_up_at"
    ),
)


SAVED_VIEW = Columns(
    identifying="name",  # free text
    neutral="id public_id region_id structure_id owner_id query",
)


DRAFT = Columns(identifying="typed", neutral="id key page region_id structure_id author_id kept_at")


FINANCING_PLAN = Columns(
    identifying="gap_explained",  # free text
    neutral=(
        "id region_id structure_id department_id journey_id opened_on opened closed_on "
        "changed_by_id changed_at"
    ),
)


PLAN_COST = Columns(
    identifying="label",  # free text
    neutral=(
        "id public_id region_id structure_id plan_id kind_id amount is_withdrawn changed_by_id "
        "changed_at idempotency_key"
    ),
)


PLAN_FUNDING = Columns(
    identifying="document",  # free text
    neutral=(
        "id public_id region_id structure_id plan_id right_id state asked granted asked_on "
        "asked_day decided_on is_withdrawn changed_by_id changed_at idempotency_key"
    ),
)


PLAN_PAPER = Columns(
    identifying="label digest content",  # who has the paper finds its digest
    neutral=(
        "id public_id region_id structure_id plan_id cost_id funding_id kind size is_withdrawn "
        "changed_by_id changed_at idempotency_key"
    ),
)


PLAN_EVENT = Columns(identifying="line", neutral="id region_id structure_id plan_id act by_id at")


STEP = Columns(
    identifying="what actor result",  # free text
    neutral=(
        "id public_id region_id structure_id journey_id right_id due_on done_on "
        "is_from_elsewhere is_withdrawn changed_by_id changed_at idempotency_key"
    ),
)


SYNTHESIS_DOCUMENT = Columns(
    identifying="content",
    neutral=(
        "id public_id region_id structure_id department_id journey_id number handed_on handed "
        "handed_by_id approved_on channel_id approval_noted_by_id idempotency_key"
    ),
)


SHARE_CODE = Columns(
    # Proves to who holds her code which document it opens; no count needs it.
    identifying="fingerprint",
    neutral=(
        "id public_id region_id structure_id document_id made_by_id made_at expires_at reader_id "
        "reader_region_id opened_at revoked_by_id revoked_at"
    ),
)


PERSON_ACCESS = Columns(
    # Prove to who holds her code and her mailbox which journey they open; no count needs them.
    identifying="fingerprint factor",
    neutral=(
        "id public_id region_id structure_id journey_id given_by_id given_at ended_by_id ended_at "
        "factor_sent_at tries"
    ),
)


WORKSHOP = Columns(
    identifying="title cancel_reason",  # free text
    neutral=(
        "id public_id region_id structure_id department_id site_id animator_id held_on held "
        "channel_id theme_id minutes heads cancelled_at cancelled_by_id idempotency_key updated_at"
    ),
)


WORKSHOP_PARTICIPANT = Columns(neutral="id region_id structure_id workshop_id journey_id")


EXIT_QUESTION = Columns(
    neutral=(
        "id region_id structure_id journey_id exit_on asked_on closes_on state answered_on "
        "situation_id project usefulness channel_id noted_by_id"
    ),
)


EXIT_LETTER = Columns(
    # Proves to who holds the link which question it answers.
    identifying="fingerprint",
    neutral="id region_id structure_id question_id is_reminder due_at sent_at",
)


SURVEY_RESULT = Columns(
    neutral=(
        "id survey period territory structure_id threshold asked answered counts published_on"
    ),
)


FEEDBACK_CODE = Columns(
    # Proves to who holds the code that it was not used.
    identifying="fingerprint",
    neutral="id region_id structure_id month voice",
)


FEEDBACK_TALLY = Columns(neutral="id region_id structure_id month voice answered counts")
