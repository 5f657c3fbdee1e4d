from django.urls import path

from regions import views

app_name = "regions"
urlpatterns = [
    path("", views.home, name="home"),
    path("connexion/", views.login, name="login"),
    path("deconnexion/", views.logout, name="logout"),
    path("habilitation/", views.switch_membership, name="switch_membership"),
    path("traces/", views.audit, name="audit"),
    path("habilitations/", views.memberships, name="memberships"),
    path("habilitations/nouvelle/", views.open_membership, name="open_membership"),
    path("habilitations/<uuid:public_id>/fin/", views.end_membership, name="end_membership"),
    path("comptes/nouveau/", views.create_account, name="create_account"),
    path("comptes/etat/", views.set_account_state, name="set_account_state"),
]
