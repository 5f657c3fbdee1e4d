"""One indicator over the years."""

from django.urls import path

from indicators.views import series

_SERIES = "<territory:territory>/<str:indicator>/"

urlpatterns = [
    path(_SERIES, series.series, name="series"),
    path(f"{_SERIES}csv/", series.series_csv, name="series_csv"),
]
