from django.urls import path

from regions import api
from regions.permissions import public

urlpatterns = [
    path("schema/", public(api.Description.as_view({"get": "list"})), name="schema"),
    path("regions/", api.Regions.as_view({"get": "list"}), name="regions"),
    path("departments/", api.Departments.as_view({"get": "list"}), name="departments"),
]
