from django.urls import include, path

urlpatterns = [
    path("", include("regions.urls")),
    path("", include("beneficiaries.urls")),
    path("", include("indicators.urls")),
]
handler400 = "sprocep.errors.bad_request"
handler403 = "sprocep.errors.forbidden"
handler404 = "sprocep.errors.not_found"
handler500 = "sprocep.errors.server_error"
