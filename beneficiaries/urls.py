from django.urls import path

from beneficiaries.views import (
    access,
    contacts,
    documents,
    financing,
    journeys,
    links,
    own,
    persons,
    referrals,
    routing,
    sending,
    sessions,
    sharing,
    steps,
)

app_name = "beneficiaries"
urlpatterns = [
    path("parcours/", journeys.journeys, name="journeys"),
    path("parcours/nouvel-entretien/", sessions.log_session, name="log_session"),
    path("parcours/nouvel-entretien/personnes/", sessions.find_person, name="find_person"),
    path(
        "parcours/nouvel-entretien/ressemblances/",
        sessions.find_look_alikes,
        name="find_look_alikes",
    ),
    path("parcours/nouvel-entretien/niveau/", sessions.session_level, name="session_level"),
    path("parcours/nouvel-entretien/communes/", sessions.communes, name="communes"),
    path("parcours/nouvel-entretien/brouillon/", sessions.keep_draft, name="keep_draft"),
    path("parcours/nouvel-entretien/abandon/", sessions.drop_draft, name="drop_draft"),
    path("parcours/<uuid:public_id>/", journeys.journey, name="journey"),
    path("parcours/<uuid:public_id>/cloture/", journeys.close_journey, name="close_journey"),
    path("parcours/<uuid:public_id>/reouverture/", journeys.reopen_journey, name="reopen_journey"),
    path("parcours/<uuid:public_id>/suivi/", journeys.change_follow_up, name="change_follow_up"),
    path(
        "parcours/<uuid:public_id>/situation/", journeys.change_situation, name="change_situation"
    ),
    path(
        "parcours/<uuid:public_id>/plan-de-financement/",
        financing.financing_plan,
        name="financing_plan",
    ),
    path(
        "parcours/<uuid:public_id>/plan-de-financement/cout/", financing.add_cost, name="add_cost"
    ),
    path(
        "parcours/<uuid:public_id>/plan-de-financement/financement/",
        financing.add_funding,
        name="add_funding",
    ),
    path(
        "parcours/<uuid:public_id>/plan-de-financement/bouclage/",
        financing.close_plan,
        name="close_plan",
    ),
    path(
        "parcours/<uuid:public_id>/plan-de-financement/reprise/",
        financing.reopen_plan,
        name="reopen_plan",
    ),
    path("parcours/<uuid:public_id>/document/", documents.document, name="document"),
    path("parcours/<uuid:public_id>/document/etape/", steps.add_step, name="add_step"),
    path(
        "parcours/<uuid:public_id>/document/remise/",
        documents.hand_over_document,
        name="hand_over_document",
    ),
    path("etapes/<uuid:public_id>/", steps.change_step, name="change_step"),
    path("etapes/<uuid:public_id>/retrait/", steps.withdraw_step, name="withdraw_step"),
    path("parcours/<uuid:public_id>/acces/", access.give_access, name="give_access"),
    path("parcours/<uuid:public_id>/acces/retrait/", access.end_access, name="end_access"),
    path("mon-parcours/", own.enter_journey, name="enter_journey"),
    path("mon-parcours/chiffres/", own.confirm_entry, name="confirm_entry"),
    path("mon-parcours/sortie/", own.leave_journey, name="leave_journey"),
    path("mon-parcours/lire/", own.own_journey, name="own_journey"),
    path("mon-parcours/versions/<uuid:version>/", own.own_version, name="own_version"),
    path(
        "mon-parcours/versions/<uuid:version>/document.pdf",
        own.own_version_pdf,
        name="own_version_pdf",
    ),
    path(
        "mon-parcours/versions/<uuid:version>/document.json",
        own.own_version_file,
        name="own_version_file",
    ),
    path(
        "mon-parcours/versions/<uuid:version>/accord/",
        own.approve_own_document,
        name="approve_own_document",
    ),
    path(
        "mon-parcours/versions/<uuid:version>/partage/",
        own.share_own_document,
        name="share_own_document",
    ),
    path(
        "mon-parcours/codes/<uuid:share>/revocation/", own.revoke_own_code, name="revoke_own_code"
    ),
    path(
        "mon-parcours/fiches/<uuid:fiche>/retrait/",
        own.withdraw_own_consent,
        name="withdraw_own_consent",
    ),
    path("documents/code/", sharing.open_document, name="open_document"),
    path("documents/<uuid:public_id>/", documents.document_version, name="document_version"),
    path("documents/<uuid:public_id>/document.pdf", documents.document_pdf, name="document_pdf"),
    path("documents/<uuid:public_id>/document.json", documents.document_file, name="document_file"),
    path("documents/<uuid:public_id>/accord/", documents.approve_document, name="approve_document"),
    path("documents/<uuid:public_id>/partage/", sharing.share_document, name="share_document"),
    path(
        "codes-de-partage/<uuid:public_id>/revocation/",
        sharing.revoke_share_code,
        name="revoke_share_code",
    ),
    path("couts/<uuid:public_id>/", financing.change_cost, name="change_cost"),
    path("couts/<uuid:public_id>/retrait/", financing.withdraw_cost, name="withdraw_cost"),
    path("financements/<uuid:public_id>/", financing.change_funding, name="change_funding"),
    path(
        "financements/<uuid:public_id>/retrait/",
        financing.withdraw_funding,
        name="withdraw_funding",
    ),
    path("entretiens/<uuid:public_id>/", sessions.correct_session, name="correct_session"),
    path(
        "beneficiaires/<uuid:public_id>/", persons.correct_beneficiary, name="correct_beneficiary"
    ),
    path("accueil-anonyme/", contacts.log_contact, name="log_contact"),
    path("accueils/", contacts.contacts, name="contacts"),
    path("fiches/", referrals.referrals, name="referrals"),
    path("fiches/nouvelle/", sending.send_referral, name="send_referral"),
    path("aiguillage/essayer/", routing.try_routing, name="try_routing"),
    path("fiches/nouvelle/structures/", sending.receivers, name="receivers"),
    path("fiches/sans-reponse/", referrals.escalations, name="escalations"),
    path("fiches/<uuid:public_id>/", referrals.referral, name="referral"),
    path("fiches/<uuid:public_id>/fiche.json", referrals.referral_file, name="referral_file"),
    path("fiches/<uuid:public_id>/accord/", referrals.accept_referral, name="accept_referral"),
    path("fiches/<uuid:public_id>/refus/", referrals.decline_referral, name="decline_referral"),
    path("fiches/<uuid:public_id>/retrait/", referrals.withdraw_referral, name="withdraw_referral"),
    path("lien/<str:secret>/", links.open_link, name="open_link"),
    path("lien/<str:secret>/nouveau/", links.renew_link, name="renew_link"),
    path("fiche-recue/<uuid:referral>/", links.linked_referral, name="linked_referral"),
    path("fiche-recue/<uuid:referral>/accord/", links.accept_by_link, name="accept_by_link"),
    path("fiche-recue/<uuid:referral>/refus/", links.decline_by_link, name="decline_by_link"),
    path("fiche-recue/<uuid:referral>/accueil/", links.receive_by_link, name="receive_by_link"),
]
