from django.urls import path

from operators import api

urlpatterns = [
    path("operators/", api.Operators.as_view({"get": "list"}), name="operators"),
    path("nomenclatures/", api.Nomenclatures.as_view({"get": "list"}), name="nomenclatures"),
    path("nomenclatures/<str:name>/", api.Codes.as_view({"get": "list"}), name="codes"),
]
