from django.urls import path

from regions.views import home, letters, login, people, programs, team, territory, traces

app_name = "regions"
urlpatterns = [
    path("", home.home, name="home"),
    path("connexion/", login.login, name="login"),
    path("deconnexion/", login.logout, name="logout"),
    path("habilitation/", login.switch_membership, name="switch_membership"),
    path("invitation/<str:token>/", login.accept_invitation, name="accept_invitation"),
    path("mot-de-passe/oublie/", login.forgotten_password, name="forgotten_password"),
    path("mot-de-passe/<str:token>/", login.reset_password, name="reset_password"),
    path("lettres/", letters.letters, name="letters"),
    path("traces/", traces.audit, name="audit"),
    path("consultations/", traces.accesses, name="accesses"),
    path("habilitations/", people.memberships, name="memberships"),
    path("habilitations/nouvelle/", people.open_membership, name="open_membership"),
    path("habilitations/<uuid:public_id>/fin/", people.end_membership, name="end_membership"),
    path(
        "habilitations/<uuid:public_id>/confirmation/",
        people.confirm_membership,
        name="confirm_membership",
    ),
    path("equipe/", team.team, name="team"),
    path("equipe/<uuid:public_id>/confirmation/", team.confirm_member, name="confirm_member"),
    path("equipe/<uuid:public_id>/niveau-1/", team.limit_to_level1, name="limit_to_level1"),
    path("equipe/<uuid:public_id>/tous-niveaux/", team.lift_level1, name="lift_level1"),
    path("comptes/nouveau/", people.create_account, name="create_account"),
    path("comptes/invitation/", people.send_invitation, name="send_invitation"),
    path("comptes/etat/", people.set_account_state, name="set_account_state"),
    path("logiciels/", programs.programs, name="programs"),
    path("logiciels/nouveau/", programs.authorise_program, name="authorise_program"),
    path("logiciels/<uuid:public_id>/jeton/", programs.issue_token, name="issue_token"),
    path("logiciels/jetons/<uuid:public_id>/fin/", programs.revoke_token, name="revoke_token"),
    path("nation/regions/", territory.territory, name="territory"),
    path("nation/regions/fusion/", territory.merge_regions, name="merge_regions"),
    path("nation/regions/<str:region>/nom/", territory.rename_region, name="rename_region"),
]
