from django.urls import path

from beneficiaries import api

urlpatterns = [
    path("fiches/", api.Fiches.as_view({"get": "list", "post": "create"}), name="fiches"),
    path("fiches/<uuid:public_id>/", api.Fiches.as_view({"get": "retrieve"}), name="fiche"),
    path(
        "fiches/<uuid:public_id>/answers/",
        api.Fiches.as_view({"post": "answer"}),
        name="fiche_answers",
    ),
]
