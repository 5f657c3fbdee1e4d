from django.urls import path

from operators.views import (
    addresses,
    code_lists,
    directory,
    exchanges,
    hints,
    receptions,
    rules,
    trades,
)

app_name = "operators"
urlpatterns = [
    path("ou-etre-recu/", directory.receptions_nearby, name="receptions_nearby"),
    path("nation/nomenclatures/", code_lists.code_lists, name="code_lists"),
    path("nation/nomenclatures/<slug:code_list>/", code_lists.code_list, name="code_list"),
    path("nation/nomenclatures/<slug:code_list>/nouveau/", code_lists.add_code, name="add_code"),
    path(
        "nation/nomenclatures/<slug:code_list>/<str:code>/fin/",
        code_lists.end_code,
        name="end_code",
    ),
    path("aiguillage/", rules.rules, name="rules"),
    path("aiguillage/reprise/", rules.adopt_rules, name="adopt_rules"),
    path("aiguillage/nouvelle/", rules.add_rule, name="add_rule"),
    path("aiguillage/<uuid:public_id>/modifier/", rules.change_rule, name="change_rule"),
    path("aiguillage/<uuid:public_id>/fin/", rules.end_rule, name="end_rule"),
    path("conseils-de-financement/", hints.hints, name="hints"),
    path("conseils-de-financement/nouveau/", hints.add_hint, name="add_hint"),
    path("conseils-de-financement/<uuid:public_id>/fin/", hints.end_hint, name="end_hint"),
    path("echanges/", exchanges.exchanges, name="exchanges"),
    path("echanges/nouveau/", exchanges.announce_exchange, name="announce_exchange"),
    path("echanges/<uuid:public_id>/", exchanges.exchange, name="exchange"),
    path("echanges/<uuid:public_id>/inscription/", exchanges.join, name="join_exchange"),
    path("echanges/<uuid:public_id>/desistement/", exchanges.leave, name="leave_exchange"),
    path("echanges/<uuid:public_id>/presences/", exchanges.attendance, name="note_attendance"),
    path("echanges/<uuid:public_id>/annulation/", exchanges.cancel, name="cancel_exchange"),
    path("echanges/<uuid:public_id>/inscrits.csv", exchanges.registered, name="registered"),
    path("metiers-qui-recrutent/", trades.trades, name="trades"),
    path("metiers-qui-recrutent/premiers/", trades.first_trades, name="first_trades"),
    path("metiers-qui-recrutent/nouvelle-liste/", trades.publish_trades, name="publish_trades"),
    path("metiers-qui-recrutent/modele.csv", trades.trades_template, name="trades_template"),
    path("metiers-qui-recrutent/lignes-refusees.csv", trades.refused_trades, name="refused_trades"),
    path(
        "metiers-qui-recrutent/<uuid:public_id>/retrait/",
        trades.withdraw_trades,
        name="withdraw_trades",
    ),
    path("adresse-des-fiches/<str:link>/", addresses.address_link, name="address_link"),
    path("structures/", receptions.receptions, name="receptions"),
    path("structures/<uuid:public_id>/", receptions.reception, name="reception"),
    path("structures/<uuid:public_id>/capacite/", receptions.set_capacity, name="set_capacity"),
    path("structures/<uuid:public_id>/plateforme/", receptions.set_platform, name="set_platform"),
    path("structures/lieux/<uuid:public_id>/horaires/", receptions.set_hours, name="set_hours"),
    path(
        "structures/lieux/<uuid:public_id>/accueil/", receptions.set_premises, name="set_premises"
    ),
]
