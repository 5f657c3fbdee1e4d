"""What these screens ask, read and checked: nothing here writes."""

from beneficiaries.forms.access import AccessCodeForm, FactorForm
from beneficiaries.forms.contacts import ContactForm
from beneficiaries.forms.documents import ApprovalForm, SharedCodeForm, StepForm
from beneficiaries.forms.dropouts import DropoutForm
from beneficiaries.forms.exchange import EntriesForm, PeriodForm
from beneficiaries.forms.exits import (
    ExitForm,
    NotedExitForm,
)
from beneficiaries.forms.exports import ExportForm
from beneficiaries.forms.feedback import AdviserFeedbackForm, FeedbackForm
from beneficiaries.forms.fields import typed_day
from beneficiaries.forms.filters import JourneyFilter, ViewForm
from beneficiaries.forms.financing import CostForm, FundingForm, PaperForm, PlanClosingForm
from beneficiaries.forms.journeys import ClosingForm, FollowUpForm, SituationForm
from beneficiaries.forms.merges import ValuesForm
from beneficiaries.forms.persons import BeneficiaryForm
from beneficiaries.forms.referrals import (
    DeclineForm,
    ExchangedReferralForm,
    NewReferralForm,
    ReferralForm,
)
from beneficiaries.forms.routing import RoutingTrialForm
from beneficiaries.forms.sessions import CorrectionForm, NewPersonForm, OpeningForm, TalkForm
from beneficiaries.forms.software import SoftwareForm, WebhookForm
from beneficiaries.forms.workshops import (
    CancellationForm,
    WorkshopCorrectionForm,
    WorkshopFilter,
    WorkshopForm,
)

__all__ = [
    "AccessCodeForm",
    "AdviserFeedbackForm",
    "ApprovalForm",
    "BeneficiaryForm",
    "CancellationForm",
    "ClosingForm",
    "ContactForm",
    "CorrectionForm",
    "CostForm",
    "DeclineForm",
    "DropoutForm",
    "EntriesForm",
    "ExchangedReferralForm",
    "ExitForm",
    "ExportForm",
    "FactorForm",
    "FeedbackForm",
    "FollowUpForm",
    "FundingForm",
    "JourneyFilter",
    "NewPersonForm",
    "NewReferralForm",
    "NotedExitForm",
    "OpeningForm",
    "PaperForm",
    "PeriodForm",
    "PlanClosingForm",
    "ReferralForm",
    "RoutingTrialForm",
    "SharedCodeForm",
    "SituationForm",
    "SoftwareForm",
    "StepForm",
    "TalkForm",
    "ValuesForm",
    "ViewForm",
    "WebhookForm",
    "WorkshopCorrectionForm",
    "WorkshopFilter",
    "WorkshopForm",
    "typed_day",
]
