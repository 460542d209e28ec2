"""Addresses of sign-up, recovery and the second factor; those of the demo only where it runs."""

from django.conf import settings
from django.urls import include, path

from accounts.entry.recovery import address_views
from accounts.entry.recovery import views as recovery_views
from accounts.entry.second_factor import demo_views, mailed_code_views
from accounts.entry.second_factor import views as factor_views
from accounts.entry.second_factor.passkeys import passkey_views
from accounts.entry.sign_up import views
from mgestion.web import mailed_keys  # noqa: F401 - registers `mailed_key`

app_name = "entry"
second_factor_patterns = [
    path("", factor_views.factor_overview_view, name="factor"),
    path("application/", factor_views.set_up_application_view, name="factor_set_up"),
    path("codes/", factor_views.renew_codes_view, name="factor_codes"),
    path("retirer/", factor_views.remove_application_view, name="factor_remove"),
    path("code/", factor_views.second_factor_login_view, name="second_factor"),
    path("code-recu/", mailed_code_views.mailed_code_view, name="factor_mailed_code"),
    path("verification/", factor_views.confirm_view, name="factor_confirm"),
    path("cles/", passkey_views.add_passkey_view, name="passkey_add"),
    path("cles/creation/", passkey_views.passkey_creation_options_view, name="passkey_add_options"),
    path("cles/demande/", passkey_views.passkey_options_view, name="passkey_options"),
    path("cles/<uuid:passkey_id>/", passkey_views.edit_passkey_view, name="passkey"),
]
urlpatterns = [
    path("compte/adresse/", address_views.request_address_view, name="ask_address"),
    path(
        "compte/adresse/<mailed_key:key>/", address_views.change_address_view, name="change_address"
    ),
    path("compte/second-facteur/", include(second_factor_patterns)),
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
