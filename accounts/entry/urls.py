"""Addresses of sign-up, recovery and the second factor; those of the demo only where it runs."""

from django.conf import settings
from django.urls import path

from accounts.entry.recovery import address_views
from accounts.entry.recovery import views as recovery_views
from accounts.entry.second_factor import demo_views, mailed_code_views
from accounts.entry.second_factor import views as second_factor_views
from accounts.entry.second_factor.passkeys.passkey_views import (
    add_passkey_view,
    edit_passkey_view,
    passkey_creation_options_view,
    passkey_options_view,
)
from accounts.entry.sign_up import views
from mgestion.web import mailed_keys  # noqa: F401 - registers `mailed_key`

app_name = "entry"
urlpatterns = [
    path("compte/adresse/", address_views.request_address_view, name="ask_address"),
    path(
        "compte/adresse/<mailed_key:key>/", address_views.change_address_view, name="change_address"
    ),
    path("compte/second-facteur/", second_factor_views.factor_overview_view, name="factor"),
    path(
        "compte/second-facteur/application/",
        second_factor_views.set_up_application_view,
        name="factor_set_up",
    ),
    path("compte/second-facteur/codes/", second_factor_views.renew_codes_view, name="factor_codes"),
    path(
        "compte/second-facteur/retirer/",
        second_factor_views.remove_application_view,
        name="factor_remove",
    ),
    path(
        "compte/second-facteur/code/",
        second_factor_views.second_factor_login_view,
        name="second_factor",
    ),
    path(
        "compte/second-facteur/code-recu/",
        mailed_code_views.mailed_code_view,
        name="factor_mailed_code",
    ),
    path(
        "compte/second-facteur/verification/",
        second_factor_views.confirm_view,
        name="factor_confirm",
    ),
    path("compte/second-facteur/cles/", add_passkey_view, name="passkey_add"),
    path(
        "compte/second-facteur/cles/creation/",
        passkey_creation_options_view,
        name="passkey_add_options",
    ),
    path("compte/second-facteur/cles/demande/", passkey_options_view, name="passkey_options"),
    path("compte/second-facteur/cles/<uuid:passkey_id>/", edit_passkey_view, name="passkey"),
    path("inscription/", views.sign_up_view, name="sign_up"),
    path("inscription/envoye/", views.sign_up_sent_view, name="sign_up_sent"),
    path(
        "inscription/mot-de-passe/<mailed_key:key>/",
        views.create_password_view,
        name="create_password",
    ),
    path("mot-de-passe/oublie/", recovery_views.request_reset_view, name="reset"),
    path("mot-de-passe/envoye/", recovery_views.reset_sent_view, name="reset_sent"),
    path(
        "mot-de-passe/<mailed_key:key>/", recovery_views.reset_password_view, name="reset_password"
    ),
    path("signalement/", recovery_views.request_loss_link_view, name="loss_ask"),
    path("signalement/envoye/", recovery_views.loss_sent_view, name="loss_sent"),
    path("signalement/<mailed_key:key>/", recovery_views.report_loss_view, name="loss"),
    path("deverrouillage/<mailed_key:key>/", recovery_views.unlock_view, name="unlock"),
]
if settings.EMBEDDED:
    urlpatterns.append(path("codes/", demo_views.demo_codes_view, name="demo_codes"))
