from django.urls import path

from indicators import api, api_explain

urlpatterns = [
    path("definitions/", api.Definitions.as_view({"get": "list"}), name="definitions"),
    path("editions/", api.Editions.as_view({"get": "list"}), name="editions"),
    path(
        "editions/<str:period>/<str:territory>/<str:number>/",
        api.Editions.as_view({"get": "retrieve"}),
        name="edition",
    ),
    path(
        "editions/<str:period>/<str:territory>/<str:number>/events/",
        api.Events.as_view({"get": "list"}),
        name="edition_events",
    ),
    path(
        "editions/<str:period>/<str:territory>/<str:number>/figures/<str:key>/",
        api_explain.Explanations.as_view({"get": "retrieve"}),
        name="explanation",
    ),
    path("figures/", api.Figures.as_view({"get": "list"}), name="figures"),
]
