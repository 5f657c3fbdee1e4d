from django.urls import path

from indicators.api import definitions, editions, explanations, figures

urlpatterns = [
    path("definitions/", definitions.Definitions.as_view({"get": "list"}), name="definitions"),
    path("editions/", editions.Editions.as_view({"get": "list"}), name="editions"),
    path(
        "editions/<str:period>/<str:territory>/<str:number>/",
        editions.Editions.as_view({"get": "retrieve"}),
        name="edition",
    ),
    path(
        "editions/<str:period>/<str:territory>/<str:number>/events/",
        editions.Events.as_view({"get": "list"}),
        name="edition_events",
    ),
    path(
        "editions/<str:period>/<str:territory>/<str:number>/figures/<str:key>/",
        explanations.Explanations.as_view({"get": "retrieve"}),
        name="explanation",
    ),
    path("figures/", figures.Figures.as_view({"get": "list"}), name="figures"),
]
