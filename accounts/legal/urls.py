"""Addresses of the public texts."""

from django.urls import path

from accounts.legal.consent import views as consent_views
from accounts.legal.pages import views
from accounts.legal.terms import gate_views

app_name = "legal"
urlpatterns = [
    path("cgu/", views.terms, name="terms"),
    path("cgu/versions/", consent_views.archive, name="terms_archive"),
    path("cgu/acceptation/", gate_views.gate, name="gate"),
    path("cgu/<slug:slug>/differences/", gate_views.terms_difference, name="terms_difference"),
    path("cgu/<slug:slug>/", views.terms_version, name="terms_version"),
    path("mentions-legales/", views.notices, name="notices"),
    path("confidentialite/", views.privacy, name="privacy"),
    path("cookies/", views.cookies, name="cookies"),
    path("cookies/choix/", consent_views.choose, name="consent"),
    path("accessibilite/", views.accessibility, name="accessibility"),
]
