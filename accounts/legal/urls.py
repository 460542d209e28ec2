"""Addresses of the public texts."""

from django.urls import path

from accounts.legal import views, views_choices, views_gate

app_name = "legal"
urlpatterns = [
    path("cgu/", views.terms, name="terms"),
    path("cgu/versions/", views_choices.archive, name="terms_archive"),
    path("cgu/acceptation/", views_gate.gate, name="gate"),
    path("cgu/<slug:slug>/differences/", views_gate.terms_difference, name="terms_difference"),
    path("cgu/<slug:slug>/", views.terms_version, name="terms_version"),
    path("mentions-legales/", views.notices, name="notices"),
    path("confidentialite/", views.privacy, name="privacy"),
    path("cookies/", views.cookies, name="cookies"),
    path("cookies/choix/", views_choices.choose, name="consent"),
    path("accessibilite/", views.accessibility, name="accessibility"),
]
