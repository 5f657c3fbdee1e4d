from django.urls import include, path, register_converter

from indicators import views
from indicators.explain.address import CellAddress
from indicators.views import (
    acts,
    bundles,
    campaign,
    contestations,
    declarations,
    errata,
    explain,
    health,
    own_rows,
    recounts,
    reference,
    returns,
    steps,
    surveys,
)
from sprocep.periods import Period


class PeriodConverter:
    """`2016-T1` in an address gives the period; what is no period is no address."""

    regex = r"\d{4}(?:-T[1-4]|-\d{2})?"

    def to_python(self, value: str) -> Period:
        return Period.parse(value)

    def to_url(self, value: Period | str) -> str:
        return str(value)


class TerritoryConverter:
    """Two capitals or digits: a Region, or `FR`."""

    regex = "[0-9A-Z]{2}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FigureConverter:
    """`A1,d=13` in an address gives the cell; what is no key is no address."""

    regex = r"[^/]{2,150}"

    def to_python(self, value: str) -> CellAddress:
        return CellAddress.parse(value)

    def to_url(self, value: CellAddress | str) -> str:
        return str(value)


register_converter(FigureConverter, "figure")
register_converter(PeriodConverter, "period")
register_converter(TerritoryConverter, "territory")

_EDITION = "tableaux-de-bord/<period:period>/<territory:territory>/"

_RETURN = "remontees/<period:period>/<territory:territory>/<str:siret>/"

app_name = "indicators"
urlpatterns = [
    path("sante/", health.alive, name="alive"),
    path("sante/prete/", health.ready, name="ready"),
    path("", include("indicators.definition_urls")),
    path("tableaux-de-bord/series/", include("indicators.series_urls")),
    path("tableaux-de-bord/", views.dashboards, name="dashboards"),
    path("verify_edition.py", bundles.verifier, name="verifier"),
    path("recus/", acts.inbox, name="inbox"),
    path("tableaux-de-bord/<period:period>/regions.zip", bundles.download_all, name="download_all"),
    path(_EDITION, views.dashboard, name="dashboard"),
    path(f"{_EDITION}commenter/", campaign.comment, name="comment"),
    *(
        path(f"{_EDITION}{word}/", steps.act_on_edition, {"step": name}, name=name)
        for name, word in (
            ("open_review", "relecture"),
            ("validate", "valider"),
            ("take_back", "reprendre"),
        )
    ),
    path(f"{_EDITION}expliquer/<figure:key>/", explain.explain_figure, name="explain"),
    path(f"{_EDITION}expliquer/<figure:key>/mes-lignes/", own_rows.own_rows, name="own_rows"),
    path(
        f"{_EDITION}expliquer/<figure:key>/recompter/",
        recounts.request_recount,
        name="request_recount",
    ),
    path(f"{_EDITION}sceller/", views.seal, name="seal"),
    path(f"{_EDITION}transmettre/", views.transmit, name="transmit"),
    path(f"{_EDITION}graphiques/<str:name>", views.chart, name="chart"),
    path(f"{_EDITION}accuser-reception/", acts.acknowledge, name="acknowledge"),
    path(f"{_EDITION}contester/", contestations.contest, name="contest"),
    path(f"{_EDITION}historique/", acts.timeline, name="timeline"),
    path(f"{_EDITION}erratum.csv", errata.changes, name="changes"),
    path(f"{_EDITION}<str:file_format>/", views.download, name="download"),
    path("contestations/", contestations.contestations, name="contestations"),
    path("contestations/<uuid:public_id>/", contestations.contestation, name="contestation"),
    path("nation/<period:period>/erratum/", errata.open_erratum, name="open_erratum"),
    path("recomptages/", recounts.recounts, name="recounts"),
    path("recomptages/<uuid:public_id>/", recounts.recount, name="recount"),
    path("resultats-a-six-mois/", surveys.six_months, name="six_months"),
    path("avis-apres-entretien/", surveys.feedback, name="feedback"),
    path("avis-des-conseillers/", surveys.advisers, name="advisers"),
    path("parcours-des-decrocheurs/", surveys.dropouts, name="dropouts"),
    path("remontees/", returns.returns, name="returns"),
    path("remontees/structures/", returns.returns_of_structures, name="returns_of_structures"),
    path("remontees/<period:period>/confirmer/", declarations.confirm_all, name="confirm_all"),
    path(_RETURN, declarations.declaration, name="declaration"),
    path(f"{_RETURN}confirmer/", declarations.confirm, name="confirm_return"),
    path(f"{_RETURN}retirer/", declarations.withdraw, name="withdraw_return"),
    path(f"{_RETURN}recompter/", declarations.recount, name="recount_return"),
    path(f"{_RETURN}anomalies/<slug:rule>/", declarations.explain_anomaly, name="explain_anomaly"),
    path("nation/", views.grid, name="grid"),
    path("nation/referentiels/", reference.reference, name="reference"),
    path("nation/referentiels/qualite/<slug:rule>/", reference.set_rule, name="set_rule"),
    path("nation/referentiels/secret/", reference.announce_threshold, name="announce_threshold"),
    path("nation/<period:period>/echeances/", reference.set_deadlines, name="set_deadlines"),
    path("nation/travaux/", views.works, name="works"),
    path("nation/<period:period>/fichiers/relance/", views.retry_files, name="retry_files"),
    path("nation/compiler/", views.compile_period, name="compile"),
    path("nation/compilations/<int:pk>/", views.compilation, name="compilation"),
    path("nation/compilations/<int:pk>/relance/", views.retry_compilation, name="retry"),
    *(
        path(
            f"nation/<period:period>/{word}/",
            steps.act_on_period,
            {"step": name},
            name=f"{name}_period",
        )
        for name, word in (
            ("open_review", "relecture"),
            ("validate", "valider"),
            ("take_back", "reprendre"),
            ("seal", "sceller"),
            ("transmit", "transmettre"),
        )
    ),
]
