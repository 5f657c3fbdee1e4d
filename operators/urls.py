from django.urls import path

from operators import views

app_name = "operators"
urlpatterns = [
    path("nation/nomenclatures/", views.code_lists, name="code_lists"),
    path("nation/nomenclatures/<slug:code_list>/", views.code_list, name="code_list"),
    path("nation/nomenclatures/<slug:code_list>/nouveau/", views.add_code, name="add_code"),
    path("nation/nomenclatures/<slug:code_list>/<str:code>/fin/", views.end_code, name="end_code"),
]
