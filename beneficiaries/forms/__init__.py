"""What these screens ask, read and checked: nothing here writes."""

from beneficiaries.forms.contacts import ContactForm
from beneficiaries.forms.fields import typed_day
from beneficiaries.forms.filters import JourneyFilter
from beneficiaries.forms.journeys import ClosingForm, FollowUpForm
from beneficiaries.forms.persons import BeneficiaryForm
from beneficiaries.forms.referrals import DeclineForm, NewReferralForm, ReferralForm
from beneficiaries.forms.sessions import CorrectionForm, NewPersonForm, OpeningForm, TalkForm

__all__ = [
    "BeneficiaryForm",
    "ClosingForm",
    "ContactForm",
    "CorrectionForm",
    "DeclineForm",
    "FollowUpForm",
    "JourneyFilter",
    "NewPersonForm",
    "NewReferralForm",
    "OpeningForm",
    "ReferralForm",
    "TalkForm",
    "typed_day",
]
