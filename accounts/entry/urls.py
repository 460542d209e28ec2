"""Addresses of sign-up, recovery and the second factor; those of the demo only where it runs."""

from django.conf import settings
from django.urls import path

from accounts.entry.recovery import address_views
from accounts.entry.recovery import views as recovery_views
from accounts.entry.recovery.loss_views import act, ask, sent
from accounts.entry.second_factor import demo_views, mailed_code_views
from accounts.entry.second_factor import views as second_factor_views
from accounts.entry.second_factor.passkey_views import add, edit, options, options_to_add
from accounts.entry.sign_up import views
from mgestion.web import mailed_keys  # noqa: F401 - registers `mailed_key`

app_name = "entry"
urlpatterns = [
    path("compte/adresse/", address_views.ask, name="ask_address"),
    path("compte/adresse/<mailed_key:key>/", address_views.change, name="change_address"),
    path("compte/second-facteur/", second_factor_views.overview, name="factor"),
    path("compte/second-facteur/application/", second_factor_views.set_up, name="factor_set_up"),
    path("compte/second-facteur/codes/", second_factor_views.renew_codes, name="factor_codes"),
    path("compte/second-facteur/retirer/", second_factor_views.remove, name="factor_remove"),
    path("compte/second-facteur/code/", second_factor_views.at_login, name="second_factor"),
    path(
        "compte/second-facteur/code-recu/",
        mailed_code_views.show_mailed_code,
        name="factor_mailed_code",
    ),
    path("compte/second-facteur/verification/", second_factor_views.confirm, name="factor_confirm"),
    path("compte/second-facteur/cles/", add, name="passkey_add"),
    path("compte/second-facteur/cles/creation/", options_to_add, name="passkey_add_options"),
    path("compte/second-facteur/cles/demande/", options, name="passkey_options"),
    path("compte/second-facteur/cles/<uuid:passkey_id>/", edit, name="passkey"),
    path("inscription/", views.sign_up, name="sign_up"),
    path("inscription/envoye/", views.sign_up_sent, name="sign_up_sent"),
    path(
        "inscription/mot-de-passe/<mailed_key:key>/", views.create_password, name="create_password"
    ),
    path("mot-de-passe/oublie/", recovery_views.reset, name="reset"),
    path("mot-de-passe/envoye/", recovery_views.reset_sent, name="reset_sent"),
    path("mot-de-passe/<mailed_key:key>/", recovery_views.reset_password, name="reset_password"),
    path("signalement/", ask, name="loss_ask"),
    path("signalement/envoye/", sent, name="loss_sent"),
    path("signalement/<mailed_key:key>/", act, name="loss"),
    path("deverrouillage/<mailed_key:key>/", recovery_views.unlock, name="unlock"),
]
if settings.EMBEDDED:
    urlpatterns.append(path("codes/", demo_views.codes, name="demo_codes"))
