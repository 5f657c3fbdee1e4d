from django.urls import include, path

_API = ["regions.api_urls", "operators.api_urls", "beneficiaries.api_urls", "indicators.api_urls"]

urlpatterns = [
    path("api/v1/", include(([path("", include(urls)) for urls in _API], "api"))),
    path("", include("regions.urls")),
    path("", include("operators.urls")),
    path("", include("beneficiaries.urls")),
    path("", include("indicators.urls")),
]
handler400 = "sprocep.errors.bad_request"
handler403 = "sprocep.errors.forbidden"
handler404 = "sprocep.errors.not_found"
handler500 = "sprocep.errors.server_error"
