"""Addresses of the public texts."""

from django.urls import path

from accounts.legal.consent import views as consent_views
from accounts.legal.pages import views
from accounts.legal.terms import gate_views

app_name = "legal"
urlpatterns = [
    path("cgu/", views.terms_view, name="terms"),
    path("cgu/versions/", consent_views.archive_view, name="terms_archive"),
    path("cgu/acceptation/", gate_views.terms_gate_view, name="gate"),
    path("cgu/<slug:slug>/differences/", gate_views.terms_difference_view, name="terms_difference"),
    path("cgu/<slug:slug>/", views.terms_version_view, name="terms_version"),
    path("conditions/", views.conditions_index_view, name="conditions_index"),
    path("conditions/<slug:code>/", views.conditions_view, name="conditions"),
    path("conditions/<slug:code>/versions/", consent_views.archive_view, name="conditions_archive"),
    path("conditions/<slug:code>/acceptation/", gate_views.terms_gate_view, name="conditions_gate"),
    path(
        "conditions/<slug:code>/<slug:slug>/differences/",
        gate_views.terms_difference_view,
        name="conditions_difference",
    ),
    path(
        "conditions/<slug:code>/<slug:slug>/", views.terms_version_view, name="conditions_version"
    ),
    path("mentions-legales/", views.notices_view, name="notices"),
    path("confidentialite/", views.privacy_view, name="privacy"),
    path("cookies/", views.cookies_view, name="cookies"),
    path("cookies/choix/", consent_views.choose_view, name="consent"),
    path("accessibilite/", views.accessibility_view, name="accessibility"),
]
