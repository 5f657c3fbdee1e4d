"""The French of what traces hold: names of actions, of objects, of territories."""

from django.apps import apps

# Actions of every app, by the name they record: left-hand apps import nothing, they know words.
ACTIONS: dict[str, str] = {
    "create_account": "compte créé",
    "send_invitation": "invitation envoyée",
    "send_reset_link": "lien de nouveau mot de passe envoyé",
    "choose_password": "mot de passe choisi",
    "choose_letters": "rythme des courriels choisi",
    "close_account": "compte fermé",
    "reopen_account": "compte rouvert",
    "open_membership": "habilitation ouverte",
    "confirm_membership": "habilitation confirmée",
    "end_membership": "habilitation finie",
    "export_journeys": "parcours exportés",
    "limit_to_level1": "conseil limité au niveau 1",
    "lift_level1": "limite au niveau 1 levée",
    "authorise_software": "logiciel d’une structure autorisé",
    "end_software": "logiciel d’une structure retiré",
    "issue_token": "jeton d’accès remis",
    "set_webhook": "adresse d’avertissement donnée",
    "end_webhook": "adresse d’avertissement retirée",
    "revoke_token": "jeton d’accès révoqué",
    "send_referral": "fiche de liaison envoyée",
    "open_referral": "fiche de liaison ouverte",
    "accept_referral": "fiche de liaison acceptée",
    "decline_referral": "fiche de liaison refusée",
    "withdraw_referral": "fiche de liaison retirée",
    "open_link": "lien vers une fiche de liaison utilisé",
    "renew_link": "nouveau lien vers une fiche de liaison demandé",
    "note_absence": "personne d’une fiche non venue",
    "receive_by_link": "personne reçue par une structure sans compte",
    "add_cost": "coût ajouté à un plan de financement",
    "change_cost": "coût d’un plan de financement changé",
    "withdraw_cost": "coût retiré d’un plan de financement",
    "add_funding": "financement ajouté à un plan",
    "change_funding": "financement d’un plan changé",
    "withdraw_funding": "financement retiré d’un plan",
    "add_paper": "pièce jointe à un plan de financement",
    "withdraw_paper": "pièce retirée d’un plan de financement",
    "close_plan": "plan de financement bouclé",
    "reopen_plan": "plan de financement repris",
    "add_step": "étape ajoutée à un plan d’actions",
    "change_step": "étape d’un plan d’actions changée",
    "withdraw_step": "étape retirée d’un plan d’actions",
    "hand_over_document": "document de synthèse remis",
    "approve_document": "document de synthèse approuvé par la personne",
    "share_document": "code de partage donné",
    "revoke_share_code": "code de partage révoqué",
    "give_access": "accès donné à la personne",
    "end_access": "accès de la personne retiré",
    "enter_journey": "parcours ouvert par la personne, par son accès",
    "approve_own_document": "document de synthèse approuvé par la personne, par son accès",
    "share_own_document": "code de partage donné par la personne",
    "revoke_own_code": "code de partage révoqué par la personne",
    "withdraw_own_consent": "fiche de liaison retirée par la personne",
    "open_shared_document": "document de synthèse ouvert par un code",
    "take_up_document": "document de synthèse repris dans un parcours",
    "log_first_session": "parcours ouvert par un premier entretien",
    "log_session": "entretien enregistré",
    "correct_session": "entretien corrigé",
    "correct_beneficiary": "fiche de bénéficiaire corrigée",
    "merge_persons": "fiches de bénéficiaire réunies",
    "separate_persons": "fiches de bénéficiaire séparées",
    "change_follow_up": "suivi changé",
    "change_situation": "changement de situation noté",
    "note_dropout": "parcours décrocheur noté",
    "drop_dropout": "parcours décrocheur retiré",
    "log_workshop": "atelier enregistré",
    "correct_workshop": "atelier corrigé",
    "cancel_workshop": "atelier annulé",
    "close_journey": "parcours clos",
    "reopen_journey": "parcours rouvert",
    "answer_exit_question": "réponse à six mois donnée par la personne",
    "decline_exit_question": "question à six mois refusée par la personne",
    "note_exit_answer": "réponse à six mois notée",
    "draw_feedback_codes": "feuille de codes d’avis imprimée",
    "rename_region": "Région renommée",
    "merge_regions": "Régions fusionnées",
    "add_code": "code de nomenclature ajouté",
    "end_code": "code de nomenclature arrêté",
    "add_rule": "règle d’aiguillage ajoutée",
    "change_rule": "règle d’aiguillage changée",
    "end_rule": "règle d’aiguillage arrêtée",
    "add_hint": "conseil sur un financeur ajouté",
    "end_hint": "conseil sur un financeur arrêté",
    "publish_trades": "liste de métiers qui recrutent enregistrée",
    "withdraw_trades": "liste de métiers qui recrutent retirée",
    "announce_exchange": "atelier d’échange de pratique annoncé",
    "cancel_exchange": "atelier d’échange de pratique annulé",
    "join_exchange": "inscription à un atelier d’échange",
    "leave_exchange": "désistement d’un atelier d’échange",
    "note_attendance": "présences à un atelier d’échange notées",
    "set_capacity": "capacité d’accueil fixée",
    "prove_address": "adresse confirmée par qui la tient",
    "accept_address": "adresse acceptée par l’ancienne",
    "refuse_address": "adresse refusée par l’ancienne",
    "set_hours": "horaires d’accueil fixés",
    "set_premises": "conditions d’accueil d’un lieu dites",
    "join_platform": "entrée d’une structure dans une plateforme de suivi et d’appui",
    "leave_platform": "sortie d’une structure d’une plateforme de suivi et d’appui",
    "set_deadlines": "échéances fixées",
    "announce_threshold": "seuil de secret annoncé",
    "publish_definition": "version de définition publiée",
    "record_opinion": "avis sur une définition enregistré",
    "compose_indicator": "indicateur régional composé",
    "compose_version": "version d’indicateur régional composée",
    "change_draft": "brouillon d’indicateur changé",
    "discard_draft": "brouillon d’indicateur supprimé",
    "publish_indicator": "indicateur régional publié",
    "withdraw_indicator": "indicateur régional retiré",
    "note_opinion": "avis du CREFOP noté",
    "promote_indicator": "indicateur régional repris dans le socle",
    "request_compilation": "compilation demandée",
    "request_recount": "recomptage d’une valeur demandé",
    "retry_compilation": "compilation relancée",
    "retry_files": "fichiers d’édition relancés",
    "pass_returns": "remontées passées sans confirmation",
    "request_count": "comptage des remontées demandé",
    "confirm_return": "remontée confirmée",
    "withdraw_confirmation": "confirmation d’une remontée retirée",
    "explain_anomaly": "anomalie expliquée",
    "set_rule": "règle de qualité réglée",
    "open_review": "relecture d’une édition ouverte",
    "comment_edition": "édition commentée par la Région",
    "validate_edition": "édition validée",
    "take_back_edition": "validation d’une édition reprise",
    "seal_edition": "édition scellée",
    "transmit_edition": "édition transmise",
    "acknowledge_edition": "réception d’une édition accusée",
    "supersede_edition": "édition remplacée par un erratum",
    "open_erratum": "erratum ouvert",
    "contest_cell": "case contestée",
    "answer_contestation": "contestation répondue",
}

# Pages whose reading leaves a trace, by the name they give (`request.remember`).
PAGES: dict[str, str] = {
    "edition": "édition d’un tableau de bord",
    "recount": "recomptage d’une valeur",
    "audit": "traces d’audit",
    "accesses": "consultations",
    "nominal:own_rows": "lignes derrière une valeur",
    "nominal:journeys": "liste des parcours",
    "nominal:journeys_file": "export des parcours",
    "nominal:journey": "parcours",
    "nominal:person": "bénéficiaire",
    "nominal:persons_found": "recherche de bénéficiaires",
    "nominal:session": "entretien",
    "nominal:plan": "plan de financement",
    "nominal:plan_paper": "pièce d’un plan de financement",
    "nominal:document": "document de synthèse",
    "nominal:referral": "fiche de liaison",
    "nominal:draft": "brouillon",
    "nominal:workshop": "participants d’un atelier",
}


# What an action changed beside the fields of its object.
BEYOND_FIELDS: dict[str, str] = {
    "departments": "départements",
    "hours": "horaires",
    "by_link": "par lien",
    "for_a_meeting": "pour une réunion d’équipe ou un comité",
    "for_a_check": "pour un contrôle",
    "for_a_change": "pour un changement de référent",
    "for_another_tool": "pour un autre outil",
}


# What she does through her own access: no account did it.
OF_THE_PERSON = frozenset(
    {
        "enter_journey",
        "approve_own_document",
        "share_own_document",
        "revoke_own_code",
        "withdraw_own_consent",
        "answer_exit_question",
        "decline_exit_question",
    }
)


def by_words(action: str, email: str | None, fields: str) -> str:
    """Who did it: an account, a structure that has none, the person herself, or nobody."""
    if fields == "by_link":
        return "la structure, sans compte"
    return email or ("la personne" if action in OF_THE_PERSON else "le système")


def action_words(action: str) -> str:
    return ACTIONS.get(action, action)


def page_words(page: str) -> str:
    return PAGES.get(page, page)


def object_words(object_type: str) -> str:
    """« habilitation » for `regions.membership`."""
    return str(apps.get_model(object_type)._meta.verbose_name)


def field_words(object_type: str, names: str) -> str:
    """« fonction, fin » for `role ends_on` of a membership: as the model calls its fields."""
    fields = {f.name: str(f.verbose_name) for f in apps.get_model(object_type)._meta.fields}
    return ", ".join(
        fields.get(name, BEYOND_FIELDS.get(name, name.replace("_", " "))) for name in names.split()
    )
