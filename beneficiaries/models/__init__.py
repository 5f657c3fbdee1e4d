"""Anonymous contacts, and the nominal files of each structure: persons, journeys, sessions; what
one structure asks of another: fiches de liaison; what a project costs and who pays: plans de
financement; what a person takes away and shares: documents de synthèse; how she reads
her own journey: her access; what became of her six months after it: the answer to a question;
one act for many: workshops; the path of a décrocheur, read by fewer than her journey.

Every nominal row carries its structure and the Region of its own date; children refer to their
parents by `(parent, structure)`. The columns of each table are declared identifying, special or
neutral: the declaration drives what the compilation may read.
"""

from beneficiaries.models.access import PersonAccess
from beneficiaries.models.columns import (
    BENEFICIARY,
    CONTACT_FORMS,
    CONTACT_TALLY,
    DRAFT,
    DROPOUT_PATH,
    EXCHANGE_ACT,
    EXIT_LETTER,
    EXIT_QUESTION,
    FEEDBACK_CODE,
    FEEDBACK_TALLY,
    FINANCING_PLAN,
    FOLLOW_UP,
    JOURNEY,
    JOURNEY_REASON,
    MERGE,
    PERSON_ACCESS,
    PERSON_KEY,
    PLAN_COST,
    PLAN_EVENT,
    PLAN_FUNDING,
    PLAN_PAPER,
    REFERRAL,
    REFERRAL_EVENT,
    REFERRAL_LINK,
    REFERRAL_PERSON,
    SAVED_VIEW,
    SESSION,
    SESSION_SERVICE,
    SHARE_CODE,
    SITUATION_CHANGE,
    STEP,
    SURVEY_RESULT,
    SYNTHESIS_DOCUMENT,
    WEBHOOK,
    WEBHOOK_EVENT,
    WORKSHOP,
    WORKSHOP_PARTICIPANT,
)
from beneficiaries.models.contacts import ANSWERS, ContactForms, ContactTally
from beneficiaries.models.documents import ONLINE, ShareCode, Step, SynthesisDocument
from beneficiaries.models.drafts import LONGEST_DRAFT, Draft
from beneficiaries.models.dropouts import DropoutPath
from beneficiaries.models.exchange import ExchangeAct
from beneficiaries.models.exits import ANSWER, ExitLetter, ExitQuestion
from beneficiaries.models.feedback import (
    QUESTIONS,
    QUESTIONS_TO_ADVISERS,
    FeedbackCode,
    FeedbackTally,
    Voice,
)
from beneficiaries.models.financing import FinancingPlan, PlanCost, PlanEvent, PlanFunding
from beneficiaries.models.journeys import FollowUp, Journey, JourneyReason
from beneficiaries.models.keys import code_of, department_on, isolation
from beneficiaries.models.links import ReferralLink
from beneficiaries.models.merges import Merge
from beneficiaries.models.papers import MOST_BYTES, PlanPaper
from beneficiaries.models.persons import TYPED, Beneficiary, PersonKey
from beneficiaries.models.referrals import Referral, ReferralEvent, ReferralPerson
from beneficiaries.models.saved_views import SavedView
from beneficiaries.models.sessions import Session, SessionService
from beneficiaries.models.situations import SituationChange
from beneficiaries.models.surveys import SurveyResult
from beneficiaries.models.webhooks import Webhook, WebhookEvent
from beneficiaries.models.workshops import MOST_HEADS, Workshop, WorkshopParticipant

__all__ = [
    "ANSWER",
    "ANSWERS",
    "BENEFICIARY",
    "CONTACT_FORMS",
    "CONTACT_TALLY",
    "DRAFT",
    "DROPOUT_PATH",
    "EXCHANGE_ACT",
    "EXIT_LETTER",
    "EXIT_QUESTION",
    "FEEDBACK_CODE",
    "FEEDBACK_TALLY",
    "FINANCING_PLAN",
    "FOLLOW_UP",
    "JOURNEY",
    "JOURNEY_REASON",
    "LONGEST_DRAFT",
    "MERGE",
    "MOST_BYTES",
    "MOST_HEADS",
    "ONLINE",
    "PERSON_ACCESS",
    "PERSON_KEY",
    "PLAN_COST",
    "PLAN_EVENT",
    "PLAN_FUNDING",
    "PLAN_PAPER",
    "QUESTIONS",
    "QUESTIONS_TO_ADVISERS",
    "REFERRAL",
    "REFERRAL_EVENT",
    "REFERRAL_LINK",
    "REFERRAL_PERSON",
    "SAVED_VIEW",
    "SESSION",
    "SESSION_SERVICE",
    "SHARE_CODE",
    "SITUATION_CHANGE",
    "STEP",
    "SURVEY_RESULT",
    "SYNTHESIS_DOCUMENT",
    "TYPED",
    "WEBHOOK",
    "WEBHOOK_EVENT",
    "WORKSHOP",
    "WORKSHOP_PARTICIPANT",
    "Beneficiary",
    "ContactForms",
    "ContactTally",
    "Draft",
    "DropoutPath",
    "ExchangeAct",
    "ExitLetter",
    "ExitQuestion",
    "FeedbackCode",
    "FeedbackTally",
    "FinancingPlan",
    "FollowUp",
    "Journey",
    "JourneyReason",
    "Merge",
    "PersonAccess",
    "PersonKey",
    "PlanCost",
    "PlanEvent",
    "PlanFunding",
    "PlanPaper",
    "Referral",
    "ReferralEvent",
    "ReferralLink",
    "ReferralPerson",
    "SavedView",
    "Session",
    "SessionService",
    "ShareCode",
    "SituationChange",
    "Step",
    "SurveyResult",
    "SynthesisDocument",
    "Voice",
    "Webhook",
    "WebhookEvent",
    "Workshop",
    "WorkshopParticipant",
    "code_of",
    "department_on",
    "isolation",
]
